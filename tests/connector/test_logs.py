"""Log lines: one JSON object a line, no secret in any of them, and no line that somebody else wrote."""

import contextlib
import io
import json
import logging
import logging.config
import sys

import pytest
import structlog
from celery import signals
from django.test import RequestFactory
from django.views.debug import ExceptionReporter
from hypothesis import given
from hypothesis import strategies as st

from connector import logs, redaction
from core.secret import Secret, live_secrets

# In two parts, so that a traceback with source lines does not show it by itself.
PLANTED = "-".join(("planted", "8f2c"))


@contextlib.contextmanager
def written():
    """Collect what is logged through the product's own formatter."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logs.formatter())
    root = logging.getLogger()
    root.addHandler(handler)
    try:
        yield stream
    finally:
        root.removeHandler(handler)


def lines(stream):
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_is_one_object_with_time_level_and_logger():
    with written() as stream:
        logging.getLogger("connector.tasks").warning("no broker to ring %s", "deliver")
    (line,) = lines(stream)
    assert line["event"] == "no broker to ring deliver"
    assert (line["level"], line["logger"], line["at"][-1]) == ("warning", "connector.tasks", "Z")


@given(st.text())
def test_no_text_makes_a_second_line_or_reaches_a_terminal(text):
    with written() as stream:
        logging.getLogger("x").error("got %s", text)
    out = stream.getvalue()
    assert out.count("\n") == 1
    assert all(32 <= ord(letter) < 127 for letter in out[:-1])
    json.loads(out)


HOSTILE = ["\nINFO forged line", "\r\n{}", "\x1b[2J\x1b[31m", "\u2028", "\x9b2J", "\u202e", "\x00"]


@pytest.mark.parametrize("text", HOSTILE)
def test_line_ends_escape_sequences_and_controls_are_escaped(text):
    with written() as stream:
        logging.getLogger("x").error("got %s", text)
    assert stream.getvalue().count("\n") == 1
    assert text not in stream.getvalue()


LEAKS = [
    "password=SECRET",
    "password: SECRET",
    "'client_secret': 'SECRET'",
    '{"refresh_token":"SECRET"}',
    "Authorization: Bearer SECRET",
    "Authorization: Basic SECRET",
    "passphrase = SECRET",
    "postgres://connector:SECRET@db/x",
    "redis://:SECRET@redis:6379/0",
    "GET /xero/callback?code=SECRET&x=1",
    "private_key=SECRET",
    "Cookie: SECRET",
    "XERO_CLIENT_SECRET=SECRET",
    "api-key=SECRET",
    "-----BEGIN OPENSSH PRIVATE KEY-----\nSECRET\n-----END OPENSSH PRIVATE KEY-----",
    "-----BEGIN RSA PRIVATE KEY-----\nSECRET and cut",
    "eyJhbGciOi.SECRET.sig_na-ture",
    "CONNECTOR_KEKS=a=SECRET",
]


@pytest.mark.parametrize("text", LEAKS)
def test_texts_that_look_like_a_secret_are_hidden(text):
    text = text.replace("SECRET", PLANTED).replace(f"XERO_CLIENT_{PLANTED}", "XERO_CLIENT_SECRET")
    with written() as stream:
        logging.getLogger("x").error("it said %s", text)
        logging.getLogger("x").error(text)
        structlog.stdlib.get_logger("x").error("it said", text=text)
    assert PLANTED not in stream.getvalue()


@pytest.mark.parametrize("key", ["password", "access_token", "Authorization", "private_key", "set-cookie", "kek"])
def test_values_under_a_telling_key_are_hidden_at_any_depth(key):
    value = {"outer": [{key: {"inner": PLANTED}}], key: PLANTED}
    assert PLANTED not in json.dumps(redaction.redact_value(value))


def test_a_secret_in_use_is_hidden_wherever_it_stands_and_forgotten_with_its_end():
    secret, twin = Secret(PLANTED), Secret(PLANTED)
    with written() as stream:
        logging.getLogger("x").error("the server said: wrong %s!", PLANTED)
        del secret
        logging.getLogger("x").error("again %s", PLANTED)
    assert PLANTED not in stream.getvalue()
    assert twin.reveal() in live_secrets()
    del twin
    assert PLANTED not in live_secrets()


def test_the_installations_own_secrets_are_hidden(settings):
    settings.SECRET_KEY, settings.XERO_CLIENT_SECRET = "planted-key", "planted-app"
    settings.CONNECTOR_KEKS, settings.METRICS_TOKEN = "a=planted-kek,b=file:/x", "planted-metrics"
    settings.XERO_WEBHOOK_KEYS = ["planted-hook"]
    settings.REDIS_URL = "redis://:planted%2Dredis@redis/0"
    with written() as stream:
        for text in ("key", "app", "kek", "metrics", "hook", "redis"):
            logging.getLogger("x").error("seen planted-%s here", text)
    assert "planted" not in stream.getvalue()


def fail(words, *_variables):
    raise ValueError(words)


def test_tracebacks_carry_places_and_words_but_no_secret_and_no_variables():
    planted = Secret(PLANTED)
    with written() as stream:
        try:
            fail(f"it failed for {PLANTED}", planted)
        except ValueError:
            logging.getLogger("x").exception("unforeseen")
    (line,) = lines(stream)
    assert "test_tracebacks_carry" in line["exception"]
    assert "it failed for ***" in line["exception"]
    assert PLANTED not in stream.getvalue()


def test_payloads_are_neither_shown_whole_nor_as_bytes():
    with written() as stream:
        structlog.stdlib.get_logger("x").error("read", body=b"x" * 10_000, text="y" * 100_000)
    (line,) = lines(stream)
    assert line["body"] == "10000 bytes"
    assert len(line["text"]) < 5000


@pytest.mark.parametrize("text", ["a" * 4000, "password" * 500, "='" * 2000, "://" * 1300, "eyJ" * 1300, "\\" * 4000])
def test_no_text_makes_redaction_slow(text):
    """Patterns that go back over the same letters would take minutes here; the test's time limit ends them."""
    for _ in range(20):
        redaction.redact(text)


