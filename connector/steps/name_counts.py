"""Counts of names: which file of its day, month or year the next one of an integration is.

Nothing is stored for it: `{sequence}` has no gaps, so the last one given before the day began tells.
"""

from datetime import datetime

from connector.naming import restart_of
from core.models import File, Integration


def since_restart(integration: Integration, *, moment: datetime) -> int | None:
    """Give the number of the next file since its count began anew; None where it never does.

    `moment` is in the integration's zone: it says which day this is."""
    restart = restart_of(integration.file_name)
    if not restart:
        return None
    earlier = File.objects.filter(integration=integration, sealed_at__lt=_began(restart, moment), sequence__gt=0)
    last = earlier.order_by("-sequence").values_list("sequence", flat=True).first()
    return integration.file_sequence + 1 - (last or 0)


def _began(restart: str, moment: datetime) -> datetime:
    """Give the first moment of the day, month or year, as its zone's clocks show it."""
    midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    if restart == "day":
        return midnight
    return midnight.replace(day=1) if restart == "month" else midnight.replace(month=1, day=1)
