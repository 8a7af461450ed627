"""A new row begins with the tenant that it is for: asked where somebody may add to several."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest
from django.template.response import TemplateResponse

from connector.console.access import access_of
from core.models import Tenant

MOST_OFFERED = 200


def tenant_for_new(
    request: HttpRequest, what: str, *, role: str, frame: Mapping[str, Any]
) -> Tenant | TemplateResponse:
    """Give the tenant that a new `what` is for, or the page that asks."""
    tenants = access_of(request).scope(Tenant.objects.all(), path="pk", role=role)
    offered = list(tenants.order_by("slug")[:MOST_OFFERED])
    chosen = [tenant for tenant in offered if tenant.slug == request.GET.get("tenant")]
    if len(offered) == 1 or chosen:
        return (chosen or offered)[0]
    context = {**frame, "tenants": offered, "title": f"New {what}: for which tenant?"}
    return TemplateResponse(request, "console/choose_tenant.html", context)
