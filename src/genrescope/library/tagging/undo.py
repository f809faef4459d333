"""Take a run back: every file gets its former tags, wherever it is now.

A file that is still as the run left it becomes, byte for byte, what it was before. One that was
changed since in other tags gets the field's former values and keeps the other changes. One whose
field itself was changed since is refused. A file that is not where it was is looked for by its
sound.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from genrescope.errors import GenrescopeError, UsageError
from genrescope.library.sound.audiohash import audio_hash
from genrescope.library.tagging.apply import write_checked
from genrescope.library.tagging.delta import restore
from genrescope.library.tagging.journal import (
    Change,
    Journal,
    Run,
    read_run,
    reopened_journal,
    run_names,
)
from genrescope.library.tagging.outcome import (
    REFUSED,
    RESTORED,
    UNCHANGED,
    Outcome,
    Outcomes,
    Report,
)
from genrescope.library.tagging.plan import join_values
from genrescope.library.tagging.relocate import locate
from genrescope.library.tagging.replacing import (
    RefusedError,
    check_writable,
    copy,
    explained,
    finish,
    put_in_place,
    version,
)
from genrescope.library.tagging.tagfile import read_tags
from genrescope.library.tagging.verifying import Verifier


def undo(
    run: str | None = None,
    paths: Sequence[Path] = (),
    *,
    dry_run: bool = False,
    break_links: bool = False,
    journals: Path | None = None,
    report: Report | None = None,
) -> Outcomes:
    """Take a run back, or part of it.

    Args:
        run: its name; by default the last one of which anything is left to be taken back.
        paths: files and folders; only what is there, or was, is taken back. Files that were moved
            are looked for here too.
        dry_run: only report what would become of each file.
        break_links: as in `apply_plan`.
        journals: folder of the journals; by default the user's.
        report: called after each file with how many are done, how many there are, and the outcome.

    Raises:
        UsageError: there is no such run, or another one is at work.
        DataError: the journal is damaged, or cannot be written.
        OSError: the journal cannot be read.
    """
    name = run or last_run(journals)
    if name not in run_names(journals):
        raise UsageError(f"there is no run '{name}'", remedy="genrescope undo --list")
    places = _places(read_run(name, journals), [Path(os.path.realpath(path)) for path in paths])
    undone = Outcomes(name)
    folders = {str(place.parent) for _, _, place in places if place}
    with ExitStack() as stack:
        undoer = None
        if not dry_run:
            journal = stack.enter_context(reopened_journal(name, folders, journals))
            undoer = _Undoer(journal, stack.enter_context(Verifier()))
        for number, change, place in places:
            outcome = _outcome(undoer, change, place, break_links)
            if undoer and outcome.status != REFUSED:
                undoer.journal.append({"undone": number})
            undone.outcomes.append(outcome)
            if report:
                report(len(undone.outcomes), len(places), outcome)
    return undone


def last_run(journals: Path | None = None) -> str:
    """The last run of which anything is left to be taken back.

    Raises:
        UsageError: there is none.
    """
    for name in reversed(run_names(journals)):
        run = read_run(name, journals)
        if len(run.undone) < len(run.changes):
            return name
    raise UsageError("there is nothing to take back", remedy="genrescope undo --list shows all")


def _places(run: Run, named: Sequence[Path]) -> list[tuple[int, Change, Path | None]]:
    """What is to be taken back, the last first: its number, the change, where the file is."""
    numbers = [number for number in range(len(run.changes)) if number not in run.undone]
    changes = [run.changes[number] for number in numbers]
    places = locate(changes, Path(run.root), named)
    items = list(zip(numbers, changes, places, strict=True))
    if named:
        items = [item for item in items if _concerns(named, item[1], item[2])]
    return items[::-1]


def _concerns(named: Sequence[Path], change: Change, place: Path | None) -> bool:
    where = [Path(change.path), *([place] if place else [])]
    return any(path == name or name in path.parents for name in named for path in where)


def _outcome(
    undoer: _Undoer | None, change: Change, place: Path | None, break_links: bool
) -> Outcome:
    """Take one change back; without an undoer only look whether that can be done."""
    path = str(place or change.path)
    try:
        if place is None:
            raise _absent(Path(change.path))
        like = place.stat()
        intact = version(place).digest == change.after.digest
        if not intact and audio_hash(place) != change.audio:
            raise _absent(place)
        if _is_restored(place, change):
            return Outcome(path, UNCHANGED, "it is as it was already")
        check_writable(place, like, break_links=break_links)
        if undoer:
            undoer.restore(change, place, like, intact=intact)
    except (GenrescopeError, OSError) as error:
        return Outcome(path, REFUSED, *explained(error))
    return Outcome(path, RESTORED)


def _absent(path: Path) -> RefusedError:
    """Why there is nothing at a path to be taken back."""
    why = "another song is in its place" if path.is_file() else "it is no longer there"
    return RefusedError(why, remedy="name the folder that it is in now")


def _is_restored(place: Path, change: Change) -> bool:
    """Whether the fields are as they were.

    Raises:
        RefusedError: a field is neither as it was nor as the run left it.
    """
    present = read_tags(place)
    restored = True
    for name, (old, new) in change.fields.items():
        now = present.values(name)
        restored = restored and now == old
        if now not in (old, new):
            raise RefusedError(
                f"its {name} was changed since, to '{join_values(now)}'",
                remedy=f"it was '{join_values(old)}'; change it by hand",
            )
    return restored


@dataclass(frozen=True)
class _Undoer:
    """Restores files in one run."""

    journal: Journal
    verifier: Verifier

    def restore(self, change: Change, place: Path, like: os.stat_result, *, intact: bool) -> None:
        """Put the former version, or the present one with the former fields, in its place."""
        temporary = self.journal.temporary(place)
        try:
            if intact:
                _write_former(change, place, temporary)
            else:
                copy(place, temporary)
                former = {name: old for name, (old, _) in change.fields.items()}
                write_checked(place, temporary, former, self.verifier)
            mtime_ns = change.before.mtime_ns if intact else None
            finish(temporary, like, place, mtime_ns=mtime_ns)
            put_in_place(temporary, place, like)
        finally:
            temporary.unlink(missing_ok=True)


def _write_former(change: Change, place: Path, temporary: Path) -> None:
    with place.open("rb") as base, temporary.open("xb") as goal:
        restore(base, change.delta, goal)
    if version(temporary).digest != change.before.digest:
        raise RefusedError("its journal is damaged", remedy="change the tag by hand")
