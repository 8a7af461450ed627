"""Replay: what was sent, or failed, is sent again. Chosen, planned, started, followed and cancelled here; the pipeline
makes the children and their files (`connector/steps/children.py`, `copies.py`, `lots.py`)."""

from connector.replay.cancelling import cancel_run
from connector.replay.choosing import Choice, ReplayRefused
from connector.replay.filters import failed_since, never_delivered_since, newest_of
from connector.replay.planning import Part, Plan, plan_replay
from connector.replay.progress import Progress, progress_of
from connector.replay.rehearsal import Rehearsed, rehearse
from connector.replay.starting import start_replay

__all__ = [
    "Choice",
    "Part",
    "Plan",
    "Progress",
    "Rehearsed",
    "ReplayRefused",
    "cancel_run",
    "failed_since",
    "never_delivered_since",
    "newest_of",
    "plan_replay",
    "progress_of",
    "rehearse",
    "start_replay",
]
