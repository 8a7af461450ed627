"""X12: one engine that reads, validates, renders and acknowledges transaction sets described by data files."""
