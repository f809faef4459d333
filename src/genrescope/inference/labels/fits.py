"""How labels follow from tags: a logistic regression each, fitted for several models' sources.

`fits.npz` has, for each model, the weights of the logits of its sources' tags, in their order, and
of the probabilities of Top-MAGD's genres where a fit has them; `fits.json` the rest.
`training/labels.py` makes both.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from genrescope.calibration.temperature import logistic
from genrescope.inference.labels.label import Label, LabelName, label_names
from genrescope.sources import tagging_network
from genrescope.taxonomy.vocabulary import vocabulary

FLOOR = 1e-4
"""Of a probability, before its logit is taken."""

Values = Mapping[str, Mapping[str, float]]
_Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class LabelFit:
    """The labels from the values of some sources.

    Attributes:
        values: names of the values of each source, by its name: tags, or genres of Top-MAGD.
        labels: k of the table.
        kernel: (values, k) weights of the values' logits.
        bias: (k,) of the labels' logits.
        thresholds: (k,) least probability with which a label is named, 0 to 1.
        within: (k,) the label whose probability that of a narrower style is multiplied by; -1
            where there is none.
        checked: (k,) how well each is recognised, by name of the figure; empty where
            it was not checked.
    """

    values: Mapping[str, tuple[str, ...]]
    labels: tuple[LabelName, ...]
    kernel: _Floats
    bias: _Floats
    thresholds: _Floats
    within: NDArray[np.int64]
    checked: tuple[Mapping[str, float], ...]

    def probabilities(self, logits: _Floats) -> _Floats:
        """(n, k) from logits (n, values)."""
        own = logistic(logits @ self.kernel + self.bias)
        return np.asarray(own * np.where(self.within >= 0, own[:, self.within], 1.0))

    def predict(self, values: Values, *, sure: bool = False) -> tuple[Label, ...]:
        """The labels of a song, in the table's order; with `sure` those that reach thresholds."""
        shares = [values[source][name] for source, names in self.values.items() for name in names]
        found = self.probabilities(tag_logits([shares]))[0]
        places = np.flatnonzero(found >= self.thresholds) if sure else range(len(found))
        return tuple(
            Label(kind, name, float(found[place]), float(self.thresholds[place]), genre)
            for place in places
            for kind, name, genre, _ in [self.labels[place]]
        )


@cache
def label_fits() -> tuple[LabelFit, ...]:
    """The fits, those with the most sources first."""
    here = Path(__file__).parent
    content = json.loads((here / "fits.json").read_text(encoding="utf-8"))
    with np.load(here / "fits.npz", allow_pickle=False) as archive:
        return tuple(_fit(part, archive[part["weights"]]) for part in content["fits"])


def find_fit(values: Collection[str]) -> LabelFit | None:
    """The fit with the most sources among those named; None where no fit has them."""
    return next((fit for fit in label_fits() if set(fit.values) <= set(values)), None)


def tag_logits(probabilities: ArrayLike) -> _Floats:
    """Logits of (...) probabilities, bounded."""
    p = np.clip(np.asarray(probabilities, dtype=np.float64), FLOOR, 1 - FLOOR)
    return np.asarray(np.log(p / (1 - p)))


def names_of(source: str) -> tuple[str, ...]:
    """Names of the values of a source: tags of a network, or genres of the head of a vocabulary."""
    network = tagging_network(source)
    return network.tag_names if network else vocabulary(source).genres


def place_within(labels: Sequence[LabelName]) -> NDArray[np.int64]:
    """(k,) the place of the style that each narrower style lies in, -1 for other labels."""
    styles = {label.name: place for place, label in enumerate(labels) if label.kind == "style"}
    return np.array(
        [styles.get(label.within, -1) if label.kind == "style" else -1 for label in labels]
    )


def _fit(part: Mapping[str, Any], kernel: NDArray[np.float16]) -> LabelFit:
    """A fit as `fits.json` has it, and its weights."""
    known, rows = {label[:2]: label for label in label_names()}, part["labels"]
    labels = tuple(known[row["kind"], row["name"]] for row in rows)
    return LabelFit(
        {source: names_of(source) for source in part["sources"]},
        labels,
        kernel.astype(np.float64),
        np.array([row["bias"] for row in rows]),
        np.array([row["threshold"] for row in rows]),
        place_within(labels),
        tuple(row["checked"] for row in rows),
    )
