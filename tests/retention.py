"""The audit trail's retention switch, moved by hand."""

from django.db import connection


def set_audit_retention(until):
    """Open the switch until a UTC time given as text."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE audit_retention SET open_until = %s", [until])
