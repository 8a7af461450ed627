"""OAuth scopes: the granular ones of 2026, the broad ones of older apps, and which endpoint each opens."""

_OPENID = ("openid", "profile", "email", "offline_access")
_AREAS = ("invoices", "payments", "manualjournals", "contacts", "settings", "attachments", "banktransactions")
BROAD = ("accounting.transactions", "accounting.transactions.read")
_READ_AND_WRITE = tuple(f"accounting.{area}{suffix}" for area in _AREAS for suffix in ("", ".read"))
KNOWN = frozenset((*_OPENID, *BROAD, *_READ_AND_WRITE, "accounting.journals.read", "accounting.reports.read"))
_UNDER_BROAD = ("invoices", "payments", "manualjournals")


def refused_scopes(asked: list[str], *, granular_only: bool) -> list[str]:
    """Scopes that this app may not have: unknown ones, and broad ones for apps born after 2 March 2026."""
    return [scope for scope in asked if scope not in KNOWN or (granular_only and scope in BROAD)]


def opens(granted: frozenset[str], *, area: str) -> bool:
    """Whether these scopes allow reading the area: invoices, payments, manualjournals, contacts, settings."""
    wanted = {f"accounting.{area}", f"accounting.{area}.read"}
    if area in _UNDER_BROAD:
        wanted.update(BROAD)
    return bool(wanted & granted)


DEFAULT_SCOPES = (
    "openid profile email offline_access accounting.invoices.read accounting.payments.read "
    "accounting.manualjournals.read accounting.contacts.read accounting.settings.read"
)
