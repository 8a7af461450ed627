"""The other side of alerts: a webhook receiver and a mail server on loopback, with the answers that a test wants."""

import contextlib
import ipaddress
import socketserver
import ssl
import threading
import time
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec


class Receiver:
    """Takes posts; `answers` are used up one after the other, the last one stays."""

    def __init__(self):
        self.requests, self.answers = [], [(200, {}, b"ok")]
        self.drip_seconds = 0

    def answer(self):
        """Give the next answer."""
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def _handler(receiver):
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            receiver.requests.append((self.path, dict(self.headers), body))
            status, headers, content = receiver.answer()
            with contextlib.suppress(OSError):
                self.send_response(status)
                for name, value in {"Content-Length": str(len(content)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self._write(content)

        def _write(self, content):
            for byte in content if receiver.drip_seconds else ():
                self.wfile.write(bytes([byte]))
                self.wfile.flush()
                time.sleep(receiver.drip_seconds)
            if not receiver.drip_seconds:
                self.wfile.write(content)

        def log_message(self, *_):
            pass

    return Handler


class _QuietServer(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        """A client that goes away, or does not trust us, is what some tests are about."""


@contextlib.contextmanager
def receiving(*, context=None):
    """Serve a receiver on loopback; gives it and its port."""
    receiver = Receiver()
    server = _QuietServer(("127.0.0.1", 0), _handler(receiver))
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    with _served(server):
        yield receiver, server.server_address[1]


@contextlib.contextmanager
def _served(server):
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def certificate(folder, *, name="localhost"):
    """Make a certificate for a name; gives the path of a PEM file with certificate and key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    built = (
        x509.CertificateBuilder(subject_name=subject, issuer_name=subject, public_key=key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([_alternative(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / f"{name}.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(built.public_bytes(serialization.Encoding.PEM) + private)
    return path


def _alternative(name):
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def server_context(path):
    """Give the TLS context of a server with this certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context


class MailServer:
    """Takes mail; `refuses` are answers by command, as in {"RCPT": "550 nobody here"}."""

    def __init__(self):
        self.mails, self.refuses = [], {}


@contextlib.contextmanager
def mail_server():
    """Serve SMTP on loopback; gives the server and its port."""
    state = MailServer()

    class Handler(socketserver.StreamRequestHandler):
        def handle(self):
            self._say("220 here")
            while line := self.rfile.readline():
                command = line[:4].decode().strip().upper()
                if command == "DATA" and command not in state.refuses:
                    self._take()
                    continue
                self._say(state.refuses.get(command, "221 bye" if command == "QUIT" else "250 ok"))
                if command == "QUIT":
                    return

        def _take(self):
            self._say("354 go on")
            lines = []
            while (line := self.rfile.readline()) not in (b".\r\n", b""):
                lines.append(line)
            state.mails.append(b"".join(lines).decode())
            self._say("250 taken")

        def _say(self, text):
            self.wfile.write(f"{text}\r\n".encode())

    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    with _served(server):
        yield state, server.server_address[1]
