"""Codes, grants, tokens and connections, with the lifetimes of Xero's sign-in.

A refresh token is replaced at every use; the replaced one works for another 30 minutes, so that a client that
lost the answer can ask again; one that was not used for 60 days is dead.
"""

import base64
import hashlib
import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from xero_app.simulator.chance import Chance
from xero_app.simulator.clock import Clock
from xero_app.simulator.config import AppConfig, SimulatorConfig
from xero_app.simulator.scopes import refused_scopes

ISSUER = "https://identity.xero.com"


class Refused(Exception):
    """The token endpoint says no; the text is the OAuth error code."""

    def __init__(self, error: str, description: str = "") -> None:
        super().__init__(error)
        self.error = error
        self.description = description


@dataclass(slots=True)
class Grant:
    """One user's consent for one app (or a custom connection, which has no user)."""

    client_id: str
    user_id: str
    scopes: frozenset[str]
    auth_event_id: str
    session_id: str
    is_revoked: bool = False


@dataclass(slots=True)
class Code:
    grant: Grant
    redirect_uri: str
    issued_at: datetime
    challenge: str = ""
    is_used: bool = False


@dataclass(slots=True)
class RefreshToken:
    grant: Grant
    used_at: datetime
    replaced_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class AccessToken:
    """What an API call presents; `tenant_id` is set for custom connections, which send no tenant header."""

    grant: Grant
    expires_at: datetime
    tenant_id: str = ""


@dataclass(slots=True)
class Connection:
    """One organisation that a user connected to an app."""

    id: str
    client_id: str
    user_id: str
    auth_event_id: str
    tenant_id: str
    tenant_name: str
    created_at: datetime
    updated_at: datetime


