"""The form of a partner."""

from typing import Any

import yaml
from django import forms

from connector.console.configuring.form import ConfigForm, Section, names_of, without_empty
from connector.console.second_person import is_wanted
from core.models import Mode, Server

FOLDERS = ("send_to", "send_acks_to", "pick_up_from", "processed", "error")
SIDES = ("sender", "receiver")
ANSWERS = (("", "None"), ("997", "997"), ("999", "999"), ("TA1", "TA1"), ("CONTRL", "CONTRL"))
VERSIONS = (("", "No X12"), ("004010", "004010"), ("005010", "005010"))
HOURS = ("810", "820")
OURS = {
    "when": (
        ("", "When asked, and for broken envelopes"), ("requested", "Only when asked"), ("always", "Always"),
        ("never", "Never; no 997 either"),
    ),
    "write": (("", "997"), ("999", "999, for groups of 005010 and later")),
    "lists": (("", "As usual"), ("all", "All documents"), ("errors_only", "Only those with errors")),
    "unknown": (("", "Reject them as not supported"), ("accept", "Accept them")),
    "lenient": (("", "Reject documents with any fault"), ("yes", "Accept unknown codes in optional elements")),
    "group_numbers": (("", "Never come again"), ("restart", "Begin anew in each interchange")),
}  # fmt: skip
"""What our answers depend on, each with the usual choice first; see docs/formats/acknowledgments.md."""


