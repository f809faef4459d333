"""The folder of a store that is being written: who may write, which files are whose.

A new store grows beside the old one in the same folder, under the other of two file endings.
"""

from __future__ import annotations

from pathlib import Path

from genrescope.data.store.reader import JOURNAL, is_store, read_manifest
from genrescope.errors import DataError, UsageError
from genrescope.files.lock import ProcessLock, lock_beside

NAMES = "names.partial"
_ENDINGS = (".npy", ".2.npy")


def enter(folder: Path) -> ProcessLock:
    """Make the folder and lock it against other writers; the lock goes with the process."""
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()) and not is_store(folder) and not (folder / JOURNAL).is_file():
        raise UsageError(
            "the folder holds something that is not a store",
            place=folder,
            remedy="name a new or empty folder",
        )
    lock = lock_beside(folder)
    if not lock.take():
        raise UsageError(
            "another program is writing this store", place=folder, remedy="wait until it is done"
        )
    return lock


def remove_leftovers(folder: Path) -> None:
    """Remove what an interrupted writer left beside the store in force.

    Raises:
        UsageError: another writer is at work in the folder.
    """
    lock = enter(folder)
    try:
        clean(folder)
    finally:
        lock.release()


def _in_force(folder: Path) -> set[str]:
    """The files of the store in force, none where there is no store or a damaged one."""
    try:
        return {item.file for item in read_manifest(folder).arrays.values()}
    except DataError:
        return set()


def free_ending(folder: Path) -> str:
    """The file ending that the store in force does not use."""
    return _ENDINGS[f"matrix{_ENDINGS[0]}" in _in_force(folder)]


def clean(folder: Path) -> None:
    """Remove our own files that are not in force, the journal last."""
    for unfinished in folder.glob(".*.part"):
        unfinished.unlink()
    arrays = {f"{name}{end}" for name in ("matrix", "ids", "labels") for end in _ENDINGS}
    for name in [*(arrays - _in_force(folder)), NAMES, JOURNAL]:
        (folder / name).unlink(missing_ok=True)
