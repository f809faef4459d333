"""Bring the index of a library up to date: new, changed, retagged, moved and removed files.

Only what is new, or whose size or times changed, is opened: its tags are read, and a quick hash of
its audio, in worker processes where there is much. What was read stays when the scan is stopped.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from importlib.util import find_spec
from pathlib import Path

from genrescope.engine import Failure
from genrescope.errors import GenrescopeError, MissingExtraError, UsageError
from genrescope.library.formats.fields import CUSTOM
from genrescope.library.index.database import FileFacts, FileState, Index, default_index
from genrescope.library.index.reading import BATCH, read_in_batches
from genrescope.library.index.walk import Unreadable, Walk
from genrescope.library.sound.audiohash import audio_hash
from genrescope.library.tagging.plan import join_values
from genrescope.library.tagging.rows.own_fields import is_own
from genrescope.library.tagging.tagfile import Tags, read_tags

_FEW = 4 * BATCH  # files that are read sooner than worker processes start


@dataclass
class Changes:
    """What a scan found.

    Attributes:
        new: files that were not there before, moved ones left out.
        changed: files with other audio than before.
        retagged: files with the same audio, but other tags, size or times.
        moved: files with the audio of one that went.
        removed: files that went, moved ones left out.
        unchanged: files that were not opened.
        failed: files that could not be read, not among the above; the next scan tries again.
        unreadable: folders and links that could not be read; what is known of them is kept.
    """

    new: int = 0
    changed: int = 0
    retagged: int = 0
    moved: int = 0
    removed: int = 0
    unchanged: int = 0
    failed: int = 0
    unreadable: list[Unreadable] = field(default_factory=list)

    @property
    def any(self) -> bool:
        """Whether something is not as it was."""
        return bool(self.new + self.changed + self.retagged + self.moved + self.removed)


@dataclass(frozen=True)
class Difference:
    """What is in the folders, beside the index.

    Attributes:
        unread: files that are not, or not so, in the index.
        gone: audio hash by path of files that the index has and the folders have not.
        unchanged: how many files are as the index has them.
        unreadable: see `Changes`.
        left_out: files and folders that are hidden, or kept by systems for themselves.
    """

    unread: list[FileState]
    gone: dict[bytes, bytes | None]
    unchanged: int
    unreadable: list[Unreadable]
    left_out: list[bytes]


def scan(
    index: Index,
    *,
    hidden: bool = False,
    jobs: int | None = None,
    progress: Callable[[int, int, int], None] = lambda *_: None,
) -> Changes:
    """Compare the library with its index, and bring that up to date.

    Args:
        index: of the library.
        hidden: look into hidden folders and files too.
        jobs: worker processes; by default one a core.
        progress: called with files read, failed, and to read.

    Raises:
        MissingExtraError: the extra `tags` is not installed.
        UsageError: fewer than one job.
    """
    return update(index, compare(index, hidden=hidden), jobs=jobs, progress=progress)


def refresh(index: Index) -> Changes:
    """Bring an index up to date before it is read; hidden files stay where it has some.

    One that was never scanned stays empty.

    Raises:
        MissingExtraError: the extra `tags` is not installed.
    """
    if not _was_scanned(index):
        return Changes()
    hidden = index.value("SELECT count(*) FROM files WHERE instr(X'2F' || path, X'2F2E')")
    return scan(index, hidden=bool(hidden))


def check_scanned(index: Index) -> None:
    """Refuse an index that was never scanned: that it is empty does not mean that the library is.

    Raises:
        UsageError: it was not.
    """
    if not _was_scanned(index):
        raise UsageError(
            f"{index.root} was not scanned so far", remedy="genrescope library scan DIR"
        )


def _was_scanned(index: Index) -> bool:
    return bool(index.value("SELECT scanned FROM about"))


def refresh_existing(root: Path, path: Path | None = None) -> None:
    """Bring the index of a library up to date, where there is one."""
    if (path or default_index(root)).exists() and root.is_dir():
        with Index(root, path) as index:
            refresh(index)


def compare(index: Index, *, hidden: bool = False) -> Difference:
    """Walk through the folders and compare; no file is opened."""
    unreadable: list[Unreadable] = []
    walk = Walk(index.root, hidden=hidden)
    index.note_found(_files(walk, unreadable))
    index.note_unreadable((place.path, place.problem) for place in unreadable)
    unread = index.unread()
    unchanged = index.value("SELECT count(*) FROM found") - len(unread)
    return Difference(unread, index.gone(), unchanged, unreadable, walk.left_out)


def update(
    index: Index,
    seen: Difference,
    *,
    jobs: int | None = None,
    progress: Callable[[int, int, int], None] = lambda *_: None,
) -> Changes:
    """Read what was seen and is not in the index, and forget what is gone; see `scan`."""
    if find_spec("mutagen") is None:
        raise MissingExtraError.of("tags", "reading tags")
    changes = Changes(unchanged=seen.unchanged, unreadable=seen.unreadable)
    waiting = Counter(seen.gone.values())
    done = 0
    progress(0, 0, len(seen.unread))
    for facts in _read(seen.unread, index.root, jobs):
        for fact in facts:
            _count(fact, _former(index, fact.state.path), waiting, changes)
        index.add(facts)
        done += len(facts)
        progress(done, changes.failed, len(seen.unread))
    index.remove(seen.gone)
    changes.removed = len(seen.gone) - changes.moved
    _note_time(index)
    return changes


def read_file(state: FileState, root: Path) -> FileFacts | None:
    """The audio hash and tags of one file, or why there are none; None where it went meanwhile.

    Whatever is raised about one file is that file's problem.
    """
    path = root / os.fsdecode(state.path)
    try:
        audio = bytes.fromhex(audio_hash(path, full=False))
    except FileNotFoundError:
        return None
    except Exception as error:  # noqa: BLE001
        return FileFacts(state, problem=_problem(error))
    try:
        tags = read_tags(path)
    except FileNotFoundError:
        return None
    except OSError as error:
        return FileFacts(state, problem=_problem(error))
    except GenrescopeError as error:
        return FileFacts(state, audio, tags_problem=_problem(error))
    texts = (join_values(tags.genres), tags.album, tags.artist, tags.title, "", "", _fields(tags))
    return FileFacts(state, audio, *map(_text, texts))


def _fields(tags: Tags) -> str:
    """Moods and genrescope's own fields as JSON; empty where there are none."""
    found = {name: tags.custom[name] for name in tags.custom if is_own(CUSTOM + name)}
    values = {CUSTOM + name: values for name, values in found.items()}
    if tags.mood:
        values["mood"] = tags.mood
    return json.dumps(values, ensure_ascii=False) if values else ""


