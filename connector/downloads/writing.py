"""Rows as bytes: a CSV that opens in a spreadsheet without running anything, JSON lines, and a ZIP of both."""

import csv
import io
import json
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

import msgspec
from django.db.models import QuerySet

from connector.downloads.rows import COLUMNS, Row, rows_of
from core.models import Export
from edi_app.flat.formulas import guard_formula

MARK = b"\xef\xbb\xbf"
"""The byte order mark: spreadsheets take a CSV with it for UTF-8."""

RECORDS_A_PART = 1000
"""An archive's list of entries is kept in memory until its end, so records are not entries of their own."""


def as_csv(exports: "QuerySet[Export]") -> Iterator[bytes]:
    """Give a table: one row for each export, the columns' names in the first."""
    yield MARK + _table([COLUMNS])
    for rows in rows_of(exports, whole=False):
        yield _table([guard_formula(str(value)) for value in row.columns.values()] for row in rows)


def _table(rows: Iterable[Sequence[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def as_lines(exports: "QuerySet[Export]") -> Iterator[bytes]:
    """Give one JSON object a line: the columns, `record` exactly as Xero wrote it, and `content` as it was sent."""
    for rows in rows_of(exports, whole=True):
        yield b"".join(_line(row) for row in rows)


def as_zip(exports: "QuerySet[Export]", *, now: datetime) -> Iterator[bytes]:
    """Give an archive: `manifest.csv`, the table, and `records/…jsonl`, the lines, a thousand records each."""
    sink = _Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        yield from _entry(archive, sink, "manifest.csv", as_csv(exports), now)
        for number, lines in enumerate(_parts(exports), start=1):
            yield from _entry(archive, sink, f"records/{number:05d}.jsonl", lines, now)
    yield sink.take()


def _entry(
    archive: zipfile.ZipFile, sink: "_Sink", name: str, pieces: Iterable[bytes], now: datetime
) -> Iterator[bytes]:
    info = zipfile.ZipInfo(name, date_time=now.timetuple()[:6])
    info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
    with archive.open(info, "w", force_zip64=True) as entry:
        for piece in pieces:
            entry.write(piece)
            yield sink.take()
    yield sink.take()


def _parts(exports: "QuerySet[Export]") -> Iterator[Iterator[bytes]]:
    """Give the lines in parts; each has to be used up before the next one is asked for."""
    rows = (row for chunk in rows_of(exports, whole=True) for row in chunk)
    for first in rows:
        yield _part(first, rows)


def _part(first: Row, rows: Iterator[Row]) -> Iterator[bytes]:
    yield _line(first)
    for _, row in zip(range(RECORDS_A_PART - 1), rows, strict=False):
        yield _line(row)


def _line(row: Row) -> bytes:
    columns = json.dumps(row.columns, ensure_ascii=False).encode()
    return b'%s, "record": %s, %s}\n' % (columns[:-1], _record(row.record), _content(row.content))


def _record(payload: bytes | None) -> bytes:
    """Keep every digit as Xero wrote it; only the white space between goes."""
    if payload is None:
        return b"null"
    try:
        return bytes(msgspec.json.format(payload, indent=-1))
    except msgspec.MsgspecError:
        return json.dumps(payload.decode(errors="replace"), ensure_ascii=False).encode()


def _content(data: bytes | None) -> bytes:
    """Give the bytes as text, with the encoding in which they are exactly these bytes again."""
    shown: dict[str, Any] = {"content": None}
    if data is not None:
        try:
            shown = {"content": data.decode(), "content_encoding": "utf-8"}
        except UnicodeDecodeError:
            shown = {"content": data.decode("latin-1"), "content_encoding": "latin-1"}
    return json.dumps(shown, ensure_ascii=False).encode()[1:-1]


class _Sink(io.RawIOBase):
    """What the archive is written to: it gives its bytes away and keeps none."""

    def __init__(self) -> None:
        super().__init__()
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._pieces.append(bytes(data))
        return len(data)

    def take(self) -> bytes:
        """Give what was written since the last time."""
        taken, self._pieces = b"".join(self._pieces), []
        return taken
