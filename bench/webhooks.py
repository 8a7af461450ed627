"""The webhook endpoint under load: answer times at 100 messages a second, and what a flood of 1,000 a second gets.

gunicorn as `manage.py up` starts it, a real database and broker; senders keep to a fixed schedule, and a late answer
counts from when its request was due. In the flood every fifth message is wrongly signed and every fiftieth too large.

    python -m bench.webhooks [SECONDS]
"""

import base64
import hashlib
import hmac
import http.client
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

FOLDER = Path(tempfile.mkdtemp(prefix="mlc-bench"))
KEY = "a-signing-key-of-the-benchmark"
os.environ.setdefault("DATABASE_URL", f"sqlite:///{FOLDER / 'bench.sqlite3'}")
os.environ.setdefault("SECRET_KEY", "bench" * 10)
os.environ.setdefault("CONNECTOR_KEKS", "bench=" + base64.b64encode(os.urandom(32)).decode())
os.environ |= {
    "DJANGO_SETTINGS_MODULE": "connector.settings",
    "REDIS_URL": f"unix://{FOLDER / 'valkey' / 'valkey.sock'}",
    "XERO_WEBHOOK_KEYS": KEY,
    "ALLOWED_HOSTS": "127.0.0.1",
}

import django

django.setup()

from django.core.management import call_command

from connector.embedded import start_valkey
from connector.supervisor import free_port, web_command
from core.models import WebhookEvent
from tests.factories import OrganisationFactory

SENDERS = 40
TENANT = "70784a63-d24b-46a9-a4db-0e70a274b056"


def main() -> None:
    """Start everything, measure the quiet and the flood, print both."""
    seconds = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    valkey = start_valkey(FOLDER / "valkey")
    call_command("migrate", verbosity=0)
    OrganisationFactory(xero_tenant_id=TENANT, grant__client_id="")
    port = free_port()
    log = (FOLDER / "web.log").open("wb")
    web = subprocess.Popen([sys.executable, *web_command(port)], stdout=log, stderr=log)
    wait_until_up(port)
    print(f"{'':16}{'sent':>8}{'p50, ms':>10}{'p99, ms':>10}{'most, ms':>10}  answers")
    show("100 a second", *send(port, rate=100, seconds=seconds, is_flood=False))
    print(f"{WebhookEvent.objects.count():,} of {100 * seconds:,} stored; the rest was told to come again")
    show("1,000 a second", *send(port, rate=1000, seconds=10, is_flood=True))
    for process in (web, valkey):
        process.terminate()
        process.wait()


def wait_until_up(port: int) -> None:
    """Wait for the first answer."""
    for _ in range(300):
        try:
            ask(http.client.HTTPConnection("127.0.0.1", port, timeout=5), b"", "")
        except OSError:
            time.sleep(0.1)
        else:
            return


def ask(wire: http.client.HTTPConnection, body: bytes, signature: str) -> int:
    """Post one message; give the status."""
    headers = {"Content-Type": "application/json", "x-xero-signature": signature, "X-Forwarded-Proto": "https"}
    wire.request("POST", "/webhooks/xero", body=body, headers=headers)
    answer = wire.getresponse()
    answer.read()
    return answer.status


def message(number: int, *, is_flood: bool) -> tuple[bytes, str]:
    """Make one message and its signature."""
    event = {
        "resourceId": f"{number:036d}", "tenantId": TENANT, "eventCategory": "INVOICE", "eventType": "UPDATE",
        "eventDateUtc": "2026-10-20T21:14:08.102",
    }  # fmt: skip
    body = json.dumps({"events": [event], "firstEventSequence": number, "lastEventSequence": number}).encode()
    if is_flood and number % 50 == 0:
        body += b" " * (257 * 1024)
    signature = base64.b64encode(hmac.digest(KEY.encode(), body, hashlib.sha256)).decode()
    return body, "A" + signature[1:] if is_flood and number % 5 == 0 else signature


def send(port: int, *, rate: int, seconds: int, is_flood: bool) -> tuple[list[float], Counter[str]]:
    """Send on a fixed schedule; give the milliseconds of each answer and the answers by status."""
    took: list[float] = []
    answers: Counter[str] = Counter()
    start = time.monotonic() + 0.5
    first = 10_000_000 if is_flood else 1

    def work(sender: int) -> None:
        wire = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        for turn in range(sender, rate * seconds, SENDERS):
            due = start + turn / rate
            made = message(first + turn, is_flood=is_flood)
            time.sleep(max(0.0, due - time.monotonic()))
            try:
                answers[str(ask(wire, *made))] += 1
            except (OSError, http.client.HTTPException) as error:
                answers[type(error).__name__] += 1
                wire.close()
            took.append((time.monotonic() - due) * 1000)

    threads = [threading.Thread(target=work, args=(sender,)) for sender in range(SENDERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(took), answers


def show(name: str, took: list[float], answers: Counter[str]) -> None:
    """Print one line."""
    middle, late = took[len(took) // 2], took[int(len(took) * 0.99)]
    print(f"{name:16}{len(took):8}{middle:10.1f}{late:10.1f}{took[-1]:10.1f}  {dict(sorted(answers.items()))}")


if __name__ == "__main__":
    main()
