"""Marked secrets wherever a secret can stand, and the places where none of them may turn up."""

import base64
import io
import json
import logging
import secrets
from pathlib import Path

import redis
from django.apps import apps
from django.contrib.sessions.models import Session
from django.urls import reverse

from connector import logs
from connector.console.signin import codes
from core.models import AlertChannel, Grant, Server
from sftp_app.keys import generate_key_pair
from tests.factories import AlertRuleFactory, UserFactory

MARK = "pLaNtEd"


class Planted:
    """The secrets by name. Each is unique, so that what is found says where it came from."""

    def __init__(self):
        self.texts = {}

    def __call__(self, name):
        """Make a secret of this name."""
        text = f"{MARK}-{name}-{secrets.token_hex(6)}"
        self.texts[name] = text
        return text

    def add(self, name, text):
        """Watch a secret that something else made."""
        self.texts[name] = text

    def found_in(self, hay):
        """Name the secrets that stand in a text or in bytes, plain, in base64 or in an address."""
        data = hay if isinstance(hay, bytes) else hay.encode(errors="replace")
        return sorted(name for name, text in self.texts.items() if any(form in data for form in _forms(text)))


def _forms(text):
    plain = text.encode()
    yield plain
    yield base64.b64encode(plain).rstrip(b"=")[:-1]
    yield plain.hex().encode()


def plant_settings(settings, planted):
    """Plant the installation's own secrets."""
    settings.SECRET_KEY = planted("secret-key") + "x" * 40
    settings.XERO_CLIENT_SECRET = planted("app-secret")
    settings.XERO_WEBHOOK_KEYS = [planted("webhook-key")]
    settings.METRICS_TOKEN = planted("metrics-token")
    settings.EMAIL_HOST_PASSWORD = planted("mail-password")
    settings.EMAIL_URL = f"smtp+tls://harbor:{settings.EMAIL_HOST_PASSWORD}@mail.example"
    settings.ALERT_FROM = "alerts@conn.example"
    kek = base64.b64encode(secrets.token_bytes(32)).decode()
    planted.add("kek", kek)
    settings.CONNECTOR_KEKS, settings.CONNECTOR_KEK_ACTIVE = f"planted={kek}", "planted"


def plant_rows(planted):
    """Plant the secrets of every stored connection and server; those that open a simulator are watched as they are."""
    for grant in Grant.objects.all():
        planted.add("client-secret", grant.unseal("client_secret").reveal())
        for name in ("webhook_keys", "previous_refresh_token"):
            grant.seal(name, planted(f"grant-{name}"))
        grant.save()
    for server in Server.objects.all():
        planted.add("sftp-password", server.unseal("password").reveal())


def plant_key_server(tenant, planted):
    """A server with a private key and a passphrase that nothing accepts."""
    key = generate_key_pair(comment="planted").private.reveal()
    server = Server(tenant=tenant, name="keyed", host="127.0.0.1", port=2, username="harbor")
    server.seal("private_key", key)
    server.seal("passphrase", planted("passphrase"))
    server.save()
    planted.add("private-key", key.splitlines()[3])
    return server


def plant_alert_rules(tenant, planted, *, port=1):
    """A rule of every channel; the webhooks lead to a port of this machine, by an address that is a credential."""
    for channel in AlertChannel.values:
        rule = AlertRuleFactory.build(tenant=tenant, name=channel, channel=channel, host="127.0.0.1")
        if channel != AlertChannel.EMAIL:
            rule.seal("url", f"http://127.0.0.1:{port}/{planted(f'{channel}-url')}")
            rule.seal("secret", planted(f"{channel}-secret"))
        rule.save()


def plant_person(planted):
    """A superuser with a password, an authenticator and recovery codes."""
    person = UserFactory(username="eva", is_superuser=True)
    person.set_password(planted("user-password"))
    person.save()
    device = codes.authenticator_to_set_up(person)
    device.confirmed = True
    device.save()
    planted.add("authenticator-key", codes.key_text(device).reveal())
    for number, code in enumerate(codes.new_recovery_codes(person)):
        planted.add(f"recovery-code-{number}", code)
    return person


class Log:
    """Everything that is logged meanwhile, at every level, as it would be written."""

    def __enter__(self):
        self.stream = io.StringIO()
        self.handler = logging.StreamHandler(self.stream)
        self.handler.setFormatter(logs.formatter())
        self.root = logging.getLogger()
        self.level = self.root.level
        self.root.addHandler(self.handler)
        self.root.setLevel(logging.DEBUG)
        return self

    def __exit__(self, *_):
        self.root.removeHandler(self.handler)
        self.root.setLevel(self.level)

    @property
    def text(self):
        """What was written so far."""
        return self.stream.getvalue()


def redis_contents(url):
    """Give everything that Redis holds, messages of Celery among it."""
    found = []
    with redis.Redis.from_url(url) as client:
        for key in client.scan_iter():
            kind = client.type(key).decode()
            read = {
                "string": client.get,
                "list": lambda name: client.lrange(name, 0, -1),
                "hash": client.hgetall,
                "set": client.smembers,
                "zset": lambda name: client.zrange(name, 0, -1, withscores=True),
            }[kind]
            value = read(key)
            found.append(repr((key, value)))
            found += [_message(item) for item in value if kind == "list"]
    return "\n".join(found)


def _message(item):
    """Open a message of Celery: its body is base64."""
    return base64.b64decode(json.loads(item)["body"]).decode()


def database_contents():
    """Give every value of every row of every table, bytes as they are, and sessions opened."""
    found = []
    for model in apps.get_models(include_auto_created=True):
        for row in model._base_manager.values_list():
            found += [bytes(value) if isinstance(value, memoryview) else value for value in row]
    found += [session.get_decoded() for session in Session.objects.all()]
    return b"\0".join(value if isinstance(value, bytes) else str(value).encode() for value in found)


def process_arguments():
    """Give the arguments of every process of this machine that can be read."""
    return b"\n".join(_read(path) for path in Path("/proc").glob("[0-9]*/cmdline"))


def _read(path):
    try:
        return path.read_bytes()
    except OSError:
        return b""


def pages_of_the_console(client, world, addresses):
    """Give what every page shows, its form and its answer to nonsense."""
    for address in addresses:
        place = address.of(world)
        for response in (client.get(place), client.get(place + "?edit=1"), client.post(place, {"reason": "x"})):
            body = b"".join(response.streaming_content) if response.streaming else response.content
            yield address.name, body + str(dict(response.headers)).encode()


def server_form(**secrets_given):
    """A server's form with a mistake in it, so that it is shown again."""
    return {"name": "erp 2", "host": "256.256.256.256", "port": "22", "username": "u", **secrets_given}


CONFIRM = "admin:confirm_password"


def confirm(client, password):
    """Give the password again."""
    return client.post(reverse(CONFIRM), {"password": password})
