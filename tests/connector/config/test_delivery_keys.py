"""The keys of delivery: stored, shown again, and refused where they cannot work."""

import pytest

from connector.config.export import export
from core.errors import Invalid
from core.models import Integration, Server, Tenant
from tests.connector.config.files import INTEGRATION, SERVER, apply, configuration

pytestmark = pytest.mark.django_db

OPTIONS = {
    "checksum": "sha256",
    "trigger": "{stem}.ok",
    "read_back": True,
    "hidden_temporary": False,
    "absent_means": "consumed",
    "give_up_days": 3,
    "sweep_temporaries": False,
}
DELIVERY = {
    "windows": [{"days": ["mon", "sun"], "from": "06:00", "to": "24:00"}, {"from": "22:00", "to": "04:00"}],
    "strict_order": True,
    "gzip": True,
    "wait_hours": 12,
}


def test_what_is_written_is_stored_and_applying_it_again_changes_nothing(tmp_path):
    file = configuration({SERVER + ".options": OPTIONS, INTEGRATION + ".delivery": DELIVERY})
    apply(tmp_path, file)
    assert Server.objects.get().options == OPTIONS
    assert Integration.objects.get().options["delivery"] == DELIVERY
    assert {change.action for change in apply(tmp_path, file)} == {"unchanged"}


@pytest.mark.parametrize(
    ("place", "value", "words"),
    [
        (SERVER + ".options", {"trigger": "done"}, "named after its file"),
        (SERVER + ".options", {"trigger": "{name}"}, "cannot be the name"),
        (SERVER + ".options", {"trigger": "../{name}.done"}, "cannot be the name"),
        (SERVER + ".options", {"trigger": "{name}.sha256"}, "cannot be the name"),
        (SERVER + ".options", {"checksum": "md5"}, "sha256"),
        (SERVER + ".options", {"give_up_days": 0}, "1 to 365"),
        (INTEGRATION + ".delivery", {"windows": [{"days": ["mo"]}]}, "Did you mean mon"),
        (INTEGRATION + ".delivery", {"windows": [{"from": "6:00"}]}, "in quotes"),
        (INTEGRATION + ".delivery", {"windows": [{"from": "06:00", "to": "06:00"}]}, "begins when it ends"),
        (INTEGRATION + ".delivery", {"windows": []}, "1 to 20"),
        (INTEGRATION + ".delivery", {"windows": [{}]}, "says nothing"),
        (INTEGRATION + ".delivery", {"wait_hours": "soon"}, "whole number"),
        (INTEGRATION + ".delivery", {"order": True}, "no such key"),
    ],
)
def test_what_cannot_work_is_refused_in_words(tmp_path, place, value, words):
    with pytest.raises(Invalid, match=words):
        apply(tmp_path, configuration({place: value}))


def test_hidden_temporary_names_make_no_sense_without_temporary_ones(tmp_path):
    changes = {SERVER + ".publish": "direct", SERVER + ".options": {"hidden_temporary": False}}
    with pytest.raises(Invalid, match="have no temporary one"):
        apply(tmp_path, configuration(changes))


def test_an_exported_file_says_the_same_again(tmp_path):
    apply(tmp_path, configuration({SERVER + ".options": OPTIONS, INTEGRATION + ".delivery": DELIVERY}))
    (shown,) = export([Tenant.objects.get()])["tenants"]
    assert shown["servers"][0]["options"] == OPTIONS
    assert shown["integrations"][0]["delivery"] == DELIVERY
