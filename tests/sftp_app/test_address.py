"""Which servers may be connected to: pasted addresses, odd spellings, private and translated networks."""

import ipaddress
import socket
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sftp_app.address import FOREIGN_PORTS, Endpoint, check_address, read_endpoint, resolve
from sftp_app.errors import AddressRefused, SftpTimedOut, SftpUnreachable

NETS = tuple(map(ipaddress.ip_network, ("10.0.0.0/8", "127.0.0.0/8", "fd12::/16")))


@pytest.mark.parametrize(
    ("text", "host", "port", "username"),
    [
        ("sftp.example.com", "sftp.example.com", 22, ""),
        (" SFTP.Example.com. ", "sftp.example.com", 22, ""),
        ("sftp.example.com:2222", "sftp.example.com", 2222, ""),
        ("sftp://harbor@sftp.example.com:2222/in/box", "sftp.example.com", 2222, "harbor"),
        ("ssh://sftp.example.com", "sftp.example.com", 22, ""),
        ("sftp.example.com/in", "sftp.example.com", 22, ""),
        ("bücher.example", "xn--bcher-kva.example", 22, ""),
        ("203.0.113.9", "203.0.113.9", 22, ""),
        ("::ffff:203.0.113.9", "203.0.113.9", 22, ""),
        ("[2001:db8::1]:2222", "2001:db8::1", 2222, ""),
        ("2001:DB8:0:0::1", "2001:db8::1", 22, ""),
        ("[2001:db8::1]", "2001:db8::1", 22, ""),
        ("my_host", "my_host", 22, ""),
    ],
)
def test_what_people_paste_becomes_one_form(text, host, port, username):
    assert read_endpoint(text) == Endpoint(host, port, username)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        ".",
        "http://sftp.example.com",
        "ftps://sftp.example.com",
        "sftp://user:secret@sftp.example.com",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "127.1",
        "1.2.3.4.5",
        "fe80::1%eth0",
        "exa mple.com",
        "-bad.example.com",
        "a..b",
        "x" * 64 + ".example.com",
        "sftp.example.com:ssh",
        "sftp.example.com:²",
        "sftp.example.com\nevil",
        "sftp.example.com:22:33",
    ],
)
def test_what_is_no_address_is_refused(text):
    with pytest.raises(AddressRefused) as caught:
        read_endpoint(text)
    assert caught.value.code == "SFTP_ADDRESS"
    assert caught.value.next_step
    assert "secret" not in caught.value.sentence


@pytest.mark.parametrize("port", [-1, 21, 23, 80, 443, 1023, 65536, 10**9, *sorted(FOREIGN_PORTS)])
def test_ports_of_other_services_are_refused(port):
    with pytest.raises(AddressRefused, match="is not a port for SFTP"):
        read_endpoint("sftp.example.com", port=port)


@pytest.mark.parametrize("text", ["h.example:0", "h.example:65536", "h.example:6379", "h.example:99999999999"])
def test_pasted_ports_are_checked_too(text):
    with pytest.raises(AddressRefused, match="is not a port for SFTP"):
        read_endpoint(text)


@pytest.mark.parametrize("port", [22, 1024, 2222, 22022, 65535])
def test_ports_of_sftp_are_taken(port):
    assert read_endpoint("sftp.example.com", port=port).port == port


@given(st.text(max_size=80))
def test_any_text_is_an_endpoint_or_refused(text):
    try:
        endpoint = read_endpoint(text)
    except AddressRefused:
        return
    assert read_endpoint(endpoint.host, port=endpoint.port) == Endpoint(endpoint.host, endpoint.port)


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8"])
def test_public_addresses_are_open(address):
    assert check_address(ipaddress.ip_address(address)).is_global


CLOSED = [
    "127.0.0.1",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "100.64.0.1",
    "169.254.169.254",
    "0.0.0.0",  # noqa: S104
    "224.0.0.1",
    "255.255.255.255",
    "198.18.0.1",
    "::1",
    "::",
    "::ffff:127.0.0.1",
    "::127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b:1::7f00:1",
    "2002:7f00:1::",
    "2001:0:4136:e378::1",
    "fec0::1",
    "fe80::1",
    "fd00:ec2::254",
    "ff02::1",
    "2001:db8::1",
]


@pytest.mark.parametrize("address", CLOSED)
def test_private_and_translated_addresses_are_closed(address):
    with pytest.raises(AddressRefused):
        check_address(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", ["10.1.2.3", "127.0.0.1", "::ffff:10.1.2.3", "fd12::5"])
def test_listed_networks_are_open(address):
    assert check_address(ipaddress.ip_address(address), allowed_nets=NETS)


@pytest.mark.parametrize("address", ["169.254.169.254", "fe80::1", "fd00:ec2::254", "0.0.0.0", "224.0.0.1"])  # noqa: S104
def test_metadata_and_multicast_stay_closed_whatever_is_listed(address):
    everything = (ipaddress.ip_network("0.0.0.0/0"), ipaddress.ip_network("::/0"))
    with pytest.raises(AddressRefused):
        check_address(ipaddress.ip_address(address), allowed_nets=everything)


def answers(*addresses):
    """A name service that gives these addresses, and counts how often it is asked."""

    def lookup(host, port, **_):
        lookup.asked += 1
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    lookup.asked = 0
    return lookup


NAME = Endpoint("sftp.example.com", 22)


def test_a_name_is_looked_up_once_and_its_addresses_are_what_is_used():
    lookup = answers("8.8.8.8", "8.8.4.4", "8.8.8.8")
    assert [str(found) for found in resolve(NAME, lookup=lookup)] == ["8.8.8.8", "8.8.4.4"]
    assert lookup.asked == 1


def test_one_private_answer_among_public_ones_closes_the_name():
    with pytest.raises(AddressRefused, match=r"10\.0\.0\.5 is not a public address"):
        resolve(NAME, lookup=answers("8.8.8.8", "10.0.0.5"))


def test_an_unknown_name_is_temporary():
    def lookup(*_, **__):
        raise socket.gaierror(-2, "Name or service not known")

    with pytest.raises(SftpUnreachable, match="is not known"):
        resolve(NAME, lookup=lookup)


def test_a_name_without_addresses_is_temporary():
    with pytest.raises(SftpUnreachable, match="has no address"):
        resolve(NAME, lookup=answers())


def test_a_silent_name_service_times_out():
    release = threading.Event()
    with pytest.raises(SftpTimedOut, match="name service did not answer"):
        resolve(NAME, timeout_seconds=0.1, lookup=lambda *_, **__: release.wait(5) or [])
    release.set()
