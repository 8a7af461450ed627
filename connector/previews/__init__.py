"""Previews: what stored records become under a mapping, published or not. Nothing is sent, no number is used."""

from connector.previews.changes import Changed, Changes, what_changes
from connector.previews.material import RecordMissing, find_records
from connector.previews.one import RecordPreview, preview_record
from connector.previews.trying import Refused, Tried, try_on

__all__ = [
    "Changed",
    "Changes",
    "RecordMissing",
    "RecordPreview",
    "Refused",
    "Tried",
    "find_records",
    "preview_record",
    "try_on",
    "what_changes",
]
