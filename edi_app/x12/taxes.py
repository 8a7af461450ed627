"""Tax as TXI values: summed by Xero TaxType, split by the rate's components, exact to the cent (segment TXI)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from functools import lru_cache
from typing import Any, NamedTuple

from edi_app.x12.dictionary import load_data
from edi_app.x12.numbers import CENT, ZERO
from edi_app.x12.settings import Settings

_HUNDRED = Decimal(100)
_EXEMPT, _EXPORT = "1", "0"
_REMEMBERED = 500


@dataclass(slots=True)
class TaxGroup:
    """What lines of one TaxType add up to; `rate` is the joined Xero tax rate."""

    amount: Decimal
    base: Decimal
    rate: Mapping[str, Any]


class _Rate(NamedTuple):
    """A tax rate, taken apart: what TXI says of each of its components, and how they share a tax."""

    rate: Mapping[str, Any]
    parts: tuple[tuple[str, str, Decimal | None], ...]
    """Code, name and percent of each component."""
    weights: tuple[Decimal, ...]


class Taxes:
    """Makes TXI values under one partner's settings."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        # Documents of one run share few rates: the same object says the same again.
        self._known: dict[tuple[int, str, str], _Rate] = {}

    def summarise(self, groups: Mapping[str, TaxGroup], country: str) -> list[dict[str, Any]]:
        """Give the tax of each TaxType in their order, one value a component. The sum is never changed."""
        taxes: list[dict[str, Any]] = []
        for tax_type, group in groups.items():
            if group.amount:
                taxes += self._split(tax_type, group, country)
            elif self._settings.emit_zero_tax:
                taxes.append(self._zero(tax_type, group, country))
        return taxes

    def _split(self, tax_type: str, group: TaxGroup, country: str) -> list[dict[str, Any]]:
        known = self._known.get((id(group.rate), tax_type, country))
        if known is None or known.rate is not group.rate:
            known = self._take_apart(group.rate, tax_type, country)
        if len(known.parts) == 1:
            code, name, percent = known.parts[0]
            return [_value(code, group.amount, percent, group.base, tax_type, name)]
        shares = _shares(group.amount, known.weights)
        return [
            _value(code, share, percent, group.base, tax_type, name)
            for (code, name, percent), share in zip(known.parts, shares, strict=True)
        ]

    def _take_apart(self, rate: Mapping[str, Any], tax_type: str, country: str) -> _Rate:
        components = [item for item in rate.get("TaxComponents") or () if _is_rate(item.get("Rate"))]
        named = [(item.get("Name") or "", item["Rate"]) for item in components] or [("", _rate(rate))]
        parts = [(self._code(tax_type, name, country), name, self._percent(percent)) for name, percent in named]
        if len(self._known) >= _REMEMBERED:
            self._known.clear()
        known = self._known[id(rate), tax_type, country] = _Rate(rate, tuple(parts), tuple(_weights(components)))
        return known

    def _zero(self, tax_type: str, group: TaxGroup, country: str) -> dict[str, Any]:
        is_export = "EXPORT" in tax_type.upper()
        value = _value(self._code(tax_type, "", country), ZERO, None, group.base, tax_type, "")
        return value | {"Exempt": _EXPORT if is_export else _EXEMPT}

    def _code(self, tax_type: str, name: str, country: str) -> str:
        own = self._settings.tax_codes
        return own.get(name) or own.get(tax_type) or _default_code(name, country)

    def _percent(self, percent: Decimal | None) -> Decimal | None:
        if percent is None or self._settings.txi_percent == "omit":
            return None
        return percent / _HUNDRED if self._settings.txi_percent == "fraction" else percent


def _value(
    code: str, amount: Decimal, percent: Decimal | None, base: Decimal, tax_type: str, name: str
) -> dict[str, Any]:
    return {"Code": code, "Amount": amount, "Percent": percent, "Base": base, "Type": tax_type, "Name": name}


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


def _shares(amount: Decimal, weights: Sequence[Decimal]) -> list[Decimal]:
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
