"""What a label is, and which there are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from genrescope.taxonomy.tables import read_table

KINDS = ("style", "mood", "voice", "instrument")
"""In the order in which they are named."""


@dataclass(frozen=True)
class Label:
    """One of several things that may be said of a song beside its genre.

    Attributes:
        kind: one of `KINDS`.
        name: as in `taxonomy/labels.csv`.
        probability: of the label, given that this is music, 0 to 1.
        threshold: least probability with which it is shown, 0 to 1.
        genre: of the vocabulary `library`, in which a style lies; the style's own name where it is
            that of a genre. Empty for other kinds.
    """

    kind: str
    name: str
    probability: float
    threshold: float
    genre: str = ""

    @property
    def sure(self) -> bool:
        """Whether the probability reaches the threshold."""
        return self.probability >= self.threshold

    def as_json(self) -> dict[str, Any]:
        """The label as JSON values: kind, name, probability, and a style's genre."""
        genre = {"genre": self.genre} if self.genre else {}
        return {
            "kind": self.kind,
            "name": self.name,
            "probability": round(self.probability, 4),
            **genre,
        }


class LabelName(NamedTuple):
    """A label of the table.

    Attributes:
        kind: one of `KINDS`.
        name: of the label.
        genre: of the vocabulary `library`, that a style lies in, or is.
        within: the style of a whole genre that a narrower style lies in; else empty.
    """

    kind: str
    name: str
    genre: str
    within: str


def label_names(kind: str | None = None) -> tuple[LabelName, ...]:
    """All labels of the table in its order, or those of one kind."""
    names = (LabelName(*row) for row in read_table("labels"))
    return tuple(name for name in names if kind in (None, name.kind))
