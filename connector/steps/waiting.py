"""Waiting: due files whose time or turn has not come are put off, and those whose has come go on.

Three rules of an integration, in this order: its delivery windows, strict order (a file that has not arrived blocks
the later ones), and `after` (a payment waits for its invoice to arrive through another integration).
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from connector.windows import next_opening
from core import waiting
from core.models import Export, ExportContent, ExportReason, File, Integration, Record, Server
from core.states import ExportState, FileState
from core.waiting import FOR_ORDER, FOR_RECORDS, FOR_WINDOW

LOOK_AGAIN = timedelta(minutes=5)
"""A file that waits for something else than a time is looked at again after this; what it waits for wakes it."""

FILES_LOOKED_AT = 500
CONTENTS_AT_A_TIME = 200
WOKEN_AT_A_TIME = 20
USUAL_WAIT_HOURS = 24
_NOT_ARRIVED = (ExportState.PENDING, ExportState.FORMATTED, ExportState.HELD, ExportState.FAILED)


def hold_back(server: Server, *, now: datetime) -> None:
    """Put off the due files of a server that have to wait, and wake those that no longer have to."""
    for integration in waiting.with_rules(server):
        files = waiting.open_files(integration, server, limit=FILES_LOOKED_AT)
        _apply(integration, files, now)


def _apply(integration: Integration, files: Sequence[File], now: datetime) -> None:
    rules = integration.options.get("delivery", {})
    zone = integration.time_zone or integration.tenant.time_zone
    opening = next_opening(rules.get("windows", []), zone=zone, at=now)
    if opening > now:
        waiting.postpone(_due(files, now), FOR_WINDOW, until=opening, now=now)
        return
    _wake(files, FOR_WINDOW, now)
    turn = _in_order(integration, files, now) if rules.get("strict_order") else files
    if not rules.get("strict_order"):
        _wake(files, FOR_ORDER, now)
    _after(integration, turn, rules, now)


def _due(files: Sequence[File], now: datetime) -> list[File]:
    return [file for file in files if file.next_attempt_at is not None and file.next_attempt_at <= now]


def _wake(files: Sequence[File], code: str, now: datetime) -> None:
    woken = [file for file in files if file.problem_code == code]
    waiting.wake(woken, now=now)
    for file in woken:
        file.problem_code, file.next_attempt_at = "", now


def _in_order(integration: Integration, files: Sequence[File], now: datetime) -> list[File]:
    """Let only the first file go that has not arrived; give it, if it is among these."""
    first = waiting.head(integration)
    turn = [file for file in files if first is not None and file.pk == first.pk]
    behind = [file for file in files if file not in turn]
    due = [file for file in _due(behind, now) if file.state != FileState.PUBLISHING]
    waiting.unblocked(integration, first=first, now=now)
    if due:
        waiting.postpone(due, FOR_ORDER, until=now + LOOK_AGAIN, now=now)
    if first is not None and behind and first.state in (FileState.HELD, FileState.FAILED):
        waiting.blocked(first, len(behind), now=now)
    _wake(turn, FOR_ORDER, now)
    return turn


def _after(integration: Integration, files: Sequence[File], rules: dict[str, Any], now: datetime) -> None:
    others = list(integration.after.all())
    due_now = _due(files, now)
    asleep = [file for file in files if file.problem_code == FOR_RECORDS and file not in due_now][:WOKEN_AT_A_TIME]
    looked_at = [file for file in (*due_now, *asleep) if file.state != FileState.PUBLISHING]
    waits_for = {file.pk: missing_of(file, others) for file in looked_at}
    waits = [file for file in looked_at if waits_for[file.pk]]
    _wake([file for file in looked_at if file not in waits], FOR_RECORDS, now)
    longest = timedelta(hours=rules.get("wait_hours", USUAL_WAIT_HOURS))
    for file in waits:
        since = file.due_since or file.sealed_at or now
        if now - since > longest:
            names = ", ".join(waits_for[file.pk])
            waiting.overdue(file, f"{file.name} waits since {since:%Y-%m-%d %H:%M} UTC for {names}.", now=now)
    if due := _due(waits, now):
        waiting.postpone(due, FOR_RECORDS, until=now + LOOK_AGAIN, now=now)


def missing_of(file: File, others: Sequence[Integration]) -> list[str]:
    """Name up to three documents that a file's records refer to, and that other integrations have not delivered."""
    if not others:
        return []
    missing: list[str] = []
    for joined in _joined(file):
        objects = list(Record.objects.filter(pk__in=joined).values_list("xero_id", flat=True))
        exports = Export.objects.filter(integration__in=others, xero_id__in=objects)
        arrived = exports.filter(state=ExportState.DELIVERED) | exports.filter(
            state=ExportState.SKIPPED, reason=ExportReason.BASELINE
        )
        late = exports.filter(state__in=_NOT_ARRIVED).exclude(xero_id__in=arrived.values("xero_id"))
        names = late.order_by("pk").values_list("number", "xero_id")[:3]
        missing += [number or xero_id for number, xero_id in names]
        if len(missing) >= 3:
            break
    return list(dict.fromkeys(missing))[:3]


def _joined(file: File) -> Iterator[set[int]]:
    """Give the records that a file's contents refer to, a bounded number at a time."""
    last = 0
    while True:
        contents = ExportContent.objects.filter(file=file, position__gt=last).order_by("position")
        rows = list(contents.values_list("position", "joined")[:CONTENTS_AT_A_TIME])
        if not rows:
            return
        yield {record_id for _, joined in rows for record_id in joined}
        last = rows[-1][0]
