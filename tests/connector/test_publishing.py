"""Publishing by people: drafts become versions, old versions come back, and what integrations need is checked."""

import pytest

from connector.publishing import differences, latest_version, publish_draft, roll_back
from core.clock import database_now
from core.errors import Invalid
from core.models import Event, Integration, Mapping
from tests.factories import INVOICES_CSV, IntegrationFactory, MappingFactory, UserFactory

pytestmark = pytest.mark.django_db


def drafted(mapping, **changes):
    """Save a draft that differs from the usual one."""
    mapping.draft = {**INVOICES_CSV, **changes}
    mapping.save()
    return mapping


def test_a_draft_is_published_with_its_author_and_note():
    mapping, ada = drafted(MappingFactory(), options={"header": False}), UserFactory(username="ada")
    version = publish_draft(mapping, actor=ada, note="No header", now=database_now())
    assert (version.number, version.note, version.published_by) == (1, "No header", ada)
    published = Event.objects.get(event="mapping.published")
    assert (published.actor, published.detail["version"]) == ("ada", 1)


def test_an_old_version_is_published_again_as_the_next_one():
    mapping = drafted(MappingFactory())
    first = publish_draft(mapping, actor=None, note="", now=database_now())
    publish_draft(drafted(mapping, options={"header": False}), actor=None, note="", now=database_now())
    third = roll_back(mapping, to=first, actor=None, now=database_now())
    assert (third.number, third.definition, third.note) == (3, first.definition, "Version 1 again.")
    assert Mapping.objects.get().draft == first.definition
    assert differences(first.definition, third.definition) == []


def test_going_back_leaves_a_draft_alone_that_nobody_published():
    mapping = drafted(MappingFactory())
    first = publish_draft(mapping, actor=None, note="", now=database_now())
    publish_draft(drafted(mapping, options={"header": False}), actor=None, note="", now=database_now())
    drafted(mapping, options={"delimiter": ";"})
    roll_back(mapping, to=first, actor=None, now=database_now())
    assert Mapping.objects.get().draft["options"] == {"delimiter": ";"}


def test_a_version_of_another_mapping_is_refused():
    other = publish_draft(drafted(MappingFactory()), actor=None, note="", now=database_now())
    with pytest.raises(Invalid, match="is no version of"):
        roll_back(MappingFactory(), to=other, actor=None, now=database_now())


def test_a_draft_that_cannot_work_is_refused_with_its_place():
    fields = [{"name": "no", "source": "InvoiceNumbr"}]
    mapping = drafted(MappingFactory(), fields=fields)
    with pytest.raises(Invalid, match="no Xero field InvoiceNumbr"):
        publish_draft(mapping, actor=None, note="", now=database_now())
    assert latest_version(mapping) is None


def test_a_mapping_that_an_integration_could_not_use_any_more_is_refused():
    integration = IntegrationFactory(on_void="cancel")
    fields = [{"name": "invoice_no", "source": "InvoiceNumber"}]
    mapping = drafted(integration.mapping, fields=fields)
    with pytest.raises(Invalid, match="cannot tell that a document was cancelled"):
        publish_draft(mapping, actor=None, note="", now=database_now())
    Integration.objects.update(on_void="hold")
    assert publish_draft(mapping, actor=None, note="", now=database_now()).number == 2
