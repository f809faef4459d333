"""Files and folders that are there whole or not at all."""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from genrescope.errors import DataError
from genrescope.files.scratch import is_gone, scratch_folder

_LONGEST = 100  # characters of a name that its temporary file takes over
_BY_THE_SYSTEM = ("/dev/", "/proc/")  # names that stand for what is open, such as /dev/stdout


@contextmanager
def write_errors(
    place: Path | None, remedy: str | None = None, *, inner: bool = False
) -> Iterator[None]:
    """What the system refuses to write becomes one line that names the place.

    Args:
        place: what was to be written.
        remedy: what the user can do about it.
        inner: name the very file instead, where the system names it.

    Raises:
        DataError: in place of an OSError.
    """
    try:
        yield
    except OSError as error:
        message = f"cannot be written: {error.strerror or error}"
        found = error.filename if inner and error.filename else place
        raise DataError(message, place=found, remedy=remedy) from error


@contextmanager
def polars_errors() -> Iterator[None]:
    """What the system refuses to polars, which is to be installed, becomes an OSError as elsewhere.

    Raises:
        OSError: in place of an error of polars.
    """
    from polars.exceptions import PolarsError

    try:
        yield
    except PolarsError as error:
        raise OSError(errno.EIO, str(error).rpartition("IO error: ")[2]) from error


@contextmanager
def atomic_write(path: Path) -> Iterator[Path]:
    """A temporary file to write, which becomes `path` when all of it is on disk; folders are made.

    On an error the temporary file is removed, and what was at `path` stays. Where `path` is a link,
    the file that it leads to is replaced and the link stays; a device or a pipe is written to.

    Raises:
        OSError: it cannot be written, or is a folder.
    """
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, "is a folder", str(path))
    if _is_stream(path):
        with scratch_folder("genrescope-") as folder:
            yield (temporary := folder / "content")
            with temporary.open("rb") as content, path.open("wb") as stream:
                shutil.copyfileobj(content, stream)
        return
    target = Path(os.path.realpath(path))
    target.parent.mkdir(parents=True, exist_ok=True)
    name = target.name[:_LONGEST]
    _remove_leftovers(target.parent, name)
    temporary = target.with_name(f".{name}.{os.getpid()}.part")
    try:
        yield temporary
        sync(temporary)
        temporary.replace(target)
        sync_folder(target.parent)
    except OSError as error:
        if error.filename in (None, str(temporary)):
            error.filename = str(path)
        raise
    finally:
        temporary.unlink(missing_ok=True)


def _is_stream(path: Path) -> bool:
    """Whether bytes are written to what is at `path` rather than put in its place."""
    try:
        status = path.stat()
    except OSError:
        return False
    own = os.path.realpath(path.parent) + "/"
    return not stat.S_ISREG(status.st_mode) or own.startswith(_BY_THE_SYSTEM)


def _remove_leftovers(folder: Path, name: str) -> None:
    """Remove what killed processes left of a file that they were writing."""
    part = re.compile(rf"\.{re.escape(name)}\.(\d+)\.part")
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            found = part.fullmatch(entry.name)
            if found and is_gone(int(found[1]), entry.stat().st_mtime):
                Path(entry.path).unlink()


def write_atomic(path: Path, content: bytes) -> None:
    """Write a file under its name only when all of it is on disk; folders are made."""
    with atomic_write(path) as temporary:
        temporary.write_bytes(content)


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Write JSON under its name only when all of it is on disk."""
    write_atomic(path, json.dumps(content, indent=1).encode())


@contextmanager
def atomic_folder(folder: Path) -> Iterator[Path]:
    """A new folder to fill, which takes the name `folder` at the end; on an error it is removed.

    The old folder is set aside, the new one named, and only then the old one removed. A process
    killed between these steps leaves the old one aside, where `recover_folder` finds it.
    """
    new = _beside(folder, "part")
    recover_folder(folder)
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(parents=True)
    try:
        yield new
        for path in new.iterdir():
            sync(path)
    except BaseException:
        shutil.rmtree(new, ignore_errors=True)
        raise
    if folder.exists():
        folder.replace(_beside(folder, "old"))
    new.replace(folder)
    sync_folder(folder.parent)
    recover_folder(folder)


def recover_folder(folder: Path) -> None:
    """Tidy what a killed process left: an old folder without a successor gets its name back."""
    old = _beside(folder, "old")
    if not old.exists():
        return
    if folder.exists():
        shutil.rmtree(old, ignore_errors=True)  # another process may be at it, too
    else:
        old.replace(folder)


def sync(path: Path) -> None:
    """Bring what was written to a file to the disk."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable, where the system can (Windows does so by itself)."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _beside(folder: Path, ending: str) -> Path:
    return folder.with_name(f".{folder.name}.{ending}")