@dataclass(slots=True)
class TokenDesk:
    """Everything about sign-in that has a memory. Not locked: used under the simulator's lock."""

    config: SimulatorConfig
    clock: Clock
    chance: Chance
    user_id: str
    codes: dict[str, Code] = field(default_factory=dict)
    refresh_tokens: dict[str, RefreshToken] = field(default_factory=dict)
    access_tokens: dict[str, AccessToken] = field(default_factory=dict)
    connections: list[Connection] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    def app(self, client_id: str) -> AppConfig | None:
        """The registered app with this id."""
        return next((app for app in self.config.apps if app.client_id == client_id), None)

    def new_grant(self, *, client_id: str, scopes: frozenset[str]) -> Grant:
        """A fresh consent of the simulator's one user."""
        ids = [self.chance.uuid() for _ in range(2)]
        return Grant(client_id=client_id, user_id=self.user_id, scopes=scopes, auth_event_id=ids[0], session_id=ids[1])

    def connect(self, grant: Grant, *, tenant_id: str, tenant_name: str) -> Connection:
        """Connects an organisation, or notes the new consent on a connection that is there already."""
        now = self.clock.now()
        for known in self.connections:
            if (known.client_id, known.user_id, known.tenant_id) == (grant.client_id, grant.user_id, tenant_id):
                known.auth_event_id, known.updated_at = grant.auth_event_id, now
                return known
        found = Connection(
            id=self.chance.uuid(), client_id=grant.client_id, user_id=grant.user_id,
            auth_event_id=grant.auth_event_id,
            tenant_id=tenant_id, tenant_name=tenant_name, created_at=now, updated_at=now,
        )  # fmt: skip
        self.connections.append(found)
        return found

    def new_code(self, grant: Grant, *, redirect_uri: str, challenge: str = "") -> str:
        """A code for the redirect; good once, for `code_ttl` seconds, with `challenge` only beside its verifier."""
        text = self._secret("code")
        now = self.clock.now()
        self.codes[text] = Code(grant=grant, redirect_uri=redirect_uri, issued_at=now, challenge=challenge)
        return text

    def exchange_code(self, *, app: AppConfig, code: str, redirect_uri: str, verifier: str = "") -> dict[str, object]:
        """Tokens for a code; Refused(invalid_grant) when used, expired, another app's, for another address, or without
        the verifier that belongs to its challenge (RFC 7636 section 4.6)."""
        found = self.codes.get(code)
        now = self.clock.now()
        if found is None or found.is_used or found.grant.client_id != app.client_id:
            raise Refused("invalid_grant")
        found.is_used = True
        if found.redirect_uri != redirect_uri or now > found.issued_at + timedelta(seconds=self.config.code_ttl):
            raise Refused("invalid_grant")
        if self.config.pkce == "check" and found.challenge != (_b64(_sha256(verifier)) if verifier else ""):
            raise Refused("invalid_grant")
        return self.issue(found.grant)

    def refresh(self, *, app: AppConfig, token: str) -> dict[str, object]:
        """A fresh set for a refresh token, also for the replaced one within the grace period."""
        self.counts["refresh"] += 1
        found = self.refresh_tokens.get(token)
        now = self.clock.now()
        if found is None or found.grant.is_revoked or found.grant.client_id != app.client_id:
            raise Refused("invalid_grant")
        if found.replaced_at is None:
            if now > found.used_at + timedelta(seconds=self.config.refresh_idle):
                raise Refused("invalid_grant")
            found.replaced_at = now
        elif now > found.replaced_at + timedelta(seconds=self.config.refresh_grace):
            raise Refused("invalid_grant")
        else:
            self.counts["refresh_in_grace"] += 1
        return self.issue(found.grant)

    def client_credentials(self, *, app: AppConfig, scopes: list[str], tenant_id: str) -> dict[str, object]:
        """A token of a custom connection: no refresh token, one organisation, the scopes asked for."""
        if app.organisation is None:
            raise Refused("unauthorized_client")
        if not scopes or refused_scopes(scopes, granular_only=self.config.granular_only):
            raise Refused("invalid_scope", "Client credentials scope validation failed")
        self.counts["client_credentials"] += 1
        grant = Grant(app.client_id, "", frozenset(scopes), self.chance.uuid(), self.chance.uuid())
        answer = {**self._access(grant, tenant_id=tenant_id), "scope": " ".join(scopes)}
        return {key: answer[key] for key in ("access_token", "expires_in", "token_type", "scope")}

    def issue(self, grant: Grant) -> dict[str, object]:
        """The token answer, fields in the order of a live one; refresh token only with offline_access."""
        answer: dict[str, object] = {}
        if "openid" in grant.scopes:
            answer["id_token"] = self._jwt(grant, seconds=300, audience=grant.client_id)
        answer |= self._access(grant)
        if "offline_access" in grant.scopes:
            text = self._secret("refresh")
            self.refresh_tokens[text] = RefreshToken(grant=grant, used_at=self.clock.now())
            answer["refresh_token"] = text
        return {**answer, "scope": " ".join(sorted(grant.scopes))}

    def revoke(self, token: str) -> None:
        """Ends a refresh token's consent and every connection of its user; an unknown token changes nothing."""
        found = self.refresh_tokens.get(token)
        if found is None:
            return
        for other in self.refresh_tokens.values():
            if (other.grant.client_id, other.grant.user_id) == (found.grant.client_id, found.grant.user_id):
                other.grant.is_revoked = True
        self.connections = [
            one for one in self.connections
            if (one.client_id, one.user_id) != (found.grant.client_id, found.grant.user_id)
        ]  # fmt: skip

    def _access(self, grant: Grant, *, tenant_id: str = "") -> dict[str, object]:
        text = self._jwt(grant, seconds=self.config.access_ttl, audience=f"{ISSUER}/resources")
        expires_at = self.clock.now() + timedelta(seconds=self.config.access_ttl)
        self.access_tokens[text] = AccessToken(grant=grant, expires_at=expires_at, tenant_id=tenant_id)
        return {"access_token": text, "expires_in": int(self.config.access_ttl), "token_type": "Bearer"}

    def _jwt(self, grant: Grant, *, seconds: float, audience: str) -> str:
        now = int(self.clock.now().timestamp())
        claims: dict[str, object] = {
            "nbf": now, "exp": now + int(seconds), "iss": ISSUER, "aud": audience, "client_id": grant.client_id,
        }  # fmt: skip
        if grant.user_id:
            claims |= {"sub": grant.user_id.replace("-", ""), "auth_time": now, "xero_userid": grant.user_id}
        claims |= {"global_session_id": grant.session_id, "jti": self._secret("jti")}
        claims |= {"authentication_event_id": grant.auth_event_id, "scope": sorted(grant.scopes)}
        head = {"alg": "RS256", "kid": "SIM", "typ": "JWT"}
        signed = ".".join(_b64(json.dumps(part).encode()) for part in (head, claims))
        return f"{signed}.{_b64(hashlib.sha512(signed.encode()).digest())}"

    def _secret(self, purpose: str) -> str:
        return hashlib.sha256(f"{purpose}/{self.chance.uuid()}".encode()).hexdigest()


def _sha256(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def _b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
