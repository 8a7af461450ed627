"""Numbers in fixed width: padded, with the sign where the partner wants it, never cut."""

from collections.abc import Callable, Mapping

from edi_app.mapping.columns import Fit, Notes, source_name
from edi_app.mapping.findings import BAD_VALUE, TOO_LONG, ValueRefused
from edi_app.mapping.spec import FieldSpec

Place = Callable[[FieldSpec, str, str], str]

# Zoned decimals as COBOL writes them: the last digit carries the sign.
_OVERPUNCH = {"+": "{ABCDEFGHI", "-": "}JKLMNOPQR"}


def default_pad(spec: FieldSpec) -> str:
    """Give the padding of a number: what the field says, else zeros for implied decimals, blanks elsewhere."""
    return spec.pad or ("0" if spec.decimals is not None else " ")


def number_fit(spec: FieldSpec) -> Fit:
    """Pad a number into its width; nothing at all is blanks. Raises ValueRefused when it does not fit."""
    usual = "leading" if default_pad(spec) == "0" else "floating"
    place = _PLACES[spec.sign or usual]

    def fit(text: str, _: Notes) -> str:
        if not text:
            return " " * spec.width
        sign, body = ("-", text[1:]) if text[0] == "-" else ("+", text)
        placed = place(spec, sign, body)
        if len(placed) > spec.width:
            reason = f'"{source_name(spec)}" has {len(placed)} characters; {spec.name} allows {spec.width}.'
            raise ValueRefused(reason, hint="A number is never cut; make the field wider.", code=TOO_LONG)
        return placed

    return fit


def _floating(spec: FieldSpec, sign: str, body: str) -> str:
    text = body if sign == "+" else f"-{body}"
    return text.ljust(spec.width) if spec.align == "left" else text.rjust(spec.width)


def _leading(spec: FieldSpec, sign: str, body: str) -> str:
    if sign == "+":
        return body.rjust(spec.width, default_pad(spec))
    return "-" + body.rjust(spec.width - 1, default_pad(spec))


def _leading_plus(spec: FieldSpec, sign: str, body: str) -> str:
    return sign + body.rjust(spec.width - 1, default_pad(spec))


def _trailing(spec: FieldSpec, sign: str, body: str) -> str:
    return body.rjust(spec.width - 1, default_pad(spec)) + ("-" if sign == "-" else " ")


def _trailing_plus(spec: FieldSpec, sign: str, body: str) -> str:
    return body.rjust(spec.width - 1, default_pad(spec)) + sign


def _overpunched(spec: FieldSpec, sign: str, body: str) -> str:
    return (body[:-1] + _OVERPUNCH[sign][int(body[-1])]).rjust(spec.width, default_pad(spec))


def _unsigned(spec: FieldSpec, sign: str, body: str) -> str:
    if sign == "-":
        reason = f'"{source_name(spec)}" is negative; {spec.name} has no place for a sign.'
        raise ValueRefused(reason, hint="Choose a sign style, or use as: abs.", code=BAD_VALUE)
    return body.rjust(spec.width, default_pad(spec))


_PLACES: Mapping[str, Place] = {
    "floating": _floating,
    "leading": _leading,
    "leading_plus": _leading_plus,
    "trailing": _trailing,
    "trailing_plus": _trailing_plus,
    "overpunch": _overpunched,
    "none": _unsigned,
}
