"""The second wall: with row-level security PostgreSQL shows a request only the rows of its reader's tenants."""

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction
from django.http import HttpResponse, StreamingHttpResponse
from django.test import RequestFactory

from connector.console.row_wall import RowWall
from core import audit, row_security
from core.audit import INSTALLATION, EventDraft
from core.clock import database_now
from core.models import Event, File, Integration, Role
from tests.connector.console.addresses import all_addresses
from tests.connector.console.worlds import World
from tests.factories import TenantAccessFactory, UserFactory

pytestmark = pytest.mark.django_db
ON_POSTGRESQL = connection.vendor == "postgresql"
WITHOUT = {"core_chainhead", "core_heartbeat", "core_webhookmessage", "core_authenticator", "core_recoverycode"}
"""Tables that belong to no tenant, or are not shown by tenant."""


@pytest.fixture
def ours():
    return World.make("ours")


@pytest.fixture
def theirs():
    return World.make("theirs")


@pytest.fixture
def wall(settings, db):
    """The wall in place, and a role that it binds (tests connect as a superuser); all of it is rolled back."""
    settings.ROW_LEVEL_SECURITY = True
    if not ON_POSTGRESQL:
        return
    row_security.install(using="default")
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE mlc_wall_test NOLOGIN")
        cursor.execute("GRANT ALL ON ALL TABLES IN SCHEMA public TO mlc_wall_test")
        cursor.execute("GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO mlc_wall_test")
        cursor.execute("SET LOCAL ROLE mlc_wall_test")


def tables():
    return {model._meta.db_table: model for model in apps.get_app_config("core").get_models(include_auto_created=True)}


def test_every_table_is_behind_the_wall_or_known_to_need_none():
    behind = set(row_security._conditions(tables()))
    joins = {name for name, model in tables().items() if model._meta.auto_created}
    assert set(tables()) - behind - joins <= WITHOUT


def test_without_the_setting_nothing_is_limited(ours, theirs):
    row_security.install(using="default")
    with row_security.only([ours.tenant.pk]):
        assert File.objects.count() == 2


def request_of(person):
    request = RequestFactory().get("/admin/")
    request.user = person
    return request


def count_files(_request):
    return HttpResponse(str(File.objects.count()))


def stream_files(_request):
    return StreamingHttpResponse(f"{count}" for count in [File.objects.count() for _ in "x"])


if ON_POSTGRESQL:

    def test_a_query_that_forgets_the_tenant_sees_only_the_readers_own(wall, ours, theirs):
        conditions = row_security._conditions(tables())
        hidden = {type(row): row for row in theirs.rows.values() if row._meta.db_table in conditions}
        assert len(hidden) > 12
        with row_security.only([ours.tenant.pk]):
            for model, row in hidden.items():
                assert not model.objects.filter(pk=row.pk).exists(), model
                assert model.objects.filter(pk=ours[model].pk).exists(), model
        assert File.objects.count() == 2

    def test_rows_of_other_tenants_can_neither_be_written_nor_moved(wall, ours, theirs):
        with row_security.only([ours.tenant.pk]):
            assert Integration.objects.filter(pk=theirs[Integration].pk).update(name="taken") == 0
            with pytest.raises(DatabaseError, match=r"row-level security|different tenants"), transaction.atomic():
                Integration.objects.filter(pk=ours[Integration].pk).update(tenant=theirs.tenant)

    def test_somebody_without_a_tenant_sees_nothing(wall, ours):
        with row_security.only([]):
            assert not File.objects.exists()
            with row_security.everything():
                assert File.objects.exists()
            assert not File.objects.exists()

    @pytest.mark.parametrize("role", [Role.VIEWER, Role.OWNER])
    def test_a_view_that_scopes_nothing_is_limited_all_the_same(wall, ours, theirs, role):
        person = TenantAccessFactory(tenant=ours.tenant, role=role).user
        assert RowWall(count_files)(request_of(person)).content == b"1"
        assert b"".join(RowWall(stream_files)(request_of(person)).streaming_content) == b"1"
        assert RowWall(count_files)(request_of(UserFactory())).content == b"0"
        assert RowWall(count_files)(request_of(UserFactory(is_superuser=True))).content == b"2"
        assert File.objects.count() == 2

    def test_after_a_failed_request_the_connection_is_open_again(wall, ours, theirs):
        def fail(_request):
            raise RuntimeError

        person = TenantAccessFactory(tenant=ours.tenant).user
        with pytest.raises(RuntimeError):
            RowWall(fail)(request_of(person))
        assert File.objects.count() == 2

    def test_the_console_works_behind_the_wall(wall, ours, client):
        person = TenantAccessFactory(tenant=ours.tenant, role=Role.OWNER).user
        client.force_login(person)
        for address in all_addresses():
            assert client.get(address.of(ours)).status_code < 500, address.name
        client.post("/admin/logout/")
        assert Event.objects.filter(tenant_id=INSTALLATION, event="signin.ended").exists()

    def test_lines_of_the_own_trail_can_be_appended_and_others_not(wall, ours, theirs):
        with row_security.only([ours.tenant.pk]):
            audit.append([EventDraft(ours.tenant.pk, "own")], now=database_now())
            with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
                audit.append([EventDraft(theirs.tenant.pk, "foreign")], now=database_now())

    def test_switched_off_again_the_next_migrate_takes_the_wall_down(wall, settings):
        with connection.cursor() as cursor:
            cursor.execute("RESET ROLE")
        settings.ROW_LEVEL_SECURITY = False
        row_security.install(using="default")
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_policies WHERE policyname = %s", [row_security.POLICY])
            assert cursor.fetchone() == (0,)

else:

    def test_sqlite_has_no_such_wall_and_the_setting_does_no_harm(wall, ours, theirs):
        row_security.install(using="default")
        person = TenantAccessFactory(tenant=ours.tenant).user
        assert RowWall(count_files)(request_of(person)).content == b"2"
        assert b"".join(RowWall(stream_files)(request_of(person)).streaming_content) == b"2"
