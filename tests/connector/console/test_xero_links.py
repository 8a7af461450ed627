"""Links into Xero: from what Xero names an address for, once the organisation's short code is known."""

import pytest

from connector.console.xero_links import address_in_xero
from tests import factories

LINKS = [
    ("invoices", "ACCREC", "/AccountsReceivable/View.aspx?InvoiceID="),
    ("invoices", "ACCPAY", "/AccountsPayable/Edit.aspx?InvoiceID="),
    ("contacts", "", "/Contacts/View/"),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("stream", "kind", "page"), LINKS)
def test_a_record_leads_to_its_own_page_in_xero(stream, kind, page):
    record = factories.RecordFactory(stream=stream, kind=kind, organisation__short_code="!aB1")
    link = address_in_xero(record)
    assert link.startswith("https://go.xero.com/organisationlogin/default.aspx?shortcode=!aB1&redirecturl=")
    assert link.endswith(page + record.xero_id)


@pytest.mark.django_db
@pytest.mark.parametrize(("kind", "code"), [("ACCREC", ""), ("AROVERPAYMENT", "!aB1")])
def test_without_a_code_or_an_address_there_is_no_link(kind, code):
    record = factories.RecordFactory(
        stream="payments" if code else "invoices", kind=kind, organisation__short_code=code
    )
    assert address_in_xero(record) == ""
