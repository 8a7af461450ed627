"""Posting: https only, one look-up, that very address, no redirects, bounded in time and size."""

import ipaddress
import time

import pytest

from connector.alerts.errors import AlertAddress, AlertNotTaken, AlertRefused
from connector.alerts.posting import post
from core.addresses import NameUnknown
from core.secret import Secret
from tests.connector.alerts.receivers import certificate, receiving, server_context

LOOPBACK = (ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1/128"))


def send(url, *, nets=LOOPBACK, **options):
    post(Secret(url), b"{}", {}, allowed_nets=nets, **options)


@pytest.fixture
def trusted(tmp_path, monkeypatch):
    """A certificate for localhost that this process trusts."""
    path = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    return path


def test_https_is_spoken_under_the_hosts_name_though_the_address_was_looked_up(trusted):
    with receiving(context=server_context(trusted)) as (receiver, port):
        send(f"https://localhost:{port}/hook")
    ((path, headers, _),) = receiver.requests
    assert (path, headers["Host"]) == ("/hook", f"localhost:{port}")


def test_a_certificate_of_another_name_gets_nothing(trusted, tmp_path, monkeypatch):
    other = certificate(tmp_path, name="other.example")
    monkeypatch.setenv("SSL_CERT_FILE", str(other))
    with (
        receiving(context=server_context(other)) as (receiver, port),
        pytest.raises(AlertNotTaken, match="certificate is not valid"),
    ):
        send(f"https://localhost:{port}/hook")
    assert receiver.requests == []


def test_a_proxy_of_the_environment_is_not_asked(monkeypatch):
    with receiving() as (receiver, port), receiving() as (proxy, proxy_port):
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy_port}")
        send(f"http://127.0.0.1:{port}/")
    assert (len(receiver.requests), proxy.requests) == (1, [])


def test_a_redirect_leads_nowhere():
    with receiving() as (receiver, port), receiving() as (elsewhere, other_port):
        receiver.answers = [(307, {"Location": f"http://127.0.0.1:{other_port}/"}, b"")]
        with pytest.raises(AlertRefused, match="redirects are not followed"):
            send(f"http://127.0.0.1:{port}/")
    assert elsewhere.requests == []


def test_an_answer_that_drips_is_cut_off():
    with receiving() as (receiver, port):
        receiver.drip_seconds, receiver.answers = 0.1, [(200, {}, b"x" * 200)]
        began = time.monotonic()
        with pytest.raises(AlertNotTaken):
            send(f"http://127.0.0.1:{port}/", seconds=0.5)
    assert time.monotonic() - began < 10


def test_an_answer_without_end_is_not_read_to_its_end():
    with receiving() as (receiver, port):
        receiver.answers = [(200, {}, b"x" * 50_000_000)]
        send(f"http://127.0.0.1:{port}/")
    assert len(receiver.requests) == 1


def test_nobody_there_is_told_in_a_sentence_without_the_address():
    with receiving() as (_, port):
        pass
    with pytest.raises(AlertNotTaken) as error:
        send(f"http://127.0.0.1:{port}/a-credential")
    assert error.value.sentence == "127.0.0.1 did not answer: no connection."


def test_a_name_that_nobody_knows_is_worth_another_try():
    with pytest.raises(NameUnknown):
        send("https://no-such-host.invalid/")


@pytest.mark.parametrize(
    ("url", "nets"),
    [
        ("https://127.0.0.1/", ()),
        ("https://localhost/", ()),
        ("https://169.254.169.254/latest/meta-data", LOOPBACK),
        ("http://localhost/", LOOPBACK),
        ("http://hooks.example.com/", LOOPBACK),
        ("http://10.0.0.1/", LOOPBACK),
        ("https://10.0.0.1/", LOOPBACK),
        ("https://[::ffff:10.0.0.1]/", LOOPBACK),
        ("https://2130706433/", LOOPBACK),
        ("https://hooks.example.com:6379/", LOOPBACK),
        ("https://hooks.example.com:22/", LOOPBACK),
    ],
    ids=lambda value: value if isinstance(value, str) else str(len(value)),
)
def test_what_is_never_posted_to(url, nets):
    with pytest.raises(AlertAddress):
        send(url, nets=nets)
