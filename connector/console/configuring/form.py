"""Forms that write one entry of a configuration file; what the configuration refuses stands at its field."""

from collections.abc import Iterable
from typing import Any, ClassVar, NamedTuple, cast

from django import forms

from connector.config.entries import Entry
from connector.config.kinds.all_kinds import KINDS
from connector.config.shape import Place
from connector.config.sources import Missing, Sources
from core.errors import Finding
from core.models import Tenant

STORED_HELP = "Stored secrets are never shown. Leave it empty to keep what is stored."


class Section(NamedTuple):
    """A titled group of fields."""

    title: str
    names: tuple[str, ...]
    help: str = ""


class SecretInput(forms.PasswordInput):
    """An input that takes a secret and never gives one back."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"autocomplete": "new-password", "spellcheck": "false", **(attrs or {})}, render_value=False)


class SecretText(forms.Textarea):
    """An input of several lines that takes a secret and never gives one back."""

    def format_value(self, value: Any) -> str:
        """Give nothing back."""
        return ""


class Posted:
    """Where secrets of a form are looked up: what was posted, never the environment or the disk."""

    def __init__(self, secrets: dict[str, str]) -> None:
        self.secrets = secrets

    def read(self, reference: dict[str, str], **_: Any) -> str:
        """Give a posted secret by its field's name."""
        name = reference.get("env", "")
        if set(reference) != {"env"} or name not in self.secrets:
            raise Missing("Write the value itself.")
        return self.secrets[name]


def no_sources() -> Sources:
    """Give a place to look secrets up that has none."""
    return cast(Sources, Posted({}))


class ConfigForm(forms.Form):
    """One entry. `kind` is its kind in the configuration; `paths` lead from keys of the file to fields."""

    kind: ClassVar[str]
    key_field: ClassVar[str] = "name"
    sections: ClassVar[tuple[Section, ...]]
    paths: ClassVar[dict[str, str]] = {}

    def __init__(self, *args: Any, tenant: Tenant | None, before: dict[str, Any] | None, **kwargs: Any) -> None:
        self.tenant, self.before = tenant, before
        kwargs.setdefault("initial", self.initial_of(before) if before else None)
        super().__init__(*args, **kwargs)
        if before is not None:
            self.fields[self.key_field].disabled = True

    def initial_of(self, before: dict[str, Any]) -> dict[str, Any]:
        """Give the fields' values from the entry as a configuration file would have it."""
        return {}

    def value(self) -> dict[str, Any]:
        """Give the entry as a configuration file would have it, from the cleaned fields."""
        return {}

    def secrets(self) -> dict[str, str]:
        """Give the posted secrets by field; those left empty are not among them."""
        names = [name for name, field in self.fields.items() if isinstance(field.widget, (SecretInput, SecretText))]
        return {name: self.cleaned_data[name] for name in names if self.cleaned_data.get(name)}

    def lookups(self) -> dict[str, str]:
        """Give all posted secrets under the names that the entry refers to."""
        return self.secrets()

    def entry(self) -> tuple[Entry | None, list[Finding]]:
        """Read the form as an entry, with what its shape alone gets wrong."""
        written = {**self.value(), **{name: {"env": name} for name in self.secrets()}}
        place = Place("", cast(Sources, Posted(self.lookups())))
        plain = KINDS[self.kind].read(written, place)
        name = plain.pop("name", None) if plain else None
        if not name:
            return None, place.findings
        return Entry(self.kind, self.tenant.slug if self.tenant else name, name, plain), place.findings

    def refuse(self, findings: Iterable[Finding]) -> None:
        """Put each finding at its field; what belongs to no field stands above the form."""
        for finding in findings:
            self.add_error(self.field_of(finding.path), f"{finding.reason} {finding.hint}".strip())

    def field_of(self, path: str) -> str | None:
        """Find the field that a place in the configuration file belongs to."""
        place = path.strip(".")
        known = [key for key in {**{name: name for name in self.fields}, **self.paths} if _leads(key, place)]
        if not known:
            return None
        key = max(known, key=len)
        return self.paths.get(key, key)

    def shown_sections(self) -> list[tuple[Section, list[forms.BoundField]]]:
        """Give the sections with their fields, for the template."""
        return [(section, [self[name] for name in section.names if name in self.fields]) for section in self.sections]


def _leads(key: str, place: str) -> bool:
    return place == key or place.startswith((f"{key}.", f"{key}["))


def names_of(rows: Any) -> list[tuple[str, str]]:
    """Offer rows by name."""
    return [("", "Choose one"), *((row.name, row.name) for row in rows.order_by("name")[:500])]


def without_empty(values: dict[str, Any]) -> dict[str, Any]:
    """Leave out what nobody wrote."""
    return {key: value for key, value in values.items() if value not in (None, "", [], {})}
