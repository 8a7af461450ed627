"""The console's admin site: own address list, own search, no page outside the scope of its reader."""

from typing import Any

from django.http import HttpRequest
from django.shortcuts import redirect

from connector.console.theme import ThemeSite


class ConsoleSite(ThemeSite):
    """The Django admin as the product's console."""

    site_title = "ml-connector"
    index_title = "Overview"
    enable_nav_sidebar = True

    def app_index(self, request: HttpRequest, app_label: str, extra_context: dict[str, Any] | None = None) -> Any:
        """Lead from Django's list of an app's models to the overview: people think in pages, not apps."""
        return redirect(f"{self.name}:index")
