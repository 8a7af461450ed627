"""Contacts and the organisation as N1 parties: name, id, address, tax number (X12 segments N1 to N4, REF)."""

import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from core.errors import Finding
from edi_app.mapping.findings import BAD_VALUE
from edi_app.x12.dictionary import load_data
from edi_app.x12.places import find_country, find_state
from edi_app.x12.settings import Settings
from edi_app.x12.text import Cleaner, split_text

NAME_LENGTH = 60
STREET_LENGTH = 55
_NOT_POSTAL = re.compile(r"[^A-Z0-9]")
_LINES = ("AddressLine1", "AddressLine2", "AddressLine3", "AddressLine4")
Party = dict[str, Any]
# Documents of one run share few contacts; the same object gives the same party.
_REMEMBERED = 500


class Parties:
    """Builds parties under one partner's settings. Addresses: the postal one (POBOX) before the street one."""

    def __init__(self, settings: Settings, cleaner: Cleaner) -> None:
        self._settings = settings
        self._clean = cleaner.clean
        self._known: dict[int, tuple[Mapping[str, Any], Party, list[Finding]]] = {}

    def contact(self, contact: Mapping[str, Any], notes: list[Finding]) -> Party:
        """Describe a contact; its id is AccountNumber, else ContactNumber."""
        return self._recalled(contact, self._describe_contact, notes)

    def organisation(self, organisation: Mapping[str, Any], notes: list[Finding]) -> Party:
        """Describe the organisation; its id is what the partner calls us (`our_id`)."""
        return self._recalled(organisation, self._describe_organisation, notes)

    def _describe_contact(self, contact: Mapping[str, Any], notes: list[Finding]) -> Party:
        own = contact.get("AccountNumber") or contact.get("ContactNumber")
        return self._party(contact, own, self._settings.contact_id_qualifier, contact.get("Name"), notes)

    def _describe_organisation(self, organisation: Mapping[str, Any], notes: list[Finding]) -> Party:
        name = organisation.get("LegalName") or organisation.get("Name")
        return self._party(organisation, self._settings.our_id, self._settings.our_id_qualifier, name, notes)

    def _recalled(
        self,
        values: Mapping[str, Any],
        describe: Callable[[Mapping[str, Any], list[Finding]], Party],
        notes: list[Finding],
    ) -> Party:
        known = self._known.get(id(values))
        if known is None or known[0] is not values:
            own_notes: list[Finding] = []
            known = (values, describe(values, own_notes), own_notes)
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            self._known[id(values)] = known
        notes += known[2]
        return known[1]

    def _party(
        self, values: Mapping[str, Any], own: str | None, qualifier: str, name: str | None, notes: list[Finding]
    ) -> Party:
        party: Party = {}
        names = self._names(name or "", notes)
        party.update(zip(("Name", "MoreName", "LastName"), names, strict=False))
        if len(names) > 3:
            _note(notes, "N2", "The name has more than 180 characters; the rest was left out.")
        if own:
            party["Id"] = own
            party["IdQualifier"] = qualifier
        self._add_address(party, _address(values.get("Addresses")), notes)
        tax_number = values.get("TaxNumber")
        if tax_number:
            country = values.get("CountryCode") or party.get("Country") or ""
            party["TaxNumber"] = tax_number
            party["TaxNumberQualifier"] = _qualifiers().get(country, "ZZ")
        return party

    def _names(self, name: str, notes: list[Finding]) -> list[str]:
        if len(name) <= NAME_LENGTH and name.isascii():
            return [name] if name else []
        return split_text(self._clean(name, "N102", notes), longest=NAME_LENGTH)

    def _add_address(self, party: Party, address: Mapping[str, Any], notes: list[Finding]) -> None:
        if not address:
            return
        lines = [line for name in _LINES for line in self._street(address.get(name), notes)]
        if len(lines) > len(_LINES):
            _note(notes, "N3", "The address has more than four lines; the rest was left out.")
        pairs = zip(lines[:4:2], [*lines[1:4:2], ""], strict=False)
        party["Streets"] = [{"First": first, "Second": second} for first, second in pairs]
        if city := address.get("City"):
            party["City"] = city
        country = self._country(address.get("Country") or "", notes)
        if country:
            party["Country"] = country
        self._add_region(party, address.get("Region") or "", country)
        self._add_postal_code(party, address.get("PostalCode") or "", notes)

    def _street(self, line: str | None, notes: list[Finding]) -> list[str]:
        if not line:
            return []
        if len(line) <= STREET_LENGTH and line.isascii():
            return [line]
        return split_text(self._clean(line, "N301", notes), longest=STREET_LENGTH)

    def _country(self, text: str, notes: list[Finding]) -> str:
        country = find_country(text)
        if text.strip() and not country:
            _note(notes, "N404", f"There is no country {text!r}; it was left out.")
        return country

    def _add_region(self, party: Party, region: str, country: str) -> None:
        if not region.strip():
            return
        state = find_state(region, country)
        if state:
            party["State"] = state
        else:
            # N402 knows only states of the US and Canada; elsewhere the region goes by name (309 `SP`).
            party["RegionQualifier"] = "SP"
            party["Region"] = region

    def _add_postal_code(self, party: Party, text: str, notes: list[Finding]) -> None:
        code = _NOT_POSTAL.sub("", text.upper())
        if 3 <= len(code) <= 15:
            party["PostalCode"] = code
        elif code:
            _note(notes, "N403", f"The postal code {text!r} does not fit; it was left out.")


def _address(addresses: Any) -> Mapping[str, Any]:
    """Choose the postal address, else the street address, else any; empty ones do not count."""
    filled = [item for item in addresses or () if any(item.get(name) for name in (*_LINES, "City"))]
    by_type = {item.get("AddressType"): item for item in reversed(filled)}
    return by_type.get("POBOX") or by_type.get("STREET") or (filled[0] if filled else {})


@cache
def _qualifiers() -> Mapping[str, str]:
    qualifiers: Mapping[str, str] = load_data("taxes.yaml")["number_qualifiers"]
    return qualifiers


def _note(notes: list[Finding], place: str, reason: str) -> None:
    notes.append(Finding(place, reason, code=BAD_VALUE))
