"""The labels that a fit gives, and how well each is recognised."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from genrescope.inference.labels.fits import LabelFit
from genrescope.inference.labels.label import LabelName

_COLUMNS = "{kind:<11}{name:<18}{genre:<11}{least:>5}  {checked}"


@dataclass(frozen=True)
class ListedLabel:
    """A label, its threshold and what was measured.

    Attributes:
        label: which.
        threshold: least probability with which it is named, 0 to 1; 1: it never is.
        checked: figures by their names: `auc`, `named` and `named right` on `songs`, `right` of
            which have it; `on`: whether the label itself was checked or a style's genre only.
            Empty where there are no songs to check it by.
    """

    label: LabelName
    threshold: float
    checked: dict[str, Any]

    @property
    def text(self) -> str:
        """A line of a table, within 80 columns."""
        least = "never" if self.threshold >= 1 else f"{100 * self.threshold:.0f} %"
        genre = self.label.genre if self.label.genre != self.label.name else ""
        return _COLUMNS.format(
            kind=self.label.kind,
            name=self.label.name,
            genre=genre,
            least=least,
            checked=self._checked,
        ).rstrip()

    @property
    def _checked(self) -> str:
        if not self.checked:
            return "not checked"
        of = "genre: " if self.checked["on"] == "genre" else ""
        named, right = self.checked["named"], self.checked["named right"]
        times = f", {right} of {named} right" if named else ""
        return f"{of}AUC {self.checked['auc']:.2f}{times}"

    def as_json(self) -> dict[str, Any]:
        """The row as JSON values."""
        return {
            "kind": self.label.kind,
            "name": self.label.name,
            "genre": self.label.genre,
            "threshold": self.threshold,
            "checked": self.checked,
        }


def listed_labels(fit: LabelFit) -> list[ListedLabel]:
    """The labels of a fit in the table's order."""
    rows = zip(fit.labels, fit.thresholds.tolist(), fit.checked, strict=True)
    return [ListedLabel(label, least, dict(checked)) for label, least, checked in rows]
