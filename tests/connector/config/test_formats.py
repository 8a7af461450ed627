"""What depends on the format: usual answers to changes and voids, what it can express, ids, and who receives it."""

import pytest

from core.errors import Invalid
from core.models import Integration, OnChange, OnVoid
from tests.connector.config.files import (
    GONE,
    INTEGRATION,
    MAPPING,
    PARTNER,
    TENANT,
    actions,
    another,
    apply,
    configuration,
)

pytestmark = pytest.mark.django_db
X12_MAPPING = {"name": "acme-810", "base": "x12-810", "set": {"BIG07": "'DI'"}, "drop": ["ITD"]}
X12 = {
    f"{TENANT}.mappings.1": X12_MAPPING,
    INTEGRATION + ".mapping": "acme-810",
    INTEGRATION + ".streams": ["invoices", "credit_notes"],
    INTEGRATION + ".where": {"type": ["ACCREC"], "contacts": ["ACME01"]},
    INTEGRATION + ".file_name": "{partner}_{document}_{control:09d}.edi",
}
NO_ACTION = {MAPPING + ".fields.4": {"name": "currency", "source": "CurrencyCode"}}


def refused(tmp_path, changes):
    with pytest.raises(Invalid) as error:
        apply(tmp_path, configuration(changes))
    (finding,) = error.value.findings
    return finding


def answers():
    integration = Integration.objects.get()
    return integration.on_change, integration.on_void


def test_x12_partners_are_not_surprised_by_changes_and_voids(tmp_path):
    apply(tmp_path, configuration(X12))
    assert answers() == (OnChange.HOLD, OnVoid.HOLD)
    assert actions(apply(tmp_path, configuration(X12))) == []


def test_flat_files_send_changes_and_cancellations(tmp_path):
    apply(tmp_path, configuration())
    assert answers() == (OnChange.SEND, OnVoid.CANCEL)


def test_a_flat_file_that_cannot_tell_a_void_holds_it(tmp_path):
    apply(tmp_path, configuration(NO_ACTION))
    assert answers() == (OnChange.SEND, OnVoid.HOLD)


@pytest.mark.parametrize(
    ("key", "value", "word"),
    [("on_change", "replace", "cannot tell a change"), ("on_void", "cancel", "was cancelled")],
)
def test_what_a_mapping_cannot_say_is_refused(tmp_path, key, value, word):
    finding = refused(tmp_path, NO_ACTION | {f"{INTEGRATION}.{key}": value})
    assert finding.path == f"tenants[0].integrations[0].{key}"
    assert word in finding.reason
    assert "Export.Action" in finding.hint


def test_an_820_has_no_form_for_changes(tmp_path):
    changes = {
        **X12,
        f"{TENANT}.mappings.1": {"name": "acme-820", "base": "x12-820"},
        INTEGRATION + ".mapping": "acme-820",
        INTEGRATION + ".streams": ["payments"],
        INTEGRATION + ".where": {"contacts": ["ACME01"]},
    }
    apply(tmp_path, configuration(changes))
    assert refused(tmp_path, changes | {INTEGRATION + ".on_change": "send"}).path.endswith("on_change")
    assert refused(tmp_path, changes | {INTEGRATION + ".when_empty": "empty_file"}).path.endswith("when_empty")


def test_an_x12_partner_without_a_contact_filter_needs_a_confirmation(tmp_path):
    everyone = X12 | {INTEGRATION + ".where": {"type": ["ACCREC"]}}
    finding = refused(tmp_path, everyone)
    assert finding.path == "tenants[0].integrations[0].where.contacts"
    assert "every contact" in finding.reason
    assert "confirm_all_contacts: true" in finding.hint
    confirmed = configuration(everyone | {INTEGRATION + ".confirm_all_contacts": True})
    apply(tmp_path, confirmed)
    assert Integration.objects.get().options == {"confirm_all_contacts": True}
    assert actions(apply(tmp_path, confirmed)) == []


def test_an_x12_partner_needs_ids(tmp_path):
    finding = refused(tmp_path, X12 | {PARTNER + ".x12": GONE})
    assert "no x12 ids" in finding.reason


def test_a_partners_control_numbers_keep_its_file_names_apart(tmp_path):
    second = another(INTEGRATION, name="more", mapping="acme-810", where={"contacts": ["ACME02"]})
    second["file_name"] = "{partner}_{document}_{control:09d}.edi"
    apply(tmp_path, configuration(X12 | {f"{TENANT}.integrations.1": second}))


def test_an_element_that_a_segment_does_not_have_is_refused(tmp_path):
    finding = refused(tmp_path, X12 | {f"{TENANT}.mappings.1": X12_MAPPING | {"set": {"BIG77": "'DI'"}}})
    assert finding.path == "tenants[0].mappings[1].set.BIG77"
    assert "BIG" in finding.reason


@pytest.mark.parametrize("base", ["csv-invoices", "csv-invoices-lines", "fixed-invoices"])
def test_shipped_bases_can_be_used_as_they_are(tmp_path, base):
    apply(tmp_path, configuration({MAPPING: {"name": "invoices-csv", "base": base}}))
    assert Integration.objects.get().mapping.versions.get().definition == {"base": base}


def test_a_flat_mapping_may_serve_several_streams(tmp_path):
    several = ["invoices", "credit_notes", "payments"]
    fields = [{"name": "number", "source": "Document.Number"}, {"name": "amount", "source": "Document.Total"}]
    changes = {INTEGRATION + ".streams": several, MAPPING + ".fields": fields, INTEGRATION + ".where": GONE}
    apply(tmp_path, configuration(changes))
    assert Integration.objects.get().streams == several