class PartnerForm(ConfigForm):
    """Server, folders, ids, answers; another set of them for test mode."""

    kind = "partner"
    paths = {
        **{f"folders.{name}": name for name in FOLDERS},
        **{f"{block}.{side}": f"{block}_{side}" for block in ("x12", "edifact") for side in SIDES},
        "x12": "x12_version",
        "edifact": "edifact_sender",
        "acks.want": "want",
        "acks.pick_up": "pick_up",
        **{f"acks.overdue_hours.{kind}": f"overdue_{kind}" for kind in HOURS},
        **{f"acks.{name}": name for name in OURS},
    }
    sections = (
        Section("Partner", ("name", "server", "mode")),
        Section("Folders", FOLDERS, "Sending and picking up need folders of their own."),
        Section("X12", ("x12_version", "x12_sender", "x12_receiver"), "Ids as qualifier and id: ZZ ACME."),
        Section("EDIFACT", ("edifact_sender", "edifact_receiver"), "Ids as id and qualifier: ACME ZZ."),
        Section("Acknowledgments", ("want", "overdue_810", "overdue_820", "pick_up")),
        Section("Our answers", tuple(OURS), "What we say to the documents that they leave for us."),
        Section("Test mode", ("test",), "What differs in test mode, as in a configuration file."),
    )
    name = forms.CharField(max_length=100, help_text="A short name, as in acme.")
    server = forms.ChoiceField(label="SFTP server")
    mode = forms.ChoiceField(choices=Mode.choices, initial=Mode.TEST)
    send_to = forms.CharField(max_length=500, required=False, help_text="{year} and {month} are filled in.")
    send_acks_to = forms.CharField(max_length=500, required=False)
    pick_up_from = forms.CharField(max_length=500, required=False)
    processed = forms.CharField(max_length=500, required=False)
    error = forms.CharField(max_length=500, required=False)
    x12_version = forms.ChoiceField(choices=VERSIONS, required=False, label="Version")
    x12_sender = forms.CharField(max_length=40, required=False, label="Our id")
    x12_receiver = forms.CharField(max_length=40, required=False, label="Their id")
    edifact_sender = forms.CharField(max_length=60, required=False, label="Our id")
    edifact_receiver = forms.CharField(max_length=60, required=False, label="Their id")
    want = forms.ChoiceField(choices=ANSWERS, required=False, label="They answer with")
    overdue_810 = forms.IntegerField(min_value=1, required=False, label="810 overdue after hours")
    overdue_820 = forms.IntegerField(min_value=1, required=False, label="820 overdue after hours")
    pick_up = forms.CharField(max_length=100, required=False, label="Look for answers", help_text="Cron.")
    when = forms.ChoiceField(choices=OURS["when"], required=False, label="TA1 and CONTRL")
    write = forms.ChoiceField(choices=OURS["write"], required=False, label="X12 groups are answered with")
    lists = forms.ChoiceField(choices=OURS["lists"], required=False, label="Documents that are listed")
    unknown = forms.ChoiceField(choices=OURS["unknown"], required=False, label="Documents that we have no guide for")
    lenient = forms.ChoiceField(choices=OURS["lenient"], required=False, label="How strict we are")
    group_numbers = forms.ChoiceField(choices=OURS["group_numbers"], required=False, label="Their group numbers")
    test = forms.CharField(max_length=10_000, required=False, widget=forms.Textarea({"rows": 5}), label="Differences")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["server"].choices = names_of(Server.objects.filter(tenant=self.tenant))  # type: ignore[attr-defined]

    def initial_of(self, before: dict[str, Any]) -> dict[str, Any]:
        """Spread the blocks over the fields."""
        x12, edifact, acks = (before.get(key, {}) for key in ("x12", "edifact", "acks"))
        return {
            **{key: before.get(key, "") for key in ("name", "server", "mode")},
            **before.get("folders", {}),
            "x12_version": x12.get("version", ""),
            **{f"x12_{side}": " ".join(x12.get(side, [])) for side in SIDES},
            **{f"edifact_{side}": " ".join(edifact.get(side, [])) for side in SIDES},
            "want": acks.get("want", ""),
            "pick_up": acks.get("pick_up", ""),
            **{f"overdue_{kind}": hours for kind, hours in acks.get("overdue_hours", {}).items()},
            **{name: acks.get(name, "") for name in OURS if name != "lenient"},
            "lenient": "yes" if acks.get("lenient") else "",
            "test": yaml.safe_dump(before["test"], sort_keys=False) if before.get("test") else "",
        }

    def clean_mode(self) -> str:
        """Leave the way to production to its own page where two people decide about it."""
        mode: str = self.cleaned_data["mode"]
        was = (self.before or {}).get("mode")
        if mode == Mode.PRODUCTION != was and is_wanted(self.tenant):
            raise forms.ValidationError("Two people take a partner to production: save it in test mode first.")
        return mode

    def clean_test(self) -> dict[str, Any]:
        """Read the differences of test mode; they are keys with values."""
        try:
            found = yaml.safe_load(self.cleaned_data["test"] or "{}")
        except (yaml.YAMLError, RecursionError, ValueError) as error:
            raise forms.ValidationError("This is not YAML.") from error
        if not isinstance(found, dict):
            raise forms.ValidationError("Write keys with values, as in folders: {send_to: /test}.")
        return found

    def value(self) -> dict[str, Any]:
        """Put the fields into their blocks; what the form does not know stays as it is."""
        data, before = self.cleaned_data, self.before or {}
        x12 = {**before.get("x12", {}), "version": data["x12_version"], **self._ids("x12")}
        hours = {**before.get("acks", {}).get("overdue_hours", {}), **{kind: data[f"overdue_{kind}"] for kind in HOURS}}
        shown = {"want": data["want"], "overdue_hours": without_empty(hours), "pick_up": data["pick_up"]}
        ours = {**{name: data[name] for name in OURS}, "lenient": True if data["lenient"] else None}
        acks = {**before.get("acks", {}), **shown, **ours}
        return without_empty(
            {
                **{key: data[key] for key in ("name", "server", "mode", "test")},
                "folders": without_empty({name: data[name] for name in FOLDERS}),
                "x12": without_empty(x12) if data["x12_version"] else {},
                "edifact": without_empty(self._ids("edifact")),
                "acks": without_empty(acks),
            }
        )

    def _ids(self, block: str) -> dict[str, list[str]]:
        return {side: self.cleaned_data[f"{block}_{side}"].split(maxsplit=1) for side in SIDES}
