"""Downloads: exports as a table, as JSON lines, or as an archive, streamed piece by piece for people to look at."""

from connector.downloads.downloading import FORMS, Form, download_exports, file_name

__all__ = ["FORMS", "Form", "download_exports", "file_name"]
