"""Accessibility rules (axe) in the browser."""

from axe_playwright_python.sync_playwright import Axe

GRAVE = ("critical", "serious")


def findings(page, only=()):
    """Run axe, or only some of its rules; give the grave findings, each with the elements it is about."""
    options = {"resultTypes": ["violations"]}
    if only:
        options["runOnly"] = {"type": "rule", "values": list(only)}
    found = Axe().run(page, options=options).response["violations"]
    return [
        f"{finding['id']}: {[node['html'][:160] for node in finding['nodes'][:3]]}"
        for finding in found
        if finding["impact"] in GRAVE
    ]
