"""The partner's side in tests: a trading partner with its folders, and what it writes into ours."""

import hashlib
from datetime import UTC, datetime

from connector import pipeline
from core import outbox
from core.clock import database_now
from core.models import File
from tests.factories import (
    ExportContentFactory,
    ExportFactory,
    FileFactory,
    MappingFactory,
    MappingVersionFactory,
    PartnerFactory,
    TenantFactory,
)

NOW = datetime(2026, 1, 1, tzinfo=UTC)

FOLDERS = {
    "send_to": "/outbound",
    "send_acks_to": "/acks",
    "pick_up_from": "/inbound",
    "processed": "/processed",
    "error": "/error",
}
X12 = {"version": "004010", "sender": ["ZZ", "HARBOR"], "receiver": ["ZZ", "ACME"]}
EDIFACT = {"sender": ["HARBOR", "ZZ"], "receiver": ["ACME", "ZZ"]}
ORDER = [
    "ST*850*0001",
    "BEG*00*SA*PO-5150**20261110",
    "N1*ST*Acme Madison*92*0017",
    "N3*12 Lake Ave",
    "N4*Madison*WI*53703",
    "PO1*1*10*EA*25.5**BP*NW-1",
    "CTT*1",
    "SE*8*0001",
]


def acme(world, **fields):
    """Make the partner ACME on the simulated server, with all its folders."""
    for name in ("acks", "inbound", "processed", "error"):
        (world.root / name).mkdir(exist_ok=True)
    tenant = fields.pop("tenant", None) or TenantFactory(slug="harbor", name="Harbor Supply Co")
    values = {"name": "acme", "folders": FOLDERS, "x12": X12, "edifact": EDIFACT, "acks": {"want": "997"}}
    server = fields.pop("server", None) or world.server(tenant)
    partner = PartnerFactory(tenant=tenant, server=server, **{**values, **fields})
    partner.refresh_from_db()
    return partner


def x12_integration(world, partner, **fields):
    """Make an integration that sends X12 810 to a partner."""
    mapping = MappingFactory(tenant=partner.tenant, draft={"base": "x12-810"})
    MappingVersionFactory(mapping=mapping)
    values = {"name": "invoices-to-acme", "file_name": "{partner}_{control:09d}.edi", "on_change": "send"}
    return world.integration(
        tenant=partner.tenant, server=partner.server, partner=partner, mapping=mapping, **{**values, **fields}
    )


def ready_810(integration, *numbers, control=57, **fields):
    """Seal a file with one 810 per invoice number, its rows adding up to its bytes; it is READY."""
    header = envelope([], kind="IN", control=control, group=control, sender="HARBOR", receiver="ACME").encode()
    header, _, trailer = header.partition(b"GE*")
    trailer = b"GE*" + trailer.replace(b"1*", b"%d*" % len(numbers), 1)
    values = {"folder": "/outbound", "name": f"acme_{control:09d}.edi", "state": "ready", "next_attempt_at": NOW}
    numbered = {"interchange_number": str(control), "group_number": str(control)}
    file = FileFactory(
        integration=integration,
        mapping_version=integration.mapping.versions.get(),
        header=header,
        trailer=trailer,
        record_count=len(numbers),
        **{**values, **numbered, **fields},
    )
    for position, number in enumerate(numbers, start=1):
        export = ExportFactory(integration=integration, state="formatted", file=file, record__number=number)
        data = "".join(f"{segment}~\n" for segment in invoice(number, f"{position:04d}")).encode()
        ExportContentFactory(export=export, file=file, position=position, control_number=f"{position:04d}", data=data)
    content = b"".join(outbox.read(file))
    File.objects.filter(pk=file.pk).update(size=len(content), sha256=hashlib.sha256(content).hexdigest())
    file.refresh_from_db()
    return file


def invoice(number, reference):
    """Write an 810 of one line."""
    return [
        f"ST*810*{reference}",
        f"BIG*20261120*{number}",
        "N1*BT*Acme Madison*92*0017",
        "IT1*1*10*EA*25.5",
        "TDS*25500",
        "CTT*1",
        f"SE*7*{reference}",
    ]


def send(file):
    """Deliver what is due for a file's server; give the file as it is then."""
    pipeline.deliver(file.server_id, now=database_now())
    file.refresh_from_db()
    return file


def outcomes(file):
    """Give a file's outcome and its exports' outcomes by number, as they are now."""
    file.refresh_from_db()
    return file.ack_outcome, dict(file.exports.values_list("number", "ack_outcome"))


def answers(world):
    """Give the acknowledgments that we put into the partner's folder, in order of name."""
    return [path.read_text() for path in sorted((world.root / "acks").iterdir())]


def names_in(world, folder):
    """Name the files in a folder of the server."""
    return sorted(path.name for path in (world.root / folder).iterdir())


def leave(world, name, data, folder="inbound"):
    """Be the partner who leaves a file for us."""
    data = data if isinstance(data, bytes) else data.encode()
    (world.root / folder / name).write_bytes(data)


def pick_up(partner):
    """Visit the folder twice, since a file has to be seen alike by two looks; deliver what we answer."""
    found = []
    for _ in range(2):
        found += pipeline.pick_up(partner.pk, now=database_now()).files
    pipeline.deliver(partner.server_id, now=database_now())
    return found


def envelope(body, *, kind="PO", control=101, group=101, sets=1, wants_ta1=False, sender="ACME", receiver="HARBOR"):
    """Put segments into a group and an interchange from the partner to us; no group where there is no kind."""
    now = datetime(2026, 11, 22, 21, 5, tzinfo=UTC)
    isa = (
        f"ISA*00*{'':10}*00*{'':10}*ZZ*{sender:15}*ZZ*{receiver:15}*{now:%y%m%d*%H%M}*U*00401"
        f"*{control:09d}*{int(wants_ta1)}*P*>"
    )
    inside = [f"GS*{kind}*{sender}*{receiver}*{now:%Y%m%d*%H%M}*{group}*X*004010", *body, f"GE*{sets}*{group}"]
    segments = [isa, *(inside if kind else body), f"IEA*{int(bool(kind))}*{control:09d}"]
    return "".join(f"{segment}~\n" for segment in segments)


def their_997(group, letter, *documents, control=501, counts=None, **options):
    """Write a 997 of the partner. Each document is (ST02, AK501, notes between AK2 and AK5...)."""
    body = [f"AK1*IN*{group}"]
    for reference, outcome, *notes in documents:
        body += [f"AK2*810*{reference}", *notes, f"AK5*{outcome}{'*5' if notes else ''}"]
    total, accepted = counts or (len(documents), sum(item[1] in "AE" for item in documents))
    body.append(f"AK9*{letter}*{total}*{total}*{accepted}")
    segments = ["ST*997*0001", *body, f"SE*{len(body) + 2}*0001"]
    return envelope(segments, kind="FA", control=control, group=control, **options)


def their_ta1(interchange, letter, code="000", *, control=601):
    """Write an interchange of the partner with one TA1."""
    return envelope([f"TA1*{interchange:09d}*261122*2100*{letter}*{code}"], kind="", control=control)


def sent_file():
    """Give the newest data file."""
    return File.objects.filter(kind="data").latest("pk")
