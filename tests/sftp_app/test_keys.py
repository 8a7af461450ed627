"""Private keys as people have them: what is read, what is refused and how it is said."""

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, x25519
from hypothesis import given
from hypothesis import strategies as st

from core.errors import ConnectorError
from core.secret import Secret
from sftp_app.errors import KeyRefused
from sftp_app.keys import generate_key_pair, load_private_key, public_line
from tests.ssh_keys import make_key

PAIR = generate_key_pair(comment="harbor to acme")


@pytest.fixture
def key_file(tmp_path):
    def make(kind, **settings):
        make_key(tmp_path / "key", kind, **settings)
        return Secret((tmp_path / "key").read_text()), (tmp_path / "key.pub").read_text()

    return make


def pkcs8(key, *, passphrase=None):
    protection = (
        serialization.BestAvailableEncryption(passphrase.encode()) if passphrase else serialization.NoEncryption()
    )
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, protection)
    return Secret(pem.decode())


def refusal(text, **settings):
    with pytest.raises(KeyRefused) as caught:
        load_private_key(Secret(text) if isinstance(text, str) else text, **settings)
    (finding,) = caught.value.findings
    assert finding.code == caught.value.code == "SFTP_KEY"
    assert finding.hint
    return finding


@pytest.mark.parametrize(
    ("kind", "bits"), [("ed25519", None), ("ecdsa", 256), ("ecdsa", 384), ("ecdsa", 521), ("rsa", 2048)]
)
def test_openssh_keys_are_read(key_file, kind, bits):
    private, public = key_file(kind, bits=bits)
    assert public_line(private, comment="test") == public.strip()


@pytest.mark.parametrize(("kind", "bits"), [("rsa", 2048), ("ecdsa", 256)])
def test_the_older_pem_forms_are_read(key_file, kind, bits):
    private, public = key_file(kind, bits=bits, older_form=True)
    assert private.reveal().startswith(("-----BEGIN RSA PRIVATE KEY", "-----BEGIN EC PRIVATE KEY"))
    assert public_line(private, comment="test") == public.strip()


@pytest.mark.parametrize("make", [ed25519.Ed25519PrivateKey.generate, lambda: ec.generate_private_key(ec.SECP256R1())])
def test_pkcs8_keys_are_read_with_and_without_passphrase(make):
    key = make()
    plain = load_private_key(pkcs8(key))
    sealed = load_private_key(pkcs8(key, passphrase="open sesame"), passphrase=Secret("open sesame"))
    assert plain.asbytes() == sealed.asbytes()


def test_a_protected_openssh_key_is_read_with_its_passphrase(key_file):
    private, public = key_file("ed25519", passphrase="open sesame")
    assert public_line(private, passphrase=Secret("open sesame"), comment="test") == public.strip()


@pytest.mark.parametrize("ending", ["\r\n", "\r", "\n"])
def test_line_endings_and_blanks_around_do_not_matter(ending):
    text = "  \n" + PAIR.private.reveal().strip().replace("\n", ending)
    assert public_line(Secret(text), comment="harbor-to-acme") == PAIR.public


def test_a_passphrase_for_a_key_without_one_does_not_matter():
    assert load_private_key(PAIR.private, passphrase=Secret("unused"))
    assert load_private_key(pkcs8(ed25519.Ed25519PrivateKey.generate()), passphrase=Secret("unused"))


@pytest.mark.parametrize("passphrase", [None, Secret("")])
def test_a_missing_passphrase_is_told(key_file, passphrase):
    private, _ = key_file("ed25519", passphrase="open sesame")
    assert refusal(private, passphrase=passphrase).reason == "The key is protected by a passphrase."
    sealed = pkcs8(ed25519.Ed25519PrivateKey.generate(), passphrase="open sesame")
    assert refusal(sealed, passphrase=passphrase).reason == "The key is protected by a passphrase."


def test_a_wrong_passphrase_is_told_without_showing_it(key_file):
    private, _ = key_file("ed25519", passphrase="open sesame")
    for key in (private, pkcs8(ed25519.Ed25519PrivateKey.generate(), passphrase="open sesame")):
        finding = refusal(key, passphrase=Secret("guess-1"))
        assert finding.path == "passphrase"
        assert "guess-1" not in str(finding)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "The private key is empty."),
        (" \r\n ", "The private key is empty."),
        (
            "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDabo4k6JDUdKDwyQR8ngK0i0cvrR1HBbdOP4yh3hsFd harbor",
            "This is the public half of a key.",
        ),
        ("---- BEGIN SSH2 PUBLIC KEY ----\nAAAA\n", "This is the public half of a key."),
        ("-----BEGIN PUBLIC KEY-----\nAAAA\n", "This is the public half of a key."),
        ("PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\n", "This is a PuTTY key (PPK)."),
        ("-----BEGIN DSA PRIVATE KEY-----\nAAAA\n-----END DSA PRIVATE KEY-----", "DSA keys are no longer safe."),
        ("my password", "This is no private key."),
        ("-----BEGIN CERTIFICATE-----\nAAAA\n", "This is no private key."),
    ],
)
def test_what_is_no_usable_key_is_told_by_its_kind(text, reason):
    assert refusal(text).reason == reason


def test_a_dsa_key_in_the_openssh_form_is_told():
    body = "AAAAB3NzaC1kc3MAAACBAP" + "A" * 42
    text = f"-----BEGIN OPENSSH PRIVATE KEY-----\n{body}\n-----END OPENSSH PRIVATE KEY-----\n"
    assert refusal(text).reason == "DSA keys are no longer safe."


@pytest.mark.parametrize("cut", [40, 100, 200, 300])
def test_a_key_cut_short_is_told(cut):
    text = PAIR.private.reveal()
    assert "cut short" in refusal(text[:cut] + "\n-----END OPENSSH PRIVATE KEY-----\n").reason


def test_a_short_rsa_key_is_told_with_its_bits(key_file):
    private, _ = key_file("rsa", bits=1024)
    assert refusal(private).reason == "An RSA key of 1024 bits is too weak."


@pytest.mark.parametrize(
    "key",
    [ec.generate_private_key(ec.SECP256K1()), ed448.Ed448PrivateKey.generate(), x25519.X25519PrivateKey.generate()],
)
def test_keys_that_ssh_does_not_know_are_told(key):
    assert refusal(pkcs8(key)).reason.startswith("SSH does not")


@given(st.text(max_size=300))
def test_any_text_is_refused_in_our_own_words(text):
    with pytest.raises(KeyRefused):
        load_private_key(Secret(text))


@given(st.binary(max_size=60), st.integers(min_value=0, max_value=380))
def test_a_damaged_key_is_never_more_than_refused(junk, at):
    text = PAIR.private.reveal()
    damaged = text[:at] + junk.hex() + text[at + len(junk) :]
    try:
        load_private_key(Secret(damaged))
    except ConnectorError as error:
        assert isinstance(error, KeyRefused)
        assert error.__cause__ is None or "PRIVATE KEY" not in str(error)


def test_a_made_pair_is_ed25519_and_does_not_show_its_private_half():
    kind, _, comment = PAIR.public.split(" ")
    assert (kind, comment) == ("ssh-ed25519", "harbor-to-acme")
    assert "PRIVATE KEY" not in repr(PAIR)
    assert generate_key_pair(comment="x").public != generate_key_pair(comment="x").public


def test_a_comment_cannot_break_the_public_line():
    assert generate_key_pair(comment='a\nssh-rsa "b"').public.count("\n") == 0
