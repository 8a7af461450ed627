"""Keys that never leave a service: AWS KMS and HashiCorp Vault's transit engine.

Each value's data key is wrapped by a call. What was opened is remembered for a few minutes, so that a webhook that
looks at every connection's keys, or a worker that opens one session after the other, does not call each time.
The client libraries are optional extras and are imported only when such a key is configured.
"""

import base64
import binascii
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

from core.keys.provider import KeyProvider, KeyRefused, KeyServiceDown, SealBroken

CALL_SECONDS = 3
REMEMBER_SECONDS = 300.0
REMEMBER_MOST = 2000
Errors = tuple[type[Exception], ...]


@dataclass(frozen=True, slots=True)
class KmsKey:
    """A key in AWS KMS. The place goes along as encryption context (it is logged by CloudTrail in clear; it names a
    row, never what is in it). `refused` and `failed` are the errors of the client library."""

    client: Any = field(repr=False)
    key_id: str
    refused: Errors
    failed: Errors
    is_local = False

    def wrap(self, data_key: bytes, *, where: bytes) -> bytes:
        """Wrap a data key by one call of KMS Encrypt."""
        asked = {"KeyId": self.key_id, "Plaintext": data_key, "EncryptionContext": context_of(where)}
        return bytes(self._call(self.client.encrypt, asked)["CiphertextBlob"])

    def unwrap(self, wrapped: bytes, *, where: bytes) -> bytes:
        """Give the data key back by one call of KMS Decrypt."""
        asked = {"KeyId": self.key_id, "CiphertextBlob": wrapped, "EncryptionContext": context_of(where)}
        return bytes(self._call(self.client.decrypt, asked)["Plaintext"])

    def _call(self, method: Callable[..., Any], asked: dict[str, Any]) -> Any:
        try:
            return method(**asked)
        except self.refused as error:
            raise SealBroken("A stored secret does not belong here or was altered.") from error
        except self.failed as error:
            raise KeyServiceDown(f"AWS KMS did not do as asked ({type(error).__name__}).") from error


@dataclass(frozen=True, slots=True)
class TransitKey:
    """A key in Vault's transit engine, of a type with associated data (aes256-gcm96, chacha20-poly1305)."""

    client: Any = field(repr=False)
    mount: str
    name: str
    refused: Errors
    failed: Errors
    is_local = False

    def wrap(self, data_key: bytes, *, where: bytes) -> bytes:
        """Wrap a data key by one call of transit/encrypt."""
        return self._call("encrypt", "ciphertext", where, plaintext=_base64(data_key)).encode()

    def unwrap(self, wrapped: bytes, *, where: bytes) -> bytes:
        """Give the data key back by one call of transit/decrypt."""
        text = self._call("decrypt", "plaintext", where, ciphertext=wrapped.decode("ascii", "replace"))
        try:
            return base64.b64decode(text)
        except binascii.Error as error:
            raise KeyServiceDown("Vault's answer cannot be read.") from error

    def _call(self, verb: str, wanted: str, where: bytes, **asked: str) -> str:
        url = f"/v1/{self.mount}/{verb}/{self.name}"
        failed: Errors = (*self.failed, KeyError, TypeError)
        try:
            answer = self.client.adapter.post(url=url, json={**asked, "associated_data": _base64(where)})
            return str(answer["data"][wanted])
        except self.refused as error:
            raise SealBroken("A stored secret does not belong here or was altered.") from error
        except failed as error:
            raise KeyServiceDown(f"Vault did not do as asked ({type(error).__name__}).") from error


class Remembering:
    """A remote key that remembers what it opened, for a while and in bounded number."""

    is_local = False

    def __init__(self, key: KeyProvider, *, seconds: float = REMEMBER_SECONDS, most: int = REMEMBER_MOST) -> None:
        self.key, self.seconds, self.most = key, seconds, most
        self._lock = threading.Lock()
        self._opened: OrderedDict[tuple[bytes, bytes], tuple[float, bytes]] = OrderedDict()

    def wrap(self, data_key: bytes, *, where: bytes) -> bytes:
        """Wrap a data key, and remember it."""
        wrapped = self.key.wrap(data_key, where=where)
        self._remember((wrapped, where), data_key)
        return wrapped

    def unwrap(self, wrapped: bytes, *, where: bytes) -> bytes:
        """Give a data key back, from memory where it was opened lately."""
        place = (wrapped, where)
        with self._lock:
            until, data_key = self._opened.get(place, (0.0, b""))
        if until < time.monotonic():
            data_key = self.key.unwrap(wrapped, where=where)
            self._remember(place, data_key)
        return data_key

    def _remember(self, place: tuple[bytes, bytes], data_key: bytes) -> None:
        with self._lock:
            self._opened[place] = (time.monotonic() + self.seconds, data_key)
            self._opened.move_to_end(place)
            while len(self._opened) > self.most:
                self._opened.popitem(last=False)


def open_kms(arn: str) -> KmsKey:
    """Give a key of AWS KMS by its ARN; credentials come from where AWS's own library looks for them.

    Raises `KeyRefused` without that library or for what is no ARN of a key."""
    parts = arn.split(":")
    if len(parts) != 6 or parts[2] != "kms" or not parts[3]:
        raise KeyRefused("CONNECTOR_KEKS: write aws-kms:arn:aws:kms:REGION:ACCOUNT:key/ID.")
    boto3, config, errors = _modules("boto3", "botocore.config", "botocore.exceptions", extra="aws")
    limits = config.Config(connect_timeout=CALL_SECONDS, read_timeout=CALL_SECONDS, retries={"max_attempts": 2})
    client = boto3.client("kms", region_name=parts[3], config=limits)
    refused = (client.exceptions.InvalidCiphertextException, client.exceptions.IncorrectKeyException)
    return KmsKey(client, arn, refused, (errors.ClientError, errors.BotoCoreError))


def open_transit(place: str) -> TransitKey:
    """Give a key of Vault by MOUNT/NAME; address and token come from VAULT_ADDR and VAULT_TOKEN.

    Raises `KeyRefused` without the client library or for what is no MOUNT/NAME."""
    mount, _, name = place.rpartition("/")
    if not mount or not name:
        raise KeyRefused("CONNECTOR_KEKS: write vault-transit:MOUNT/NAME, as in vault-transit:transit/connector.")
    hvac, errors, requests = _modules("hvac", "hvac.exceptions", "requests.exceptions", extra="vault")
    client = hvac.Client(timeout=CALL_SECONDS)
    return TransitKey(client, mount, name, (errors.InvalidRequest,), (errors.VaultError, requests.RequestException))


def _modules(*names: str, extra: str) -> list[Any]:
    try:
        return [import_module(name) for name in names]
    except ImportError as error:
        raise KeyRefused(
            f"CONNECTOR_KEKS: this key needs the library {names[0]}.",
            next_step=f"Install ml-connector[{extra}].",
        ) from error


def context_of(where: bytes) -> dict[str, str]:
    """Give the parts of an encoded place as KMS takes them: text by text."""
    parts: dict[str, str] = {}
    while where:
        length = int.from_bytes(where[:2], "big")
        parts[f"part{len(parts)}"] = where[2 : 2 + length].decode()
        where = where[2 + length :]
    return parts


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
