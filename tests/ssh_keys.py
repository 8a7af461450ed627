"""Key files as ssh-keygen writes them, made without it."""

from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

CURVES = {256: ec.SECP256R1, 384: ec.SECP384R1, 521: ec.SECP521R1}


def make_key(path: Path, kind: str, *, bits: int | None = None, passphrase: str = "", older_form: bool = False) -> None:
    """Write a private key to `path` and its public line to `path`.pub; `older_form` is PKCS#1 or SEC1."""
    protection = (
        serialization.BestAvailableEncryption(passphrase.encode()) if passphrase else serialization.NoEncryption()
    )
    form = serialization.PrivateFormat.TraditionalOpenSSL if older_form else serialization.PrivateFormat.OpenSSH
    key = _generate(kind, bits)
    path.touch(mode=0o600)
    path.write_bytes(key.private_bytes(serialization.Encoding.PEM, form, protection))
    public = key.public_key().public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
    path.with_name(f"{path.name}.pub").write_bytes(public + b" test\n")


def _generate(kind, bits):
    if kind == "rsa":
        return rsa.generate_private_key(public_exponent=65537, key_size=bits or 2048)
    return ec.generate_private_key(CURVES[bits or 256]()) if kind == "ecdsa" else ed25519.Ed25519PrivateKey.generate()
