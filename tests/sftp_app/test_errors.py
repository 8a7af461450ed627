"""The family as a whole: codes that stay, sentences with a next step, and who waits for a person."""

import inspect
from pathlib import Path

from core.errors import ConnectorError, Invalid, PermanentError, TemporaryError
from sftp_app import errors

FAMILY = [
    kind
    for _, kind in inspect.getmembers(errors, inspect.isclass)
    if issubclass(kind, ConnectorError) and kind.__module__ == errors.__name__ and kind is not errors.SftpHold
]
CODES = {
    "SftpUnreachable": "SFTP_UNREACHABLE",
    "SftpTimedOut": "SFTP_TIMEOUT",
    "SftpShortWrite": "SFTP_PARTIAL",
    "SftpVanished": "SFTP_VANISHED",
    "SftpDiskFull": "SFTP_DISK_FULL",
    "SftpNoFile": "SFTP_NO_FILE",
    "SftpUnsettled": "SFTP_UNSETTLED",
    "SftpFailed": "SFTP_FAILED",
    "HostKeyMissing": "SFTP_HOSTKEY_MISSING",
    "HostKeyMismatch": "SFTP_HOSTKEY_CHANGED",
    "SftpAuthFailed": "SFTP_AUTH",
    "SftpOutdated": "SFTP_OUTDATED",
    "SftpPermissionDenied": "SFTP_PERMISSION",
    "SftpNoFolder": "SFTP_NO_DIR",
    "SftpNameTaken": "SFTP_NAME_TAKEN",
    "SftpUnsupported": "SFTP_UNSUPPORTED",
    "SftpTooLarge": "SFTP_TOO_LARGE",
    "AddressRefused": "SFTP_ADDRESS",
}


def test_the_codes_are_these_and_stay():
    assert {kind.__name__: kind.code for kind in FAMILY if not issubclass(kind, Invalid)} == CODES
    assert errors.KeyRefused("no").code == "SFTP_KEY"
    assert errors.HostKeyRefused("no").code == "SFTP_HOSTKEY"
    assert errors.NameRefused("no").code == "SFTP_NAME"


def test_each_is_temporary_or_waits_for_a_person():
    for kind in FAMILY:
        if issubclass(kind, Invalid):
            continue
        assert issubclass(kind, TemporaryError) != issubclass(kind, PermanentError)
        assert issubclass(kind, TemporaryError) or kind.holds


def test_each_has_a_next_step_but_the_one_that_only_informs():
    assert [kind.__name__ for kind in FAMILY if not issubclass(kind, Invalid) and not kind.next_step] == ["SftpNoFile"]


def test_the_page_at_the_top_lists_every_code():
    for name, code in CODES.items():
        assert f"{name} " in errors.__doc__
        assert code in errors.__doc__


def test_no_policy_that_accepts_unknown_keys_is_anywhere_in_the_product():
    product = Path(errors.__file__).parent
    for file in product.rglob("*.py"):
        text = file.read_text()
        assert "AutoAddPolicy" not in text
        assert "WarningPolicy" not in text
        assert "SSHClient(" not in text
