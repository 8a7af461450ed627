"""Filters: types and statuses are the stream's own (Xero's accounting specification, enumerations of each schema)."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from connector.config.entries import Entry
from connector.config.shape import BAD_VALUE, Key, Place, block, given, many, text
from core.documents import Stream
from core.errors import Finding
from edi_app.mapping import check_where
from edi_app.mapping.nearest import did_you_mean

_TRADE = ("DRAFT", "SUBMITTED", "AUTHORISED", "PAID", "VOIDED", "DELETED")
_CREDITS = ("ACCRECCREDIT", "ACCPAYCREDIT")
TYPES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        Stream.INVOICES: ("ACCREC", "ACCPAY"),
        Stream.CREDIT_NOTES: _CREDITS,
        Stream.PAYMENTS: (
            "ACCRECPAYMENT",
            "ACCPAYPAYMENT",
            "ARCREDITPAYMENT",
            "APCREDITPAYMENT",
            "AROVERPAYMENTPAYMENT",
            "ARPREPAYMENTPAYMENT",
            "APPREPAYMENTPAYMENT",
            "APOVERPAYMENTPAYMENT",
        ),
        Stream.ALLOCATIONS: (
            *_CREDITS,
            "RECEIVE-PREPAYMENT",
            "SPEND-PREPAYMENT",
            "ARPREPAYMENT",
            "APPREPAYMENT",
            "RECEIVE-OVERPAYMENT",
            "SPEND-OVERPAYMENT",
            "AROVERPAYMENT",
            "APOVERPAYMENT",
        ),
    }
)
STATUSES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        Stream.INVOICES: _TRADE,
        Stream.CREDIT_NOTES: _TRADE,
        Stream.PAYMENTS: ("AUTHORISED", "DELETED"),
        Stream.MANUAL_JOURNALS: ("DRAFT", "POSTED", "DELETED", "VOIDED", "ARCHIVED"),
        Stream.CONTACTS: ("ACTIVE", "ARCHIVED", "GDPRREQUEST"),
        Stream.ALLOCATIONS: ("AUTHORISED", "DELETED"),
    }
)
_BLOCK = block(
    {
        "type": Key(many(text(longest=30))),
        "status": Key(many(text(longest=30))),
        "contacts": Key(many(text(longest=255))),
        "expr": Key(text(longest=2000)),
    }
)


def where_block(value: Any, place: Place) -> Any:
    """Read a filter; an empty list filters nothing."""
    return {key: item for key, item in given(_BLOCK(value, place)).items() if item != []}


def check_filter(entry: Entry) -> list[Finding]:
    """Find types, statuses and expressions that none of the integration's streams has."""
    where, streams = entry.plain["where"], entry.plain["streams"] or []
    if not streams:
        return []
    findings = _unknown(entry, "type", where.get("type", []), TYPES, streams)
    findings += _unknown(entry, "status", where.get("status", []), STATUSES, streams)
    if where.get("expr"):
        findings += check_where(where["expr"], streams=streams, path=f"{entry.path}.where.expr")
    return findings


def _unknown(
    entry: Entry, key: str, words: Sequence[str], known: Mapping[str, tuple[str, ...]], streams: Sequence[str]
) -> list[Finding]:
    allowed = list(dict.fromkeys(word for stream in streams for word in known.get(stream, ())))
    return [
        entry.finding(
            f"where.{key}[{index}]",
            f"{', '.join(streams)} have no {key} {word}.",
            did_you_mean(word, allowed) or f"Known are: {', '.join(allowed) or 'none'}.",
            BAD_VALUE,
        )
        for index, word in enumerate(words)
        if word not in allowed
    ]
