"""Golden files: what was received, what we say about it, and the CONTRL that goes back."""

from pathlib import Path

import pytest

from edi_app.edifact import (
    CannotAcknowledge,
    check_interchanges,
    choose_answer,
    explain,
    read_acknowledgments,
    render_acknowledgment,
)
from tests.edi_app.edifact.interchanges import MOMENT, STRICT

FOLDER = Path(__file__).parent.parent.parent / "golden" / "edifact"


def tell(received: bytes) -> str:
    """Write down everything that follows from one received interchange."""
    (checked,) = check_interchanges(received, rules=STRICT)
    lines = [f"interchange {checked.interchange.reference}: {checked.outcome}"]
    lines += [f"  {fault.code} {fault.sentence}" for fault in checked.faults]
    for group in checked.groups:
        lines.append(f"group {group.group.reference}: {'accepted' if group.accepted else 'rejected'}")
        lines += [f"  {fault.code} {fault.sentence}" for fault in group.faults]
    for message in checked.all_messages:
        verdict = "accepted" if message.accepted else "rejected"
        lines.append(f"message {message.reference} {':'.join(message.identifier)}: {verdict}")
        lines += [f"  {fault.code} {fault.sentence}" for fault in message.faults]
    return "\n".join([*lines, "", *answer(checked, received)]) + "\n"


def answer(checked, received: bytes) -> list[str]:
    kind = choose_answer(checked)
    if kind is None:
        return ["no answer"]
    try:
        data = render_acknowledgment(checked, reference="57", moment=MOMENT, answer=kind, line_break="\n")
    except CannotAcknowledge as error:
        return [f"no answer: {error.sentence}"]
    (read,) = read_acknowledgments(data)
    words = [f"  {explained.path}: {explained.sentence}" for explained in explain(read, sent=received)]
    return [f"answer, {kind}:", *data.decode("latin-1").splitlines(), "", f"read back: {read.outcome}", *words]


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.edi")), ids=lambda path: path.stem)
def test_a_received_interchange_is_answered_as_written_down(path):
    assert tell(path.read_bytes()) == path.with_suffix(".out").read_text()
