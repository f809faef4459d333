"""What a label is, and which there are."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import Any, NamedTuple

from genrescope.errors import UsageError
from genrescope.taxonomy.normalise import spelling_key
from genrescope.taxonomy.tables import read_table

KINDS = ("style", "mood", "voice", "instrument")
"""In the order in which they are named."""


@dataclass(frozen=True)
class Label:
    """A style, mood, voice or instrument that a song may have beside its genre.

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
        within: the label of its kind that a narrower one lies in; of a style that of its whole
            genre. Else empty.
    """

    kind: str
    name: str
    genre: str
    within: str


def label_names(kind: str | None = None) -> tuple[LabelName, ...]:
    """All labels of the table in its order, or those of one kind."""
    names = (LabelName(*row) for row in read_table("labels"))
    return tuple(name for name in names if kind in (None, name.kind))


def find_label(kind: str, name: str) -> LabelName:
    """The label of a kind and a name, in any spelling.

    Raises:
        UsageError: there is none.
    """
    names = {spelling_key(label.name): label for label in label_names(kind)}
    if (key := spelling_key(name)) in names:
        return names[key]
    near = difflib.get_close_matches(key, names, n=1, cutoff=0.5)
    remedy = f"did you mean '{names[near[0]].name}'?" if near else "genrescope genres --labels"
    raise UsageError(f"no {kind} '{name}'", remedy=remedy)
