"""The form of a tenant."""

from typing import Any

from django import forms

from connector.config.entries import Entry
from connector.config.kinds.all_kinds import KINDS
from connector.config.shape import Place
from connector.console.configuring.form import ConfigForm, Section, no_sources
from core.errors import Finding

KEYS = ("slug", "name", "time_zone", "two_person_approval")


class TenantForm(ConfigForm):
    """A tenant's name and zone; its short name is for good."""

    kind = "tenant"
    key_field = "slug"
    sections = (
        Section("Tenant", ("slug", "name", "time_zone")),
        Section(
            "Decisions",
            ("two_person_approval",),
            "One person's decision waits a day for the same decision of another. Files and commands on the server"
            " are not held back.",
        ),
    )
    slug = forms.CharField(max_length=50, label="Short name", help_text="As in harbor; it cannot be changed later.")
    name = forms.CharField(max_length=200)
    time_zone = forms.CharField(max_length=64, initial="UTC", help_text="As in America/Chicago.")
    two_person_approval = forms.BooleanField(
        required=False, label="Two people approve host keys, production, and the end of this rule"
    )

    def initial_of(self, before: dict[str, Any]) -> dict[str, Any]:
        """Show the tenant."""
        return before

    def entry(self) -> tuple[Entry | None, list[Finding]]:
        """Read the form as the tenant's own keys."""
        place = Place("", no_sources())
        written = {key: self.cleaned_data[key] for key in KEYS}
        plain = KINDS["tenant"].read(written, place)
        slug = plain.pop("slug") if plain else None
        return Entry("tenant", slug, slug, plain) if slug else None, place.findings
