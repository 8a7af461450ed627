"""The next three names that a template gives, to be read before it is saved."""

from zoneinfo import ZoneInfo

from connector.naming import SAMPLE, NameFacts, preview
from connector.steps.measure import packs, sent_name
from connector.steps.name_counts import since_restart
from core.clock import database_now
from core.errors import Invalid
from core.models import Integration


def next_names(integration: Integration) -> str:
    """Show the next names of an integration with its own count; control numbers and documents are samples."""
    moment = database_now().astimezone(ZoneInfo(integration.time_zone or integration.tenant.time_zone))
    facts = NameFacts(
        moment=moment,
        sequence=integration.file_sequence + 1,
        since_restart=since_restart(integration, moment=moment),
        tenant=integration.tenant.slug,
        partner=integration.partner.name,
        integration=integration.name,
        stream=integration.streams[0] if integration.streams else "",
        document=SAMPLE.document,
        number=SAMPLE.number,
        control=SAMPLE.control,
    )
    try:
        names = preview(integration.file_name, facts=facts)
    except Invalid:
        return ""
    return ", ".join(sent_name(name, packed=packs(integration)) for name in names)
