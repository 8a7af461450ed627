"""Celery: workers and beat. Rows are the queue; a message is a hint that carries an id and may be lost.

Settings by experiment: late acknowledgment with a fast restore of what a killed worker held, no result backend, no
long countdowns, a pool of threads (every network call has its own time limits).
"""

import logging.config
import os
from typing import Any

from celery import Celery, signals
from kombu.entity import Queue

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "connector.settings")

from django.conf import settings

from connector import logs

QUEUES = ("fetch", "format", "deliver", "work")
ROUTES = {
    "connector.tasks.fetch": {"queue": "fetch"},
    "connector.tasks.take_news": {"queue": "fetch"},
    "connector.tasks.format_files": {"queue": "format"},
    "connector.tasks.deliver": {"queue": "deliver"},
    "connector.tasks.pick_up": {"queue": "deliver"},
}

app = Celery("connector")
app.conf.update(
    broker_url=settings.CELERY_BROKER_URL,
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    broker_transport_options={
        "visibility_timeout": settings.VISIBILITY_SECONDS,
        "unacked_restore_interval": 10,
        "unacked_restore_throttle": 1,
        "socket_timeout": 30,
        "socket_connect_timeout": 5,
        "socket_keepalive": True,
        "global_keyprefix": "mlc:",
    },
    visibility_timeout=settings.VISIBILITY_SECONDS,
    task_queues=[Queue(name) for name in QUEUES],
    task_default_queue="work",
    task_routes=ROUTES,
    task_create_missing_queues=False,
    task_ignore_result=True,
    task_acks_late=True,
    task_reject_on_worker_lost=False,
    task_serializer="json",
    accept_content=["json"],
    worker_prefetch_multiplier=1,
    worker_pool="threads",
    worker_concurrency=settings.WORKER_THREADS,
    worker_cancel_long_running_tasks_on_connection_loss=False,
    worker_soft_shutdown_timeout=30,
    worker_enable_soft_shutdown_on_idle=True,
    worker_hijack_root_logger=False,
    timezone="UTC",
    # Kept in memory: schedules are rows, beat only ticks, and no worker keeps anything on local disk.
    beat_scheduler="celery.beat:Scheduler",
    beat_max_loop_interval=1,
    beat_schedule={
        "tick": {"task": "connector.tasks.tick", "schedule": settings.TICK_SECONDS},
        "sweep": {"task": "connector.tasks.sweep", "schedule": settings.SWEEP_SECONDS},
    },
)
app.set_default()  # Web servers handle requests in threads of their own; tasks belong to this app there, too.
app.autodiscover_tasks(["connector"])


@signals.setup_logging.connect
def _log_as_everybody(**_: Any) -> None:
    """Keep Celery from bringing its own handlers."""
    logging.config.dictConfig(settings.LOGGING)


@signals.task_prerun.connect
def _name_the_work(task_id: str, task: Any, kwargs: dict[str, Any], **_: Any) -> None:
    """Let every line of a task say which task it is, and on which unit it works."""
    logs.bind(task=task.name, task_id=task_id, **kwargs)
