"""Problems: the only writer. The same trouble twice is one open problem that counts up."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F, Q

from core.models import Problem, ProblemState


@dataclass(frozen=True, slots=True)
class ProblemDraft:
    """What a person must look at. `links` are ids by column (`server_id`, `export_id`, ...)."""

    tenant_id: UUID
    code: str
    subject: str
    sentence: str
    next_step: str = ""
    links: dict[str, Any] = field(default_factory=dict)


def report(drafts: Iterable[ProblemDraft], *, now: datetime) -> None:
    """Open problems, or count up the ones that are open already. The caller holds a transaction."""
    by_key = {(draft.tenant_id, draft.code, draft.subject): draft for draft in drafts}
    if not by_key:
        return
    rows = [
        Problem(
            tenant_id=draft.tenant_id,
            code=draft.code,
            subject=draft.subject,
            sentence=draft.sentence,
            next_step=draft.next_step,
            first_seen_at=now,
            last_seen_at=now,
            times=0,
            **draft.links,
        )
        for draft in by_key.values()
    ]
    Problem.objects.bulk_create(rows, batch_size=500, ignore_conflicts=True)
    _count_up(list(by_key.values()), now)


def _count_up(drafts: list[ProblemDraft], now: datetime) -> None:
    """Count in sets; a problem that comes alone, as those of fetches and servers do, shows its newest words."""
    by_code: dict[tuple[UUID, str], list[ProblemDraft]] = {}
    for draft in drafts:
        by_code.setdefault((draft.tenant_id, draft.code), []).append(draft)
    for (tenant_id, code), group in sorted(by_code.items()):
        subjects = [draft.subject for draft in group]
        alone = {"sentence": group[0].sentence, "next_step": group[0].next_step} if len(group) == 1 else {}
        rows = Problem.objects.filter(tenant_id=tenant_id, code=code, subject__in=subjects, state=ProblemState.OPEN)
        rows.update(times=F("times") + 1, last_seen_at=now, **alone)


def resolve(tenant_id: UUID, subjects: Sequence[str], *, now: datetime, codes: Sequence[str] | None = None) -> int:
    """End the open problems of these subjects (they work again); give how many ended."""
    chosen = Q(tenant_id=tenant_id, subject__in=list(subjects), state=ProblemState.OPEN)
    if codes is not None:
        chosen &= Q(code__in=list(codes))
    return Problem.objects.filter(chosen).update(state=ProblemState.RESOLVED, ended_at=now)


def open_subjects(tenant_id: UUID, prefix: str) -> set[str]:
    """Name the subjects with open problems that begin in a certain way."""
    rows = Problem.objects.filter(tenant_id=tenant_id, state=ProblemState.OPEN, subject__startswith=prefix)
    return set(rows.values_list("subject", flat=True))


def ignore(tenant_id: UUID, subjects: Sequence[str], *, now: datetime) -> int:
    """End the open problems of these subjects as ignored: a person decided about what they are about."""
    rows = Problem.objects.filter(tenant_id=tenant_id, subject__in=list(subjects), state=ProblemState.OPEN)
    return rows.update(state=ProblemState.IGNORED, ended_at=now)
