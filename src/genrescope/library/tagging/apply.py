"""Carry out a plan: write tags into files, each whole or not at all, and so that it can be undone.

For each file: see that its sound is the one that the plan is of; copy it beside itself; change the
copy's tags; check that its sound is bit for bit the same, that the tags read back as planned and
that all other tags are what they were; decode both, and let other readers read the tags; note in
the journal how to make the former bytes again; only then rename the copy over the file. A process
that is killed at any moment leaves every file as it was or as it was to become.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

from genrescope.engine import usable_cores
from genrescope.errors import GenrescopeError, MissingExtraError
from genrescope.library.formats.fields import Part
from genrescope.library.sound.audiohash import audio_hash, same_audio
from genrescope.library.tagging.delta import file_difference
from genrescope.library.tagging.journal import Change, Journal, new_journal
from genrescope.library.tagging.outcome import (
    REFUSED,
    UNCHANGED,
    WRITTEN,
    Outcome,
    Outcomes,
    Report,
)
from genrescope.library.tagging.plan import (
    APPEND,
    SKIP,
    PlanRow,
    join_values,
    same_values,
    split_values,
)
from genrescope.library.tagging.replacing import (
    RefusedError,
    check_writable,
    copy,
    explained,
    finish,
    put_in_place,
    version,
)
from genrescope.library.tagging.tagfile import (
    Tags,
    check_protection,
    other_tags,
    read_tags,
    write_field,
)
from genrescope.library.tagging.verifying import Verifier

_AT_ONCE = 2  # files: while one is verified, another is written
_ELSEWHERE = "tag it with another program"
OTHER_SOUND = "its sound is not the one that the plan is of"
Values = tuple[str, ...]
Wanted = dict[str, Values]


def apply_plan(
    rows: Iterable[PlanRow],
    root: Path,
    *,
    keep_times: bool = False,
    break_links: bool = False,
    full: bool = False,
    journals: Path | None = None,
    report: Report | None = None,
) -> Outcomes:
    """Carry out a plan, file by file; rows to be skipped are passed over.

    Args:
        rows: the plan.
        root: the library's folder, to which the plan's paths are relative.
        keep_times: leave the time of the last change as it is.
        break_links: write also to files that have several names (hard links); the other names keep
            the old version.
        full: verify all of the sound of long files too, not places in it.
        journals: folder of the journals; by default the user's.
        report: called after each file with how many are done, how many there are, and the outcome.

    Raises:
        MissingExtraError: the extra `tags` is not installed.
        UsageError: another run is at work.
        DataError: the journal cannot be begun.
    """
    files: dict[str, list[PlanRow]] = {}
    for row in rows:
        if row.action != SKIP:
            files.setdefault(row.path, []).append(row)
    if not files:
        return Outcomes()
    folders = {str(Path(os.path.realpath(root / path)).parent) for path in files}
    jobs = min(_AT_ONCE, usable_cores())
    with new_journal(root, folders, journals) as journal, Verifier(full=full) as verifier:
        applied = Outcomes(journal.name)
        writer = _Writer(journal, verifier, keep_times, break_links)
        with closing(_outcomes(writer, files, root, jobs)) as outcomes:
            for outcome in outcomes:
                applied.outcomes.append(outcome)
                if report:
                    report(len(applied.outcomes), len(files), outcome)
    return applied


def _outcomes(
    writer: _Writer, files: dict[str, list[PlanRow]], root: Path, jobs: int
) -> Generator[Outcome, None, None]:
    """What becomes of each file, in their order; when stopped, those begun are still ended."""
    with ThreadPoolExecutor(jobs) as threads:
        try:
            yield from threads.map(
                lambda item: writer.outcome(item[0], root / item[0], item[1]), files.items()
            )
        finally:
            threads.shutdown(cancel_futures=True)


@dataclass(frozen=True)
class _Writer:
    """Writes files in one run."""

    journal: Journal
    verifier: Verifier
    keep_times: bool
    break_links: bool
    _locks: dict[Path, Lock] = field(default_factory=dict)

    def outcome(self, name: str, path: Path, rows: Sequence[PlanRow]) -> Outcome:
        """Write one file, or give the reason why not."""
        try:
            path = Path(os.path.realpath(path, strict=True))  # a link stays: its target is written
            with self._locks.setdefault(path, Lock()):  # two names may lead to it
                return self._outcome(name, path, rows)
        except MissingExtraError:
            raise
        except (GenrescopeError, OSError) as error:
            return Outcome(name, REFUSED, *explained(error))
        except Exception as error:  # noqa: BLE001  one file never stops a run
            why = f"a defect of this program: {type(error).__name__}: {error}"
            return Outcome(name, REFUSED, why, "report it, with the file")

    def _outcome(self, name: str, path: Path, rows: Sequence[PlanRow]) -> Outcome:
        like = path.stat()
        check_sound(path, (row.audio for row in rows))
        present = read_tags(path)
        wanted = {row.field: new for row in rows if (new := _wanted(row, present)) is not None}
        if not wanted:
            return Outcome(name, UNCHANGED, "its tags have it already")
        check_writable(path, like, break_links=self.break_links)
        check_protection(path)
        self._write(path, like, present, wanted)
        return Outcome(name, WRITTEN)

    def _write(self, path: Path, like: os.stat_result, present: Tags, wanted: Wanted) -> None:
        temporary = self.journal.temporary(path)
        try:
            copy(path, temporary)
            written, sound = write_checked(path, temporary, wanted, self.verifier)
            kept = like.st_mtime_ns if self.keep_times else None
            finish(temporary, like, path, mtime_ns=kept)
            change = Change(
                str(path),
                {name: (present.values(name), values) for name, values in written.items()},
                sound,
                version(path),
                version(temporary),
                file_difference(temporary, path),
            )
            self.journal.append(change.to_json())
            put_in_place(temporary, path, like)
        finally:
            temporary.unlink(missing_ok=True)


def _wanted(row: PlanRow, present: Tags) -> Values | None:
    """The values that a field is to have; None where it has them.

    Raises:
        RefusedError: the field was changed since the plan was made.
    """
    now = present.values(row.field)
    new = row.new
    if row.action == APPEND:
        held = {part.casefold() for value in now for part in (value, *value.split("/"))}
        new = now + tuple(value for value in row.new if value.casefold() not in held)
    if same_values(now, new):
        return None
    if split_values(join_values(now)) != row.old:
        raise RefusedError(
            f"its {row.field} is now '{join_values(now)}', not '{join_values(row.old)}'",
            remedy="plan again, or correct the old value in the plan",
        )
    return new


def check_sound(path: Path, sounds: Iterable[str]) -> None:
    """See that a file has the sound that a plan is of; an empty one is any.

    Raises:
        RefusedError: it has another one, as when another song was put in its place.
        OSError: it cannot be read.
    """
    known = {sound for sound in sounds if sound}
    if known and known != {audio_hash(path, full=False)}:
        raise RefusedError(
            OTHER_SOUND, remedy="genrescope library scan DIR --classify, then plan again"
        )


def write_checked(
    path: Path, temporary: Path, wanted: Wanted, verifier: Verifier
) -> tuple[Wanted, str]:
    """Change fields of `temporary`, a copy of `path`, and verify it.

    Returns:
        Their values as they read back, and the hash of the sound.

    Raises:
        RefusedError: the sound or anything else in the tags is not what it was, or the values do
            not read back.
        DataError, OSError: as `write_field`.
    """
    written = {}
    for name, values in wanted.items():
        before = other_tags(temporary, name)
        written[name] = write_field(temporary, name, values)
        _check_others(before, other_tags(temporary, name))
    present = read_tags(temporary)
    for name, values in written.items():
        if present.values(name) != values:
            raise RefusedError(f"its format cannot hold '{join_values(values)}'", remedy="rename")
    sound = audio_hash(path)
    if not same_audio(path, temporary):
        raise RefusedError("its sound would not survive", remedy=_ELSEWHERE)
    verifier.check(path, temporary, written)
    return written, sound


def _check_others(before: list[Part], after: list[Part]) -> None:
    """See that no other tag changed.

    Raises:
        RefusedError: one did; it is named.
    """
    if before == after:
        return
    lost = [name for name, data in before if (name, data) not in after]
    lost = [name if name.isprintable() else ascii(name) for name in lost]
    names = ", ".join(dict.fromkeys(lost)) or "their order"
    raise RefusedError(f"other tags would not survive: {names}", remedy=_ELSEWHERE)
