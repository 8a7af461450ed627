"""How much memory formatting takes: it must not grow with the number of documents.

Invoices are made one after the other, formatted, measured and forgotten, as the pipeline does. The peak after a tenth
of them is compared with the peak after all. Run with `python -m bench.formatting_memory [documents]`.
"""

import resource
import sys
from collections.abc import Iterator
from random import Random
from typing import Any

from bench.flat import DOCUMENT_CSV, LINE_CSV, fixed_definition, invoices
from bench.x12 import ENVELOPE, address, make_document
from core.documents import Document
from core.formats import ExportFacts
from edi_app.formatter import compile_formatter

MOST_GROWTH_MB = 8


def x12_invoices(count: int) -> Iterator[Document]:
    """Give invoices of three lines, each for another customer: nothing that was kept ever serves again."""
    rng = Random(42)
    organisation = {"Name": "Harbor Supply Co", "CountryCode": "NZ", "Addresses": [address(rng)]}
    for at in range(count):
        contact = {"Name": f"Customer {at} Inc", "AccountNumber": f"C{at:06d}", "Addresses": [address(rng)]}
        yield make_document(at, rng, contact, organisation)


def peak_mb() -> float:
    """Give the most memory that this process has had so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def grown(name: str, definition: dict[str, Any], documents: Iterator[Document], count: int) -> bool:
    """Format all documents; say whether the peak grew between a tenth of them and all."""
    formatter = compile_formatter(definition, stream="invoices")
    size, early = 0, 0.0
    for position, document in enumerate(documents, start=1):
        size += len(formatter.content(document, ExportFacts(position=position), ENVELOPE).data)
        if position == count // 10:
            early = peak_mb()
    growth = peak_mb() - early
    print(f"{name:24}{count:>9,} documents{size / 1e6:>8.1f} MB   peak {peak_mb():6.1f} MB   grew by {growth:4.1f} MB")
    return growth > MOST_GROWTH_MB


def main() -> int:
    """Format everything in every format; 1 when memory grew."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    found = [
        grown("CSV, a row a document", DOCUMENT_CSV, invoices(count), count),
        grown("CSV, a row a line", LINE_CSV, invoices(count), count),
        grown("Fixed, a row a line", fixed_definition(), invoices(count), count),
        grown("X12 810", {"base": "x12-810"}, x12_invoices(count), count),
    ]
    return int(any(found))


if __name__ == "__main__":
    sys.exit(main())
