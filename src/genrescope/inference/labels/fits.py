"""How labels follow from tags: a logistic regression each, fitted for several sets of networks.

`fits.json` has, by set of networks, the bias, the threshold and the weights of the tags' logits of
each label; `training/labels.py` makes it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from genrescope.inference.labels.label import Label, LabelName, label_names

FLOOR = 1e-4
"""Of a tag's probability, before its logit is taken."""

Tags = Mapping[str, Mapping[str, float]]
_Floats = NDArray[np.float64]


@dataclass(frozen=True)
class LabelFit:
    """One label from the tags of some networks.

    Attributes:
        label: which.
        bias: of its logit.
        threshold: least probability with which it is shown, 0 to 1.
        weights: of the tags' logits, by network and tag.
        checked: how well it is told, by name of the figure, where labelled songs exist.
    """

    label: LabelName
    bias: float
    threshold: float
    weights: Mapping[str, Mapping[str, float]]
    checked: Mapping[str, float]


@cache
def label_fits() -> dict[tuple[str, ...], tuple[LabelFit, ...]]:
    """The fits by networks, the most networks first."""
    content = json.loads(Path(__file__).with_name("fits.json").read_text(encoding="utf-8"))
    known = {(label.kind, label.name): label for label in label_names()}
    return {
        tuple(part["networks"]): tuple(
            LabelFit(
                known[row["kind"], row["name"]],
                row["bias"],
                row["threshold"],
                row["weights"],
                row.get("checked", {}),
            )
            for row in part["labels"]
        )
        for part in content["fits"]
    }


def networks_of(tags: Tags) -> tuple[str, ...]:
    """The networks whose fits are used of a song with these tags; none where none has a fit."""
    return next((names for names in label_fits() if set(names) <= set(tags)), ())


def labels_of_tags(tags: Tags) -> tuple[Label, ...]:
    """All labels of a song in the table's order, from the probabilities of its tags.

    Labels that rest on tags of other networks alone are left out.
    """
    if not (networks := networks_of(tags)):
        return ()
    values = np.concatenate([list(tags[name].values()) for name in networks])
    order = tuple((name, tag) for name in networks for tag in tags[name])
    fits = label_fits()[networks]
    logits = tag_logits(values) @ _kernel(networks, order) + [fit.bias for fit in fits]
    shares = 0.5 * (1 + np.tanh(logits / 2))
    return tuple(
        Label(fit.label.kind, fit.label.name, float(share), fit.threshold, fit.label.genre)
        for fit, share in zip(fits, shares, strict=True)
    )


def tag_logits(probabilities: ArrayLike) -> _Floats:
    """Logits of (...) probabilities, bounded."""
    p = np.clip(np.asarray(probabilities, dtype=np.float64), FLOOR, 1 - FLOOR)
    return np.asarray(np.log(p / (1 - p)))


@cache
def _kernel(networks: tuple[str, ...], order: tuple[tuple[str, str], ...]) -> _Floats:
    """(tags, labels) weights, tags in the order that is asked."""
    fits = label_fits()[networks]
    rows = [[fit.weights.get(name, {}).get(tag, 0.0) for fit in fits] for name, tag in order]
    return np.array(rows)
