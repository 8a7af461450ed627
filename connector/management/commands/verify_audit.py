"""`manage.py verify_audit [TENANT]`: read the audit trail's chains back and name every line that does not hold."""

from itertools import chain
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from connector.audit_heads import read_heads, write_heads
from connector.audit_lines import tenant_word
from connector.management.connector_command import ConnectorCommand, Exit
from connector.natural_keys import find_tenant
from core import audit_verify
from core.audit_verify import Break
from core.clock import database_now


class Command(ConnectorCommand):
    """Verify chains, export their heads, and compare with heads that were exported earlier."""

    help = "Find changed, missing and reordered lines of the audit trail. Exit code 1 when a chain does not hold."

    def add_own_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("tenant", metavar="TENANT", nargs="?", help="only this tenant's chain")
        parser.add_argument("--export", metavar="FILE", type=Path, help="write the chains' heads, to be kept elsewhere")
        parser.add_argument("--compare", metavar="FILE", type=Path, help="compare with heads that were exported")

    def work(self, **options: Any) -> Exit:
        only = find_tenant(options["tenant"]).pk if options["tenant"] else None
        chains = [only] if only else audit_verify.chains()
        known = read_heads(options["compare"]) if options["compare"] else []
        reports = [audit_verify.verify(tenant_id) for tenant_id in chains]
        reports += [audit_verify.compare(head) for head in known if only in (None, head.tenant_id)]
        breaks = 0
        for breaks, found in enumerate(chain.from_iterable(reports), start=1):  # noqa: B007 (the last count is used)
            self._show_break(found)
        return self._end(breaks, audit_verify.heads(chains), options["export"])

    def _show_break(self, found: Break) -> None:
        word = tenant_word(found.tenant_id)
        self.give(
            {
                "tenant": word,
                "kind": found.kind,
                "line": found.sequence,
                "row": found.row_id,
                "sentence": found.sentence,
            }
        )
        row = f" (row {found.row_id})" if found.row_id else ""
        self.say(f"{word}: {found.sentence}{row}")

    def _end(self, breaks: int, heads: list[audit_verify.Head], export: Path | None) -> Exit:
        lines = sum(head.sequence for head in heads)
        state = "broken" if breaks else "ok"
        self.give({"state": state, "chains": len(heads), "lines": lines, "breaks": breaks})
        if breaks:
            self.say(f"{breaks} breaks were found. Keep the database as it is, and see docs/security/audit-trail.md.")
            return Exit.FAILED
        self.say(f"{lines} lines in {len(heads)} chains hold together.")
        if export is not None:
            write_heads(export, heads, now=database_now())
            self.say(f"The heads are in {export}. Keep it where nobody who can write to the database can write.")
        return Exit.OK
