"""Signing in, and the SFTP channel behind it."""

import socket
from collections.abc import Sequence
from typing import cast

import paramiko
from paramiko.ssh_exception import AuthenticationException, BadAuthenticationType

from core.errors import ConnectorError
from core.secret import Secret
from sftp_app.connect import peer_text
from sftp_app.errors import SftpAuthFailed, SftpOutdated, SftpTimedOut, SftpUnreachable, SftpUnsupported
from sftp_app.keys import load_private_key
from sftp_app.target import Target
from sftp_app.watchdog import Watchdog

_QUESTION = "a question other than the password was asked"

_RSA_ADVICE = (
    SftpAuthFailed.next_step + " Old servers take RSA keys only with SHA-1, which we do not use: try an ed25519 key."
)


def sign_in(transport: paramiko.Transport, *, target: Target, watchdog: Watchdog) -> None:
    """Sign in with the key, the password, or both when the server wants both.

    The transport's host key must have been checked. Each credential is offered once: a wrong one counts
    towards the server's lock-out. Raises SftpAuthFailed, SftpOutdated, SftpTimedOut or SftpUnreachable.
    """
    if not (target.private_key or target.password):
        raise SftpAuthFailed(f"{target.username} has neither a key nor a password for {target.host}.")
    try:
        _offer(transport, target)
    except BadAuthenticationType as error:
        wanted = ", ".join(peer_text(name) for name in error.allowed_types) or "nothing we know"
        raise SftpAuthFailed(
            f"{target.host} does not let {target.username} sign in this way; it accepts {wanted}."
        ) from error
    except (AuthenticationException, paramiko.SSHException, OSError, EOFError) as error:
        raise _failure(target, error, watchdog) from None


def _offer(transport: paramiko.Transport, target: Target) -> None:
    wanted = _methods(transport, target.username)
    if target.private_key and "publickey" in wanted:
        key = load_private_key(target.private_key, passphrase=target.passphrase)
        wanted = transport.auth_publickey(target.username, key)
    if target.password and wanted:
        wanted = _offer_password(transport, target.username, target.password, wanted)
    if wanted:
        raise BadAuthenticationType("other methods are wanted", list(wanted))


def _methods(transport: paramiko.Transport, username: str) -> Sequence[str]:
    """Ask which methods the server takes (RFC 4252 §5.2), so that none is tried in vain."""
    try:
        return transport.auth_none(username)
    except BadAuthenticationType as error:
        return error.allowed_types


def _offer_password(
    transport: paramiko.Transport, username: str, password: Secret, wanted: Sequence[str]
) -> Sequence[str]:
    if "password" in wanted:
        return transport.auth_password(username, password.reveal(), fallback=False)
    if "keyboard-interactive" not in wanted:
        return wanted

    def reply(title: str, instructions: str, prompts: Sequence[tuple[str, bool]]) -> list[str]:
        if len(prompts) > 1 or any(echo for _, echo in prompts):
            raise AuthenticationException(_QUESTION)
        return [password.reveal() for _ in prompts]

    return transport.auth_interactive(username, reply)


def _failure(target: Target, error: Exception, watchdog: Watchdog) -> ConnectorError:
    text = str(error)
    if watchdog.has_fired or isinstance(error, TimeoutError) or "timeout" in text.lower():
        return SftpTimedOut(f"{target.host} did not answer the sign-in of {target.username} in time.")
    if "Unable to agree on a pubkey algorithm" in text:
        return SftpOutdated(
            f"{target.host} accepts RSA keys only with SHA-1. The partner must enable rsa-sha2-512 or"
            " rsa-sha2-256, or register an ed25519 key."
        )
    if text == _QUESTION:
        return SftpAuthFailed(
            f"{target.host} asks {target.username} for more than a password, which no program can answer.",
            next_step="Ask the partner for an account that signs in with a key or a password alone.",
        )
    if "EOF" in text or not isinstance(error, AuthenticationException):
        return SftpUnreachable(f"{target.host} broke the connection during the sign-in of {target.username}.")
    return SftpAuthFailed(
        f"{target.host} refused the sign-in of {target.username}.",
        next_step=_RSA_ADVICE if _has_rsa_key(target) else None,
    )


def _has_rsa_key(target: Target) -> bool:
    if not target.private_key:
        return False
    key = load_private_key(target.private_key, passphrase=target.passphrase)
    return isinstance(key, paramiko.RSAKey)


def open_channel(transport: paramiko.Transport, *, target: Target, watchdog: Watchdog) -> paramiko.Channel:
    """Open the SFTP channel, with a timeout set before the first byte is awaited.

    Raises SftpUnsupported when the server has no SFTP for this account.
    """
    # paramiko waits for the subsystem's answer without any timeout
    step = Watchdog(target.timeouts.channel)
    step.watch(cast(socket.socket, transport.sock))
    try:
        channel = transport.open_session(timeout=target.timeouts.channel)
        channel.settimeout(target.timeouts.answer)
        channel.invoke_subsystem("sftp")
    except (paramiko.SSHException, OSError, EOFError) as error:
        if step.has_fired or watchdog.has_fired or "Timeout" in str(error):
            raise SftpTimedOut(f"{target.host} did not open the file channel in time.") from error
        if transport.is_active():
            raise SftpUnsupported(
                f"{target.host} gives {target.username} no SFTP ({peer_text(error)}).",
                next_step="Ask the partner to enable SFTP for this account.",
            ) from error
        raise SftpUnreachable(f"{target.host} broke the connection behind the sign-in.") from error
    finally:
        step.stop()
    return channel
