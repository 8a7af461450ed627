"""Software bill of materials: `make_sbom.py OUTPUT` writes CycloneDX 1.6 JSON of what requirements.lock installs.

Made from the lock (names, versions, hashes) and the installed packages' own metadata (licences, what needs what).
The same lock gives the same bytes.
"""

import json
import re
import sys
import tomllib
import uuid
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PINNED = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^\s;\\]+)", re.MULTILINE)
NAMESPACE = uuid.UUID("6f9c3c1a-6f0e-4b7e-9f4e-2a1d5a0c9b77")


def normal(name: str) -> str:
    """Bring a name into its one form (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def purl(name: str, version: str) -> str:
    """Give the package URL, which names a component in the bill."""
    return f"pkg:pypi/{normal(name)}@{version}"


def locked(lock: str) -> dict[str, tuple[str, list[str]]]:
    """Read the lock: version and sha256 hashes by name."""
    found: dict[str, tuple[str, list[str]]] = {}
    marks = list(PINNED.finditer(lock))
    for mark, following in zip(marks, [*marks[1:], None], strict=True):
        entry = lock[mark.start() : following.start() if following else len(lock)]
        found[normal(mark[1])] = (mark[2], re.findall(r"--hash=sha256:([0-9a-f]{64})", entry))
    return found


def metadata_of(name: str) -> Distribution | None:
    """Give an installed package's metadata; None for one that this system does not need."""
    try:
        return distribution(name)
    except PackageNotFoundError:
        return None


def component(name: str, version: str, hashes: list[str]) -> dict[str, Any]:
    """Describe one package; every distributed file of it has a hash of its own."""
    installed = metadata_of(name)
    told = {"type": "library", "bom-ref": purl(name, version), "name": name, "version": version}
    told |= {"purl": purl(name, version), "scope": "required"}
    if installed is not None and (licences := licences_of(installed)):
        told["licenses"] = licences
    told["hashes"] = [{"alg": "SHA-256", "content": text} for text in hashes]
    return told


def licences_of(installed: Distribution) -> list[dict[str, Any]]:
    """Give the licence as the package states it: an SPDX expression, else the classifiers."""
    facts = installed.metadata
    expression = facts.get("License-Expression")
    if expression:
        return [{"expression": expression}]
    prefix = "License :: "
    named = [text.rpartition(" :: ")[2] for text in facts.get_all("Classifier") or [] if text.startswith(prefix)]
    return [{"license": {"name": name}} for name in named if name != "OSI Approved"]


def needs(name: str, known: dict[str, tuple[str, list[str]]]) -> list[str]:
    """Name the locked packages that a package needs."""
    installed = metadata_of(name)
    wanted = {
        normal(re.match(r"[A-Za-z0-9._-]+", text)[0]) for text in (installed.requires if installed else None) or []
    }  # type: ignore[index]
    return sorted(purl(item, known[item][0]) for item in wanted & set(known))


def bill(lock: str, project: dict[str, Any]) -> dict[str, Any]:
    """Make the bill."""
    known = locked(lock)
    root = f"pkg:pypi/{project['name']}@{project['version']}"
    direct = {normal(re.match(r"[A-Za-z0-9._-]+", text)[0]) for text in project["dependencies"]}  # type: ignore[index]
    top = [purl(name, known[name][0]) for name in sorted(direct & set(known))]
    made = {"type": "application", "bom-ref": root, "name": project["name"], "version": project["version"]}
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(NAMESPACE, lock)}",
        "version": 1,
        "metadata": {"component": made | {"purl": root, "licenses": [{"license": {"id": project["license"]}}]}},
        "components": [component(name, *known[name]) for name in sorted(known)],
        "dependencies": [
            {"ref": root, "dependsOn": top},
            *({"ref": purl(name, known[name][0]), "dependsOn": needs(name, known)} for name in sorted(known)),
        ],
    }


def main(target: Path) -> None:
    """Write the bill."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    made = bill((ROOT / "requirements.lock").read_text(), project)
    target.write_text(json.dumps(made, indent=1) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
