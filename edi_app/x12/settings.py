"""What a partner's `x12` block and a mapping's options may say, with defaults and checks.

A mapping's option wins over the partner's block, the block over the default.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from decimal import Decimal, InvalidOperation
from typing import Any

from core.errors import Finding
from edi_app.mapping.findings import BAD_OPTION, UNKNOWN_KEY
from edi_app.mapping.nearest import did_you_mean
from edi_app.x12.delimiters import LINE_ENDS, MARKS, SEPARATORS, Delimiters, check_delimiters, default_delimiters


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that changes how documents look, apart from the mapping's rows."""

    version: str = "004010"
    """GS08, an industry suffix included: `004010`, `005010`, `004010VICS`."""
    character_set: str = "extended"
    """`basic` (capital letters only) or `extended`, X12.6 §3.3."""
    charset: str = "ascii"
    """The bytes of the file: `ascii`, `latin-1` or `utf-8`."""
    illegal_characters: str = "replace"
    """What happens to a delimiter in data: `replace` (by a blank), `reject`, or `choose_delimiters`."""
    line_end: str = "lf"
    delimiters: Mapping[str, str] = field(default_factory=dict)
    truncate_ids: bool = False
    st_width: int = 4
    """Digits of ST02."""
    implementation: str = ""
    """ST03 (005010 and later)."""
    group_sender: str = ""
    """GS02 where it is not the id in ISA06."""
    group_receiver: str = ""
    """GS03 where it is not the id in ISA08."""
    acknowledgment_requested: bool = False
    """ISA14: ask for a TA1."""
    tax: str = "summary"
    """Where tax stands: `summary` or `line` (TXI), or `sac` (SAC*C*H850)."""
    discount: str = "net"
    """`net`: the price is after discount; `gross`: gross price and SAC*A*C310."""
    txi_percent: str = "points"
    """TXI03 as `points` (8.25), as `fraction` (0.0825, the dictionary's), or `omit`."""
    emit_zero_tax: bool = False
    tax_codes: Mapping[str, str] = field(default_factory=dict)
    """TXI01 by Xero TaxType or by the name of a tax component."""
    tolerance: Decimal = Decimal("0.10")
    """The largest rounding difference, in the document's currency, that becomes a SAC line of its own."""
    collapse_quantity: bool = False
    """Send `1 EA` at the line's amount when no unit price multiplies out to it."""
    unit: str = "EA"
    units: Mapping[str, str] = field(default_factory=dict)
    """IT103 by Xero ItemCode."""
    charges: Mapping[str, str] = field(default_factory=dict)
    """Xero AccountCode of lines that are sent as a charge (SAC02) instead of a line."""
    reference_is_po: bool = False
    credit_sign: str = "positive"
    number_blank: str = "problem"
    """A bill without a number: `problem`, or `id` (22 characters of its InvoiceID)."""
    our_id: str = ""
    our_id_qualifier: str = "92"
    contact_id_qualifier: str = "92"
    group: str = "batch"
    """820: `batch` (one set for a batch payment) or `payment` (one set each)."""
    deleted_in_batch: str = "hold"
    """A deleted payment inside a batch: `hold`, or `negative` (a negative RMR04)."""
    methods: Mapping[str, Any] = field(default_factory=dict)
    """BPR04 and BPR05 by Xero account code or account type: `ACH/CTX`."""

    @property
    def release(self) -> str:
        """Give the first six digits of the version."""
        return self.version[:6]

    def structure(self) -> Delimiters:
        """Give the delimiters that the file uses."""
        usual = default_delimiters(version=self.version, line_end=self.line_end)
        if self.illegal_characters == "choose_delimiters":
            usual = SEPARATORS
        own = {name: mark for name, mark in self.delimiters.items() if name != "line_end"}
        if self.version < "004020":
            own["repetition"] = ""
        parts = {name: own.get(name, getattr(usual, name)) for name in ("element", "component", "repetition")}
        end = LINE_ENDS[self.line_end]
        return Delimiters(**parts, terminator=own.get("terminator", usual.terminator), line_end=end)


def _choice(*choices: str) -> Callable[[Any], str]:
    return lambda value: "" if value in choices else f"It is one of {', '.join(choices)}."


def _flag(value: Any) -> str:
    return "" if isinstance(value, bool) else "It is either true or false."


def _text(longest: int) -> Callable[[Any], str]:
    return lambda value: (
        "" if isinstance(value, str) and len(value) <= longest else f"It is a text of at most {longest}."
    )


def _group_id(value: Any) -> str:
    fits = isinstance(value, str) and 2 <= len(value.strip()) <= 15 and value.isascii() and value.isprintable()
    return "" if fits else "It is 2 to 15 plain characters."


