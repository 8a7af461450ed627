"""The connection test, as a person reads it."""

from tests.xero_app.conftest import consent
from xero_app.checks import STREAMS, check_connection


def steps_of(organisation, limits):
    return {step.name: step for step in check_connection(organisation, limits=limits)}


def test_a_working_connection_passes_every_step(books, xero, limits):
    steps = steps_of(books, limits)

    assert list(steps) == ["sign-in", "permissions", "organisation", *STREAMS]
    assert all(step.ok for step in steps.values())
    assert steps["organisation"].facts.xero_tenant_id == xero.tenant_id
    assert steps["invoices"].detail == f"{len(xero.store.streams['invoices'])} invoices can be read."


def test_what_may_not_be_read_fails_alone_and_is_named(db, xero, limits):
    organisation = consent(xero, scopes="offline_access accounting.contacts.read accounting.settings.read")

    steps = steps_of(organisation, limits)

    assert "accounting.invoices.read" in steps["permissions"].detail
    assert {name for name, step in steps.items() if step.code == "XERO_SCOPE"} == {
        "permissions", "invoices", "credit_notes", "payments", "manual_journals",
    }  # fmt: skip
    assert steps["contacts"].ok
    assert steps["invoices"].next_step


def test_a_refused_sign_in_ends_the_test(consented, xero, limits):
    xero.advance(seconds=61 * 86_400)

    steps = steps_of(consented, limits)

    assert list(steps) == ["sign-in"]
    assert steps["sign-in"].code == "XERO_AUTH_EXPIRED"
    assert steps["sign-in"].next_step == "Reconnect Xero."


def test_a_disconnected_organisation_ends_the_test(consented, xero, limits):
    xero.disconnect()

    steps = steps_of(consented, limits)

    assert list(steps) == ["sign-in", "permissions", "organisation"]
    assert steps["organisation"].code == "XERO_DISCONNECTED"
