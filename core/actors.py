"""Who did it: a person with an account, something that has a name only (a command, a file), or the product itself."""

from typing import Any


def actor_name(actor: Any) -> str:
    """Give the name that the audit trail shows: an account's, the text itself, or nothing for the product."""
    if actor is None:
        return ""
    return actor if isinstance(actor, str) else str(actor.get_username())


def account_of(actor: Any) -> Any:
    """Give the account to be stored beside what was done; None where there is no account."""
    return None if isinstance(actor, str) else actor
