"""From an address to a signed-in connection, in an order that never changes: name, socket, host key, sign-in.

No credential leaves before the server's host key has been compared with the approved ones, and no setting
turns that off.
"""

import contextlib
import logging
import socket
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime

import paramiko
from paramiko.ssh_exception import IncompatiblePeer

from core.errors import ConnectorError
from sftp_app.address import Address
from sftp_app.errors import HostKeyMismatch, HostKeyMissing, SftpOutdated, SftpTimedOut, SftpUnreachable
from sftp_app.hostkeys import SIGNATURES, is_weak, pin_of
from sftp_app.target import HostKeyPin, Target
from sftp_app.transport import Transport
from sftp_app.watchdog import Watchdog

_BROKEN_CIPHERS = ("aes128-cbc", "aes192-cbc", "aes256-cbc", "3des-cbc")
_BROKEN_MACS = ("hmac-sha1", "hmac-sha1-96", "hmac-md5", "hmac-md5-96")
_FAST_CIPHERS = ("aes128-gcm@openssh.com", "aes256-gcm@openssh.com")
ALL_SIGNATURES = tuple(name for names in SIGNATURES.values() for name in names)
Dial = Callable[[], socket.socket]
# paramiko logs what the peer says, line by line and unescaped; errors here carry it cleaned
_LOG_CHANNEL = "sftp_app.ssh"
logging.getLogger(_LOG_CHANNEL).setLevel(logging.CRITICAL)


def peer_text(raw: object) -> str:
    """Make text from a server fit to be shown and logged: printable, on one line, at most 200 characters."""
    return "".join(char if char.isprintable() else "?" for char in str(raw)[:200])


def open_socket(addresses: Sequence[Address], *, target: Target, watchdog: Watchdog) -> socket.socket:
    """Connect to the first address that answers. Raises SftpUnreachable or SftpTimedOut."""
    failures: list[OSError] = []
    for address in addresses:
        timeout = min(target.timeouts.connect, max(watchdog.seconds_left, 0.01))
        try:
            sock = socket.create_connection((str(address), target.port), timeout)
        except OSError as error:
            failures.append(error)
            continue
        watchdog.watch(sock)
        _tune(sock, target)
        return sock
    raise _no_answer(target, failures[-1])


def _tune(sock: socket.socket, target: Target) -> None:
    # without TCP_NODELAY every small request waits for the last one's delayed acknowledgment
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        # a peer that vanished while data is on its way: sends would block for a quarter of an hour
        milliseconds = int(target.timeouts.answer * 1000)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, milliseconds)


def _no_answer(target: Target, error: OSError) -> SftpUnreachable:
    place = f"{target.host}:{target.port}"
    if isinstance(error, ConnectionRefusedError):
        return SftpUnreachable(f"{place} refused the connection: nothing listens there.")
    if isinstance(error, TimeoutError):
        return SftpUnreachable(f"{place} did not answer within {target.timeouts.connect:g} seconds.")
    return SftpUnreachable(f"{place} cannot be reached ({peer_text(error.strerror or error)}).")


def trusted_transport(dial: Dial, *, target: Target, now: datetime, watchdog: Watchdog) -> paramiko.Transport:
    """Connect, and come back only with a server whose host key is approved at `now`.

    `dial` opens one connection each time. Raises HostKeyMissing without a valid approval, and HostKeyMismatch
    with both fingerprints for another key.
    """
    pins = [pin for pin in target.host_keys if pin.is_valid(now)]
    if not pins:
        raise _nothing_approved(target)
    shown: list[HostKeyPin] = []
    for signatures in _offers(pins, shown):
        with contextlib.suppress(NoCommonHostKey):
            transport = shake_hands(dial, target=target, watchdog=watchdog, signatures=signatures)
            key = pin_of(transport.get_remote_server_key())
            if any(_matches(pin, key) for pin in pins):
                return transport
            hang_up(transport)
            shown.append(key)
    raise _mismatch(target, shown, pins)


def _nothing_approved(target: Target) -> HostKeyMissing:
    if target.host_keys:
        return HostKeyMissing(f"No approval of a host key of {target.host} is valid now. Nothing was sent.")
    return HostKeyMissing(f"No host key of {target.host} is approved. Nothing was sent.")


def _offers(pins: Iterable[HostKeyPin], shown: list[HostKeyPin]) -> Iterator[tuple[str, ...]]:
    """Give the signature lists to try: a server shows only one key, and a bare fingerprint names no type."""
    types = {pin.key_type for pin in pins}
    if "" not in types:
        yield tuple(name for name in ALL_SIGNATURES if any(name in SIGNATURES[kind] for kind in types))
        if not shown:
            # the server has none of the approved types; learn what it has, to show old and new side by side
            yield ALL_SIGNATURES
        return
    rest = ALL_SIGNATURES
    while rest:
        before = len(shown)
        yield rest
        if len(shown) == before:
            return
        rest = tuple(name for name in rest if name not in SIGNATURES[shown[-1].key_type])


def _matches(pin: HostKeyPin, key: HostKeyPin) -> bool:
    return pin.key == key.key if pin.key else pin.fingerprint == key.fingerprint


