"""A faithful Xero of one's own for development and tests: sign-in, accounting API, webhooks, over HTTP.

Plain Python with everything in memory; `manage.py simulate` serves it. See `simulator` for what it promises.
"""

from xero_app.simulator.config import (
    CUSTOM_CONNECTION,
    REALISTIC_LATENCY,
    WEB_APP,
    AppConfig,
    OrganisationConfig,
    SimulatorConfig,
)
from xero_app.simulator.simulator import Simulator

__all__ = [
    "CUSTOM_CONNECTION",
    "REALISTIC_LATENCY",
    "WEB_APP",
    "AppConfig",
    "OrganisationConfig",
    "Simulator",
    "SimulatorConfig",
]
