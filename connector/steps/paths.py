"""Where a file lies on its server: under its final name, and under this attempt's temporary one."""

from core.claims import FINAL_NAME, temporary_folder, temporary_name
from core.models import File


def final_path(file: File) -> str:
    """Give the path under which the partner finds a file."""
    return within(file.folder, file.name)


def is_direct(file: File) -> bool:
    """Say whether this attempt, or the one that may have published already, writes under the final name."""
    return (file.temp_name or temporary_name(file)) == FINAL_NAME


def temporary_path(file: File) -> str:
    """Give the path of a file's temporary name: the one noted before the rename, else this attempt's."""
    if file.temp_name:
        return within(file.temp_folder, file.temp_name)
    return within(temporary_folder(file), temporary_name(file))


def upload_path(file: File) -> str:
    """Give the path that this attempt writes to."""
    return (
        final_path(file) if temporary_name(file) == FINAL_NAME else within(temporary_folder(file), temporary_name(file))
    )


def within(folder: str, name: str) -> str:
    """Give the path of a name in a folder."""
    return f"{folder.rstrip('/')}/{name}"
