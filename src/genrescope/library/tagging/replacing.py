"""Put a new version of a file in the place of the old one, so that at no moment there is neither.

The new version is made beside the old one, is put on the disk, gets the old one's permissions,
owner, extended attributes and access lists, and is then renamed over it, which is one step.
"""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import stat
from contextlib import suppress
from pathlib import Path

from genrescope.errors import DataError, GenrescopeError
from genrescope.files.atomic import sync_folder
from genrescope.library.tagging.journal import Version

_FULL = (errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC))
_FORBIDDEN = (errno.EACCES, errno.EPERM, errno.EROFS)
_WINDOWS_IN_USE = (32, 33)  # sharing violation, lock violation


class RefusedError(DataError):
    """A file is left as it is, for a reason that the user can do something about."""


def check_writable(path: Path, found: os.stat_result, *, break_links: bool) -> None:
    """See that a file's tags may be changed; `found` is what it is.

    Raises:
        RefusedError: it may not be changed, is in use, or has more than one name.
        OSError: it is gone or cannot be looked at.
    """
    if not stat.S_ISREG(found.st_mode):
        raise RefusedError("it is no file", remedy="name a music file")
    if not found.st_mode & 0o222 or not os.access(path, os.W_OK):
        raise RefusedError("the file is read-only", remedy="allow writing to it")
    if not _takes_files(path.parent):
        raise RefusedError("its folder is read-only", remedy="allow writing to the folder")
    if found.st_nlink > 1 and not break_links:
        raise RefusedError(
            f"it has {found.st_nlink} names (hard links), and only this one would change",
            remedy="allow it with --break-links",
        )
    if _in_use(path):
        raise RefusedError("another program is writing to it", remedy="try again later")


def _takes_files(folder: Path) -> bool:
    """Whether files may be made in a folder; Windows marks some as read-only that are not."""
    marked = os.name == "posix" and not folder.stat().st_mode & 0o222
    return not marked and os.access(folder, os.W_OK)


def _in_use(path: Path) -> bool:
    """Whether another program has the file locked or open for writing, if that is known."""
    try:
        import fcntl
    except ImportError:  # Windows: renaming over an open file fails instead
        return False
    descriptor = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        if hasattr(fcntl, "F_SETLEASE"):  # a lease is given only while there is no writer
            import signal

            fcntl.fcntl(descriptor, fcntl.F_SETSIG, signal.SIGURG)  # not SIGIO, which kills
            fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_RDLCK)
    except OSError as error:
        return error.errno in (errno.EAGAIN, errno.EWOULDBLOCK)
    finally:
        os.close(descriptor)
    return False


def copy(source: Path, goal: Path) -> None:
    """Copy the bytes of a file to a new one; the file system shares them where it can.

    Raises:
        OSError: it cannot be read or written.
    """
    with source.open("rb") as old, goal.open("xb") as new:
        left = os.fstat(old.fileno()).st_size
        with suppress(OSError, AttributeError):  # not on this system, or not between these files
            while left and (count := os.copy_file_range(old.fileno(), new.fileno(), left)):
                left -= count
        if left:
            old.seek(0)
            new.seek(0)
            shutil.copyfileobj(old, new, 1 << 20)


def version(path: Path) -> Version:
    """The file's bytes as they are now.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        found = os.fstat(file.fileno())
    return Version(found.st_size, digest, found.st_mtime_ns)


def finish(temporary: Path, like: os.stat_result, path: Path, *, mtime_ns: int | None) -> None:
    """Put a new version on the disk, with the attributes of the old one.

    Args:
        temporary: the new version.
        like: what `path` was when the work on it began.
        path: the old version.
        mtime_ns: time of the last change that it shall have, or None for now.

    Raises:
        OSError: it cannot be written.
    """
    with temporary.open("r+b") as file:
        if hasattr(os, "chown"):
            own = os.fstat(file.fileno())
            if (own.st_uid, own.st_gid) != (like.st_uid, like.st_gid):
                with suppress(PermissionError):  # only root may give files away
                    os.chown(temporary, like.st_uid, like.st_gid)
        shutil.copystat(path, temporary)
        if mtime_ns is None:
            os.utime(temporary)
        else:
            os.utime(temporary, ns=(like.st_atime_ns, mtime_ns))
        os.fsync(file.fileno())


def put_in_place(temporary: Path, path: Path, like: os.stat_result) -> None:
    """Rename a finished version over the old one.

    Raises:
        RefusedError: the old one was changed since `like`.
        OSError: it cannot be renamed.
    """
    now = path.stat()
    # Where another of its names went, as this run's own are replaced, that alone changed its ctime.
    unlinked = now.st_nlink < like.st_nlink
    if _identity(now) != _identity(like) or (now.st_ctime_ns != like.st_ctime_ns and not unlinked):
        raise RefusedError("another program has just changed it", remedy="plan again")
    temporary.replace(path)
    sync_folder(path.parent)


def _identity(found: os.stat_result) -> tuple[int, ...]:
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns


def explained(error: OSError | GenrescopeError) -> tuple[str, str]:
    """Why a file was refused, and the remedy."""
    if isinstance(error, GenrescopeError):
        return error.message, error.remedy or ""
    if error.errno == errno.ENOENT or error.errno == errno.ENOTDIR:
        return "it is no longer there", "look for it, scan and plan again"
    if error.errno in _FULL:
        return "the disk is full", "make room and give the same command again"
    if getattr(error, "winerror", None) in _WINDOWS_IN_USE or error.errno == errno.ETXTBSY:
        return "another program is using it", "close that program"
    if error.errno in _FORBIDDEN:
        return "the file or its folder may not be changed", "allow writing there"
    return f"the system reports: {error.strerror or error}", "see to it and give the command again"
