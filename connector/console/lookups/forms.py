"""The forms of an import: a CSV file or pasted rows."""

from typing import Any

from django import forms

from core.errors import Invalid
from edi_app.mapping.tables import LARGEST_BYTES, MOST_ENTRIES, read_table

NAME = r"^[A-Za-z0-9](?:[A-Za-z0-9 ._-]*[A-Za-z0-9_-])?$"
PASTED = 200_000
REPLACE, MERGE = "replace", "merge"


class RowsForm(forms.Form):
    """Rows from a file or from the clipboard, and why."""

    file = forms.FileField(
        required=False,
        label="CSV file",
        help_text=f"Two columns, key and value, no row of names, at most {MOST_ENTRIES:,} rows; UTF-8.",
    )
    text = forms.CharField(
        required=False,
        strip=False,
        max_length=PASTED,
        label="Or rows, pasted",
        widget=forms.Textarea({"rows": 12, "spellcheck": "false", "class": "mlc-mono"}),
    )
    note = forms.CharField(max_length=500, label="What changed", help_text="Shown beside the version.")

    def clean(self) -> Any:
        """Read the rows; every row that is wrong is named."""
        data: dict[str, Any] = super().clean() or {}
        file, text = data.get("file"), data.get("text") or ""
        if (file is None) == (not text.strip()):
            raise forms.ValidationError("Choose a file, or paste rows.")
        given = file.read(LARGEST_BYTES + 1) if file is not None else text.encode()
        try:
            data["rows"] = read_table(given)
        except Invalid as refused:
            raise forms.ValidationError([str(finding) for finding in refused.findings]) from refused
        return data


class ImportForm(RowsForm):
    """The same for a table that is there, and what happens to its rows."""

    how = forms.ChoiceField(
        choices=[(REPLACE, "Replace all rows"), (MERGE, "Add and change rows, remove none")],
        label="What happens to the rows of now",
        widget=forms.RadioSelect,
        initial=REPLACE,
    )


class NewTableForm(RowsForm):
    """The same with the name of a table that is not there yet."""

    name = forms.RegexField(NAME, max_length=100)
