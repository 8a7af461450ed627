"""Configuration files that must be refused: each with the place, the reason, the way out, and nothing changed."""

import pytest

from core.errors import Invalid
from core.models import Event, Tenant
from tests.connector.config.files import (
    GONE,
    HOST_KEY,
    INTEGRATION,
    MAPPING,
    PARTNER,
    SECRETS,
    SERVER,
    TENANT,
    XERO,
    another,
    apply,
    configuration,
)

pytestmark = pytest.mark.django_db

RAW = [
    (b"", "file", "empty"),
    (b"\xff\xfe", "file", "UTF-8"),
    (b"version: 1\ntenants: [", "line 3", "not YAML"),
    (b"version: 1\n\ttenants: []", "line 2", "not YAML"),
    (b"version: 1\ntenants: []\nversion: 1", "version", "twice"),
    (b"version: 1\ntenants: [{slug: a, slug: b}]", "tenants[0].slug", "twice"),
    (b"a: &a [x]\nb: [*a, *a]", "line 1", "Anchors"),
    (b"version: !!python/object/apply:os.system [id]", "line 1", "Tags"),
    (b"version: 1\n---\nversion: 1", "line 2", "more than one"),
    (b"[" * 500, "line 1", "nest"),
    (b"x: " + b"y" * 1_100_000, "file", "larger"),
    (b'version: 1\ntenants: [{slug: "a\\0b"}]', "tenants[0].slug", "cannot be stored"),
    (b"just text", "file", "block of keys"),
    (b"- 1\n- 2", "file", "block of keys"),
    (b"version: 2\ntenants: []", "version", "reads version 1"),
    (b"tenants: []", "version", "missing"),
    (b"version: 1", "tenants", "missing"),
    (b"version: 1\ntenants: harbor", "tenants", "list"),
    (b"version: 1\ntenants: [harbor]", "tenants[0]", "block of keys"),
    (b"? {a: 1}\n: 2", "line 1", "one word"),
]


@pytest.mark.parametrize(("content", "path", "word"), RAW)
def test_what_is_no_configuration_is_refused(tmp_path, content, path, word):
    with pytest.raises(Invalid) as refused:
        apply(tmp_path, content)
    assert any(item.path == path and word in str(item) for item in refused.value.findings), refused.value.findings
    assert not Tenant.objects.exists()


