"""The plan of tags that the page shows: chosen rows of it are written, as on the command line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from genrescope.library.index.track_id import inside, song_id
from genrescope.library.tagging.apply import apply_plan
from genrescope.library.tagging.journal import Run, read_run, run_names
from genrescope.library.tagging.outcome import (
    REFUSED,
    RESTORED,
    UNCHANGED,
    WRITTEN,
    Outcome,
    counting,
)
from genrescope.library.tagging.plan import APPEND, REPLACE, SKIP, PlanRow, path_to_text
from genrescope.library.tagging.planning import Plan, PlanOptions
from genrescope.library.tagging.undo import undo

Progress = Callable[[int, int, int], None]
_MOST_OUTCOMES = 1000  # named in the report on a run


@dataclass(frozen=True)
class KeptPlan:
    """A plan that was made.

    Attributes:
        id: its name.
        library: number of its library.
        root: the library's folder.
        options: what is wanted.
        plan: what came of it.
    """

    id: str
    library: int
    root: Path
    options: PlanOptions
    plan: Plan

    def as_json(self) -> dict[str, Any]:
        """The plan as JSON values, without its rows."""
        options = self.options
        return {
            "id": self.id,
            "library": self.library,
            "files": self.plan.files,
            "kept": self.plan.kept,
            "rows": len(self.plan.rows),
            "actions": dict(self.plan.actions),
            "genres": dict(self.plan.genres.most_common()),
            "skipped": dict(self.plan.skipped.most_common()),
            "options": {
                "mode": options.mode,
                "top": options.top,
                "threshold": options.threshold,
                "vocabulary": None if options.vocabulary is None else str(options.vocabulary),
                "field": options.field,
                "by_album": options.by_album,
            },
        }

    def row_as_json(self, number: int) -> dict[str, Any]:
        """A row as JSON values."""
        row = self.plan.rows[number]
        return {
            "row": number,
            "id": f"l{self.library}-{song_id(row.path.encode('utf-8', 'surrogateescape'))}",
            "path": path_to_text(row.path),
            "album": self.plan.albums.get(row.path, ""),
            "field": row.field,
            "old": row.old,
            "new": row.new,
            "action": row.action,
            "confidence": row.confidence,
            "why": row.why,
        }

    def find(self, action: str | None, genre: str | None, words: str) -> list[int]:
        """Numbers of the rows with this action and new genre, in whose path the words occur."""
        wanted = words.casefold().split()
        return [
            number
            for number, row in enumerate(self.plan.rows)
            if action in (None, row.action)
            and (genre is None or genre in row.new)
            and all(word in row.path.casefold() for word in wanted)
        ]

    def chosen(self, numbers: Iterable[int], edits: Mapping[int, tuple[str, ...]]) -> list[PlanRow]:
        """The rows of these numbers with what a person made of them; none without new values."""
        rows = (self._edited(number, edits.get(number)) for number in sorted(set(numbers)))
        return [row for row in rows if row.new]

    def _edited(self, number: int, new: tuple[str, ...] | None) -> PlanRow:
        row = self.plan.rows[number]
        if new is not None:
            row = replace(row, new=new, confidence=None)
        if row.action != SKIP:
            return row
        return replace(row, action=APPEND if self.options.mode == APPEND else REPLACE)


def write_rows(rows: list[PlanRow], root: Path, progress: Progress) -> dict[str, Any]:
    """Write chosen rows, but to no file outside of the library; how it went.

    Raises:
        UsageError: another run is at work.
        DataError: the journal cannot be begun.
    """
    within: list[PlanRow] = []
    refused: list[Outcome] = []
    for row in rows:
        if inside(root, row.path) is not None:
            within.append(row)
        else:
            refused.append(Outcome(row.path, REFUSED, "it is not in the library", "scan again"))
    applied = apply_plan(within, root, report=counting(progress))
    outcomes = [*applied.outcomes, *refused]
    return {"run": applied.run or None, **_counts(outcomes, root, (WRITTEN, UNCHANGED, REFUSED))}


def take_back(run: str, root: Path, progress: Progress, *, dry_run: bool) -> dict[str, Any]:
    """Undo a run in the library; how it went.

    Raises:
        UsageError: there is no such run, or another one is at work.
        DataError: its journal is damaged.
        OSError: its journal cannot be read or written.
    """
    undone = undo(run, [root], dry_run=dry_run, report=counting(progress))
    return {"run": run, **_counts(undone.outcomes, root, (RESTORED, UNCHANGED, REFUSED))}


def runs_in(root: Path) -> list[Run]:
    """The runs that wrote into a library, newest first."""
    found = (read_run(name) for name in reversed(run_names()))
    return [run for run in found if run.root == str(root.resolve()) and run.changes]


def _counts(outcomes: list[Outcome], root: Path, statuses: tuple[str, ...]) -> dict[str, Any]:
    reached = Counter(item.status for item in outcomes)
    counts: dict[str, Any] = {status: reached[status] for status in statuses}
    refused = [item for item in outcomes if item.status == REFUSED][:_MOST_OUTCOMES]
    return counts | {
        "outcomes": [
            {
                "path": _name(item, root),
                "status": item.status,
                "why": item.why,
                "remedy": item.remedy or None,
            }
            for item in refused
        ]
    }


def _name(outcome: Outcome, root: Path) -> str:
    path = Path(outcome.path)
    real = root.resolve()
    return path_to_text(str(path.relative_to(real) if path.is_relative_to(real) else path))
