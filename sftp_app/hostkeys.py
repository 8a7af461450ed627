"""Host keys as people enter them: a known_hosts line, `ssh-ed25519 AAAA…`, or a `SHA256:` fingerprint.

What looks like a key but proves nothing to us is refused: MD5 fingerprints, hashed hosts, certificates.
"""

import base64
import hashlib
import re
import struct
from fnmatch import fnmatchcase

import paramiko
from paramiko.pkey import UnknownKeyType

from sftp_app.errors import HostKeyRefused
from sftp_app.target import HostKeyPin

# SSH key type -> names under which a server signs with it (RFC 8332 for RSA: never SHA-1)
SIGNATURES = {
    "ssh-ed25519": ("ssh-ed25519",),
    "ecdsa-sha2-nistp256": ("ecdsa-sha2-nistp256",),
    "ecdsa-sha2-nistp384": ("ecdsa-sha2-nistp384",),
    "ecdsa-sha2-nistp521": ("ecdsa-sha2-nistp521",),
    "ssh-rsa": ("rsa-sha2-512", "rsa-sha2-256"),
}
RSA_MINIMUM_BITS = 2048
_SHA256 = re.compile(r"SHA256:([A-Za-z0-9+/]{43})=?")
_MD5 = re.compile(r"(?:MD5:)?(?:[0-9a-fA-F]{2}:){15}[0-9a-fA-F]{2}")


def fingerprint(key: bytes) -> str:
    """Give a raw public key's fingerprint as OpenSSH writes it: `SHA256:` and base64 without padding."""
    return "SHA256:" + base64.b64encode(hashlib.sha256(key).digest()).decode().rstrip("=")


def pin_of(key: paramiko.PKey) -> HostKeyPin:
    """Give the pin of a key that a server has shown."""
    raw = key.asbytes()
    return HostKeyPin(fingerprint=fingerprint(raw), key_type=key_type_of(raw), key=raw)


def key_type_of(raw: bytes) -> str:
    """Read the type out of a raw public key (RFC 4253 §6.6)."""
    (length,) = struct.unpack_from(">I", raw)
    return raw[4 : 4 + length].decode("ascii")


def read_host_keys(text: str, *, host: str = "", port: int = 22) -> tuple[HostKeyPin, ...]:
    """Read one entry, which may be several lines of a known_hosts file.

    With `host`, a known_hosts line for another host is refused. Raises HostKeyRefused with the reason.
    """
    lines = [line.strip() for line in text.splitlines()]
    kept = [line for line in lines if line and not line.startswith("#")]
    if not kept:
        raise HostKeyRefused("The host key is empty.", hint="Paste the line that `ssh-keyscan` prints.")
    return tuple(dict.fromkeys(_read_line(line, host=host, port=port) for line in kept))


def _read_line(line: str, *, host: str, port: int) -> HostKeyPin:
    _refuse_unusable(line)
    found = _SHA256.search(line)
    if found:
        return HostKeyPin(fingerprint=f"SHA256:{found.group(1)}")
    words = line.split()
    if words[0] not in SIGNATURES and len(words) >= 3 and words[1][:4] in ("ssh-", "ecds", "sk-s", "sk-e"):
        _check_host(words[0], host=host, port=port)
        words = words[1:]
    return _read_key(words)


def _refuse_unusable(line: str) -> None:
    if line.startswith("@"):
        marker = line.split()[0][:20]
        raise HostKeyRefused(f"{marker} lines are not supported.", hint="Enter the server's own key.")
    if line.startswith("|1|"):
        raise HostKeyRefused(
            "The host name in this line is hashed, so it cannot be checked.",
            hint="Paste only the type and the key.",
        )
    if _MD5.search(line):
        raise HostKeyRefused("MD5 fingerprints are not safe.", hint="Ask for the SHA256 fingerprint (ssh-keygen -lf).")
    if "PRIVATE KEY" in line:
        raise HostKeyRefused("This is a private key.", hint="Enter the server's public host key.")


def _check_host(patterns: str, *, host: str, port: int) -> None:
    names = [name.lower() for name in patterns.split(",")]
    if any(name.startswith("!") for name in names):
        raise HostKeyRefused("A line that excludes hosts (!) is not supported.", hint="Paste the type and the key.")
    wanted = {host.lower(), f"[{host.lower()}]:{port}"} if port == 22 else {f"[{host.lower()}]:{port}"}
    if host and not any(fnmatchcase(place, _literal(name)) for name in names for place in wanted):
        raise HostKeyRefused(
            f"This line is for {patterns[:80]}, not for {host}:{port}.", hint="Paste the line of this server."
        )


def _literal(pattern: str) -> str:
    # known_hosts knows * and ?; a [ belongs to [host]:port
    return pattern.replace("[", "[[]")


def _read_key(words: list[str]) -> HostKeyPin:
    if words[0] not in SIGNATURES:
        raise HostKeyRefused(
            f"{words[0][:40]!r} is no key type that we accept.",
            hint="Use an ssh-ed25519, ecdsa-sha2 or ssh-rsa (2048 bits and more) key.",
        )
    if len(words) < 2:
        raise HostKeyRefused("The key itself is missing behind its type.", hint="Paste the whole line.")
    key = _parse(words[0], words[1])
    if is_weak(key):
        raise HostKeyRefused(
            f"An RSA key of {key.get_bits()} bits is too weak.", hint="Ask the partner for an ed25519 host key."
        )
    return pin_of(key)


def _parse(kind: str, encoded: str) -> paramiko.PKey:
    try:
        raw = base64.b64decode(encoded, validate=True)
        key = paramiko.PKey.from_type_string(kind, raw)
        # paramiko fills up what is missing at the end with zeros
        is_whole = key.asbytes() == raw and key_type_of(raw) == kind
    except (ValueError, paramiko.SSHException, UnknownKeyType, struct.error):
        is_whole = False
    if not is_whole:
        raise HostKeyRefused("The key is cut short or damaged.", hint="Paste the whole line.")
    return key


def is_weak(key: paramiko.PKey) -> bool:
    """Say whether a public key is RSA with fewer than 2048 bits."""
    return isinstance(key, paramiko.RSAKey) and key.get_bits() < RSA_MINIMUM_BITS
