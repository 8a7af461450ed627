"""Many rows in at once: COPY on PostgreSQL, one prepared statement on SQLite.

Django's own bulk insert builds every value into the text of a statement, which costs several times as much as the
rest of storing a record. Rows get their ids here, so that others can point to them at once.
"""

from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.models import AutoField, Model

Row = TypeVar("Row", bound=Model)


def insert(rows: Sequence[Row]) -> None:
    """Insert new rows of one model. The caller holds a transaction in which nobody else inserts the same ones.

    Columns that the database fills by itself must be set. Raises `IntegrityError` for a broken constraint."""
    if not rows:
        return
    model = type(rows[0])
    _give_ids(model, rows)
    fields = model._meta.concrete_fields
    values = _prepared(fields, rows)
    columns = ", ".join(connection.ops.quote_name(str(field.column)) for field in fields)
    table = connection.ops.quote_name(model._meta.db_table)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql" and not settings.ROW_LEVEL_SECURITY:  # COPY knows no such policies
            copying = f"COPY {table} ({columns}) FROM STDIN"
            with connection.wrap_database_errors, cursor.copy(copying) as copy:
                for value in values:
                    copy.write_row(value)
        else:
            marks = ", ".join(["%s"] * len(fields))
            statement = f"INSERT INTO {table} ({columns}) VALUES ({marks})"  # our names  # noqa: S608  # nosec B608
            cursor.executemany(statement, list(values))


def _prepared(fields: Sequence[Any], rows: Sequence[Model]) -> Iterator[tuple[Any, ...]]:
    """Give the rows' values as the database takes them. A thread's own connection is looked up once, not per value."""
    own = connections[DEFAULT_DB_ALIAS]
    columns = [(field.pre_save, field.get_db_prep_save) for field in fields]
    for row in rows:
        yield tuple([prepare(value_of(row, True), own) for value_of, prepare in columns])


def _give_ids(model: type[Model], rows: Sequence[Model]) -> None:
    """Take ids from the database's own count, so that its later ones do not collide."""
    if not isinstance(model._meta.pk, AutoField):
        return
    for row, pk in zip(rows, _new_ids(model._meta.db_table, str(model._meta.pk.column), len(rows)), strict=True):
        row.pk = pk


def _new_ids(table: str, column: str, count: int) -> list[int]:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            taken = "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)"
            cursor.execute(taken, [table, column, count])
            return [pk for (pk,) in cursor.fetchall()]
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
        last = cursor.fetchone()
        first = (last[0] if last else 0) + 1
        return list(range(first, first + count))
