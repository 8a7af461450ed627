"""The console on a million exports: server time and number of queries of its pages, lists and searches.

Limits: a list or search 300 ms and 10 queries, a page about a row 500 ms and 10, the overview 500 ms and 12. Wants
a PostgreSQL database of its own, which it fills: DATABASE_URL=postgres://.../bench. Without one it says so and
measures nothing.

Seen at any size, since nothing is asked per row: 6 to 8 queries for a list, 8 or 9 for a search, also for the one over
everything, 9 or 10 for a page about a row, 11 for the overview (12 where decisions wait for a second person).

    python -m bench.console [EXPORTS]
"""

import base64
import os
import statistics
import sys
import time

os.environ.setdefault("SECRET_KEY", "bench" * 10)
os.environ.setdefault("CONNECTOR_KEKS", "bench=" + base64.b64encode(os.urandom(32)).decode())
os.environ |= {"DJANGO_SETTINGS_MODULE": "connector.settings", "ALLOWED_HOSTS": "testserver"}

import django

django.setup()

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext

from core.models import Event, Export, ExportContent, File, Integration, Record, Tenant
from tests import factories

IN_A_FILE = 100
ROUNDS = 7
LIMITS = {"/admin/": (500, 12)}
LIST_LIMIT = (300, 10)
PAGE_LIMIT = (500, 10)


