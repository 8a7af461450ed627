"""All tables, one family a file. Foreign keys never point upward in this list."""

from core.models.ack import (
    AckDirection,
    AckEffect,
    AckKind,
    Acknowledgment,
    Inbound,
    Interchange,
    InterchangeGroup,
    InterchangeState,
    Sighting,
)
from core.models.alert import AlertChannel, AlertItem, AlertKind, AlertMessage, AlertRule
from core.models.audit import ChainHead, Event
from core.models.export import Export, ExportContent, ExportReason
from core.models.file import Attempt, AttemptResult, Compression, File, FileGroup, FileKind
from core.models.health import Heartbeat
from core.models.integration import (
    BadRecord,
    Integration,
    OnChange,
    OnVoid,
    OnWebhook,
    Opening,
    WhenEmpty,
)
from core.models.mapping import LookupTable, LookupVersion, Mapping, MappingVersion
from core.models.partner import ControlNumber, Mode, Partner
from core.models.problem import Problem, ProblemState, Told
from core.models.record import Record
from core.models.replay import ReplayItem
from core.models.run import OWN_EXPORTS, ReplayMode, Run, RunTrigger
from core.models.server import HostKey, HostKeyState, Publish, Server
from core.models.signin import Authenticator, RecoveryCode
from core.models.tenant import Role, Tenant, TenantAccess
from core.models.xero import (
    CallCount,
    Fetch,
    FetchedPage,
    FetchTrigger,
    Grant,
    GrantAuth,
    GrantState,
    Organisation,
    StreamCursor,
    WebhookEvent,
    WebhookMessage,
)

__all__ = [
    "OWN_EXPORTS",
    "AckDirection",
    "AckEffect",
    "AckKind",
    "Acknowledgment",
    "AlertChannel",
    "AlertItem",
    "AlertKind",
    "AlertMessage",
    "AlertRule",
    "Attempt",
    "AttemptResult",
    "Authenticator",
    "BadRecord",
    "CallCount",
    "ChainHead",
    "Compression",
    "ControlNumber",
    "Event",
    "Export",
    "ExportContent",
    "ExportReason",
    "Fetch",
    "FetchTrigger",
    "FetchedPage",
    "File",
    "FileGroup",
    "FileKind",
    "Grant",
    "GrantAuth",
    "GrantState",
    "Heartbeat",
    "HostKey",
    "HostKeyState",
    "Inbound",
    "Integration",
    "Interchange",
    "InterchangeGroup",
    "InterchangeState",
    "LookupTable",
    "LookupVersion",
    "Mapping",
    "MappingVersion",
    "Mode",
    "OnChange",
    "OnVoid",
    "OnWebhook",
    "Opening",
    "Organisation",
    "Partner",
    "Problem",
    "ProblemState",
    "Publish",
    "Record",
    "RecoveryCode",
    "ReplayItem",
    "ReplayMode",
    "Role",
    "Run",
    "RunTrigger",
    "Server",
    "Sighting",
    "StreamCursor",
    "Tenant",
    "TenantAccess",
    "Told",
    "WebhookEvent",
    "WebhookMessage",
    "WhenEmpty",
]
