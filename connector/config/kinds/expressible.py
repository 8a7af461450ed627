"""What an integration asks its format to say, and whether the mapping has words for it."""

from collections.abc import Mapping

from connector.config.entries import Entry
from core.documents import Action
from core.errors import Finding
from core.formats import Formatter
from core.models import OnChange, OnVoid, WhenEmpty

NOT_EXPRESSIBLE = "CONFIG_NOT_EXPRESSIBLE"
Formatters = Mapping[str, Formatter]


def is_edi(formatters: Formatters) -> bool:
    """Say whether these make interchanges with control numbers."""
    return any(each.numbers for each in formatters.values())


def check_expressible(entry: Entry, formatters: Formatters) -> list[Finding]:
    """Refuse what the format cannot tell the partner."""
    plain, findings = entry.plain, []
    on_change, on_void = plain["on_change"], plain["on_void"]
    tells = {action: all(each.supports(action) for each in formatters.values()) for action in Action}
    hint = "Add a field with source Export.Action to the mapping"
    needs_change = on_change == OnChange.REPLACE or (is_edi(formatters) and on_change == OnChange.SEND)
    if needs_change and not tells[Action.CHANGE]:
        reason = f"The mapping {plain['mapping']} cannot tell a change from a new document."
        findings.append(entry.finding("on_change", reason, f"{hint}, or write `hold`.", NOT_EXPRESSIBLE))
    if on_void == OnVoid.CANCEL and not tells[Action.CANCEL]:
        reason = f"The mapping {plain['mapping']} cannot tell that a document was cancelled."
        findings.append(entry.finding("on_void", reason, f"{hint}, or write `hold` or `skip`.", NOT_EXPRESSIBLE))
    if is_edi(formatters) and plain["when_empty"] == WhenEmpty.EMPTY_FILE:
        reason = "An interchange without a document does not exist."
        findings.append(entry.finding("when_empty", reason, "Write `nothing`.", NOT_EXPRESSIBLE))
    return findings
