"""Settings of the console's theme (django-unfold)."""

from typing import Any

UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "ml-connector",
    "SITE_HEADER": "ml-connector",
    "SITE_SUBHEADER": "Xero to partners",
    "SITE_SYMBOL": "sync_alt",
    "SITE_URL": None,
    "SHOW_BACK_BUTTON": False,
    "ENVIRONMENT": "connector.console.navigation.environment",
    "DASHBOARD_CALLBACK": "connector.console.overview.overview",
    "STYLES": ["connector.console.navigation.stylesheet"],
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": "connector.console.navigation.favicon"}],
    "COLORS": {
        "primary": {
            "50": "#eef4ff",
            "100": "#dbe6fe",
            "200": "#bfd3fe",
            "300": "#93b4fd",
            "400": "#6090fa",
            "500": "#5b8cf5",
            "600": "#1d4fd8",
            "700": "#1d40b0",
            "800": "#1e388a",
            "900": "#1e326d",
            "950": "#172043",
        }
    },
    "SIDEBAR": {
        "show_search": True,
        "command_search": True,
        "show_all_applications": False,
        "navigation": "connector.console.navigation.sidebar",
    },
    "COMMAND": {"search_models": False, "show_history": False},
}