def _codes(value: Any) -> str:
    fits = isinstance(value, Mapping) and all(isinstance(part, str) for pair in value.items() for part in pair)
    return "" if fits else "It is keys with codes, both texts."


def _version(value: Any) -> str:
    fits = isinstance(value, str) and len(value) <= 12 and value[:6] in ("004010", "005010")
    return "" if fits else "It is 004010 or 005010, with an industry suffix where the partner wants one."


def _amount(value: Any) -> str:
    try:
        fits = not isinstance(value, float) and 0 <= Decimal(str(value)) <= 1000
    except InvalidOperation:
        fits = False
    return "" if fits else "It is an amount from 0 to 1000, in quotes when it has decimals."


def _width(value: Any) -> str:
    fits = isinstance(value, int) and not isinstance(value, bool) and 4 <= value <= 9
    return "" if fits else "It is a whole number from 4 to 9."


CHECKS: Mapping[str, Callable[[Any], str]] = {
    "version": _version,
    "character_set": _choice("basic", "extended"),
    "charset": _choice("ascii", "latin-1", "utf-8"),
    "illegal_characters": _choice("replace", "reject", "choose_delimiters"),
    "line_end": _choice(*LINE_ENDS),
    "delimiters": _codes,
    "truncate_ids": _flag,
    "st_width": _width,
    "implementation": _text(35),
    "group_sender": _group_id,
    "group_receiver": _group_id,
    "acknowledgment_requested": _flag,
    "tax": _choice("summary", "line", "sac"),
    "discount": _choice("net", "gross"),
    "txi_percent": _choice("points", "fraction", "omit"),
    "emit_zero_tax": _flag,
    "tax_codes": _codes,
    "tolerance": _amount,
    "collapse_quantity": _flag,
    "unit": _text(2),
    "units": _codes,
    "charges": _codes,
    "reference_is_po": _flag,
    "credit_sign": _choice("positive", "negative"),
    "number_blank": _choice("problem", "id"),
    "our_id": _text(80),
    "our_id_qualifier": _text(2),
    "contact_id_qualifier": _text(2),
    "group": _choice("batch", "payment"),
    "deleted_in_batch": _choice("hold", "negative"),
    "methods": _codes,
}
# What only the partner's block says: it shapes the envelope, not the documents.
PARTNER_ONLY = frozenset(
    {
        *("version", "charset", "line_end", "delimiters", "illegal_characters"),
        *("group_sender", "group_receiver", "acknowledgment_requested"),
    }
)
OPTION_NAMES = tuple(name for name in CHECKS if name not in PARTNER_ONLY)


def check_options(options: Any, *, path: str) -> list[Finding]:
    """Find what is wrong with a mapping's X12 options."""
    if not isinstance(options, Mapping):
        return [Finding(path, "Options are names with values.", code=BAD_OPTION)]
    findings = []
    for name, value in options.items():
        if name not in OPTION_NAMES:
            hint = did_you_mean(str(name), OPTION_NAMES)
            if name in PARTNER_ONLY:
                hint = "It belongs to the partner's x12 block."
            findings.append(Finding(f"{path}.{name}", "A mapping has no such option.", hint, UNKNOWN_KEY))
        elif reason := CHECKS[name](value):
            findings.append(Finding(f"{path}.{name}", reason, code=BAD_OPTION))
    return findings


def check_values(block: Mapping[str, Any], *, path: str) -> list[Finding]:
    """Find what is wrong with the settings in a partner's block; names that are no settings are not looked at."""
    findings = [
        Finding(f"{path}.{name}", reason, code=BAD_OPTION)
        for name, value in block.items()
        if name in CHECKS and (reason := CHECKS[name](value))
    ]
    if findings:
        return findings
    own = block.get("delimiters") or {}
    marks = read_settings(block, {}).structure()
    used = {name: getattr(marks, name) for name in MARKS if name in own or getattr(marks, name)}
    unknown = [
        Finding(f"{path}.delimiters.{name}", "There is no such delimiter.", did_you_mean(name, MARKS), UNKNOWN_KEY)
        for name in own
        if name not in MARKS
    ]
    return unknown + check_delimiters({**used, **own}, path=f"{path}.delimiters")


def read_settings(block: Mapping[str, Any], options: Mapping[str, Any]) -> Settings:
    """Combine a partner's block and a mapping's options, both checked before."""
    known = {item.name for item in fields(Settings)}
    given = {name: value for source in (block, options) for name, value in source.items() if name in known}
    if "tolerance" in given:
        given["tolerance"] = Decimal(str(given["tolerance"]))
    return Settings(**given)
