"""Temporary folders; what killed processes left of them is removed by the next that makes one."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_ABANDONED = 86_400.0  # seconds, where it cannot be seen whether a process lives


@contextmanager
def scratch_folder(prefix: str, parent: Path | None = None) -> Iterator[Path]:
    """A folder that only this user can enter, removed in the end.

    Args:
        prefix: how its name begins. Folders of this prefix whose process is gone are removed.
        parent: where it is made; by default where temporary files are.
    """
    parent = parent or Path(tempfile.gettempdir())
    remove_abandoned(prefix, parent)
    with tempfile.TemporaryDirectory(
        prefix=f"{prefix}{_machine()}-{os.getpid()}-", dir=parent, ignore_cleanup_errors=True
    ) as folder:
        yield Path(folder)


def remove_abandoned(prefix: str, parent: Path) -> None:
    """Remove this user's folders of a prefix whose process, on this machine, is gone."""
    name = re.compile(re.escape(f"{prefix}{_machine()}-") + r"(\d+)-")
    with os.scandir(parent) as entries:
        found = [entry for entry in entries if name.match(entry.name)]
    for entry in found:
        process = int(name.match(entry.name)[1])  # type: ignore[index]
        try:
            status = entry.stat(follow_symlinks=False)
        except OSError:  # it is being removed
            continue
        ours = entry.is_dir(follow_symlinks=False) and status.st_uid == _user()
        if ours and is_gone(process, status.st_mtime):
            shutil.rmtree(entry.path, ignore_errors=True)


def is_gone(process: int, since: float) -> bool:
    """Whether a process of this machine is gone that made something at the time `since`."""
    if process == os.getpid():
        return False
    if os.name == "nt":  # where a signal would end it
        return time.time() - since > _ABANDONED
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return True
    except OSError:  # another user's
        return False
    return False


def _machine() -> str:
    """A short word for this machine: folders may be shared with others, processes are not."""
    name = os.uname().nodename if hasattr(os, "uname") else os.environ.get("COMPUTERNAME", "")
    return f"{zlib.crc32(name.encode()):08x}"


def _user() -> int:
    return os.getuid() if hasattr(os, "getuid") else 0