def _mismatch(target: Target, shown: list[HostKeyPin], pins: list[HostKeyPin]) -> ConnectorError:
    if not shown:
        return _outdated(target, "no acceptable host key")
    lapsed = any(_matches(pin, key) for pin in target.host_keys for key in shown)
    sentence = f"{target.host} shows another key ({shown[0]}) than the approved one ({pins[0]})."
    return HostKeyMismatch(
        f"{sentence}{' The approval of that key is not valid now.' if lapsed else ''} Nothing was sent.",
        shown=shown[0],
        approved=pins,
    )


class NoCommonHostKey(Exception):
    """The server has no key of the types offered."""


def shake_hands(
    dial: Dial, *, target: Target, watchdog: Watchdog, signatures: tuple[str, ...] = ALL_SIGNATURES
) -> paramiko.Transport:
    """Connect and exchange keys, without any credential. The server's key is still unchecked.

    Raises SftpOutdated when the server knows only broken algorithms, SftpUnreachable when it speaks no SSH, and
    NoCommonHostKey when it has no key that signs in one of the given ways.
    """
    sock = dial()
    try:
        transport = _transport(sock, target, signatures)
    except (OSError, EOFError, paramiko.SSHException) as error:
        sock.close()
        raise _no_ssh(target, error, watchdog) from error
    try:
        _negotiate(transport, target, watchdog)
    except BaseException:
        hang_up(transport)
        raise
    return transport


def _transport(sock: socket.socket, target: Target, signatures: tuple[str, ...]) -> paramiko.Transport:
    broken = {} if target.allow_legacy_algorithms else {"ciphers": _BROKEN_CIPHERS, "macs": _BROKEN_MACS}
    transport = Transport(sock, disabled_algorithms=broken)
    transport.daemon = True
    transport.set_log_channel(_LOG_CHANNEL)
    # the limit of start_client comes first, so that only one of the three tells the story
    transport.banner_timeout = transport.handshake_timeout = target.timeouts.handshake + 5
    transport.auth_timeout = target.timeouts.sign_in
    transport.channel_timeout = target.timeouts.channel
    options = transport.get_security_options()
    options.key_types = signatures
    options.ciphers = _FAST_CIPHERS + tuple(name for name in options.ciphers if name not in _FAST_CIPHERS)
    return transport


def _negotiate(transport: paramiko.Transport, target: Target, watchdog: Watchdog) -> None:
    try:
        transport.start_client(timeout=target.timeouts.handshake)
        key = transport.get_remote_server_key()
    except IncompatiblePeer as error:
        if "host key" in str(error):
            raise NoCommonHostKey from error
        raise _outdated(target, str(error)) from error
    except (OSError, EOFError, paramiko.SSHException) as error:
        raise _no_ssh(target, error, watchdog) from error
    if is_weak(key):
        raise SftpOutdated(
            f"{target.host} shows an RSA host key of {key.get_bits()} bits. The partner must make one of at least"
            " 2048 bits, or better an ed25519 key."
        )


def _no_ssh(target: Target, error: Exception, watchdog: Watchdog) -> ConnectorError:
    place = f"{target.host}:{target.port}"
    text = peer_text(error)
    is_late = isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError)
    if watchdog.has_fired or is_late or "No existing session" in text:
        # paramiko comes back without a word at its own timeout, and has no session then
        return SftpTimedOut(f"{place} took the connection, but did not finish the SSH greeting in time.")
    if isinstance(error.__context__, EOFError):
        return SftpUnreachable(
            f"{place} closed the connection without an SSH greeting.",
            next_step="Check the port with the partner (SFTP is not FTPS), and whether it lets our address in.",
        )
    if "banner" in text or "protocol version" in text or "Invalid SSH" in text:
        return SftpUnreachable(
            f"{place} does not speak SSH ({text}).", next_step="Check the port with the partner; SFTP is not FTPS."
        )
    return SftpUnreachable(f"{place} broke the connection during the SSH greeting ({text or 'no reason given'}).")


def _outdated(target: Target, reason: str) -> SftpOutdated:
    remedies = {
        "kex": ("key exchanges", "curve25519-sha256, ecdh-sha2-nistp256 or diffie-hellman-group14-sha256"),
        "host key": ("host key signatures", "rsa-sha2-512 or rsa-sha2-256, or make an ed25519 host key"),
        "cipher": ("ciphers", "aes256-gcm@openssh.com or aes256-ctr"),
        "mac": ("message checks", "hmac-sha2-256 or hmac-sha2-512"),
    }
    for word, (what, remedy) in remedies.items():
        if word in reason:
            return SftpOutdated(
                f"{target.host} offers only {what} that are no longer safe. The partner must enable {remedy}."
            )
    return SftpOutdated(f"{target.host} and we have no safe algorithm in common ({peer_text(reason)}).")


def hang_up(transport: paramiko.Transport) -> None:
    """Close a transport and its socket without waiting for the other side."""
    with contextlib.suppress(OSError):
        transport.sock.shutdown(socket.SHUT_RDWR)
    transport.close()
    transport.sock.close()
