"""Private keys for signing in: read what people have, refuse what is weak, make new pairs."""

import base64
import io
import re
from dataclasses import dataclass

import paramiko
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, rsa

from core.secret import Secret
from sftp_app.errors import KeyRefused
from sftp_app.hostkeys import RSA_MINIMUM_BITS

_PUBLIC = re.compile(r"\s*(ssh-|ecdsa-sha2-|sk-|---- BEGIN SSH2 PUBLIC|-----BEGIN [A-Z ]*PUBLIC KEY)")
_DSA = "DSA keys are no longer safe."
_MAKE_NEW = "Use Generate a key pair, and give the partner its public line."
_CURVES = {"secp256r1", "secp384r1", "secp521r1"}
_CLASSES: dict[type, type[paramiko.PKey]] = {
    rsa.RSAPrivateKey: paramiko.RSAKey,
    ec.EllipticCurvePrivateKey: paramiko.ECDSAKey,
    ed25519.Ed25519PrivateKey: paramiko.Ed25519Key,
}
UsableKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey


@dataclass(frozen=True, slots=True)
class KeyPair:
    """A new key pair: the private half as an OpenSSH text, the public half as an authorized_keys line."""

    private: Secret
    public: str


def load_private_key(text: Secret, *, passphrase: Secret | None = None) -> paramiko.PKey:
    """Read an OpenSSH or PEM (PKCS#1, SEC1, PKCS#8) private key of a kind that we sign in with.

    Raises KeyRefused for empty, public, PuTTY, DSA and short RSA keys, unknown curves, and passphrases that
    are missing or wrong.
    """
    key = _check_kind(_parse(text, passphrase))
    plain = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, serialization.NoEncryption()
    )
    kind = next(ours for theirs, ours in _CLASSES.items() if isinstance(key, theirs))
    return kind.from_private_key(io.StringIO(plain.decode()))


def generate_key_pair(*, comment: str) -> KeyPair:
    """Make a new ed25519 pair. `comment` ends the public line and names who signs in."""
    key = ed25519.Ed25519PrivateKey.generate()
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, serialization.NoEncryption()
    )
    secret = Secret(private.decode())
    return KeyPair(private=secret, public=public_line(secret, comment=comment))


def public_line(text: Secret, *, passphrase: Secret | None = None, comment: str = "") -> str:
    """Give the authorized_keys line of a private key."""
    key = load_private_key(text, passphrase=passphrase)
    words = re.sub(r"[^\w.@+-]+", "-", comment)
    return f"{key.get_name()} {key.get_base64()} {words}".strip()


def _parse(text: Secret, passphrase: Secret | None) -> object:
    plain = text.reveal().strip().replace("\r\n", "\n").replace("\r", "\n") + "\n"
    _refuse_other_kinds(plain)
    read = (
        serialization.load_ssh_private_key
        if "BEGIN OPENSSH PRIVATE KEY" in plain
        else serialization.load_pem_private_key
    )
    password = passphrase.reveal().encode() if passphrase else None
    try:
        return read(plain.encode(), password)
    except TypeError as error:
        if password is None:
            raise KeyRefused("The key is protected by a passphrase.", hint="Enter the passphrase too.") from error
        return _parse(text, None)
    except (ValueError, UnsupportedAlgorithm) as error:
        if password is not None:
            raise KeyRefused(
                "The key does not open with this passphrase.", hint="Check the passphrase.", path="passphrase"
            ) from error
        raise KeyRefused(
            "The key is cut short, damaged or of an unknown kind.",
            hint="Paste the whole file, first and last line too.",
        ) from error


def _refuse_other_kinds(plain: str) -> None:
    if not plain.strip():
        raise KeyRefused("The private key is empty.", hint=_MAKE_NEW)
    if plain.startswith("PuTTY-User-Key-File"):
        raise KeyRefused("This is a PuTTY key (PPK).", hint="In PuTTYgen: Conversions, Export OpenSSH key.")
    if _PUBLIC.match(plain):
        raise KeyRefused("This is the public half of a key.", hint="Paste the file without .pub.")
    if "BEGIN DSA PRIVATE KEY" in plain or _has_dsa(plain):
        raise KeyRefused(_DSA, hint=_MAKE_NEW)
    if "PRIVATE KEY-----" not in plain:
        raise KeyRefused("This is no private key.", hint="It begins with -----BEGIN … PRIVATE KEY-----.")


def _has_dsa(plain: str) -> bool:
    body = "".join(line for line in plain.splitlines() if not line.startswith("-----"))
    try:
        return b"\0\0\0\7ssh-dss" in base64.b64decode(body)
    except ValueError:
        return False


def _check_kind(key: object) -> UsableKey:
    if isinstance(key, dsa.DSAPrivateKey):
        raise KeyRefused(_DSA, hint=_MAKE_NEW)
    if isinstance(key, rsa.RSAPrivateKey) and key.key_size < RSA_MINIMUM_BITS:
        raise KeyRefused(f"An RSA key of {key.key_size} bits is too weak.", hint=_MAKE_NEW)
    if isinstance(key, ec.EllipticCurvePrivateKey) and key.curve.name not in _CURVES:
        raise KeyRefused(f"SSH does not know the curve {key.curve.name}.", hint=_MAKE_NEW)
    if not isinstance(key, UsableKey):
        raise KeyRefused("SSH does not sign in with a key of this kind.", hint=_MAKE_NEW)
    return key
