"""Names made from templates."""

from dataclasses import replace
from datetime import timedelta

from connector.naming.checks import check_folder, check_name, check_pieces
from connector.naming.template import (
    BAD_NAME,
    SAMPLE,
    NameFacts,
    normal_folder,
    piece_text,
    pieces,
)
from core.errors import Finding, Invalid


def render(template: str, facts: NameFacts) -> str:
    """Make a file name. Raises `Invalid` for what the check refuses, and for a name that came out too long."""
    _refuse(check_pieces(template, path="file_name"))
    name = "".join(piece_text(piece, facts) for piece in pieces(template))
    _refuse(check_name(name, path="file_name"))
    return name


def render_folder(template: str, facts: NameFacts) -> str:
    """Make a folder. Raises `Invalid` for what the check refuses."""
    _refuse(check_folder(template))
    return normal_folder("".join(piece_text(piece, facts) for piece in pieces(template)))


def preview(template: str, *, n: int = 3, facts: NameFacts = SAMPLE) -> list[str]:
    """Show the next names that a template would give, one file an hour. Raises `Invalid` like `render`."""
    samples = [
        replace(
            facts,
            moment=facts.moment + timedelta(hours=step),
            sequence=facts.sequence + step,
            since_restart=None if facts.since_restart is None else facts.since_restart + step,
            control=None if facts.control is None else facts.control + step,
        )
        for step in range(n)
    ]
    return [render(template, sample) for sample in samples]


def _refuse(findings: list[Finding]) -> None:
    if findings:
        raise Invalid(findings, code=BAD_NAME)
