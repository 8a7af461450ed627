"""What is installed and what is in the tree: bill of materials, secret scan, licences, dangerous code."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
PRODUCT = [
    path for app in ("connector", "core", "xero_app", "sftp_app", "edi_app") for path in (ROOT / app).rglob("*.py")
]


def script(name, *arguments, cwd=ROOT):
    command = [sys.executable, str(ROOT / "scripts" / name), *map(str, arguments)]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def bill(tmp_path_factory):
    path = tmp_path_factory.mktemp("sbom") / "sbom.json"
    assert script("make_sbom.py", path).returncode == 0
    return json.loads(path.read_text())


def test_the_bill_lists_every_locked_package_with_version_hash_and_address(bill):
    assert (bill["bomFormat"], bill["specVersion"], bill["version"]) == ("CycloneDX", "1.6", 1)
    assert re.fullmatch(r"urn:uuid:[0-9a-f-]{36}", bill["serialNumber"])
    pinned = dict(
        re.findall(r"^([a-z0-9._-]+)(?:\[.*?\])?==([^ ;\\\n]+)", (ROOT / "requirements.lock").read_text(), re.M)
    )
    listed = {item["name"]: item for item in bill["components"]}
    assert {name: item["version"] for name, item in listed.items()} == {
        name.replace("_", "-"): version for name, version in pinned.items()
    }
    for item in listed.values():
        assert item["purl"] == item["bom-ref"] == f"pkg:pypi/{item['name']}@{item['version']}"
        assert item["hashes"]
        assert all(re.fullmatch("[0-9a-f]{64}", entry["content"]) for entry in item["hashes"])


def test_the_bill_says_what_needs_what_and_refers_to_nothing_that_is_not_in_it(bill):
    known = {bill["metadata"]["component"]["bom-ref"], *(item["bom-ref"] for item in bill["components"])}
    needs = {item["ref"]: item["dependsOn"] for item in bill["dependencies"]}
    assert set(needs) == known
    assert {ref for refs in needs.values() for ref in refs} <= known
    (django,) = [ref for ref in known if ref.startswith("pkg:pypi/django@")]
    assert django in needs[bill["metadata"]["component"]["bom-ref"]]
    (celery,) = [ref for ref in known if ref.startswith("pkg:pypi/celery@")]
    assert any(ref.startswith("pkg:pypi/kombu@") for ref in needs[celery])


def test_nearly_every_component_has_a_licence(bill):
    without = [item["name"] for item in bill["components"] if not item.get("licenses")]
    assert len(without) < len(bill["components"]) / 4, without


def test_the_same_lock_gives_the_same_bytes(tmp_path):
    for name in ("one", "two"):
        script("make_sbom.py", tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_the_bill_names_no_place_to_get_packages_from(bill):
    assert "://" not in json.dumps(bill)


def test_a_real_secret_in_the_tree_is_found_and_a_made_up_one_in_a_test_is_not(tmp_path):
    sys.path.insert(0, str(ROOT / "scripts"))
    try:
        import scan_secrets
    finally:
        sys.path.pop(0)
    key = "AKIA" + "Q7RTSMXPL2ZWVN4K"
    written = {"product.py": f"key = '{key}'", "settings.py": "password = 'kR9-xw2-Lp0'", "plain.py": "name = 'harbor'"}
    for name, text in written.items():
        (tmp_path / name).write_text(text + "\n")
    found = scan_secrets.scan([str(tmp_path / name) for name in written])
    assert {Path(name).name for name in found} == {"product.py", "settings.py"}
    assert scan_secrets.is_made_up("tests/world.py")
    assert not scan_secrets.is_made_up("connector/settings.py")


def test_accepted_finds_name_files_that_are_there():
    accepted = json.loads((ROOT / ".secrets.baseline").read_text())
    assert [name for name in accepted if not (ROOT / name).is_file()] == []


YAML_LOAD = r"yaml\.(load|unsafe_load|full_load)\("
EXEC = r"(?<![.\w])(eval|exec)\("
EXPLAINED = {YAML_LOAD: ["edi_app/x12/dictionary.py"], EXEC: ["edi_app/written.py"]}
"""The package's own data, read with the safe loader in C; and compiled mappings, of which no document is a part."""

NEVER = [
    YAML_LOAD,
    r"\b(pickle|marshal|shelve)\b",
    EXEC,
    r"AutoAddPolicy|WarningPolicy",
    r"shell=True",
    r"verify=False",
    r"\bmd5\(",
    r"mktemp\(",
    r"follow_redirects=True",
    r"confirm=False",
    r"os\.system\(",
    r"extractall|tarfile|gunzip|decompress\(",
]


@pytest.mark.parametrize("pattern", NEVER)
def test_the_product_never_uses(pattern):
    uses = [str(path.relative_to(ROOT)) for path in PRODUCT if re.search(pattern, path.read_text())]
    assert [use for use in uses if use not in EXPLAINED.get(pattern, ())] == []


def test_nothing_from_outside_is_marked_as_safe_html():
    """`mark_safe` takes no variable; text goes through `format_html` or the templates' escaping."""
    marked = re.compile(r"mark_safe\((?![\"'])")
    assert [str(path.relative_to(ROOT)) for path in PRODUCT if marked.search(path.read_text())] == []
    templates = (ROOT / "connector").rglob("*.html")
    assert [path.name for path in templates if re.search(r"\|\s*safe\b|autoescape off", path.read_text())] == []


VARIABLE = re.compile(r"\{\{\s*(.*?)\s*\}\}")


def test_no_text_from_outside_stands_where_the_theme_evaluates_expressions():
    """The console allows `unsafe-eval`, so no variable may stand in an Alpine attribute."""
    evaluated = re.compile(r"""\s(?:x-[a-z:.-]+|@[a-z.:-]+|:[a-z-]+|hx-on[a-z:-]*)="([^"]*\{\{.*?)"(?=[\s>{])""")
    own = list((ROOT / "connector" / "console" / "templates").rglob("*.html"))
    values = [value for path in own for use in evaluated.findall(path.read_text()) for value in VARIABLE.findall(use)]
    assert set(values) <= {"forloop.counter", 'has_active|yesno:"true,false"'}
