"""Where a file lies on its server: under its final name, and under this attempt's temporary one."""

from core import outbox
from core.models import File, Publish, Server


def final_path(file: File) -> str:
    """Give the path under which the partner finds a file."""
    return _in(file.folder, file.name)


def temporary_path(file: File, server: Server) -> str:
    """Give the path of a file's temporary name: the one noted before the rename, else this attempt's."""
    folder = server.staging_folder if server.publish == Publish.STAGING else file.folder
    return _in(folder, file.temp_name or outbox.temporary_name(file))


def upload_path(file: File, server: Server) -> str:
    """Give the path that this attempt writes to."""
    if server.publish == Publish.DIRECT:
        return final_path(file)
    folder = server.staging_folder if server.publish == Publish.STAGING else file.folder
    return _in(folder, outbox.temporary_name(file))


def _in(folder: str, name: str) -> str:
    return f"{folder.rstrip('/')}/{name}"
