"""Whole ways through the console in a real browser, against both simulators: nothing is prepared by hand."""

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from connector import pipeline, schedule
from connector.sync import carry_out
from core.clock import database_now
from core.models import Export, File, HostKey, HostKeyState, Integration, Partner, Run, RunTrigger, Server
from core.states import ExportState, FileState
from tests.factories import MappingFactory, MappingVersionFactory
from tests.world import PASSWORD, open_world

pytestmark = [pytest.mark.timeout(300), pytest.mark.e2e]
TOO_SHORT = {
    "format": "csv",
    "options": {"header": True},
    "fields": [
        {"name": "no", "source": "InvoiceNumber"},
        {"name": "contact", "source": "Contact.Name", "max": 8},
        {"name": "action", "source": "Export.Action"},
    ],
}


@pytest.fixture
def world(transactional_db, settings, tmp_path):
    with open_world(settings, tmp_path, invoices=6) as opened:
        yield opened


@pytest.fixture
def page(window_of, world):
    opened = window_of(User.objects.create_superuser("ada", "ada@example.com", "correct horse battery"))
    yield opened
    assert opened.complaints == []


def fill(page, **values):
    for name, value in values.items():
        page.fill(f"[name={name}]", str(value))


def in_dialog(page, action, press, **values):
    """Open an action's dialog, fill it in, press its button and wait for the page that it leads to."""
    dialog = open_dialog(page, action)
    for name, value in values.items():
        dialog.locator(f"[name={name}]").fill(value)
    with page.expect_navigation():
        dialog.get_by_role("button", name=press, exact=True).click()


def open_dialog(page, action):
    page.get_by_role("link", name=action, exact=True).click()
    dialog = page.locator("#dialog")
    dialog.wait_for()
    return dialog


def save(page):
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("is saved.").wait_for()


def test_from_an_empty_installation_to_the_first_delivered_file(page, world):
    page.goto("/admin/")
    page.get_by_text("From an empty installation").wait_for()
    page.get_by_role("link", name="Add a tenant").click()
    fill(page, slug="harbor", name="Harbor Supply Co", time_zone="America/Chicago")
    save(page)
    connect_xero(page)
    add_server(page, world)
    add_partner_and_mapping(page)
    add_integration(page)
    check_the_server(page)
    try_without_sending(page)
    go_live(page)
    in_dialog(page, "Run now", "Run now")
    page.wait_for_url("**/core/run/*/change/")
    carry_out(Run.objects.filter(trigger=RunTrigger.MANUAL).latest("pk"))
    page.locator("#run-state .mlc-chip--good").wait_for()
    page.reload()
    page.get_by_role("link", name="erp_").first.click()
    page.get_by_text("invoice_number,type").wait_for()
    (delivered,) = world.outbound
    assert delivered.read_bytes().startswith(b"invoice_number,type")
    assert File.objects.get().is_test
    go_to_production(page)


def go_to_production(page):
    page.goto(reverse("admin:core_partner_change", args=[Partner.objects.get().pk]))
    page.get_by_role("link", name="Go to production…").click()
    page.get_by_role("heading", name="What differs").wait_for()
    page.get_by_role("button", name="Go to production").click()
    page.get_by_text("is in production mode now.").wait_for()


def connect_xero(page):
    page.goto("/admin/core/organisation/add/")
    page.select_option("[name=auth]", "custom_connection")
    fill(page, name="books", client_id="SIMCUSTOM", client_secret="sim-custom-secret")
    save(page)
    page.get_by_role("link", name="Xero sign-in…").click()
    page.get_by_role("button", name="Connect", exact=True).click()
    page.get_by_role("button", name="Connect again").wait_for()


def add_server(page, world):
    page.goto("/admin/core/server/add/")
    fill(page, name="erp", host=world.sftp.host, port=world.sftp.port, username="harbor", password=PASSWORD)
    save(page)
    in_dialog(page, "Fetch host key", "Fetch")
    page.get_by_text("Not approved yet").wait_for()
    page.locator("td a.mlc-mono").first.click()
    in_dialog(page, "Approve", "Approve", told=HostKey.objects.get().fingerprint[-4:])
    page.get_by_text("Approved", exact=True).first.wait_for()


def add_partner_and_mapping(page):
    page.goto("/admin/core/partner/add/")
    page.select_option("[name=server]", "erp")
    fill(page, name="erp", send_to="/outbound")
    save(page)
    page.goto("/admin/core/mapping/add/")
    fill(page, name="invoices-csv")
    page.select_option("[name=base]", "csv-invoices")
    page.get_by_role("button", name="Begin").click()
    page.locator("#live pre").wait_for()
    page.get_by_role("button", name="Save and publish").click()
    fill(page, note="the first version")
    page.get_by_role("button", name="Publish", exact=True).click()
    page.get_by_text("is published.").wait_for()


