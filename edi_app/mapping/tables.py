"""Lookup tables from a CSV file: the first column is the key, the second what it becomes."""

import csv
import io

from core.errors import Finding
from edi_app.mapping.findings import BAD_TABLE, refusal, shortened

MOST_ENTRIES = 10_000
LONGEST = 500
LARGEST_BYTES = 4_194_304
_SEPARATORS = (",", ";", "\t")


def read_table(data: bytes) -> dict[str, str]:
    """Read the entries of a lookup table; UTF-8, separated by commas, semicolons or tabs, no row of names.

    Raises Invalid naming every row that is wrong: a key that comes twice with another value, an empty key, a
    row without two columns, a text of more than 500 characters, more than 10,000 entries, more than 4 MiB.
    """
    if len(data) > LARGEST_BYTES:
        raise refusal([Finding("file", f"It is larger than {LARGEST_BYTES} bytes.", code=BAD_TABLE)])
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        reason = f"Byte {error.start} is not UTF-8."
        raise refusal([Finding("file", reason, "Save the table as UTF-8.", BAD_TABLE)]) from None
    entries: dict[str, str] = {}
    findings = []
    for number, row in enumerate(_rows(text), start=1):
        if not any(row):
            continue
        if reason := _fault(row, entries):
            findings.append(Finding(f"row {number}", reason, code=BAD_TABLE))
        else:
            entries[row[0].strip()] = row[1].strip()
        if len(entries) > MOST_ENTRIES:
            findings.append(Finding("file", f"There are more than {MOST_ENTRIES:,} entries.", code=BAD_TABLE))
            break
    if findings:
        raise refusal(findings[:50])
    return entries


def _rows(text: str) -> list[list[str]]:
    first = text.partition("\n")[0]
    separator = max(_SEPARATORS, key=first.count)
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True))
    except csv.Error as error:
        raise refusal([Finding("file", f"It is not CSV: {error}.", code=BAD_TABLE)]) from None


def _fault(row: list[str], entries: dict[str, str]) -> str:
    if len(row) != 2:
        return f"It has {len(row)} columns; a key and a value are needed."
    key, value = (cell.strip() for cell in row)
    if not key:
        return "The key is empty."
    if "\0" in key + value:
        return "It has a character that cannot be stored."
    if max(len(key), len(value)) > LONGEST:
        return f"It has a text of more than {LONGEST} characters."
    if entries.get(key, value) != value:
        return f'The key "{shortened(key)}" comes twice, with different values.'
    return ""
