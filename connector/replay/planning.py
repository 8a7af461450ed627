"""Planning: what a replay would do, per integration, before anything is done. Warnings name who gets what twice."""

import math
from dataclasses import dataclass, field, replace
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from connector.replay.choosing import Choice
from connector.steps.profile import profile_of
from core import numbers
from core.models import Export, Integration, MappingVersion, Mode, Record, ReplayMode
from core.states import AckOutcome, ExportState
from edi_app.formatter import is_x12

IDS_A_CALL = 40
CALLS_A_MINUTE = 60


@dataclass(frozen=True, slots=True)
class Part:
    """What a replay does for one integration.

    `exports` are made, in about `files` files; `already` of them the partner has; `along` were not picked and go
    along; `newer` have a newer version; `calls` are made to Xero; `control_number` is the next one, 0 for none.
    """

    integration: Integration
    exports: int
    files: int
    already: int
    along: int
    newer: int
    calls: int = 0
    control_number: int = 0
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """What a replay would do. `refused` counts what is left out by reason, `left_out` says it in words."""

    mode: str
    parts: tuple[Part, ...] = ()
    refused: dict[str, int] = field(default_factory=dict)
    left_out: str = ""

    @property
    def total(self) -> int:
        """How many exports would be made."""
        return sum(part.exports for part in self.parts)

    @property
    def warnings(self) -> list[str]:
        """All warnings, each once."""
        return list(dict.fromkeys(warning for part in self.parts for warning in part.warnings))


def plan_replay(picked: "QuerySet[Export]", *, mode: str, version: MappingVersion | None = None) -> Plan:
    """Say what a replay of these exports would do. Nothing is changed, nothing is sent."""
    choice = Choice(picked, mode=mode)
    counts = _counts(choice)
    related = ("tenant", "partner", "mapping", "pinned_version", "organisation")
    rows = Integration.objects.filter(pk__in=counts).select_related(*related).order_by("tenant__slug", "name")
    accepted = dict(choice.accepted().values_list("integration").annotate(Count("pk")))
    parts = tuple(_part(row, counts[row.pk], accepted.get(row.pk, 0), mode, version) for row in rows)
    return Plan(mode, parts, choice.refused, choice.sentence())


def _counts(choice: Choice) -> dict[Any, dict[str, Any]]:
    has = Q(state=ExportState.DELIVERED, file__is_test=False) & ~Q(ack_outcome=AckOutcome.REJECTED)
    newer = Record.objects.filter(
        organisation=OuterRef("integration__organisation"),
        stream=OuterRef("stream"),
        xero_id=OuterRef("xero_id"),
        version__gt=OuterRef("record__version"),
    )
    rows = choice.going().annotate(has_newer=Exists(newer)).order_by().values("integration")
    found = rows.annotate(
        exports=Count("pk"),
        already=Count("pk", filter=has),
        newer=Count("pk", filter=Q(has_newer=True)),
        files=Count("file", distinct=True),
        versions=Count("mapping_version", distinct=True),
    )
    return {row["integration"]: dict(row) for row in found}


def _part(integration: Integration, counts: dict[str, Any], accepted: int, mode: str, version: Any) -> Part:
    calls = math.ceil(counts["exports"] / IDS_A_CALL) if mode == ReplayMode.READ_AGAIN else 0
    along = counts["exports"] - accepted
    newer = 0 if mode == ReplayMode.READ_AGAIN else counts["newer"]
    files = _files(integration, counts, mode)
    part = Part(integration, counts["exports"], files, counts["already"], along, newer, calls)
    control_number = 0 if mode == ReplayMode.SAME_BYTES else _next_control_number(integration, version)
    return replace(part, control_number=control_number, warnings=tuple(_warnings(part, mode)))


def _files(integration: Integration, counts: dict[str, Any], mode: str) -> int:
    if mode == ReplayMode.SAME_BYTES:
        return int(counts["files"])
    if integration.batch == "run":
        return int(counts["versions"]) if mode == ReplayMode.NEW_ENVELOPE else 1
    a_file = 1 if integration.batch == "record" else int(integration.batch)
    return math.ceil(int(counts["exports"]) / a_file)


def _next_control_number(integration: Integration, version: MappingVersion | None) -> int:
    applies = version or integration.pinned_version or integration.mapping.versions.order_by("-number").first()
    if applies is None or not is_x12(applies.definition):
        return 0
    block = profile_of(integration.partner)["x12"]
    ids = {side: ":".join(map(str, block.get(side, ()))) for side in ("sender", "receiver")}
    return numbers.peek(integration.tenant_id, level="ISA", **ids)


def _warnings(part: Part, mode: str) -> list[str]:
    partner, found = part.integration.partner, []
    if part.already:
        again = "under the same name" if mode == ReplayMode.SAME_BYTES else "in a new file"
        found.append(
            f"{partner.name} has {part.already} of these {part.exports} already and would get them twice, {again}."
        )
    if part.newer:
        found.append(f"{part.newer} of these have a newer version by now; {partner.name} would get the older one.")
    if part.along:
        why = "a file goes out whole" if mode == ReplayMode.SAME_BYTES else "a batch payment is one document"
        found.append(f"{part.along} more go along, because {why}.")
    if part.calls > CALLS_A_MINUTE:
        found.append(f"Xero is asked {part.calls} times, which takes about {part.calls // CALLS_A_MINUTE} minutes.")
    if partner.mode == Mode.TEST and mode != ReplayMode.SAME_BYTES:
        found.append(f"{partner.name} is in test mode: it gets these as a test.")
    return found