SPOILED = [
    # names, keys and shapes
    (TENANT + ".slug", GONE, "missing"),
    (TENANT + ".slug", "har bor/../x", "letters"),
    (TENANT + ".time_zone", "America/Chikago", "America/Chicago"),
    (TENANT + ".timezone", "UTC", "time_zone"),
    (TENANT + ".servers", {"erp": {}}, "list"),
    (INTEGRATION + ".schedul", {}, "schedule"),
    (INTEGRATION + ".name", "a/b", "letters"),
    (INTEGRATION + ".name", "x" * 101, "100"),
    (INTEGRATION + ".enabled", "yes", "true or false"),
    # Xero
    (XERO + ".auth", "custom_conection", "custom_connection"),
    (XERO + ".auth", GONE, "missing"),
    (XERO + ".client_id", GONE, "missing"),
    (XERO + ".client_secret", "the-client-secret", "never written"),
    (XERO + ".client_secret", {"env": "NOT_SET"}, "NOT_SET is not set"),
    (XERO + ".client_secret", {"env": "EMPTY"}, "EMPTY is empty"),
    (XERO + ".client_secret", {"vault": "x"}, "no such key"),
    (XERO + ".client_secret", {"env": "XERO_SECRET", "file": "x"}, "one key"),
    (XERO + ".client_secret", {"env": ["XERO_SECRET"]}, "names no env"),
    (XERO + ".webhook_keys", [{"env": "NOT_SET"}], "NOT_SET is not set"),
    (XERO + ".poll", "every hour", "five fields"),
    (XERO + ".poll", "0 0 31 2 *", "never comes"),
    (XERO + ".xero_tenant_id", "not-a-uuid", "UUID"),
    # servers
    (SERVER + ".host", GONE, "missing"),
    (SERVER + ".host", "", "empty"),
    (SERVER + ".host", "127.0.0.1", "not a public address"),
    (SERVER + ".host", "169.254.169.254", "not a public address"),
    (SERVER + ".host", "::ffff:127.0.0.1", "not a public address"),
    (SERVER + ".host", "64:ff9b::7f00:1", "not a public address"),
    (SERVER + ".host", "2130706433", "not written as an address"),
    (SERVER + ".host", "0x7f000001", "not written as an address"),
    (SERVER + ".host", "https://example.com", "not SFTP"),
    (SERVER + ".host", "user:pass@example.com", "password"),
    (SERVER + ".host", "exa mple.com", "no host name"),
    (SERVER + ".port", 0, "1 to 65535"),
    (SERVER + ".port", 65536, "1 to 65535"),
    (SERVER + ".port", 6379, "not a port for SFTP"),
    (SERVER + ".port", "22", "whole number"),
    (SERVER + ".username", GONE, "missing"),
    (SERVER + ".username", "har\nbor", "line breaks"),
    (SERVER + ".private_key", GONE, "no key and no password"),
    (SERVER + ".private_key", {"file": "keys/none"}, "does not exist"),
    (SERVER + ".private_key", {"file": "."}, "not a plain file"),
    (SERVER + ".private_key", {"env": "SFTP_PASSWORD"}, "no private key"),
    (SERVER + ".private_key", {"env": "PUBLIC_HALF"}, "public half"),
    (SERVER + ".private_key", {"env": "PUTTY_KEY"}, "PuTTY"),
    (SERVER + ".private_key", {"env": "CUT_KEY"}, "cut short"),
    (SERVER + ".passphrase", {"env": "EMPTY"}, "EMPTY is empty"),
    (SERVER + ".host_keys", GONE, "At least one host key"),
    (SERVER + ".host_keys", [], "At least one host key"),
    (SERVER + ".host_keys", HOST_KEY, "list"),
    (SERVER + ".host_keys", [HOST_KEY[:60]], "damaged"),
    (SERVER + ".host_keys", ["MD5:" + ":".join(["ab"] * 16)], "MD5"),
    (SERVER + ".host_keys", ["|1|abc|def " + HOST_KEY], "hashed"),
    (SERVER + ".host_keys", ["@revoked * " + HOST_KEY], "@revoked"),
    (SERVER + ".host_keys", ["other.example.com " + HOST_KEY], "other.example.com"),
    (SERVER + ".publish", "renam", "rename"),
    (SERVER + ".publish", "staging", "staging_folder"),
    (SERVER + ".staging_folder", "/staging", "publish: staging"),
    # partners
    (PARTNER + ".server", "erq", "Did you mean erp"),
    (PARTNER + ".folders.send_to", "/out/../../etc", ".."),
    (PARTNER + ".folders.send_to", "~/out", "~"),
    (PARTNER + ".folders.pick_up_from", "/in/{year}", "not a field"),
    (PARTNER + ".folders.pick_up_from", "/outbound/", "picked up"),
    (PARTNER + ".folders.pick_up_from", "/acks", "picked up"),
    (PARTNER + ".folders.processed", "/outbound", "picked up"),
    (PARTNER + ".folders.sendto", "/x", "send_to"),
    (PARTNER + ".x12.sender", ["ZZ", "HARBORSUPPLYCOMPANY"], "ISA06 and ISA08 hold 1 to 15"),
    (PARTNER + ".x12.sender", "HARBOR", "a qualifier and an id"),
    (PARTNER + ".x12.sender", ["ZZZ", "HARBOR"], "two characters"),
    (PARTNER + ".x12.receiver", GONE, "qualifier and an id"),
    (PARTNER + ".x12.sender", ["ZZ", "HAR*BOR"], "delimiters"),
    (PARTNER + ".x12.acknowledgment_requested", "yes", "true or false"),
    (PARTNER + ".test", {"x12": {"receiver": ["ZZ", "A" * 16]}}, "ISA06"),
    (PARTNER + ".x12.version", "003040", "004010"),
    (PARTNER + ".x12.delimiters", {"element": "*", "component": "*"}, "already"),
    (PARTNER + ".x12.delimiters", {"element": "A"}, "element"),
    (PARTNER + ".x12.sendr", ["ZZ", "X"], "sender"),
    (PARTNER + ".edifact.sender", ["H" * 36, "ZZ"], "35"),
    (PARTNER + ".acks.want", "998", "997"),
    (PARTNER + ".acks.overdue_hours", {"810": 0}, "1 to 8760"),
    (PARTNER + ".acks.pick_up", "61 * * * *", "minute"),
    (PARTNER + ".mode", "prod", "production"),
    (PARTNER + ".test", {"server": "sandbox"}, "no server sandbox"),
    # mappings
    (MAPPING + ".name", GONE, "missing"),
    (MAPPING + ".format", "cvs", "csv"),
    (MAPPING + ".base", "csv-invoises", "There is no base"),
    (MAPPING + ".fields.0.source", "InvoiceNumbr", "InvoiceNumber"),
    (MAPPING + ".fields.0.source", "Contact.Nme", "Contact.Name"),
    (MAPPING + ".fields.0.source", "__class__", "__class__"),
    (MAPPING + ".fields.0.source", "lookup('unitz', CurrencyCode)", "units"),
    (MAPPING + ".fields.0.sorce", "Total", "source"),
    (MAPPING + ".fields.1.name", "number", "number"),
    (MAPPING + ".options.delimiter", "a", "cannot separate"),
    # integrations
    (INTEGRATION + ".xero", "boks", "Did you mean books"),
    (INTEGRATION + ".partner", "erpp", "Did you mean erp"),
    (INTEGRATION + ".mapping", "invoices-cvs", "Did you mean invoices-csv"),
    (INTEGRATION + ".mapping", "invoices-csv@7", "no version 7"),
    (INTEGRATION + ".mapping", "invoices-csv@x", "version's number"),
    (INTEGRATION + ".streams", [], "1 to 6"),
    (INTEGRATION + ".streams", ["invoice"], "invoices"),
    (INTEGRATION + ".where.type", ["ACCRECEIVABLE"], "ACCREC"),
    (INTEGRATION + ".where.status", ["AUTHORIZED"], "AUTHORISED"),
    (INTEGRATION + ".where.expr", "Totl > `0`", "Total"),
    (INTEGRATION + ".where.expr", "Total >", "where.expr"),
    (INTEGRATION + ".where.what", "x", "no such key"),
    (INTEGRATION + ".start", GONE, "missing"),
    (INTEGRATION + ".start.from", "01/02/2026", "2026-12-01"),
    (INTEGRATION + ".start.from", "2026-02-30", "not a date"),
    (INTEGRATION + ".start.opening", "everything", "open_items"),
    (INTEGRATION + ".file_name", "../../etc/{sequence}", "no folders"),
    (INTEGRATION + ".file_name", "invoices.csv", "running number"),
    (INTEGRATION + ".file_name", "{sequence.__class__}", "not a field"),
    (INTEGRATION + ".file_name", "{control}.csv", "no control numbers"),
    (INTEGRATION + ".file_name", "{number}_{sequence}.csv", "batch: record"),
    (INTEGRATION + ".folder", "/inbound", "picked up"),
    (INTEGRATION + ".batch", "day", "number of records"),
    (INTEGRATION + ".batch", 0, "whole number"),
    (INTEGRATION + ".on_change", "overwrite", "send, replace, hold, ignore"),
    (INTEGRATION + ".after", ["invoices-to-erp"], "wait for itself"),
    (INTEGRATION + ".after", ["bills-to-erp"], "no integration bills-to-erp"),
    (INTEGRATION + ".schedule", {"time_zone": "UTC"}, "missing"),
    (INTEGRATION + ".schedule.cron", "0 25 * * *", "hour"),
    (INTEGRATION + ".schedule.time_zone", "Chicago", "America/Chicago"),
    (f"{TENANT}.integrations.1", another(INTEGRATION, name="bills-to-erp"), "same file name"),
    (f"{TENANT}.integrations.1", another(INTEGRATION), "there already"),
    (f"{TENANT}.servers.1", another(SERVER, name="ERP"), "there already"),
]


