"""The database's clock: the one clock that decides leases and due times."""

from datetime import UTC, datetime

from django.db import connection


def database_now() -> datetime:
    """Read the database's time, aware and in UTC. Entry points read it once and pass it on as `now`."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT statement_timestamp()")
            moment: datetime = cursor.fetchone()[0]
            return moment.astimezone(UTC)
        cursor.execute("SELECT strftime('%Y-%m-%d %H:%M:%f', 'now')")
        return datetime.fromisoformat(cursor.fetchone()[0]).replace(tzinfo=UTC)
