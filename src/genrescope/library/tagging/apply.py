"""Carry out a plan: write tags into files, each whole or not at all, and so that it can be undone.

For each file: copy it beside itself; change the copy's tags; check that its sound is bit for bit
the same, that the tags read back as planned and that all other tags are what they were; note in the
journal how to make the former bytes again; only then rename the copy over the file. A process that
is killed at any moment leaves every file as it was or as it was to become.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from genrescope.errors import GenrescopeError, MissingExtraError
from genrescope.library.sound.audiohash import audio_hash
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
from genrescope.library.tagging.plan import APPEND, SKIP, PlanRow, join_values, split_values
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

_JOINED = ("/", "; ")  # how several values are one, where a format has room for one
Values = tuple[str, ...]
Wanted = dict[str, Values]


def apply_plan(
    rows: Iterable[PlanRow],
    root: Path,
    *,
    keep_times: bool = False,
    break_links: bool = False,
    journals: Path | None = None,
    report: Report | None = None,
) -> Outcomes:
    """Write what a plan says, file by file; rows to be skipped are passed over.

    Args:
        rows: the plan.
        root: the library's folder, to which the plan's paths are relative.
        keep_times: leave the time of the last change as it is.
        break_links: write also to files that have several names (hard links); the other names keep
            the old version.
        journals: folder of the journals; by default the user's.
        report: called after each file with how many are done, how many there are, and the outcome.

    Raises:
        MissingExtraError: the extra `tags` is not installed.
        UsageError: another run is at work.
        OSError: the journal cannot be begun.
    """
    files: dict[str, list[PlanRow]] = {}
    for row in rows:
        if row.action != SKIP:
            files.setdefault(row.path, []).append(row)
    if not files:
        return Outcomes()
    folders = {str(Path(os.path.realpath(root / path)).parent) for path in files}
    with new_journal(root, folders, journals) as journal:
        applied = Outcomes(journal.name)
        writer = _Writer(journal, keep_times, break_links)
        for path, planned in files.items():
            applied.outcomes.append(writer.outcome(path, root / path, planned))
            if report:
                report(len(applied.outcomes), len(files), applied.outcomes[-1])
    return applied


@dataclass(frozen=True)
class _Writer:
    """Writes files in one run."""

    journal: Journal
    keep_times: bool
    break_links: bool

    def outcome(self, name: str, path: Path, rows: Sequence[PlanRow]) -> Outcome:
        """Write one file, or say why not."""
        try:
            path = Path(os.path.realpath(path, strict=True))  # a link stays: its target is written
            like = path.stat()
            present = read_tags(path)
            wanted = {row.field: new for row in rows if (new := _wanted(row, present)) is not None}
            if not wanted:
                return Outcome(name, UNCHANGED, "its tags say so already")
            check_writable(path, like, break_links=self.break_links)
            check_protection(path)
            self._write(path, like, present, wanted)
        except MissingExtraError:
            raise
        except (GenrescopeError, OSError) as error:
            return Outcome(name, REFUSED, *explained(error))
        return Outcome(name, WRITTEN)

    def _write(self, path: Path, like: os.stat_result, present: Tags, wanted: Wanted) -> None:
        temporary = self.journal.temporary(path)
        try:
            copy(path, temporary)
            written, sound = write_checked(path, temporary, wanted)
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
    if any(sign.join(now) == sign.join(new) for sign in _JOINED):
        return None
    if split_values(join_values(now)) != row.old:
        raise RefusedError(
            f"its {row.field} is now '{join_values(now)}', not '{join_values(row.old)}'",
            remedy="plan again, or correct the old value in the plan",
        )
    return new


def write_checked(path: Path, temporary: Path, wanted: Wanted) -> tuple[Wanted, str]:
    """Change fields of `temporary`, a copy of `path`.

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
        if other_tags(temporary, name) != before:
            raise RefusedError("other tags of this file would not survive", remedy="none so far")
    present = read_tags(temporary)
    for name, values in written.items():
        if present.values(name) != values:
            raise RefusedError(f"its format cannot hold '{join_values(values)}'", remedy="rename")
    sound = audio_hash(path)
    if audio_hash(temporary) != sound:
        raise RefusedError("its sound would not survive", remedy="none so far")
    return written, sound
