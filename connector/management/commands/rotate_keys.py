"""`manage.py rotate_keys [--report] [--reencrypt]`: wrap every stored secret under the active key."""

from collections import Counter
from typing import Any

from django.core.management.base import CommandParser

from connector.key_rotation import Rotated, counts, rotate
from connector.management.connector_command import ConnectorCommand, Exit
from core.clock import database_now
from core.vault import keyring


class Command(ConnectorCommand):
    """Wrap secrets anew, resumable, or report which keys are still in use."""

    help = "Wrap every stored secret under CONNECTOR_KEK_ACTIVE. A key may be removed when no secret uses it."

    def add_own_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--report", action="store_true", help="only count secrets by key")
        parser.add_argument("--reencrypt", action="store_true", help="seal each secret anew, with a new data key")
        parser.add_argument("--batch", type=int, default=500, help="rows a transaction")

    def work(self, **options: Any) -> Exit:
        if options["batch"] < 1:
            return self.usage("--batch is at least 1.")
        ring = keyring()
        result = Rotated() if options["report"] else self._rotate(**options)
        found = counts()
        left = sum(count for key, count in found.items() if key != ring.active)
        keys = [_line(key, found, ring.active, is_known=key in ring.keys) for key in sorted({*found, *ring.keys})]
        refused = dict(result.refused)
        counted = {"wrapped": result.done, "changed_meanwhile": result.changed_meanwhile, "left": left}
        self.give({**counted, "keys": keys, "refused": refused})
        for line in keys:
            self.say(f"{line['key']}: {line['secrets']} secrets, {line['standing']}")
        if not options["report"]:
            self.say(f"{result.done} secrets were wrapped under {ring.active}; {left} are left.")
        for sentence, count in refused.items():
            self.say(f"{count} secrets stay as they are: {sentence}")
        return Exit.PARTLY if left and not options["report"] else Exit.OK

    def _rotate(self, **options: Any) -> Rotated:
        return rotate(batch=options["batch"], reencrypt=options["reencrypt"], now=database_now())


def _line(key: str, found: Counter[str], active: str, *, is_known: bool) -> dict[str, Any]:
    if key == active:
        standing = "the active key"
    elif not is_known:
        standing = "not configured, so these cannot be opened"
    else:
        standing = "still in use" if found[key] else "may be removed"
    return {"key": key, "secrets": found[key], "standing": standing}
