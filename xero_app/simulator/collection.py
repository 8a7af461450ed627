"""One stream's rows, by id and in Xero's default order (UpdatedDateUTC, then id)."""

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator

from xero_app.simulator.documents import Row


def _by_update(row: Row) -> tuple[int, str]:
    return row.updated_ms, row.id


class Collection:
    """Rows of one stream. Not locked: the simulator holds its one lock around every use."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._rows: dict[str, Row] = {}
        self._ordered: list[Row] = []
        self._by_id: list[Row] | None = None

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[Row]:
        return iter(self._ordered)

    def fill(self, rows: Iterable[Row]) -> None:
        """Adds many rows at once; much cheaper than `add` for each."""
        for row in rows:
            self._rows[row.id] = row
        self._ordered = sorted(self._rows.values(), key=_by_update)
        self._by_id = None

    def add(self, row: Row) -> None:
        """Adds one row in its place."""
        self._rows[row.id] = row
        insort(self._ordered, row, key=_by_update)
        self._by_id = None

    def get(self, xero_id: str) -> Row | None:
        """The row with this id, or None; case does not matter, as with Xero's GUIDs."""
        return self._rows.get(xero_id) or self._rows.get(xero_id.lower())

    def numbered(self, number: str) -> Row | None:
        """The first row with this number: single reads accept an invoice number in place of the id."""
        return next((row for row in self._ordered if row.number == number), None)

    def restamp(self, row: Row, *, updated_ms: int) -> None:
        """Moves a row to a new update time and its new place in the order."""
        position = bisect_left(self._ordered, _by_update(row), key=_by_update)
        del self._ordered[position]
        row.updated_ms = updated_ms
        insort(self._ordered, row, key=_by_update)

    def updated_from(self, ms: int) -> list[Row]:
        """Rows whose update time is `ms` or later, in default order."""
        return self._ordered[bisect_left(self._ordered, (ms, ""), key=_by_update) :]

    def in_update_order(self) -> list[Row]:
        """All rows in default order; not to be changed by the caller."""
        return self._ordered

    def in_id_order(self) -> list[Row]:
        """All rows ordered by id, kept between calls because backfills page through it."""
        if self._by_id is None:
            self._by_id = sorted(self._rows.values(), key=lambda row: row.id)
        return self._by_id
