"""The editor's forms: one per row, and the frame around them."""

from collections.abc import Mapping
from typing import Any

import yaml
from django import forms

from connector.console.mapping_editor.rows import Row

MOST_ROWS = 400
BLANK_ROWS = 3


class RowForm(forms.Form):
    """One row of a mapping. What comes from a base keeps its name."""

    key = forms.CharField(max_length=200, required=False, widget=forms.HiddenInput)
    record = forms.CharField(max_length=200, required=False, widget=forms.HiddenInput)
    origin = forms.CharField(max_length=20, required=False, widget=forms.HiddenInput)
    label = forms.CharField(max_length=300, required=False, widget=forms.HiddenInput)
    name = forms.CharField(max_length=200, required=False)
    source = forms.CharField(
        max_length=2000,
        required=False,
        strip=False,
        widget=forms.TextInput({"list": "xero-fields", "spellcheck": "false"}),
    )
    transform = forms.CharField(
        max_length=200, required=False, widget=forms.TextInput({"list": "transforms", "spellcheck": "false"})
    )
    default = forms.CharField(max_length=500, required=False, strip=False)
    required = forms.BooleanField(required=False)
    max = forms.IntegerField(min_value=1, max_value=100_000, required=False)
    width = forms.IntegerField(min_value=1, max_value=100_000, required=False)
    position = forms.IntegerField(min_value=0, max_value=10_000, required=False)
    removed = forms.BooleanField(required=False)

    def row(self) -> Row:
        """Give the row that was written."""
        data = self.cleaned_data
        return Row(
            key=data["key"],
            record=data["record"],
            name=data["name"].strip() or data["key"],
            source=data["source"],
            transform=data["transform"],
            default=data["default"],
            required=data["required"],
            max=data["max"] or 0,
            width=data["width"] or 0,
            origin=data["origin"],
        )


class _Rows(forms.BaseFormSet):  # type: ignore[type-arg]
    """All rows of a mapping, with a few blank ones at the end."""

    def rows(self) -> list[Row]:
        """Give the rows that were written, in their order, without removed and blank ones."""
        written = [form for form in self.forms if form.cleaned_data and not form.cleaned_data["removed"]]
        placed = sorted(enumerate(written), key=lambda pair: (_position(pair[1], pair[0]), pair[0]))
        return [row for row in (form.row() for _, form in placed) if row.name]


def _position(form: Any, index: int) -> float:
    position = form.cleaned_data.get("position")
    return index if position is None else position


Rows: Any = forms.formset_factory(
    RowForm, formset=_Rows, extra=BLANK_ROWS, max_num=MOST_ROWS, absolute_max=MOST_ROWS, validate_max=True
)


def shown_rows(rows: list[Row]) -> list[dict[str, Any]]:
    """Give rows as the values that their forms begin with."""
    return [
        {
            "key": row.key,
            "record": row.record,
            "origin": row.origin,
            "label": row.label[:300],
            "name": row.name,
            "source": row.source,
            "transform": row.transform,
            "default": row.default,
            "required": row.required,
            "max": row.max or None,
            "width": row.width or None,
            "position": number,
        }
        for number, row in enumerate(rows)
    ]


class FrameForm(forms.Form):
    """What belongs to the mapping as a whole, and the record that the preview shows."""

    seen = forms.CharField(max_length=64, widget=forms.HiddenInput, required=False)
    options = forms.CharField(
        max_length=4000,
        required=False,
        widget=forms.Textarea({"rows": 4, "spellcheck": "false", "class": "mlc-mono"}),
        help_text="As in a configuration file: header: true",
    )
    sample = forms.CharField(
        max_length=255, required=False, label="Show with", help_text="A Xero number; empty: the newest record."
    )

    def clean_options(self) -> dict[str, Any]:
        """Read the options; they are names with values."""
        try:
            found = yaml.safe_load(self.cleaned_data["options"] or "{}")
        except (yaml.YAMLError, RecursionError, ValueError) as error:
            raise forms.ValidationError("This is not YAML.") from error
        if not isinstance(found, dict):
            raise forms.ValidationError("Write names with values, as in header: true.")
        return found


def shown_options(definition: Mapping[str, Any]) -> str:
    """Give a definition's own options as text."""
    options = definition.get("options")
    return yaml.safe_dump(options, sort_keys=False, allow_unicode=True) if options else ""
