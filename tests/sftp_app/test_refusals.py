"""What each refusal of a server becomes."""

import pytest

from sftp_app.packets import Status
from sftp_app.refusals import Place, folder_of, name_of
from sftp_app.wire import Refused

PLACE = Place("sftp.example.com", "harbor")


@pytest.mark.parametrize(
    ("status", "text", "code"),
    [
        (Status.NO_SUCH_FILE, "", "SFTP_NO_FILE"),
        (Status.NO_SUCH_PATH, "", "SFTP_NO_FILE"),
        (Status.PERMISSION_DENIED, "", "SFTP_PERMISSION"),
        (Status.WRITE_PROTECT, "", "SFTP_PERMISSION"),
        (Status.UNSUPPORTED, "", "SFTP_UNSUPPORTED"),
        (Status.ALREADY_EXISTS, "", "SFTP_NAME_TAKEN"),
        (Status.NO_SPACE, "", "SFTP_DISK_FULL"),
        (Status.QUOTA_EXCEEDED, "", "SFTP_DISK_FULL"),
        (Status.FAILURE, "Failure", "SFTP_FAILED"),
        (Status.FAILURE, "No space left on device", "SFTP_DISK_FULL"),
        (Status.FAILURE, "Disk quota exceeded", "SFTP_DISK_FULL"),
        (Status.FAILURE, "There is insufficient disk space", "SFTP_DISK_FULL"),
        (Status.FAILURE, "File not found", "SFTP_NO_FILE"),
        (Status.FAILURE, "The path does not exist", "SFTP_NO_FILE"),
        (99, "odd", "SFTP_FAILED"),
    ],
)
def test_a_status_becomes_its_code(status, text, code):
    assert PLACE.explain(Refused(status, text), doing="write", path="/out/x.csv").code == code


def test_where_a_file_is_made_a_missing_path_is_a_missing_folder():
    error = PLACE.explain(Refused(Status.NO_SUCH_FILE, ""), doing="write", path="/out/x.csv", creates=True)
    assert (error.code, error.sentence) == ("SFTP_NO_DIR", "There is no folder /out on sftp.example.com.")


def test_a_denied_folder_names_who_and_where():
    error = PLACE.explain(Refused(Status.PERMISSION_DENIED, ""), doing="write", path="/out/x.csv")
    assert error.sentence == "harbor may not write /out/x.csv on sftp.example.com."
    assert error.holds


@pytest.mark.parametrize(
    ("path", "folder", "name"),
    [("/out/x", "/out", "x"), ("out/in/x", "out/in", "x"), ("x", ".", "x"), ("/x", "/", "x")],
)
def test_a_path_is_a_folder_and_a_name(path, folder, name):
    assert (folder_of(path), name_of(path)) == (folder, name)
