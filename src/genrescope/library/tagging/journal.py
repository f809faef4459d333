"""The journal of a run that writes tags: one file a run, one line of JSON a change, only appended.

A line is on the disk before the change that it records is made. So every changed file has its
line; a line whose change was not made any more does no harm, since undoing looks at the file. The
last line of a killed run may be torn: its change was not made, and it is passed over.

A run that ended by itself closes its journal. What a killed one left beside the songs is removed by
the next run: temporary files that bear the run's name, in the folders that the journal lists.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from io import FileIO
from pathlib import Path
from threading import Lock
from typing import Any

from genrescope.errors import DataError, UsageError
from genrescope.files.atomic import sync_folder
from genrescope.files.lock import ProcessLock
from genrescope.files.log import append, cut_torn_line
from genrescope.library.tagging.delta import Delta, from_json, to_json

_FORMAT = 1
_SUFFIX = ".jsonl"


@dataclass(frozen=True)
class Version:
    """A file's bytes at one time: how many, their hash, and the time of the last change."""

    size: int
    digest: str
    mtime_ns: int


@dataclass(frozen=True)
class Change:
    """What was done to one file.

    Attributes:
        path: the file, absolute, links followed.
        fields: by field, the values before and after.
        audio: hash of the sound, which was and is the same.
        before: the file as it was.
        after: the file as it became.
        delta: how to make the former bytes from the later ones.
    """

    path: str
    fields: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]
    audio: str
    before: Version
    after: Version
    delta: Delta

    def to_json(self) -> dict[str, Any]:
        """The change as JSON can hold it."""
        return asdict(self) | {"delta": to_json(self.delta)}

    @classmethod
    def from_json(cls, line: Mapping[str, Any]) -> Change:
        """Undo `to_json`."""
        fields = {
            name: (tuple(old), tuple(new)) for name, (old, new) in dict(line["fields"]).items()
        }
        before, after = Version(**line["before"]), Version(**line["after"])
        return cls(
            line["path"], fields, line["audio"], before, after, from_json(list(line["delta"]))
        )


@dataclass
class Run:
    """What a journal holds.

    Attributes:
        name: of the run, which sorts by time.
        changes: in order, with their number.
        undone: numbers of those taken back.
        root: the library's folder.
        folders: in which temporary files may be.
        closed: whether the run ended by itself.
    """

    name: str
    changes: list[Change] = field(default_factory=list)
    undone: set[int] = field(default_factory=set)
    root: str = ""
    folders: set[str] = field(default_factory=set)
    closed: bool = False


class Journal:
    """An open journal; see `new_journal` and `reopened_journal`."""

    def __init__(self, path: Path, file: FileIO) -> None:
        self.name = path.name.removesuffix(_SUFFIX)
        self._file = file
        self._count = 0
        self._lock = Lock()  # two files may be worked on at once

    def append(self, line: Mapping[str, Any]) -> None:
        """Put a line on the disk, whole or not at all.

        Raises:
            OSError: it cannot be written.
        """
        data = json.dumps(line).encode() + b"\n"
        with self._lock:
            append(self._file, data, durable=True)

    def temporary(self, path: Path) -> Path:
        """A name beside `path` for its next version; one that the run's leftovers are known by."""
        with self._lock:
            self._count += 1
            number = self._count
        return path.with_name(f"{_temporary_prefix(self.name)}{number}{path.suffix}")


def journals_folder() -> Path:
    """Where journals are: `GENRESCOPE_JOURNAL`, else in the user's data folder."""
    import platformdirs

    named = os.environ.get("GENRESCOPE_JOURNAL")
    return Path(named) if named else platformdirs.user_data_path("genrescope") / "journal"


