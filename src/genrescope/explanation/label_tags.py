"""The tags that the labels of a song rest on."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from genrescope.inference.labels.label import Label
from genrescope.inference.prediction import Prediction
from genrescope.sources import PREDICTED
from genrescope.taxonomy.tables import read_table

LESS = "not "  # before a tag that lowers a label's probability


@dataclass(frozen=True)
class LabelTags:
    """A label of a song, and what its tags are.

    Attributes:
        label: which.
        tags: source, name and probability of the tags that mean it, the likeliest first; "not "
            before the name of one that lowers its probability.
    """

    label: Label
    tags: tuple[tuple[str, str, float], ...]

    def as_json(self) -> dict[str, Any]:
        """The label and its tags as JSON values."""
        tags = [
            {"source": source, "tag": name, "probability": round(share, 4)}
            for source, name, share in self.tags
        ]
        return {"kind": self.label.kind, "name": self.label.name, "tags": tags}


def label_tags(prediction: Prediction) -> tuple[LabelTags, ...]:
    """The labels that are named of a song, with the tags of networks that mean each."""
    return tuple(LabelTags(label, _tags(label, prediction)) for label in prediction.labels)


def _tags(label: Label, prediction: Prediction) -> tuple[tuple[str, str, float], ...]:
    found = [
        (source, name if weight > 0 else f"{LESS}{name}", prediction.tags[source][name])
        for network, name, weight in _meaning().get((label.kind, label.name), ())
        for source in (network, f"{PREDICTED}{network}")
        if source in prediction.tags
    ]
    return tuple(sorted(found, key=lambda tag: (-tag[2], tag[:2])))


@cache
def _meaning() -> dict[tuple[str, str], list[tuple[str, str, float]]]:
    """Source, tag and weight of what means a label, by kind and name."""
    found: dict[tuple[str, str], list[tuple[str, str, float]]] = {}
    for kind, name, source, tag, weight in read_table("label_tags"):
        found.setdefault((kind, name), []).append((source, tag, float(weight)))
    return found
