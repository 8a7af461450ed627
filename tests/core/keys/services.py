"""AWS KMS and Vault's transit engine as far as the vault calls them: they wrap for a place, and can fail."""

import base64
import hashlib
import types

from core.errors import PermanentError
from core.keys.local import open_bytes, seal_bytes


class InvalidCiphertext(Exception):
    """KMS: not what it encrypted, or for another context."""


class IncorrectKey(Exception):
    """KMS: encrypted under another key."""


class ClientError(Exception):
    """KMS: refused for any other reason."""


class Kms:
    """A KMS client. `exceptions` as boto3 hangs them on the client."""

    exceptions = types.SimpleNamespace(InvalidCiphertextException=InvalidCiphertext, IncorrectKeyException=IncorrectKey)

    def __init__(self):
        self.calls = []
        self.is_down = False

    def encrypt(self, **asked):
        self._note("encrypt", asked["EncryptionContext"])
        place = _place(asked["EncryptionContext"])
        return {"CiphertextBlob": seal_bytes(_key(asked["KeyId"]), asked["Plaintext"], place)}

    def decrypt(self, **asked):
        self._note("decrypt", asked["EncryptionContext"])
        place = _place(asked["EncryptionContext"])
        try:
            return {"Plaintext": open_bytes(_key(asked["KeyId"]), asked["CiphertextBlob"], place)}
        except PermanentError as error:
            raise InvalidCiphertext from error

    def _note(self, verb, context):
        self.calls.append((verb, context))
        if self.is_down:
            raise ClientError("AccessDeniedException")


class VaultError(Exception):
    """Vault: base of its errors."""


class InvalidRequest(VaultError):
    """Vault: 400."""


class RequestError(Exception):
    """The network."""


class Transit:
    """A Vault client with its adapter, for a key with associated data."""

    def __init__(self):
        self.adapter = self
        self.calls = []
        self.error = None
        self.answer = None

    def post(self, *, url, json):
        self.calls.append(url)
        if self.error:
            raise self.error
        if self.answer is not None:
            return self.answer
        where = base64.b64decode(json["associated_data"])
        name = url.rpartition("/")[2]
        if "/encrypt/" in url:
            sealed = seal_bytes(_key(name), base64.b64decode(json["plaintext"]), where)
            return {"data": {"ciphertext": f"vault:v1:{base64.b64encode(sealed).decode()}"}}
        try:
            sealed = base64.b64decode(json["ciphertext"].removeprefix("vault:v1:"))
            return {"data": {"plaintext": base64.b64encode(open_bytes(_key(name), sealed, where)).decode()}}
        except (PermanentError, ValueError) as error:
            raise InvalidRequest("cipher: message authentication failed") from error


def _key(name):
    return hashlib.sha256(name.encode()).digest()


def _place(context):
    return repr(sorted(context.items())).encode()


def modules(client):
    """Give the client libraries as modules by name, each of which hands out this client."""
    return {
        "boto3": types.SimpleNamespace(client=lambda *_args, **_options: client),
        "botocore.config": types.SimpleNamespace(Config=lambda **options: options),
        "botocore.exceptions": types.SimpleNamespace(ClientError=ClientError, BotoCoreError=RequestError),
        "hvac": types.SimpleNamespace(Client=lambda **_options: client),
        "hvac.exceptions": types.SimpleNamespace(InvalidRequest=InvalidRequest, VaultError=VaultError),
        "requests.exceptions": types.SimpleNamespace(RequestException=RequestError),
    }
