"""What the browser sees of EDI: invoices to a partner, its rejection of one, an order of its own, and trouble."""

from connector.steps.acknowledge import work_on
from connector.steps.mailbox import mailbox_of
from core.awaiting import mark_overdue
from core.leases import claim
from core.models import File, Partner
from tests import factories
from tests.partner_side import EDIFACT, FOLDERS, ORDER, X12, envelope, ready_810, their_997

TOO_LONG = ["AK3*BIG*2**8", "AK4*2*76*5*INV-20042"]
BAD_ORDER = [segment.replace("20261110", "20261399") for segment in ORDER]


def add_edi(tenant, *, now):
    """Make a partner with an 810 that is answered, others that are not, and inbound files."""
    acks = {"want": "997", "overdue_hours": {"810": 24}}
    partner = factories.PartnerFactory(
        tenant=tenant, name="northwind", x12=X12, edifact=EDIFACT, folders=FOLDERS, acks=acks
    )
    mapping = factories.MappingFactory(tenant=tenant, name="northwind-810", draft={"base": "x12-810"})
    factories.MappingVersionFactory(mapping=mapping)
    integration = factories.IntegrationFactory(tenant=tenant, name="to-northwind", partner=partner, mapping=mapping)
    for control, numbers in ((57, ("INV-20041", "INV-20042")), (58, ("INV-20043",)), (59, ("INV-20044",))):
        file = ready_810(integration, *numbers, control=control, state="delivered", attempts=1, created_at=now)
        due_at = now.replace(year=now.year - control + 58, day=1)
        File.objects.filter(pk=file.pk).update(ack_outcome="awaited", ack_due_at=due_at, delivered_at=now)
        file.exports.update(state="delivered", ack_outcome="awaited")
    mark_overdue(now=now)
    texts = {
        "997_20261122.edi": their_997(57, "P", ("0001", "A"), ("0002", "R", *TOO_LONG)),
        "997_unknown.edi": their_997(99, "R", control=502, counts=(1, 0)),
        "order_5150.edi": envelope(ORDER, control=701, group=701),
        "order_5151.edi": envelope([*BAD_ORDER], control=702, group=702),
        "order_again.edi": envelope(ORDER, control=703, group=701),
        "notes.txt": "Dear partner, the order is below.",
    }
    partner.refresh_from_db()
    mailbox = mailbox_of(partner)
    lease = claim(Partner, mailbox.owner.pk)
    for name, text in texts.items():
        row = factories.InboundFactory(partner=partner, name=name, content=text.encode(), created_at=now)
        work_on(row.pk, mailbox, lease, now=now)
    lease.release()
