"""What becomes of files when tags are written into them, or taken back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

WRITTEN, RESTORED, UNCHANGED, REFUSED = "written", "restored", "unchanged", "refused"


@dataclass(frozen=True)
class Outcome:
    """What became of one file.

    Attributes:
        path: as the plan names it.
        status: "written", "restored", "unchanged" or "refused".
        why: why it was not written.
        remedy: what the user can do about that.
    """

    path: str
    status: str
    why: str = ""
    remedy: str = ""


@dataclass
class Outcomes:
    """What became of all files of a run.

    Attributes:
        run: its name, for undoing it; empty where there was nothing to do.
        outcomes: one a file.
    """

    run: str = ""
    outcomes: list[Outcome] = field(default_factory=list)

    def count(self, status: str) -> int:
        """How many files have this status."""
        return sum(outcome.status == status for outcome in self.outcomes)


Report = Callable[[int, int, Outcome], None]
"""Takes how many files are done, how many there are, and what became of the last."""


def counting(
    show: Callable[[int, int, int], None], show_outcome: Callable[[Outcome], None] = lambda _: None
) -> Report:
    """A report that shows files done, refused, and in all, after the last one itself was shown."""
    refused = 0

    def report(done: int, total: int, outcome: Outcome) -> None:
        nonlocal refused
        refused += outcome.status == REFUSED
        show_outcome(outcome)
        show(done, refused, total)

    return report
