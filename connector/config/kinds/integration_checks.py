"""What an integration must fulfil before it is stored: its names exist, its format can say what it asks for, and
it does not send to everybody by accident."""

from typing import Any

from connector.config.entries import CONFLICT, Entry, World
from connector.config.kinds.expressible import Formatters, check_expressible, is_edi
from connector.config.kinds.mappings import tables_of
from connector.config.kinds.where import check_filter
from connector.config.shape import MISSING_KEY
from connector.cron import check_cron, check_zone
from connector.naming import SAMPLE, NameFacts, check_file_name, check_folder, normal_folder
from connector.steps.measure import sent_name
from core.documents import Action, Stream
from core.errors import Finding, Invalid
from core.models import MappingVersion, OnChange, OnVoid
from edi_app.formatter import check_definition, compile_formatter

_IDS = {"ISA": "x12", "UNB": "edifact"}


def check_integration(entry: Entry, world: World) -> list[Finding]:
    """Find everything that speaks against an integration, and fill in what depends on its format."""
    findings = _check_names(entry, world) + check_filter(entry) + _check_schedule(entry) + _check_after(entry, world)
    formatters, refused = _formatters(entry, world)
    _fill_in(entry, formatters)
    findings += refused + _check_naming(entry, world, formatters)
    if formatters:
        findings += check_expressible(entry, formatters) + _check_edi(entry, world, formatters)
    return findings


def _check_names(entry: Entry, world: World) -> list[Finding]:
    plain = entry.plain
    findings = [
        world.unknown(entry, kind, kind, plain[kind])
        for kind in ("xero", "partner", "mapping")
        if plain[kind] and world.find(kind, entry.tenant, plain[kind]) is None
    ]
    if plain["version"] and not findings and _definition(entry, world) is None:
        reason = f"The mapping {plain['mapping']} has no version {plain['version']}."
        findings.append(entry.finding("mapping", reason, "Leave @ out to use the newest."))
    return findings


def _definition(entry: Entry, world: World) -> dict[str, Any] | None:
    """Give the definition that the integration will use."""
    mapping = world.find("mapping", entry.tenant, entry.plain["mapping"] or "")
    if mapping is None or not entry.plain["version"]:
        return mapping.plain["definition"] if mapping else None
    versions = MappingVersion.objects.filter(mapping__tenant__slug=entry.tenant, mapping__name=mapping.name)
    numbers = dict(versions.values_list("number", "definition"))
    newest = numbers.get(max(numbers, default=0))
    if mapping.plain["definition"] != newest:
        numbers[max(numbers, default=0) + 1] = mapping.plain["definition"]
    return numbers.get(entry.plain["version"])


def _check_schedule(entry: Entry) -> list[Finding]:
    schedule, path = entry.plain["schedule"] or {}, f"{entry.path}.schedule"
    findings = check_cron(schedule["cron"], path=f"{path}.cron") if schedule.get("cron") else []
    if schedule.get("time_zone"):
        findings += check_zone(schedule["time_zone"], path=f"{path}.time_zone")
    return findings


def _check_after(entry: Entry, world: World) -> list[Finding]:
    others = entry.plain["after"]
    findings = [
        world.unknown(entry, "after", "integration", other)
        for other in others
        if world.find("integration", entry.tenant, other) is None
    ]
    if entry.name in _before(others, entry.tenant, world):
        findings.append(entry.finding("after", f"{entry.name} would wait for itself.", "Remove it."))
    return findings


def _before(names: list[str], tenant: str, world: World) -> set[str]:
    """Name every integration that must be through before one that waits for `names`."""
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        known = world.find("integration", tenant, waiting.pop())
        if known is not None and known.name not in found:
            found.add(known.name)
            waiting += known.plain["after"]
    return found


