"""From a problem to where it is dealt with: links that the reader may follow, the most likely one first."""

from typing import NamedTuple

from django.http import HttpRequest
from django.urls import reverse

from connector.console.access import Access, access_of
from core.models import Problem, Role

NOT_ABOUT_VALUES = ("SFTP_", "XERO_", "ACK_", "FILE_", "HOSTKEY_")
"""Problems of a record whose code begins like this are not solved in its mapping."""


class Way(NamedTuple):
    """One link: what it leads to, its icon, its address."""

    words: str
    icon: str
    link: str


def ways_on(request: HttpRequest, problem: Problem) -> list[Way]:
    """Give the links for a problem whose integration was read with it."""
    access = access_of(request)
    return [*_record(access, problem), *_ends(access, problem)]


def _record(access: Access, problem: Problem) -> list[Way]:
    ways = []
    is_about_values = problem.export_id and not problem.code.startswith(NOT_ABOUT_VALUES)
    if is_about_values and problem.integration and access.may(Role.INTEGRATOR, problem.tenant_id):
        link = reverse("admin:core_mapping_editor", args=[problem.integration.mapping_id])
        ways.append(Way("Edit the mapping", "table_convert", link))
    if problem.export_id and access.may(Role.OPERATOR, problem.tenant_id):
        ways.append(Way("Replay the record", "replay", reverse("admin:core_export_replay", args=[problem.export_id])))
    return ways


def _ends(access: Access, problem: Problem) -> list[Way]:
    ways = []
    if problem.server_id:
        ways.append(Way("Open the server", "dns", reverse("admin:core_server_change", args=[problem.server_id])))
    if problem.organisation_id and access.may(Role.INTEGRATOR, problem.tenant_id):
        ways.append(Way("Xero sign-in", "cloud_sync", reverse("xero-connection", args=[problem.organisation_id])))
    if problem.file_id and not problem.export_id:
        ways.append(Way("Open the file", "draft", reverse("admin:core_file_change", args=[problem.file_id])))
    return ways
