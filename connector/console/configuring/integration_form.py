"""The form of an integration."""

from typing import Any

from django import forms

from connector.config.kinds.where import STATUSES, TYPES
from connector.console.configuring.form import ConfigForm, Section, names_of, without_empty
from connector.console.configuring.next_names import next_names
from connector.console.configuring.window_lines import lines_of, windows_of
from connector.console.words import KINDS, STREAMS
from core.documents import Stream
from core.models import (
    BadRecord,
    Integration,
    Mapping,
    OnChange,
    OnVoid,
    OnWebhook,
    Opening,
    Organisation,
    Partner,
    Tenant,
    WhenEmpty,
)

KIND_NAMES = list(dict.fromkeys(name for names in TYPES.values() for name in names))
STATUS_NAMES = list(dict.fromkeys(name for names in STATUSES.values() for name in names))
BOXES = forms.CheckboxSelectMultiple
SAME = ("folder", "file_name", "batch", "on_webhook", "on_change", "on_void", "bad_record", "when_empty")


class IntegrationForm(ConfigForm):
    """What is read, who receives it, in which form, and when. Enabling is a step of its own."""

    kind = "integration"
    paths = {
        "where.type": "types",
        "where.status": "statuses",
        "where.contacts": "contacts",
        "where.expr": "expression",
        "start.from": "start_on",
        "start": "start_on",
        "start.opening": "opening",
        "schedule.cron": "cron",
        "schedule": "cron",
        "schedule.time_zone": "time_zone",
        "version": "mapping",
        "delivery": "windows",
        **{f"delivery.{name}": name for name in ("windows", "wait_hours", "strict_order", "gzip")},
    }
    sections = (
        Section("From Xero", ("name", "xero", "streams", "types", "statuses", "contacts", "expression")),
        Section("To the partner", ("partner", "mapping", "version", "confirm_all_contacts")),
        Section("Start", ("start_on", "opening"), "What counts as already there when the integration goes live."),
        Section("Files", ("file_name", "folder", "batch", "when_empty")),
        Section("When something changes", ("on_webhook", "on_change", "on_void", "bad_record")),
        Section("Schedule", ("cron", "time_zone")),
        Section("Delivery", ("windows", "after", "wait_hours", "strict_order", "gzip")),
    )
    name = forms.CharField(max_length=100, help_text="A short name, as in invoices-to-acme.")
    xero = forms.ChoiceField(label="Xero connection")
    streams = forms.MultipleChoiceField(choices=[(s.value, f"{STREAMS[s]}s") for s in Stream], widget=BOXES)
    types = forms.MultipleChoiceField(
        choices=[(name, KINDS.get(name, name)) for name in KIND_NAMES],
        required=False,
        widget=BOXES,
        label="Only these kinds",
        help_text="None chosen: all.",
    )
    statuses = forms.MultipleChoiceField(
        choices=[(name, name) for name in STATUS_NAMES],
        required=False,
        widget=BOXES,
        label="Only with status",
        help_text="None chosen: all.",
    )
    contacts = forms.CharField(
        max_length=20_000,
        required=False,
        widget=forms.Textarea({"rows": 3}),
        label="Only these contacts",
        help_text="Account numbers, contact numbers or ids, one a line.",
    )
    expression = forms.CharField(
        max_length=2000, required=False, label="Only where", help_text="An expression, as in Total > `0`."
    )
    partner = forms.ChoiceField()
    mapping = forms.ChoiceField()
    version = forms.IntegerField(
        min_value=1, required=False, label="Mapping version", help_text="Empty: always the newest published one."
    )
    confirm_all_contacts = forms.BooleanField(
        required=False, label="Send every contact's documents", help_text="An X12 partner usually gets only its own."
    )
    start_on = forms.DateField(
        label="Documents dated from",
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d"],
    )
    opening = forms.ChoiceField(choices=Opening.choices, initial=Opening.NONE, label="Older documents")
    file_name = forms.CharField(max_length=200, initial="{partner}_{date}_{sequence}.csv")
    folder = forms.CharField(max_length=500, required=False, help_text="Empty: the partner's.")
    batch = forms.CharField(max_length=10, initial="run", help_text="run, record, or at most so many records a file.")
    when_empty = forms.ChoiceField(choices=WhenEmpty.choices, label="Without records")
    on_webhook = forms.ChoiceField(choices=OnWebhook.choices, initial=OnWebhook.COLLECT, label="A webhook's change")
    on_change = forms.ChoiceField(
        choices=[("", "Usual for the format"), *OnChange.choices], required=False, label="A change"
    )
    on_void = forms.ChoiceField(choices=[("", "Usual for the format"), *OnVoid.choices], required=False, label="A void")
    bad_record = forms.ChoiceField(choices=BadRecord.choices, label="A bad record")
    cron = forms.CharField(
        max_length=100,
        required=False,
        label="Runs (cron)",
        help_text="0 * * * * is hourly, 30 6 * * 1-5 weekdays at 6:30. Empty: by hand or webhook.",
    )
    time_zone = forms.CharField(max_length=64, required=False, help_text="Empty: the tenant's.")
    windows = forms.CharField(
        max_length=1000,
        required=False,
        widget=forms.Textarea({"rows": 3}),
        label="Only at these times",
        help_text="One a line, in the schedule's zone, as in mon-fri 06:00-20:00. Empty: always.",
    )
    after = forms.MultipleChoiceField(
        required=False,
        widget=BOXES,
        label="Only after",
        help_text="A file waits until what its records refer to has arrived through these.",
    )
    wait_hours = forms.IntegerField(
        min_value=1,
        max_value=1440,
        required=False,
        label="Hours after which waiting is a problem",
        help_text="Empty: 24.",
    )
    strict_order = forms.BooleanField(
        required=False, label="Strict order", help_text="A file that has not arrived keeps the later ones back."
    )
    gzip = forms.BooleanField(required=False, label="Pack with gzip")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = own_choices(self.tenant, self.before)
        for name, offered in choices.items():
            self.fields[name].choices = offered  # type: ignore[attr-defined]
        self.fields["file_name"].help_text = self._next_names()
        if not choices["after"]:
            del self.fields["after"], self.fields["wait_hours"]

    def _next_names(self) -> str:
        """Say which names come next, or would with the template that was posted."""
        rows = Integration.objects.filter(tenant=self.tenant, name=self.before["name"]) if self.before else None
        row = rows.select_related("tenant", "partner").first() if rows is not None else None
        if row is None:
            return "Fields: {partner} {integration} {date} {time} {sequence:06d} {sequence:03d/day} {control} {number}."
        row.file_name = self.data.get("file_name", row.file_name)
        names = next_names(row)
        return f"Next: {names}" if names else ""

    def initial_of(self, before: dict[str, Any]) -> dict[str, Any]:
        """Spread the blocks over the fields."""
        where, schedule, delivery = (before.get(key, {}) for key in ("where", "schedule", "delivery"))
        mapping, _, version = str(before["mapping"]).partition("@")
        return {
            **{key: before[key] for key in ("name", "xero", "streams", "partner", *SAME) if key in before},
            "types": where.get("type", []),
            "statuses": where.get("status", []),
            "contacts": "\n".join(where.get("contacts", [])),
            "expression": where.get("expr", ""),
            "mapping": mapping,
            "version": version or None,
            "confirm_all_contacts": before.get("confirm_all_contacts", False),
            "start_on": before["start"]["from"],
            "opening": before["start"]["opening"],
            "cron": schedule.get("cron", ""),
            "time_zone": schedule.get("time_zone", ""),
            "after": before.get("after", []),
            **delivery,
            "windows": lines_of(delivery.get("windows", [])),
        }

    def value(self) -> dict[str, Any]:
        """Put the fields into their blocks; a new integration is not enabled yet."""
        data = self.cleaned_data
        where = {
            "type": data["types"],
            "status": data["statuses"],
            "contacts": [line.strip() for line in data["contacts"].splitlines() if line.strip()],
            "expr": data["expression"],
        }
        batch = data["batch"].strip()
        value = {
            **{key: data[key] for key in ("name", "xero", "streams", "partner", *SAME)},
            "where": without_empty(where),
            "mapping": f"{data['mapping']}@{data['version']}" if data["version"] else data["mapping"],
            "start": {"from": data["start_on"].isoformat(), "opening": data["opening"]},
            "batch": int(batch) if batch.isdigit() and len(batch) < 9 else batch,
            "schedule": without_empty({"cron": data["cron"], "time_zone": data["time_zone"]}),
            "after": data.get("after", []),
            "delivery": self._delivery(),
        }
        usual = {"confirm_all_contacts": data["confirm_all_contacts"], "enabled": self._is_enabled()}
        return {**without_empty(value), **usual}

    def _delivery(self) -> dict[str, Any]:
        """Write what is unusual, and what was written before."""
        data, before = self.cleaned_data, (self.before or {}).get("delivery", {})
        hours = data["wait_hours"] if "wait_hours" in self.fields else before.get("wait_hours")
        switches = {key: data[key] for key in ("strict_order", "gzip") if data[key] or key in before}
        return without_empty({"windows": windows_of(data["windows"]), "wait_hours": hours, **switches})

    def _is_enabled(self) -> bool:
        return bool(self.before and self.before.get("enabled"))


def own_choices(tenant: Tenant | None, before: dict[str, Any] | None) -> dict[str, list[tuple[str, str]]]:
    """Offer the tenant's connections, partners, mappings and other integrations."""
    others = Integration.objects.filter(tenant=tenant).exclude(name=before["name"] if before else "")
    return {
        "xero": names_of(Organisation.objects.filter(tenant=tenant)),
        "partner": names_of(Partner.objects.filter(tenant=tenant)),
        "mapping": names_of(Mapping.objects.filter(tenant=tenant)),
        "after": names_of(others)[1:],
    }