@contextmanager
def new_journal(root: Path, folders: Iterable[str], home: Path | None = None) -> Iterator[Journal]:
    """The journal of a new run that writes in `folders` of the library at `root`.

    It begins by removing what killed runs left behind.

    Raises:
        UsageError: another run is at work.
        DataError: the journal cannot be written.
    """
    home = home or journals_folder()
    name = f"{datetime.now(UTC):%Y%m%d-%H%M%S-%f}"
    path = home / (name + _SUFFIX)
    first = {"run": name, "format": _FORMAT, "root": str(root.resolve())}
    with ExitStack() as stack:
        with _problems(home):
            stack.enter_context(_alone(home))
            journal = Journal(path, stack.enter_context(path.open("xb", buffering=0)))
            sync_folder(home)
            journal.append(first | {"folders": sorted(folders)})
        yield journal
        _close(journal)


@contextmanager
def reopened_journal(
    run: str, folders: Iterable[str], home: Path | None = None
) -> Iterator[Journal]:
    """The journal of an old run, which is taken back; otherwise as `new_journal`."""
    home = home or journals_folder()
    path = home / (run + _SUFFIX)
    with ExitStack() as stack:
        with _problems(home):
            stack.enter_context(_alone(home))
            file = stack.enter_context(path.open("r+b", buffering=0))
            cut_torn_line(file)
            journal = Journal(path, file)
            journal.append({"undoing": run, "folders": sorted(folders)})
        yield journal
        _close(journal)


def read_run(name: str, home: Path | None = None) -> Run:
    """What a journal holds.

    Raises:
        DataError: it is no journal, or of a later version of this program.
        OSError: it cannot be read.
    """
    path = (home or journals_folder()) / (name + _SUFFIX)
    run = Run(name)
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            if line.endswith(b"\n"):  # else it is torn
                try:
                    _take(run, json.loads(line), first=number == 1)
                except (ValueError, KeyError, TypeError) as error:
                    raise DataError(
                        f"cannot be read: {error!r}",
                        place=f"{path}:{number}",
                        remedy="it was changed, or written by a later version",
                    ) from None
    return run


def run_names(home: Path | None = None) -> list[str]:
    """All runs, oldest first."""
    home = home or journals_folder()
    return sorted(path.name.removesuffix(_SUFFIX) for path in home.glob(f"*{_SUFFIX}"))


def _take(run: Run, line: Mapping[str, Any], *, first: bool) -> None:
    if first and line["format"] != _FORMAT:
        raise ValueError(f"format {line['format']}")
    run.closed = "closed" in line
    run.root = line.get("root", run.root)
    run.folders.update(line.get("folders", ()))
    if "path" in line:
        run.changes.append(Change.from_json(line))
    elif "undone" in line:
        run.undone.add(line["undone"])


@contextmanager
def _problems(home: Path) -> Iterator[None]:
    """The reason in one line why a journal cannot be begun."""
    try:
        yield
    except OSError as error:
        raise DataError(
            f"the journal cannot be written: {error.strerror or error}",
            place=home,
            remedy="make room and allow writing there, or name another folder: GENRESCOPE_JOURNAL",
        ) from error


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    """Lock the folder of journals against other runs, and clean up after killed ones."""
    home.mkdir(parents=True, exist_ok=True)
    lock = ProcessLock(home / "lock")
    if not lock.take():
        raise UsageError("another run is writing tags", remedy="wait until it is done")
    try:
        for name in run_names(home):
            _clean_up(name, home)
        yield
    finally:
        lock.release()


def _clean_up(name: str, home: Path) -> None:
    """Remove what a killed run left beside the songs, and close its journal."""
    path = home / (name + _SUFFIX)
    with path.open("r+b", buffering=0) as file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - 64))
        if b'{"closed"' in file.read():
            return
        if not cut_torn_line(file):
            path.unlink()
            return
        for folder in read_run(name, home).folders:
            for leftover in Path(folder).glob(f"{_temporary_prefix(name)}*"):
                leftover.unlink(missing_ok=True)
        _close(Journal(path, file))


def _temporary_prefix(run: str) -> str:
    return f".genrescope-{run}-"


def _close(journal: Journal) -> None:
    """Note that the run ended by itself; without the note the next run looks for leftovers."""
    with suppress(OSError):  # the disk is full: all that was done is noted
        journal.append({"closed": datetime.now(UTC).isoformat(timespec="seconds")})
