"""What is called from outside: Xero's webhook, and the health addresses. HTTP in, one call, HTTP out."""

import hmac

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from connector import health, tasks, webhook_watch
from connector.bell import Bell
from connector.door import drain
from core.clock import database_now
from xero_app import webhooks
from xero_app.webhooks import Receipt, Signer

LARGEST_WEBHOOK = webhooks.MAX_BODY
_neighbours = webhook_watch.Neighbours()
_bell = Bell(lambda organisation_id: tasks.ring_at_once(tasks.take_news, organisation_id=organisation_id))


@csrf_exempt
@require_POST
def xero_webhook(request: HttpRequest) -> HttpResponse:
    """Take what Xero announces: 401 unless signed with an active key, 413 when too large, 503 when it could not be
    stored (Xero sends it again), else 200; never a body or a cookie (Xero: configuring your server). What is too much
    at once is turned away before, at `connector.door`."""
    length = request.headers.get("Content-Length") or "0"
    if not length.isascii() or not length.isdigit() or int(length) > LARGEST_WEBHOOK:
        return _too_large(request)
    body = request.read(LARGEST_WEBHOOK + 1)
    if len(body) > LARGEST_WEBHOOK:
        return _too_large(request)
    try:
        signer = webhooks.verify(body, request.headers.get("x-xero-signature"), webhooks.signers())
        if signer is None:
            return HttpResponse(status=401)
        receipt = webhooks.store(body, signer=signer)
        _watch(receipt, signer)
    except DatabaseError:
        return HttpResponse(status=503)
    for organisation_id in receipt.organisation_ids:
        _bell.ring_soon(organisation_id)
    return HttpResponse(status=200)


def _too_large(request: HttpRequest) -> HttpResponse:
    drain(request.read)
    return HttpResponse(status=413)


def _watch(receipt: Receipt, signer: Signer) -> None:
    if receipt.outcome == "malformed":
        webhook_watch.note_malformed(signer.grant_id, now=database_now())
    elif receipt.message is not None and not _neighbours.follows(receipt.message):
        webhook_watch.note_gap(receipt.message, now=database_now())


@require_GET
def healthz(_request: HttpRequest) -> HttpResponse:
    """Say that this process answers; no I/O."""
    return JsonResponse({"status": "ok"})


@require_GET
def readyz(_request: HttpRequest) -> HttpResponse:
    """Say whether requests can be served: database, migrations, Redis, keys. 503 names what is not."""
    return _report(health.readiness())


@require_GET
def pipeline_health(_request: HttpRequest) -> HttpResponse:
    """Say whether work moves: beat's tick reaches a worker, and nothing that is due has waited long."""
    return _report(health.pipeline())


def _report(checks: dict[str, str]) -> HttpResponse:
    is_well = all(state == health.OK for state in checks.values())
    status = {"status": "ok" if is_well else "not ok", "checks": checks}
    return JsonResponse(status, status=200 if is_well else 503)


@require_GET
def metrics(request: HttpRequest) -> HttpResponse:
    """Give Prometheus figures, computed from the rows; with METRICS_TOKEN set, only to who bears it."""
    token = settings.METRICS_TOKEN
    given = request.headers.get("Authorization", "").encode(errors="replace")
    if not token or not hmac.compare_digest(given, f"Bearer {token}".encode()):
        return HttpResponse(status=401 if token else 404)
    return HttpResponse(health.metrics(), content_type=health.METRICS_TYPE)
