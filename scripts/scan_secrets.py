"""Secret scan of the tree: `scan_secrets.py [--accept]`. Ends with 1 when something looks like a secret and is new.

Accepted finds are in `.secrets.baseline`, by file and hash and without line numbers, so that moving code changes
nothing. Tests and benchmarks are full of made-up passwords: there, only what has the form of a real secret counts.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path

from detect_secrets.core.scan import scan_file
from detect_secrets.settings import transient_settings

ROOT = Path(__file__).resolve().parent.parent
BASELINE = ROOT / ".secrets.baseline"
FORMS = [
    "AWSKeyDetector", "AzureStorageKeyDetector", "CloudantDetector", "DiscordBotTokenDetector",
    "GitHubTokenDetector", "GitLabTokenDetector", "JwtTokenDetector", "MailchimpDetector", "NpmDetector",
    "OpenAIDetector", "PrivateKeyDetector", "PypiTokenDetector", "SendGridDetector", "SlackDetector",
    "SquareOAuthDetector", "StripeDetector", "TelegramBotTokenDetector", "TwilioKeyDetector",
]  # fmt: skip
GUESSES = [
    {"name": "BasicAuthDetector"},
    {"name": "KeywordDetector"},
    {"name": "Base64HighEntropyString", "limit": 4.7},
    {"name": "HexHighEntropyString", "limit": 3.3},
]
FILTERS = [
    {"path": "detect_secrets.filters.heuristic.is_sequential_string"},
    {"path": "detect_secrets.filters.heuristic.is_potential_uuid"},
    {"path": "detect_secrets.filters.heuristic.is_templated_secret"},
    {"path": "detect_secrets.filters.heuristic.is_indirect_reference"},
    {"path": "detect_secrets.filters.heuristic.is_not_alphanumeric_string"},
]
LEFT_OUT = (".lock", ".baseline", ".svg", ".png", ".edi", ".out", ".jsonl")


def tracked() -> list[str]:
    """Name the files that git knows."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout  # noqa: S607
    names = [name for name in listed.decode().split("\0") if name and not name.endswith(LEFT_OUT)]
    return [name for name in names if (ROOT / name).is_file()]


def is_made_up(name: str) -> bool:
    """Say whether a file's passwords are made up by nature."""
    return name.startswith(("tests/", "bench/"))


def scan(names: list[str]) -> dict[str, dict[str, str]]:
    """Give what looks like a secret: by file, the hash with the place and the kind."""
    plugins = [{"name": name} for name in FORMS]
    found: dict[str, dict[str, str]] = {}
    for group, used in (([], [*plugins, *GUESSES]), (["made up"], plugins)):
        with transient_settings({"plugins_used": used, "filters_used": FILTERS}):
            for name in names:
                if is_made_up(name) == bool(group):
                    for secret in scan_file(str(ROOT / name)):
                        place = f"line {secret.line_number}: {secret.type}"
                        found.setdefault(name, {})[secret.secret_hash] = place
    return found


def main() -> int:
    """Compare with what was accepted."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accept", action="store_true", help="write what is found now into the baseline")
    accept = parser.parse_args().accept
    found = scan(tracked())
    if accept:
        kept = {name: sorted(secrets) for name, secrets in sorted(found.items())}
        BASELINE.write_text(json.dumps(kept, indent=1) + "\n")
        return 0
    accepted = json.loads(BASELINE.read_text())
    new = [
        f"{name} {place}"
        for name, secrets in sorted(found.items())
        for secret, place in secrets.items()
        if secret not in accepted.get(name, [])
    ]
    for line in new:
        sys.stderr.write(f"{line}: looks like a secret\n")
    if new:
        sys.stderr.write(
            "Take it out; or, if it is none, run scripts/scan_secrets.py --accept and commit the baseline.\n"
        )
    return 1 if new else 0


if __name__ == "__main__":
    sys.exit(main())
