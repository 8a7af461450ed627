"""`{sequence:03d/day}` begins at 1 each day, month or year of the integration's zone, without gaps and repeats."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from connector.naming import render
from connector.naming.template import NameFacts
from connector.steps.name_counts import since_restart
from connector.sync import sync
from core import outbox
from core.models import File, Integration
from tests.factories import FileFactory, IntegrationFactory
from tests.world import open_world

pytestmark = pytest.mark.django_db
ZONE = ZoneInfo("America/Chicago")


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


def seal_next(integration, moment):
    """Seal a file as a builder does, and give its name."""
    sequence = integration.file_sequence + 1
    within = since_restart(integration, moment=moment)
    name = render(integration.file_name, NameFacts(moment=moment, sequence=sequence, since_restart=within))
    file = FileFactory(integration=integration, state="building", name="")
    file.name, file.sequence = name, sequence
    outbox.seal(file, now=moment)
    Integration.objects.filter(pk=integration.pk).update(file_sequence=sequence)
    integration.refresh_from_db()
    return name


@pytest.mark.parametrize(
    ("template", "names"),
    [
        ("{date}_{sequence:02d/day}", ["20261130_01", "20261130_02", "20261201_01", "20270101_01", "20270101_02"]),
        ("{year}{month}_{sequence:/month}", ["202611_1", "202611_2", "202612_1", "202701_1", "202701_2"]),
        ("{year}_{sequence:/year}", ["2026_1", "2026_2", "2026_3", "2027_1", "2027_2"]),
        ("{sequence}", ["1", "2", "3", "4", "5"]),
    ],
)
def test_the_count_begins_anew_where_the_zone_says_so(template, names):
    integration = IntegrationFactory(file_name=template, time_zone=ZONE.key)
    moments = ["2026-11-30T00:00", "2026-11-30T23:59:59", "2026-12-01T00:00", "2027-01-01T00:00", "2027-01-01T06:00"]
    assert [seal_next(integration, at(moment)) for moment in moments] == names
    assert list(File.objects.order_by("pk").values_list("sequence", flat=True)) == [1, 2, 3, 4, 5]


def test_files_of_other_integrations_do_not_count():
    first, other = (IntegrationFactory(file_name="{date}_{sequence:/day}", time_zone=ZONE.key) for _ in range(2))
    moment = at("2026-11-30T06:00")
    assert [seal_next(first, moment + timedelta(hours=hour)) for hour in range(2)] == ["20261130_1", "20261130_2"]
    assert seal_next(other, moment) == "20261130_1"


def test_a_count_that_begins_anew_later_goes_on_from_what_the_day_has_had():
    integration = IntegrationFactory(file_name="{date}_{sequence}", time_zone=ZONE.key)
    seal_next(integration, at("2026-11-29T06:00"))
    seal_next(integration, at("2026-11-30T06:00"))
    integration.file_name = "{date}_{sequence:/day}"
    assert since_restart(integration, moment=at("2026-11-30T07:00")) == 2


@pytest.mark.django_db(transaction=True)
def test_files_that_are_built_count_their_day(settings, tmp_path):
    with open_world(settings, tmp_path, invoices=1, contacts=1, manual_journals=0) as world:
        sync(world.integration(file_name="{date}_{sequence:03d/day}.csv", file_sequence=41))
        (arrived,) = world.outbound
    assert arrived.name.endswith("_042.csv")
    File.objects.update(sealed_at="2026-01-01T00:00Z")
    assert since_restart(Integration.objects.get(), moment=at("2026-11-30T07:00")) == 1
