"""Who may see and do what: a role per tenant, asked in one place. Superusers see all tenants."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Model, QuerySet
from django.http import HttpRequest

from core.models import Role, TenantAccess

Rows = TypeVar("Rows", bound=Model)
LADDER: tuple[str, ...] = (Role.VIEWER, Role.OPERATOR, Role.INTEGRATOR, Role.OWNER)


@dataclass(frozen=True, slots=True)
class Access:
    """The tenants that one person may see, each with the rung of their role."""

    everything: bool = False
    rungs: dict[UUID, int] = field(default_factory=dict)

    def may(self, role: str, tenant_id: UUID | None = None) -> bool:
        """Say whether the person holds this role, or a higher one, in a tenant (None: in any tenant)."""
        if self.everything:
            return True
        rung = LADDER.index(role)
        if tenant_id is None:
            return any(held >= rung for held in self.rungs.values())
        return self.rungs.get(tenant_id, -1) >= rung

    def tenants(self, role: str = Role.VIEWER) -> list[UUID]:
        """Name the tenants in which the person holds this role or a higher one."""
        rung = LADDER.index(role)
        return [tenant_id for tenant_id, held in self.rungs.items() if held >= rung]

    def scope(self, rows: QuerySet[Rows], *, path: str = "tenant_id", role: str = Role.VIEWER) -> QuerySet[Rows]:
        """Keep the rows of the person's tenants. `path` leads from a row to its tenant's id.

        A single tenant is compared directly, so that an index on (tenant, time) serves the newest rows.
        """
        if self.everything:
            return rows
        mine = self.tenants(role)
        return rows.filter(**({path: mine[0]} if len(mine) == 1 else {f"{path}__in": mine}))


def read_access(user: Any) -> Access:
    """Read a person's roles from the database."""
    if not user.is_active:
        return Access()
    if user.is_superuser:
        return Access(everything=True)
    held: Iterable[tuple[UUID, str]] = TenantAccess.objects.filter(user=user).values_list("tenant_id", "role")
    return Access(rungs={tenant_id: LADDER.index(role) for tenant_id, role in held})


def access_of(request: HttpRequest) -> Access:
    """Give the access of whoever makes this request, read once a request."""
    cached = getattr(request, "console_access", None)
    if cached is None or cached[0] != request.user.pk:
        cached = (request.user.pk, read_access(request.user))
        request.console_access = cached  # type: ignore[attr-defined]
    access: Access = cached[1]
    return access
