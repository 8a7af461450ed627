"""Two integrations never share a file name in one folder, and nobody sends where files are picked up from."""

import pytest

from core.errors import Invalid
from tests.connector.config.files import INTEGRATION, PARTNER, SERVER, TENANT, another, apply, configuration

pytestmark = pytest.mark.django_db
SECOND = f"{TENANT}.integrations.1"


def second(**changes):
    return {SECOND: another(INTEGRATION, name="bills-to-erp", **changes)}


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"folder": "/outbound/"},
        {"folder": "outbound"},
        {"file_name": "ERP_{date:%Y%m%d}_{sequence:06d}.csv"},
        {"file_name": "{partner}_{year}{month}30_{sequence}.csv"},
        {"folder": "/{partner}", "file_name": "{sequence}.csv"},
    ],
)
def test_names_that_could_meet_in_one_folder_are_refused(tmp_path, changes):
    file = configuration(second(**changes))
    if changes.get("folder") == "/{partner}":
        file["tenants"][0]["integrations"][0] |= {"folder": "/erp", "file_name": "{sequence}.csv"}
    with pytest.raises(Invalid) as refused:
        apply(tmp_path, file)
    (finding,) = refused.value.findings
    assert finding.path == "tenants[0].integrations[1].file_name"
    assert "same file name" in finding.reason
    assert "{integration}" in finding.hint


@pytest.mark.parametrize(
    "changes",
    [
        {"file_name": "{integration}_{date}_{sequence}.csv"},
        {"file_name": "bills_{sequence}.csv"},
        {"folder": "/bills"},
        {"folder": "/outbound/{year}"},
    ],
)
def test_names_or_folders_that_stay_apart_are_accepted(tmp_path, changes):
    apply(tmp_path, configuration(second(**changes)))


def test_two_names_for_one_server_are_one_place(tmp_path):
    changes = {
        f"{TENANT}.servers.1": another(SERVER, name="again", host="SFTP.example.com."),
        f"{TENANT}.partners.1": another(PARTNER, name="again", server="again"),
        **second(partner="again", file_name="erp_{date}_{sequence}.csv"),
    }
    with pytest.raises(Invalid, match="same file name"):
        apply(tmp_path, configuration(changes))


def test_the_same_names_on_another_account_are_fine(tmp_path):
    changes = {
        f"{TENANT}.servers.1": another(SERVER, name="other", username="cedar"),
        f"{TENANT}.partners.1": another(PARTNER, name="other", server="other"),
        **second(partner="other", file_name="erp_{date}_{sequence}.csv"),
    }
    apply(tmp_path, configuration(changes))


def test_a_collision_with_what_is_stored_already_is_refused_too(tmp_path):
    apply(tmp_path, configuration())
    extra = another(INTEGRATION, name="bills-to-erp")
    with pytest.raises(Invalid, match="bills-to-erp and invoices-to-erp"):
        apply(tmp_path, {"version": 1, "tenants": [{"slug": "harbor", "integrations": [extra]}]})


def test_another_partners_inbox_on_the_same_account_is_not_sent_to(tmp_path):
    inbox = another(PARTNER, name="acme", folders={"send_to": "/acme", "pick_up_from": "/outbound"})
    with pytest.raises(Invalid, match="pick_up_from of acme"):
        apply(tmp_path, configuration({f"{TENANT}.partners.1": inbox}))


def test_a_test_folder_counts_as_well(tmp_path):
    with pytest.raises(Invalid, match="picked up"):
        apply(tmp_path, configuration({PARTNER + ".test": {"folders": {"send_to": "/inbound"}}}))


@pytest.mark.parametrize("key", ["processed", "error"])
@pytest.mark.parametrize("folder", ["/inbound", "inbound/", "/Inbound"])
def test_a_partners_files_are_never_put_away_where_they_are_picked_up(tmp_path, key, folder):
    with pytest.raises(Invalid, match="picked up again") as refused:
        apply(tmp_path, configuration({f"{PARTNER}.folders.{key}": folder}))
    assert [finding.path for finding in refused.value.findings] == [f"tenants[0].partners[0].folders.{key}"]


@pytest.mark.parametrize("key", ["processed", "error"])
def test_one_partners_put_away_files_are_not_picked_up_as_anothers(tmp_path, key):
    folders = {"send_to": "/acme", "pick_up_from": "/acme-in", key: "/inbound"}
    with pytest.raises(Invalid, match="pick_up_from of erp"):
        apply(tmp_path, configuration({f"{TENANT}.partners.1": another(PARTNER, name="acme", folders=folders)}))


@pytest.mark.parametrize("folder", ["/inbound", "/processed", "/error"])
def test_temporary_files_are_not_staged_where_files_are_picked_up_or_put_away(tmp_path, folder):
    changes = {SERVER + ".publish": "staging", SERVER + ".staging_folder": folder}
    with pytest.raises(Invalid, match="picked up") as refused:
        apply(tmp_path, configuration(changes))
    assert "staging_folder" in str(refused.value.findings[0])


def test_in_test_mode_files_are_not_put_away_where_they_are_picked_up_either(tmp_path):
    with pytest.raises(Invalid, match="picked up again"):
        apply(tmp_path, configuration({PARTNER + ".test": {"folders": {"processed": "/inbound"}}}))


def test_folders_inside_each_other_do_no_harm(tmp_path):
    folders = {"send_to": "/out", "pick_up_from": "/in", "processed": "/in/done", "error": "/in/done/bad"}
    apply(tmp_path, configuration({f"{PARTNER}.folders": folders}))


def test_partners_may_share_a_mailbox_and_where_its_files_are_put_away(tmp_path):
    folders = {"send_to": "/acme", "pick_up_from": "/inbound", "processed": "/processed", "error": "/processed"}
    apply(tmp_path, configuration({f"{TENANT}.partners.1": another(PARTNER, name="acme", folders=folders)}))
