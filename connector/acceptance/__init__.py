"""Acceptance: what a partner got is recorded with all that it was made of, and made again later: after an upgrade, or
with a changed mapping. Equal bytes, or a difference that a person can read; no server, no number, no clock."""

from connector.acceptance.case import Case, CaseUnreadable, read_cases
from connector.acceptance.recording import Recorded, record_partner
from connector.acceptance.running import PUBLISHED, RECORDED, Outcome, run_cases

__all__ = [
    "PUBLISHED",
    "RECORDED",
    "Case",
    "CaseUnreadable",
    "Outcome",
    "Recorded",
    "read_cases",
    "record_partner",
    "run_cases",
]
