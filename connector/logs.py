"""Logs: one JSON object a line, whoever writes it, without secrets and payloads.

JSON with ASCII escapes is what keeps a line a line: line ends, escape sequences and other control characters of a
partner's or an attacker's text cannot forge another line, nor reach a terminal. Ids of what is worked on are bound
for the time of the work and stand on every line of it.
"""

import logging
from collections.abc import MutableMapping
from typing import Any

import structlog
from structlog.typing import EventDict, Processor

from connector.redaction import redact, redact_value

QUIET = {
    "amqp": "WARNING",
    "asyncio": "WARNING",
    "axes": "WARNING",
    "botocore": "WARNING",
    "celery.app.trace": "WARNING",
    "celery.worker.strategy": "WARNING",
    "django.db.backends": "WARNING",
    "django.security.DisallowedHost": "CRITICAL",
    "httpcore": "WARNING",
    "httpx": "WARNING",
    "kombu": "WARNING",
    "paramiko": "CRITICAL",
    "urllib3": "WARNING",
}
"""Loggers that tell too much (addresses with ids, statements with values, what a peer said) or too often (scanners)."""


def without_secrets(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """Redact every value of a line; a processor of structlog."""
    cleaned: MutableMapping[str, Any] = {}
    for key, value in event.items():
        cleaned[key] = value if key.startswith("_") else redact_value(value, key=key)
    return cleaned


def _traceback_as_text(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """Put a traceback on the line as text: places and the error's words, no variables."""
    if isinstance(event.get("exception"), str):
        event["exception"] = redact(event["exception"][-3000:])
    return event


SHARED: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
    structlog.processors.StackInfoRenderer(),
    structlog.processors.format_exc_info,
]
"""What a line gets, whether it comes from structlog or from the standard library."""


def formatter() -> logging.Formatter:
    """Make the one formatter of all handlers."""
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=SHARED,
        keep_exc_info=False,
        keep_stack_info=False,
        use_get_message=True,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            _traceback_as_text,
            without_secrets,
            structlog.processors.JSONRenderer(ensure_ascii=True, default=str),
        ],
    )


def logging_config(level: str) -> dict[str, Any]:
    """Give the configuration of the standard library's logging: everything goes to standard error as JSON."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"()": "connector.logs.formatter"}},
        "handlers": {"lines": {"class": "logging.StreamHandler", "formatter": "json"}},
        "root": {"handlers": ["lines"], "level": level},
        "loggers": {
            **{name: {"level": quiet} for name, quiet in QUIET.items()},
            "django": {"handlers": [], "level": level, "propagate": True},
            "django.server": {"handlers": [], "level": level, "propagate": True},
        },
    }


def configure_structlog() -> None:
    """Let `structlog.get_logger()` write through the same handlers."""
    structlog.configure(
        processors=[*SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


def bind(**ids: Any) -> None:
    """Put ids on every line that this thread or request writes from now on."""
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(**{name: str(value) for name, value in ids.items()})