@pytest.mark.parametrize(
    ("place", "value", "word"), SPOILED, ids=[f"{number} {place}" for number, (place, _, _) in enumerate(SPOILED)]
)
def test_a_spoiled_file_is_refused_with_place_and_reason(tmp_path, place, value, word):
    with pytest.raises(Invalid) as refused:
        apply(tmp_path, configuration({place: value}))
    said = "\n".join(map(str, refused.value.findings))
    assert word in said, said
    assert all(item.path.startswith("tenants[0]") and item.reason for item in refused.value.findings)
    assert len(refused.value.findings) <= 3, said
    assert not any(secret in said for secret in SECRETS)
    assert not Tenant.objects.exists()
    assert not Event.objects.exists()


def test_everything_that_is_wrong_is_said_at_once(tmp_path):
    changes = {INTEGRATION + ".streams": ["contacts"], SERVER + ".port": 0, XERO + ".poll": "x", PARTNER + ".mode": "x"}
    with pytest.raises(Invalid) as refused:
        apply(tmp_path, configuration(changes))
    paths = {item.path for item in refused.value.findings}
    assert {
        "tenants[0].xero[0].poll",
        "tenants[0].servers[0].port",
        "tenants[0].partners[0].mode",
        "tenants[0].mappings[0].fields[0].source",
        "tenants[0].integrations[0].where.type[0]",
    } <= paths
    assert not Tenant.objects.exists()
