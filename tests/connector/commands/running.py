"""Commands as people run them: their exit code and what they print."""

import io
import json

from django.core.management import call_command


def run(command, *arguments, **options):
    """Run a command and give (exit code, text on standard output, text on standard error)."""
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command(command, *map(str, arguments), stdout=out, stderr=err, **options)
    except SystemExit as left:
        return left.code, out.getvalue(), err.getvalue()
    return 0, out.getvalue(), err.getvalue()


def run_json(command, *arguments):
    """Run a command with --json and give (exit code, the objects that it printed)."""
    code, out, err = run(command, *arguments, "--json")
    assert err == ""
    return code, [json.loads(line) for line in out.splitlines()]
