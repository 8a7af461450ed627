"""The envelope of an integration's next file, and the stable key of an object: what mappings see beside documents."""

import base64
import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from connector.steps.profile import profile_of
from core.formats import Envelope
from core.models import Integration, Mode


def envelope_of(integration: Integration, *, now: datetime, profile: Mapping[str, Any] | None = None) -> Envelope:
    """Give the envelope without control numbers: enough for contents. `profile` is the partner's, read already."""
    zone = ZoneInfo(integration.time_zone or integration.tenant.time_zone)
    return Envelope(
        moment=now.astimezone(zone),
        profile=profile_of(integration.partner) if profile is None else profile,
        test=integration.partner.mode == Mode.TEST,
        sequence=integration.file_sequence + 1,
        sender=integration.tenant.name,
        partner=integration.partner.name,
    )


def object_key(stream: str, xero_id: str) -> str:
    """Give an object's stable short key (`Export.Key`): twelve characters, the same for every version."""
    digest = hashlib.sha256(f"{stream}/{xero_id}".encode()).digest()
    return base64.b32encode(digest)[:12].decode()
