"""Starting: one run of the kind replay per integration, with what it has to send again. A double click is one."""

import uuid
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from connector.reasons import needed_reason
from connector.replay.choosing import Choice, ReplayRefused
from connector.replay.reading_again import open_readings
from core import audit, replays, runs
from core.actors import actor_name
from core.errors import Finding, Invalid
from core.models import Export, Integration, MappingVersion, ReplayMode, Run, RunTrigger

_MAPS = (ReplayMode.MAP_AGAIN, ReplayMode.READ_AGAIN)


def start_replay(
    picked: "QuerySet[Export]",
    *,
    mode: str,
    reason: str,
    actor: Any = None,
    request_id: uuid.UUID | None = None,
    version: MappingVersion | None = None,
    now: datetime,
) -> list[Run]:
    """Start a replay of these exports: one run for each integration, due at once; the caller rings for them.

    The same `request_id` gives the runs of the first time and makes nothing new. `version` is a mapping version for
    exports that are mapped again; without it the one that applies then. Raises `Invalid` without a reason or with a
    version of another mapping, `ReplayRefused` when nothing of it can be replayed."""
    reason = _checked(mode, reason, version)
    request = request_id or uuid.uuid4()
    with transaction.atomic():
        integrations = list(_held(picked))
        if made := list(Run.objects.filter(replay_request=request).order_by("pk")):
            return made
        choice = Choice(picked, mode=mode)
        going = set(choice.going().order_by().values_list("integration", flat=True).distinct())
        chosen = [row for row in integrations if row.pk in going]
        if not chosen:
            raise _nothing(choice)
        _check_version(version, chosen)
        details = {"replay_request": request, "replay_mode": mode, "replay_reason": reason, "replay_version": version}
        return [_open(choice, row, actor=actor, now=now, **details) for row in chosen]


def _held(picked: "QuerySet[Export]") -> "QuerySet[Integration]":
    """Hold the integrations until the end of the transaction, so that two requests see each other."""
    ids = Export.objects.filter(pk__in=picked.values("pk")).order_by().values("integration")
    return Integration.objects.select_for_update().filter(pk__in=ids).order_by("pk")


def _open(choice: Choice, integration: Integration, *, actor: Any, now: datetime, **details: Any) -> Run:
    run = runs.open_run(integration, trigger=RunTrigger.REPLAY, requested_by=actor, fetches=False, now=now, **details)
    assert run is not None  # noqa: S101 (only a slot gives none)
    count = replays.add_items(run, choice.going().filter(integration=integration))
    if run.replay_mode == ReplayMode.READ_AGAIN:
        open_readings(run, now=now)
    version = run.replay_version.number if run.replay_version else None
    detail = {"mode": run.replay_mode, "why": run.replay_reason, "count": count, "version": version}
    audit.append([runs.event(run, "replay.requested", state=run.state, actor=actor_name(actor), **detail)], now=now)
    return run


def _checked(mode: str, reason: str, version: MappingVersion | None) -> str:
    findings = []
    if mode not in ReplayMode.values:
        findings.append(Finding("mode", f"There is no mode {mode}.", f"Use one of {', '.join(ReplayMode.values)}."))
    if version is not None and mode not in _MAPS:
        findings.append(Finding("version", "Only what is mapped again can use another version.", "Leave it out."))
    if findings:
        raise Invalid(findings, code="REPLAY_INVALID")
    return needed_reason(reason, what="A replay")


def _check_version(version: MappingVersion | None, integrations: list[Integration]) -> None:
    others = [row.name for row in integrations if version is not None and row.mapping_id != version.mapping_id]
    if others:
        reason = f"{version} is no version of the mapping of {', '.join(others)}."
        raise Invalid([Finding("version", reason, "Choose one integration at a time.")], code="REPLAY_INVALID")


def _nothing(choice: Choice) -> ReplayRefused:
    sentence = choice.sentence().removeprefix("Left out: ")
    if not sentence:
        return ReplayRefused("No export was chosen.", next_step="Choose at least one.")
    return ReplayRefused(f"Nothing can be replayed like this: {sentence}", next_step="Choose others, or another mode.")
