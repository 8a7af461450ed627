"""Tax as TXI values: summed by Xero TaxType, split by the rate's components, exact to the cent (segment TXI)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from functools import lru_cache
from typing import Any, NamedTuple

from edi_app.x12.dictionary import load_data
from edi_app.x12.numbers import CENT, ZERO
from edi_app.x12.settings import Settings

_HUNDRED = Decimal(100)
_EXEMPT, _EXPORT = "1", "0"


class TaxedLine(NamedTuple):
    """What a line says about tax; `rate` is the joined Xero tax rate."""

    tax_type: str
    amount: Decimal
    base: Decimal
    rate: Mapping[str, Any]


@dataclass(slots=True)
class _Group:
    amount: Decimal
    base: Decimal
    rate: Mapping[str, Any]


class Taxes:
    """Makes TXI values under one partner's settings."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def summarise(self, lines: Iterable[TaxedLine], country: str) -> list[dict[str, Any]]:
        """Sum tax by TaxType in the order of the lines, one value a component. The sum is never changed."""
        groups: dict[str, _Group] = {}
        for line in lines:
            group = groups.get(line.tax_type)
            if group is None:
                groups[line.tax_type] = _Group(line.amount, line.base, line.rate)
            else:
                group.amount += line.amount
                group.base += line.base
        return [tax for kind, group in groups.items() for tax in self._split(kind, group, country)]

    def _split(self, tax_type: str, group: _Group, country: str) -> Iterable[dict[str, Any]]:
        if not group.amount:
            return self._zero(tax_type, group, country) if self._settings.emit_zero_tax else ()
        components = [item for item in group.rate.get("TaxComponents") or () if _is_rate(item.get("Rate"))]
        if len(components) < 2:
            percent = components[0]["Rate"] if components else _rate(group.rate)
            name = components[0].get("Name") or "" if components else ""
            return [self._value(tax_type, name, group.amount, percent, group.base, country)]
        shares = _shares(group.amount, _weights(components))
        return [
            self._value(tax_type, item.get("Name") or "", share, item["Rate"], group.base, country)
            for item, share in zip(components, shares, strict=True)
        ]

    def _value(
        self, tax_type: str, name: str, amount: Decimal, percent: Decimal | None, base: Decimal, country: str
    ) -> dict[str, Any]:
        return {
            "Code": self._code(tax_type, name, country),
            "Amount": amount,
            "Percent": self._percent(percent),
            "Base": base,
            "Type": tax_type,
            "Name": name,
        }

    def _zero(self, tax_type: str, group: _Group, country: str) -> list[dict[str, Any]]:
        is_export = "EXPORT" in tax_type.upper()
        value = self._value(tax_type, "", ZERO, None, group.base, country)
        return [value | {"Exempt": _EXPORT if is_export else _EXEMPT}]

    def _code(self, tax_type: str, name: str, country: str) -> str:
        own = self._settings.tax_codes
        return own.get(name) or own.get(tax_type) or _default_code(name, country)

    def _percent(self, percent: Decimal | None) -> Decimal | None:
        if percent is None or self._settings.txi_percent == "omit":
            return None
        return percent / _HUNDRED if self._settings.txi_percent == "fraction" else percent


def _is_rate(value: Any) -> bool:
    return isinstance(value, Decimal) and value.is_finite() and 0 < value <= _HUNDRED


def _rate(rate: Mapping[str, Any]) -> Decimal | None:
    found = rate.get("EffectiveRate", rate.get("DisplayTaxRate"))
    return found if _is_rate(found) else None


def _weights(components: list[Mapping[str, Any]]) -> list[Decimal]:
    """Weigh components by their rates; a compound one is charged on the others' tax too (Xero: IsCompound)."""
    simple = sum((item["Rate"] for item in components if not item.get("IsCompound")), ZERO)
    factor = 1 + simple / _HUNDRED
    return [item["Rate"] * factor if item.get("IsCompound") else item["Rate"] for item in components]


def _shares(amount: Decimal, weights: list[Decimal]) -> list[Decimal]:
    """Share an amount out to the cent so that the shares add up to it: largest remainders first."""
    total = sum(weights, ZERO)
    exact = [amount * weight / total for weight in weights]
    shares = [share.quantize(CENT, rounding=ROUND_DOWN) for share in exact]
    left = int((amount - sum(shares, ZERO)) / CENT)
    step = CENT if left > 0 else -CENT
    order = sorted(range(len(shares)), key=lambda at: (-abs(exact[at] - shares[at]), at))
    for at in order[: abs(left)]:
        shares[at] += step
    return shares


@lru_cache(maxsize=4096)
def _default_code(name: str, country: str) -> str:
    raw = load_data("taxes.yaml")
    words = set("".join(mark if mark.isalpha() else " " for mark in name.upper()).split())
    by_word = next((code for word, code in raw["words"].items() if word in words), "")
    return by_word or raw["countries"].get(country, "TX")
