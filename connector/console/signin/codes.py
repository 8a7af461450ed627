"""Codes: of an authenticator app (RFC 6238: six digits, 30 seconds, SHA-1), and recovery codes that work once."""

import base64
import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

from django.db import transaction
from django_otp.oath import TOTP

from core.models import Authenticator, RecoveryCode
from core.secret import Secret

STEP_SECONDS = 30
TOLERANCE = 1
"""Steps before and after the present one that are taken, for clocks that differ."""
KEY_BYTES = 20
RECOVERY_CODES = 10
ISSUER = "ml-connector"


@dataclass(frozen=True, slots=True)
class Checked:
    """What became of a code: the authenticator that it counts for, or how long to wait before the next try."""

    device: Authenticator | None = None
    wait_seconds: int = 0
    was_recovery: bool = False


def authenticator_of(user: Any) -> Authenticator | None:
    """Give a person's confirmed authenticator."""
    found: Authenticator | None = Authenticator.objects.filter(user=user, confirmed=True).first()
    return found


def authenticator_to_set_up(user: Any) -> Authenticator:
    """Give the authenticator that a person is setting up, a new one where there is none."""
    waiting: Authenticator | None = Authenticator.objects.filter(user=user, confirmed=False).first()
    if waiting is not None:
        return waiting
    device = Authenticator(user=user, name="authenticator", confirmed=False)
    device.seal("key", base64.b32encode(secrets.token_bytes(KEY_BYTES)).decode())
    device.save()
    return device


def key_text(device: Authenticator) -> Secret:
    """Give an authenticator's key as an app takes it, in base32."""
    key = device.unseal("key")
    return key if key is not None else Secret("")


def setup_address(device: Authenticator) -> str:
    """Give the `otpauth:` address that an app on the same device opens."""
    label = quote(f"{ISSUER}:{device.user.get_username()}")
    query = urlencode({"secret": key_text(device).reveal(), "issuer": ISSUER, "digits": 6, "period": STEP_SECONDS})
    return f"otpauth://totp/{label}?{query}"


def code_at(key: Secret, moment: datetime) -> str:
    """Give the code that an app shows at a moment."""
    return f"{_totp(key, moment).token():06d}"


def _totp(key: Secret, moment: datetime) -> TOTP:
    totp = TOTP(base64.b32decode(key.reveal()), step=STEP_SECONDS, digits=6)
    totp.time = moment.timestamp()
    return totp


def check(device: Authenticator, text: str, *, now: datetime) -> Checked:
    """Check what a person typed, against an authenticator or the person's recovery codes; each code works once.

    Every wrong code doubles the time until the next try."""
    typed = text.replace(" ", "").replace("-", "").strip()
    with transaction.atomic():
        row = Authenticator.objects.select_for_update().get(pk=device.pk)
        is_allowed, facts = row.verify_is_allowed()
        if not is_allowed:
            wait = (facts["locked_until"] - now).total_seconds()
            return Checked(wait_seconds=max(1, int(wait) + 1))
        was_recovery = len(typed) > 6
        if _use_recovery_code(row, typed) if was_recovery else _use_step(row, typed, now):
            row.throttle_reset()
            return Checked(device=row, was_recovery=was_recovery)
        row.throttle_increment()
        return Checked()


def _use_step(row: Authenticator, typed: str, now: datetime) -> bool:
    if not (len(typed) == 6 and typed.isascii() and typed.isdigit()):
        return False
    totp = _totp(key_text(row), now)
    if not totp.verify(int(typed), TOLERANCE, row.last_step + 1):
        return False
    row.last_step = totp.t()
    return True


def _use_recovery_code(row: Authenticator, typed: str) -> bool:
    if not row.confirmed:
        return False
    used, _ = RecoveryCode.objects.filter(user=row.user_id, hash=_hash(row.user_id, typed)).delete()
    return bool(used)


def new_recovery_codes(user: Any) -> Sequence[str]:
    """Make a person's recovery codes anew: the only time they are seen. Earlier ones stop working."""
    codes = [base64.b32encode(secrets.token_bytes(10)).decode().lower() for _ in range(RECOVERY_CODES)]
    with transaction.atomic():
        RecoveryCode.objects.filter(user=user).delete()
        RecoveryCode.objects.bulk_create([RecoveryCode(user=user, hash=_hash(user.pk, code)) for code in codes])
    return ["-".join(code[start : start + 4] for start in range(0, 16, 4)) for code in codes]


def _hash(user_id: Any, code: str) -> str:
    return hashlib.sha256(f"{user_id}:{code.lower()}".encode()).hexdigest()


def forget(user: Any) -> int:
    """Remove a person's authenticators and recovery codes: the next sign-in sets up new ones. Give how many went."""
    with transaction.atomic():
        RecoveryCode.objects.filter(user=user).delete()
        count, _ = Authenticator.objects.filter(user=user).delete()
    return count