def add_integration(page):
    page.goto("/admin/core/integration/add/")
    for name, choice in (("xero", "books"), ("partner", "erp"), ("mapping", "invoices-csv")):
        page.select_option(f"[name={name}]", choice)
    page.check("[name=streams][value=invoices]")
    fill(page, name="invoices-to-erp", start_on="2000-01-01", cron="0 * * * *")
    save(page)


def check_the_server(page):
    page.goto(reverse("admin:core_server_change", args=[Server.objects.get().pk]))
    open_dialog(page, "Test connection").get_by_role("button", name="Test", exact=True).click()
    page.get_by_text("The connection works.").wait_for()


def try_without_sending(page):
    """Read Xero once, which sends nothing before the integration is live, and look at the files that would come."""
    page.goto(reverse("admin:core_integration_change", args=[Integration.objects.get().pk]))
    in_dialog(page, "Run now", "Run now")
    page.wait_for_url("**/core/run/*/change/")
    carry_out(Run.objects.get())
    page.goto(reverse("admin:core_integration_dry_run", args=[Integration.objects.get().pk]))
    page.get_by_role("button", name="Build them now").click()
    page.get_by_text("Nothing was sent").wait_for()
    page.get_by_text("invoice_number,type").wait_for()


def go_live(page):
    page.goto(reverse("admin:core_integration_go_live", args=[Integration.objects.get().pk]))
    page.get_by_role("button", name="Go live").click()
    page.get_by_text("runs by itself now.").wait_for()


def test_a_failed_record_its_mapping_corrected_replayed_and_delivered(page, world):
    mapping = MappingVersionFactory(mapping=MappingFactory(draft=TOO_SHORT)).mapping
    integration = world.integration(mapping=mapping, tenant=mapping.tenant)
    first_run(integration)
    failed = Export.objects.filter(state=ExportState.FAILED).first()
    page.goto(reverse("admin:core_mapping_editor", args=[mapping.pk]))
    page.fill("#id_rows-1-max", "200")
    page.get_by_role("button", name="Save and publish").click()
    fill(page, note="names are longer")
    page.get_by_role("button", name="Publish", exact=True).click()
    page.get_by_text("is published.").wait_for()
    page.goto(reverse("admin:core_export_change", args=[failed.pk]))
    page.get_by_role("link", name="Replay…").click()
    page.fill("[name=reason]", "the mapping is corrected")
    page.get_by_role("button", name="Replay", exact=True).click()
    page.wait_for_url("**/core/run/*/change/")
    carry_out(Run.objects.get(trigger=RunTrigger.REPLAY))
    page.goto(reverse("admin:core_export_change", args=[failed.replays.get().pk]))
    page.locator(".mlc-step--good", has_text="Delivered").wait_for()


def first_run(integration):
    run = schedule.open_run(integration, now=database_now())
    carry_out(run)
    return run


def test_another_host_key_holds_the_files_until_it_is_approved(page, world):
    integration = world.integration()
    HostKey.objects.update(state=HostKeyState.REJECTED)
    first_run(integration)
    server = integration.partner.server
    page.goto(reverse("admin:core_server_change", args=[server.pk]))
    page.get_by_text("are on hold").wait_for()
    in_dialog(page, "Fetch host key", "Fetch")
    page.locator("td a.mlc-mono").first.click()
    in_dialog(page, "Approve", "Approve", told=HostKey.objects.first().fingerprint[-4:])
    page.get_by_text("is approved for").wait_for()
    pipeline.deliver(server.pk, now=database_now())
    assert [file.state for file in integration.files.all()] == [FileState.DELIVERED]
    assert len(world.outbound) == 1


def test_many_are_replayed_and_downloaded_by_a_filter(page, world):
    integration = world.integration()
    first_run(integration)
    page.goto(reverse("admin:core_export_changelist") + "?state__exact=delivered")
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV").click()
    assert download.value.suggested_filename.endswith(".csv")
    page.get_by_role("link", name="Replay all of these…").click()
    page.get_by_text("would get them twice").wait_for()
    page.check("[name=mode][value=same_bytes]")
    page.get_by_text("under the same name").wait_for()
    page.fill("[name=reason]", "the partner lost them")
    page.get_by_role("button", name="Replay", exact=True).click()
    page.wait_for_url("**/core/run/*/change/")
    page.get_by_text("the partner lost them").wait_for()
    assert Run.objects.filter(trigger=RunTrigger.REPLAY).count() == 1