def _problem(error: Exception) -> str:
    """Why a file could not be read, for a person."""
    if isinstance(error, GenrescopeError):
        return _text(error.message)
    if isinstance(error, OSError) and error.strerror:
        return _text(error.strerror)
    return _text(f"{type(error).__name__}: {error}")


def _files(walk: Walk, unreadable: list[Unreadable]) -> Iterator[FileState]:
    for found in walk:
        if isinstance(found, Unreadable):
            unreadable.append(found)
        else:
            yield found


def _read(states: list[FileState], root: Path, jobs: int | None) -> Iterator[list[FileFacts]]:
    """The facts of all files, in batches, as they are ready."""
    read = partial(_read_batch, root=root)
    for batch, facts in read_in_batches(read, states, jobs, few=_FEW):
        if isinstance(facts, Failure):
            yield [FileFacts(state, problem=facts.reason) for state in batch]
        else:
            yield facts


def _read_batch(states: Sequence[FileState], root: Path) -> list[FileFacts]:
    return [fact for state in states if (fact := read_file(state, root)) is not None]


def _former(index: Index, path: bytes) -> bytes | None:
    """Audio hash of a file as the index has it; empty where the index has no hash."""
    row = next(index.rows("SELECT audio FROM files WHERE path = ?", path), None)
    return None if row is None else row[0] or b""


def _count(
    fact: FileFacts, former: bytes | None, waiting: Counter[bytes | None], changes: Changes
) -> None:
    """Count a file that was read; `waiting` counts the audio of those that went."""
    if fact.problem:
        changes.failed += 1
    elif former is not None:
        if fact.audio == former:
            changes.retagged += 1
        else:
            changes.changed += 1
    elif fact.audio is not None and waiting[fact.audio] > 0:
        waiting[fact.audio] -= 1
        changes.moved += 1
    else:
        changes.new += 1


def _text(text: str) -> str:
    """Text that can be stored: without halves of characters, as damaged tags hold them."""
    return text.encode("utf-8", "replace").decode()


def _note_time(index: Index) -> None:
    now = datetime.now(UTC).isoformat(timespec="seconds")
    index.database.execute("UPDATE about SET scanned = ?", (now,))
