"""The guard for files that people open: every start that a spreadsheet runs, and nothing else."""

import pytest

from edi_app.flat.formulas import guard_formula


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+1+1",
        "-2+3",
        "@SUM(A1)",
        "\t=1",
        "\rx",
        "\nx",
        "\0x",
        "  =1",
        "\uff1d1",
        "\uff0b1",
        "\uff0d1",
        "\uff20x",
        "-",
        "+",
    ],
)
def test_formula_gets_an_apostrophe(text):
    assert guard_formula(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", " ", "Acme", "-12.50", "+1", " -3 ", "1=1", "a@b.example", "-1,234.50", "'=1"])
def test_harmless_text_stays(text):
    assert guard_formula(text) == text