def main() -> None:
    """Fill the database once, then measure every page and say which ones are over their limits."""
    if connection.vendor != "postgresql":
        print("Left out: set DATABASE_URL to an empty PostgreSQL database.")
        return
    call_command("migrate", verbosity=0)
    if not Tenant.objects.exists():
        fill(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
    print(
        f"{Export.objects.count():,} exports, {File.objects.count():,} files, {Event.objects.count():,} audit lines\n"
    )
    client = sign_in()
    print(f"{'page':58}{'queries':>8}{'median, ms':>12}{'most, ms':>10}")
    over = [address for address in addresses() if not measure(client, address)]
    print("\nOver the limit: " + ", ".join(over) if over else "\nAll within their limits.")


def fill(count: int) -> None:
    """Make four integrations of one tenant with equal shares of the exports, and a small tenant beside them."""
    big, small = factories.TenantFactory(slug="big"), factories.TenantFactory(slug="small")
    for number in range(4):
        fill_one(factories.IntegrationFactory(tenant=big, name=f"big-{number}"), number, count // 4)
    fill_one(factories.IntegrationFactory(tenant=small, name="small"), 9, 500)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def fill_one(integration: Integration, number: int, count: int) -> None:
    """Make an integration's records, files, exports, contents and audit lines, each as copies of one row."""
    file = factories.FileFactory(integration=integration)
    export = factories.ExportFactory(integration=integration, file=file, state="delivered")
    content = factories.ExportContentFactory(export=export, file=file)
    age = "now() - g * interval '20 seconds'"
    named = f"'INV-' || lpad(({number} * 1000000 + g)::text, 8, '0')"
    copy(File, file.pk, count // IN_A_FILE, name=f"'out-{number}-' || g || '.x12'", created_at=age,
         interchange_number=f"lpad(({number} * 1000000 + g)::text, 9, '0')", sequence="NULL")  # fmt: skip
    copy(Record, export.record_id, count, xero_id="gen_random_uuid()::text", number=named, read_at=age)
    files = f"{file.pk} + 1 + (r.id - {export.record_id} - 1) / {IN_A_FILE}"
    states = "CASE WHEN r.id % 5000 = 0 THEN 'failed' WHEN r.id % 7000 = 0 THEN 'held' ELSE 'delivered' END"
    copy(Export, export.pk, joined=f"core_record r ON r.organisation_id = '{integration.organisation_id}'"
         f" AND r.id > {export.record_id}", record_id="r.id", xero_id="r.xero_id", number="r.number",
         created_at="r.read_at", state=states, file_id=files)  # fmt: skip
    of_this = f"core_export e ON e.integration_id = '{integration.pk}' AND e.id > {export.pk}"
    copy(ExportContent, content.pk, joined=of_this, export_id="e.id", file_id="e.file_id", position="e.id",
         control_number=f"lpad(({number} * 1000000 + e.id)::text, 9, '0')")  # fmt: skip
    line = Event.objects.create(
        tenant_id=integration.tenant_id, sequence=10**12 + number, at=file.created_at, event="x"
    )
    copy(Event, line.pk, joined=of_this, sequence="e.id", at="e.created_at", event="'export.delivered'",
         export_id="e.id", xero_id="e.xero_id", number="e.number", file_id="e.file_id")  # fmt: skip


def copy(model: type[Model], pk: int, count: int = 0, *, joined: str = "", **columns: str) -> None:
    """Copy a row `count` times, or once for every joined row, with other values in some columns."""
    meta = model._meta
    names = [field.column for field in meta.concrete_fields if field.column in columns or not field.primary_key]
    values = [columns.get(name, f"t.{name}") for name in names]
    source = joined or f"generate_series(1, {count}) g ON true"
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {meta.db_table} ({', '.join(names)}) SELECT {', '.join(values)}"  # noqa: S608
            f" FROM {meta.db_table} t JOIN {source} WHERE t.{meta.pk.column} = {pk}"
        )


def sign_in() -> Client:
    """Give a client of somebody who owns the big tenant and sees nothing of the small one."""
    settings.SECURE_SSL_REDIRECT = settings.SECOND_FACTOR = settings.SESSION_COOKIE_SECURE = False
    settings.SESSION_COOKIE_NAME = "sessionid"
    user = factories.UserFactory(username=f"bench-{time.time_ns()}")
    factories.TenantAccessFactory(user=user, tenant=Tenant.objects.get(slug="big"), role="owner")
    client = Client()
    client.force_login(user)
    return client


def addresses() -> list[str]:
    """Name the pages: overview, every list, filters, searches of every kind, deep pages, one row each."""
    integration = Integration.objects.get(name="big-1")
    export = Export.objects.filter(integration=integration).order_by("pk")[1000]
    exports, files = "/admin/core/export/", "/admin/core/file/"
    searched = ["INV-01000777", "inv-010", export.xero_id[:8], "out-1-77", "001000042", "nothing-like-it"]
    lists = ["integration", "run", "export", "file", "acknowledgment", "problem", "event", "partner", "mapping"]
    return [
        "/admin/",
        *(f"/admin/core/{name}/" for name in lists),
        *(f"{exports}?q={term}" for term in searched),
        *(f"{files}?q={term}" for term in ("out-1-77", "001000042", "nothing-like-it")),
        *(f"/admin/core/event/?q={term}" for term in ("INV-01000777", export.xero_id[:8], "nothing-like-it")),
        f"/admin/search/?s={searched[0]}&extended=1",
        f"{exports}?state__exact=failed",
        f"{exports}?integration__id__exact={integration.pk}",
        f"{exports}?integration__id__exact={integration.pk}&state__exact=failed",
        f"{exports}?o=1",
        f"{exports}?p=2",
        f"{exports}?p=399",
        f"{exports}{export.pk}/change/",
        f"{files}{export.file_id}/change/",
        f"/admin/core/integration/{integration.pk}/change/",
    ]


def measure(client: Client, address: str) -> bool:
    """Ask for a page several times, print what it took, and say whether that is within its limits."""
    took, queries = [], 0
    for _ in range(ROUNDS):
        with CaptureQueriesContext(connection) as captured:
            began = time.perf_counter()
            answer = client.get(address)
            took.append((time.perf_counter() - began) * 1000)
        queries = len(captured)
        assert answer.status_code == 200, (address, answer.status_code)
    middle = statistics.median(took)
    print(f"{address[:57]:58}{queries:>8}{middle:>12.0f}{max(took):>10.0f}")
    is_page = address.endswith("/change/") or "search/" in address
    limit, most = LIMITS.get(address, PAGE_LIMIT if is_page else LIST_LIMIT)
    return middle <= limit and queries <= most


if __name__ == "__main__":
    main()