def _formatters(entry: Entry, world: World) -> tuple[Formatters, list[Finding]]:
    """Compile the mapping for each stream. What is wrong with a mapping of this file is said there, once."""
    definition, streams = _definition(entry, world), entry.plain["streams"]
    if definition is None or not streams:
        return {}, []
    tables = tables_of(world, entry.tenant)
    said_there = ("mapping", entry.tenant, entry.plain["mapping"]) in world.wanted and not entry.plain["version"]
    if said_there and check_definition(definition, streams=streams, tables=tables):
        return {}, []
    formatters, findings = {}, []
    for stream in streams:
        try:
            formatters[stream] = compile_formatter(definition, stream=stream, tables=tables)
        except Invalid as refused:
            reason = f"The mapping {entry.plain['mapping']} does not fit {stream}: {refused.findings[0]}"
            findings.append(entry.finding("mapping", reason, code=refused.code))
    return {} if findings else formatters, findings


def _fill_in(entry: Entry, formatters: Formatters) -> None:
    """Give `on_change` and `on_void` what is usual for the format: EDI partners are not surprised."""
    plain = entry.plain
    cautious = is_edi(formatters)
    tells_voids = bool(formatters) and all(each.supports(Action.CANCEL) for each in formatters.values())
    plain["on_change"] = plain["on_change"] or (OnChange.HOLD.value if cautious else OnChange.SEND.value)
    usual_void = OnVoid.CANCEL.value if tells_voids and not cautious else OnVoid.HOLD.value
    plain["on_void"] = plain["on_void"] or usual_void
    plain["folder"] = normal_folder(plain["folder"] or "")
    documents = [each.document for each in formatters.values() if each.document]
    entry.document = (documents or plain["streams"] or [""])[0]


def name_facts(entry: Entry) -> NameFacts:
    """Give what is known of an integration's names before there is a file."""
    streams = entry.plain["streams"] or [""]
    return NameFacts(
        moment=SAMPLE.moment,
        tenant=entry.tenant,
        partner=entry.plain["partner"] or "",
        integration=entry.name,
        stream=streams[0],
        document=entry.document,
    )


def _check_naming(entry: Entry, world: World, formatters: Formatters) -> list[Finding]:
    plain, findings = entry.plain, []
    if plain["file_name"]:
        findings += check_file_name(
            sent_name(plain["file_name"], packed=bool(plain["delivery"].get("gzip"))),
            path=f"{entry.path}.file_name",
            facts=name_facts(entry),
            has_control=is_edi(formatters) or not formatters,
            is_single=plain["batch"] == "record",
        )
    if plain["folder"]:
        return findings + check_folder(plain["folder"], path=f"{entry.path}.folder")
    partner = world.find("partner", entry.tenant, plain["partner"] or "")
    if partner is not None and not (partner.plain["folders"] or {}).get("send_to"):
        hint = f"Write it here, or as folders.send_to of the partner {partner.name}."
        findings.append(entry.finding("folder", "There is no folder to send to.", hint, MISSING_KEY))
    return findings


def _check_edi(entry: Entry, world: World, formatters: Formatters) -> list[Finding]:
    """EDI partners need ids, and must not get every customer's documents by accident."""
    plain, findings = entry.plain, []
    partner = world.find("partner", entry.tenant, plain["partner"] or "")
    blocks = {_IDS[level] for each in formatters.values() for level in each.numbers if level in _IDS}
    for block in sorted(blocks):
        if partner is not None and not partner.plain[block]:
            hint = f"Add a block {block} with sender and receiver to it."
            findings.append(entry.finding("partner", f"The partner {partner.name} has no {block} ids.", hint))
    names_contacts = plain["where"].get("contacts") or set(plain["streams"]) == {Stream.MANUAL_JOURNALS}
    if blocks and not names_contacts and not plain["confirm_all_contacts"]:
        reason = f"Without a filter {plain['partner']} would receive the documents of every contact."
        hint = "List contacts here, or write `confirm_all_contacts: true` if that is meant."
        findings.append(entry.finding("where.contacts", reason, hint, CONFLICT))
    return findings
