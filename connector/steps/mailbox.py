"""A mailbox: one folder that partners leave their files in. One of them owns it, so that one worker looks at a time.

Several partners may share a folder (a network's mailbox); whose an interchange is, its sender's id tells.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Q

from connector.steps.profile import AckRules, Party, ack_rules, is_among, parties_of, profile_of, server_of
from core.models import Partner, Server
from core.states import InboundState


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A folder to pick up from. `members` are the partners that leave files in it, the owner first."""

    owner: Partner
    members: tuple[Partner, ...]
    server: Server
    folder: str
    processed: str
    error: str

    @property
    def rules(self) -> AckRules:
        """Give the owner's rules: they say what becomes of the files."""
        return ack_rules(self.owner)

    def destination(self, state: str) -> str:
        """Give the folder for files that ended like this; empty when they stay where they are."""
        found = (self.error if state == InboundState.ERROR else "") or self.processed
        return "" if found == self.folder else found

    def partner_of(self, sender: Party) -> Partner:
        """Say which partner an interchange is from; the owner where no one has that id."""
        return next((member for member in self.members if is_among(sender, parties_of(member, "receiver"))), self.owner)

    def is_us(self, party: Party) -> bool:
        """Say whether an id is ours, and not also a partner's."""
        is_ours = any(is_among(party, parties_of(member, "sender")) for member in self.members)
        return is_ours and not any(party in parties_of(member, "receiver") for member in self.members)


def mailbox_of(partner: Partner) -> Mailbox | None:
    """Give the mailbox that a partner leaves its files in; None when nothing is picked up from it."""
    folders = profile_of(partner)["folders"]
    folder = folders.get("pick_up_from")
    if not folder:
        return None
    members = tuple(_sharing(partner, folder))
    folders = profile_of(members[0])["folders"]
    return Mailbox(
        owner=members[0],
        members=members,
        server=server_of(partner),
        folder=folder,
        processed=folders.get("processed", ""),
        error=folders.get("error", ""),
    )


def _sharing(partner: Partner, folder: str) -> Iterator[Partner]:
    server = server_of(partner)
    rows = Partner.objects.filter(Q(server=server) | Q(test_server=server), tenant=partner.tenant_id)
    for other in rows.select_related("tenant", "server", "test_server").order_by("created_at", "pk"):
        if server_of(other) == server and profile_of(other)["folders"].get("pick_up_from") == folder:
            yield other
