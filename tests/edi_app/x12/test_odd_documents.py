"""Whatever is missing or odd in a document, it leaves valid or is refused by name: never anything else."""

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from core.errors import Invalid
from core.formats import ExportFacts
from edi_app.x12.formatter import compile_x12
from tests.edi_app.x12.documents import credit_note, envelope, invoice, payment

TEXTS = ("", " ", "x", "é" * 300, "a" * 5_000, "*~>", "\x00", "\u202e\u2028", "=cmd|' /C calc'!A0")
NUMBERS = tuple(Decimal(text) for text in ("0", "-0.00", "-1.50", "1E+12", "0.0001", "NaN", "-Infinity", "1E-30"))
DATES = (date(1, 1, 1), date(9999, 12, 31))
OPTIONS = (
    {},
    {"tax": "line", "discount": "gross", "emit_zero_tax": True, "collapse_quantity": True},
    {"tax": "sac", "txi_percent": "fraction", "credit_sign": "negative", "number_blank": "id"},
)


def odd_values(value: Any) -> tuple[Any, ...]:
    if isinstance(value, str):
        return TEXTS
    if isinstance(value, Decimal):
        return NUMBERS
    if type(value) is date:
        return DATES
    return ({},) if isinstance(value, Mapping) else ([],) if isinstance(value, list) else ()


def odd(value: Any) -> Iterator[Any]:
    """Give copies of a value in which one thing, however deep, is missing or odd."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield {key: item for key, item in value.items() if key != name}
            yield from ({**value, name: other} for other in (None, *odd_values(inner)))
            yield from ({**value, name: other} for other in odd(inner))
    elif isinstance(value, list):
        for at, inner in enumerate(value):
            yield from ([*value[:at], other, *value[at + 1 :]] for other in odd(inner))


CASES = {"810": ("x12-810", invoice()), "credit": ("x12-810", credit_note()), "820": ("x12-820", payment())}


@pytest.mark.parametrize("options", OPTIONS, ids=["usual", "by line", "as charges"])
@pytest.mark.parametrize("case", sorted(CASES))
def test_odd_documents_leave_valid_or_are_refused(case, options):
    base, document = CASES[case]
    formatter = compile_x12({"base": base, "options": options}, stream=document.stream, tables={})
    left = refused = 0
    for values in odd(document.values):
        try:
            formatter.content(replaced(document, values), ExportFacts(), envelope())
            left += 1
        except Invalid as error:
            assert error.findings
            assert all(finding.reason for finding in error.findings)
            refused += 1
    assert left > 100
    assert refused > 40


def replaced(document: Any, values: dict[str, Any]) -> Any:
    contact = values.get("Contact") or {}
    return type(document)(
        stream=document.stream,
        xero_id=document.xero_id,
        values=values,
        updated_at=document.updated_at,
        number=values.get("InvoiceNumber") or "",
        kind=values.get("Type") or values.get("PaymentType") or "",
        status=values.get("Status") or "",
        contact_id=contact.get("ContactID") or "",
    )
