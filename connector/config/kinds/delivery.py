"""How files are put on a server: its publishing options, and an integration's rules for when and in which order."""

from typing import Any

from connector.config.entries import Entry
from connector.config.shape import Key, Place, block, choice, flag, given, many, text, whole
from connector.naming import SAMPLE_NAME, check_name
from connector.steps.companions import trigger_name
from connector.windows import DAYS
from core.errors import Finding

_LONGEST_WAIT_HOURS = 24 * 60
_HOUR = r"([01][0-9]|2[0-3]):[0-5][0-9]"
_HOUR_HINT = 'Write it in quotes, as in "06:00".'


def _trigger(value: Any, place: Place) -> Any:
    """Read the template of a trigger file's name."""
    template = text(longest=50)(value, place)
    if template is None:
        return None
    if "{name}" not in template and "{stem}" not in template:
        return place.refuse("A trigger file is named after its file.", 'Write it as in "{name}.done".')
    shown = trigger_name(template, SAMPLE_NAME)
    if shown in (SAMPLE_NAME, f"{SAMPLE_NAME}.sha256") or check_name(shown, path=place.path):
        return place.refuse(f"{shown[:60]!a} cannot be the name of a trigger file.", 'Write it as in "{stem}.done".')
    return template


SERVER_OPTIONS = {
    "allow_legacy_algorithms": Key(flag),
    "absent_means": Key(choice("consumed", "delivered", "hold")),
    "hidden_temporary": Key(flag),
    "trigger": Key(_trigger),
    "checksum": Key(choice("sha256")),
    "read_back": Key(flag),
    "give_up_days": Key(whole(low=1, high=365)),
    "sweep_temporaries": Key(flag),
}

_WINDOW = block(
    {
        "days": Key(many(choice(*DAYS), at_least=1, most=len(DAYS))),
        "from": Key(text(shape=_HOUR, hint=_HOUR_HINT)),
        "to": Key(text(shape=f"{_HOUR}|24:00", hint=_HOUR_HINT)),
    }
)


def _window(value: Any, place: Place) -> Any:
    if value == {}:
        return place.refuse("This window says nothing.", "Write days, from and to.")
    window = given(_WINDOW(value, place))
    if window.get("from", "00:00") == window.get("to", "24:00"):
        return place.refuse("This window begins when it ends.", "Leave both out for whole days.")
    return window


_DELIVERY = block(
    {
        "windows": Key(many(_window, at_least=1, most=20)),
        "strict_order": Key(flag),
        "gzip": Key(flag),
        "wait_hours": Key(whole(low=1, high=_LONGEST_WAIT_HOURS)),
    }
)


def delivery_block(value: Any, place: Place) -> Any:
    """Read an integration's rules of delivery; only what was written is kept."""
    return given(_DELIVERY(value, place))


def check_publishing(entry: Entry) -> list[Finding]:
    """Find options of a server that cannot work with its way of publishing."""
    options, publish = entry.plain["options"], entry.plain["publish"]
    if publish == "direct" and options.get("hidden_temporary") is not None:
        reason = "Files that are written under their final name have no temporary one."
        return [entry.finding("options.hidden_temporary", reason, "Remove it.")]
    return []
