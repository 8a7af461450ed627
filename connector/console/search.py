"""Search that stays quick on a million rows: prefixes of indexed columns, joined tables resolved to ids first."""

from typing import Any, ClassVar, NamedTuple

from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest

from connector.console.access import access_of

MOST_JOINED = 500
"""How many rows of a joined table (files with this name) a search follows."""


class Joined(NamedTuple):
    """A table that a search follows: which of our columns holds its `value`, and what to look at there."""

    ids: str
    model: type[Model]
    columns: tuple[str, ...]
    tenant_path: str = "tenant_id"
    value: str = "pk"


class PrefixSearch:
    """Adds prefix search to a page family.

    `own_prefixes` are columns of the table itself. `joined_prefixes` are looked up in their own tables first, so
    that one term never becomes an OR across two tables.
    """

    own_prefixes: ClassVar[tuple[str, ...]] = ()
    joined_prefixes: ClassVar[tuple[Joined, ...]] = ()

    def get_search_fields(self, request: HttpRequest) -> tuple[str, ...]:
        """Tell the theme to show the search box when there is something to search."""
        return self.own_prefixes

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Keep the rows that begin with the term in one of the columns."""
        term = search_term.strip()
        if not term:
            return queryset, False
        chosen = prefix_of(self.own_prefixes, term)
        for joined in self.joined_prefixes:
            found = joined.model._default_manager.filter(prefix_of(joined.columns, term))
            mine = access_of(request).scope(found, path=joined.tenant_path)
            chosen |= Q(**{f"{joined.ids}__in": list(mine.values_list(joined.value, flat=True)[:MOST_JOINED])})
        return queryset.filter(chosen), False


def prefix_of(columns: tuple[str, ...], term: str) -> Q:
    """Match rows where one of the columns begins with a term, as typed, in capitals, small letters or Capitalised.

    Ignoring the case altogether could not use an index. The empty values are left out in so many words because
    that is how PostgreSQL recognises the indexes that leave them out.
    """
    chosen = Q()
    for column in columns:
        begins = Q()
        for spelling in sorted({term, term.upper(), term.lower(), term.capitalize()}):
            begins |= Q(**{f"{column}__startswith": spelling})
        chosen |= begins & ~Q(**{column: ""})
    return chosen
