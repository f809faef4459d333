"""What a user wants to be written."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from genrescope.errors import UsageError
from genrescope.library.tagging.plan import APPEND, FIELDS
from genrescope.library.tagging.rows.own_fields import is_own

ONLY_MISSING = "only-missing"
PARTS = ("genre", "style", "mood", "own")
"""What can be written."""


@dataclass(frozen=True)
class PlanOptions:
    """What is to be written where.

    Attributes:
        mode: "only-missing" fills empty fields, "replace" changes what is there, "append" adds.
        top: most genres for a file; those after the first are named from a probability of 0.1 on.
        threshold: confidence below which nothing is written; None: the model's own.
        vocabulary: name of a vocabulary, or a mapping file, of the genres to be written; None: the
            model's.
        field: "genre", "comment" or "custom:NAME", for genres and styles.
        by_album: one prediction an album: the mean of the log-probabilities of its files, which are
            those with the same album tag in the same folder.
        model: name of the model; None: the one last used.
        placeholders: genres that count as missing, beside `Other`, `Unknown` and the like.
        write: of `PARTS`: genres, styles behind them in the same field, moods, and genrescope's own
            fields.
        join: sign that makes one value of several; empty: they stay several.

    Raises:
        UsageError: a value that cannot be.
    """

    mode: str = ONLY_MISSING
    top: int = 1
    threshold: float | None = None
    vocabulary: str | Path | None = None
    field: str = "genre"
    by_album: bool = False
    model: str | None = None
    placeholders: tuple[str, ...] = ()
    write: tuple[str, ...] = ("genre",)
    join: str = ""

    def __post_init__(self) -> None:
        if not FIELDS.fullmatch(self.field) or self.field == "mood" or is_own(self.field):
            raise UsageError(
                f"no field '{self.field}'", remedy="give genre, comment or custom:NAME"
            )
        if self.top < 1:
            raise UsageError(f"{self.top} genres are too few", remedy="give 1 or more")
        if self.threshold is not None and not 0 <= self.threshold <= 1:
            raise UsageError(f"no confidence is {self.threshold}", remedy="give 0 to 1")
        if not self.write or not set(self.write) <= set(PARTS):
            wrong = ",".join(part for part in self.write if part not in PARTS)
            raise UsageError(f"'{wrong}' cannot be written", remedy=f"give {', '.join(PARTS)}")
        if self.join and self.mode == APPEND:
            raise UsageError("values that are added are not joined", remedy="leave out one option")

    @property
    def labelled(self) -> bool:
        """Whether labels are wanted."""
        return set(self.write) != {"genre"}
