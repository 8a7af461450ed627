"""How an object is asked for: that decides how much of it is shown."""

from dataclasses import dataclass
from decimal import Decimal

from xero_app.simulator.amounts import places

_STEPS = {2: Decimal("0.01"), 4: Decimal("0.0001")}


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """The route: a list without `page` is bare; `unit_places` is `unitdp`, 2 unless 4 was asked for."""

    paged: bool = False
    single: bool = False
    summary: bool = False
    unit_places: int = 2

    @property
    def lines(self) -> bool:
        """Whether line items are shown: in paged lists and single reads only."""
        return (self.paged or self.single) and not self.summary

    def unit(self, amount: Decimal) -> Decimal:
        """A unit price at the precision asked for; this is where `unitdp` rounds."""
        return places(amount, _STEPS[self.unit_places])


SINGLE = View(single=True, unit_places=4)
