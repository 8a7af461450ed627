"""What every command shares: exit codes, sentences on standard error, and one JSON object instead."""

import pytest
from django.core.management.base import CommandError
from django.db import OperationalError

from connector.management.connector_command import ConnectorCommand, Exit
from core.errors import Finding, Invalid, PermanentError
from tests.connector.commands.running import run, run_json


class Refused(PermanentError):
    code = "REFUSED"
    next_step = "Do the other thing."


class Trial(ConnectorCommand):
    """Does what it is told."""

    outcomes = {
        "ok": Exit.OK,
        "failed": Exit.FAILED,
        "partly": Exit.PARTLY,
        "refused": Refused("It was refused."),
        "invalid": Invalid([Finding("a.b", "Wrong.", "Right it.", "X"), Finding("c", "Missing.")], code="BAD"),
        "database": OperationalError("could not connect to server\nmore"),
    }

    def add_own_arguments(self, parser):
        parser.add_argument("outcome")

    def work(self, **options):
        if options["outcome"] == "usage":
            return self.usage("That is no outcome.")
        outcome = self.outcomes[options["outcome"]]
        if isinstance(outcome, Exception):
            raise outcome
        self.say("some text")
        self.give({"some": "object"})
        return outcome


@pytest.mark.parametrize(("outcome", "code"), [("ok", 0), ("failed", 1), ("partly", 3)])
def test_the_exit_code_says_how_it_ended(outcome, code):
    assert run(Trial(), outcome) == (code, "some text\n", "")
    assert run_json(Trial(), outcome) == (code, [{"some": "object"}])


def test_an_error_is_a_sentence_and_a_next_step():
    assert run(Trial(), "refused") == (1, "", "It was refused.\nDo the other thing.\n")
    shown = {"code": "REFUSED", "sentence": "It was refused.", "next": "Do the other thing."}
    assert run_json(Trial(), "refused") == (1, [shown])


def test_findings_come_one_by_one_in_json():
    code, (shown,) = run_json(Trial(), "invalid")
    assert (code, shown["code"]) == (1, "BAD")
    assert shown["findings"][0] == {"path": "a.b", "reason": "Wrong.", "hint": "Right it.", "code": "X"}
    assert run(Trial(), "invalid")[2] == "a.b: Wrong. Right it.\nc: Missing.\n"


def test_a_database_that_does_not_answer_is_no_traceback():
    code, _, err = run(Trial(), "database")
    assert code == 1
    assert "could not connect to server" in err
    assert "DATABASE_URL" in err


def test_wrong_usage_ends_with_two():
    code, _, err = run(Trial(), "usage")
    assert (code, err.splitlines()[0]) == (2, "That is no outcome.")
    with pytest.raises(CommandError):
        run(Trial(), "ok", "--nonsense")
