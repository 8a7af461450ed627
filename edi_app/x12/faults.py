"""Where a fault is, as X12 people write it. Codes: I18 for interchanges, 716 groups, 718 sets, 720 segments, 723
elements."""

from edi_app.acknowledgment import Fault


def place_of(fault: Fault) -> str:
    """Name the place of a fault: `BIG02`, `AK401-2`, `N1`."""
    if not fault.element:
        return fault.tag
    tail = f"-{fault.component}" if fault.component else ""
    return f"{fault.tag}{fault.element:02d}{tail}"
