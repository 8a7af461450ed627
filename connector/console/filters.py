"""Filters of the lists: choices only from the reader's tenants, times without a calendar hierarchy."""

from datetime import timedelta
from typing import Any, ClassVar

from django.db.models import DateTimeField, ExpressionWrapper, QuerySet, Value
from django.db.models.functions import Now
from django.http import HttpRequest

from connector.console.scoping import visible_rows
from connector.console.theme import DropdownFilter, RelatedDropdownFilter

MOST_CHOICES = 500
AGES = (
    ("1h", "Last hour", timedelta(hours=1)),
    ("24h", "Last 24 hours", timedelta(hours=24)),
    ("7d", "Last 7 days", timedelta(days=7)),
    ("30d", "Last 30 days", timedelta(days=30)),
)


class OwnRelatedFilter(RelatedDropdownFilter):
    """A filter by a related row that offers only rows which the reader may see."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> Any:
        """Offer the reader's own rows, by name."""
        rows = visible_rows(model_admin.admin_site, field.related_model, request)
        return [(row.pk, str(row)) for row in rows.order_by("name")[:MOST_CHOICES]]

    def has_output(self) -> bool:
        """Leave the filter out when there is nothing to choose between."""
        return len(self.lookup_choices) > 1


class AgeFilter(DropdownFilter):
    """A filter by age. `column` is the indexed time of the list."""

    title = "when"
    parameter_name = "when"
    column: ClassVar[str] = "created_at"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer a few ages."""
        return [(key, label) for key, label, _ in AGES]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep the rows that are not older."""
        length = next((length for key, _, length in AGES if key == self.value()), None)
        if length is None:
            return queryset
        since = ExpressionWrapper(Now() - Value(length), output_field=DateTimeField())
        return queryset.filter(**{f"{self.column}__gte": since})


def age_filter(time_column: str) -> type[AgeFilter]:
    """Make an age filter for a list ordered by another time."""
    return type("AgeFilter", (AgeFilter,), {"column": time_column})