@given(
    st.recursive(st.none() | st.text() | st.binary() | st.floats(), lambda deeper: st.dictionaries(st.text(), deeper))
)
def test_any_value_can_stand_on_a_line(value):
    json.dumps(redaction.redact_value(value))


def test_ids_of_the_work_stand_on_every_line_of_it():
    logs.bind(run_id=7, task="deliver")
    with written() as stream:
        logging.getLogger("x").error("one")
        logs.bind()
        logging.getLogger("x").error("two")
    first, second = lines(stream)
    assert (first["run_id"], first["task"]) == ("7", "deliver")
    assert "run_id" not in second


def test_celery_writes_through_the_same_handlers():
    before = logging.getLogger().handlers[:]
    try:
        assert signals.setup_logging.send(sender=None)
        (handler,) = [item for item in logging.getLogger().handlers if item not in before]
        assert isinstance(handler.formatter, structlog.stdlib.ProcessorFormatter)
    finally:
        logging.getLogger().handlers[:] = before


@pytest.mark.parametrize("name", sorted(logs.QUIET))
def test_loggers_that_tell_too_much_are_quiet(name):
    assert logs.logging_config("INFO")["loggers"][name]["level"] in ("WARNING", "CRITICAL")


def test_error_reports_show_names_only(settings):
    settings.DEBUG, settings.CONNECTOR_KEKS = True, f"a={PLANTED}"
    request = RequestFactory().post("/admin/", {"password": PLANTED})
    try:
        fail("it failed", PLANTED, {"deep": PLANTED})
    except ValueError:
        report = ExceptionReporter(request, *sys.exc_info())
    for text in (report.get_traceback_text(), report.get_traceback_html()):
        assert "it failed" in text
        assert PLANTED not in text
