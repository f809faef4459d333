"""Labels scored on AllMusic's clips, by fits to no song of the artists scored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genrescope.evaluation.several import curve_scores
from genrescope.inference.labels.choose import shown
from genrescope.inference.labels.label import Label, LabelName
from label_fit import Floats, fit_labels, split_artists
from label_songs import Truth
from labels import HEAD, Vectors, head_logits, held_out_heads, tag_values, tagged
from songs import Songs

FOLDS, SEED = 5, 1


@dataclass(frozen=True, eq=False)
class HeldOut:
    """Labels of n songs by fits without their artists.

    Attributes:
        labels: k of the table.
        probabilities, thresholds: (n, k).
    """

    labels: tuple[LabelName, ...]
    probabilities: Floats
    thresholds: Floats

    def song(self, row: int) -> list[Label]:
        """The labels of one song."""
        rows = zip(self.labels, self.probabilities[row], self.thresholds[row], strict=True)
        return [
            Label(it.kind, it.name, float(share), float(least), it.genre)
            for it, share, least in rows
        ]

    @property
    def sure(self) -> NDArray[np.bool_]:
        """(n, k) whether a label reaches its threshold."""
        return self.probabilities >= self.thresholds


def hold_out(songs: Songs, vectors: Vectors, model: str, own: Truth, genres: Truth) -> HeldOut:
    """Five folds of artists; heads, weights, calibration and thresholds are fitted inside."""
    values, parts = tag_values(vectors, model), []
    for train, test in split_artists(songs.artists, FOLDS, SEED):
        inner = split_artists(songs.artists[train])
        known, new = ({k: v[rows] for k, v in values.items()} for rows in (train, test))
        known[HEAD] = held_out_heads(songs, vectors, model, train, inner)
        chosen = (np.isin(np.arange(len(songs)), rows) for rows in (train, test))
        new[HEAD] = head_logits(songs, vectors, model, *chosen)
        tags = tagged(known)
        fitted = fit_labels(tags, own.take(train), genres.take(train), inner)
        parts.append((test, fitted.probabilities(tagged(new).logits), fitted.thresholds))
    shape = (len(songs), len(tags.labels))
    probabilities, thresholds = np.zeros(shape), np.zeros(shape)
    for test, shares, least in parts:
        probabilities[test], thresholds[test] = shares, least
    return HeldOut(tags.labels, probabilities, thresholds)


def label_figures(
    held_out: HeldOut, own: Truth, genres: Truth, chosen: NDArray[np.bool_]
) -> list[dict[str, Any]]:
    """A row a label of which something is known of the chosen songs.

    `on` is what it is scored by: the label itself, or the genre that a style lies in.
    """
    rows = []
    for column, label in enumerate(held_out.labels):
        truth = own if label in own.labels else genres
        if label not in truth.labels:
            continue
        place = truth.labels.index(label)
        known = chosen & truth.known[:, place]
        right, shares = truth.right[known, place], held_out.probabilities[known, column]
        sure = held_out.sure[known, column]
        [precision], [area] = curve_scores(shares, right, np.ones((1, len(right))))
        rows.append(
            {
                "kind": label.kind,
                "name": label.name,
                "on": "label" if truth is own else "genre",
                "songs": int(known.sum()),
                "right": int(right.sum()),
                "auc": round(float(area), 3),
                "average precision": round(float(precision), 3),
                "named": int(sure.sum()),
                "named right": int(right[sure].sum()),
            }
        )
    return rows


def named_styles(
    held_out: HeldOut, own: Truth, genres: Truth, chosen: NDArray[np.bool_]
) -> dict[str, Any]:
    """The styles that `shown` names, at most two a song, and how many of them are right."""
    found = {"songs": int(chosen.sum()), "songs with a style": 0, "styles": 0, "right": 0}
    found |= {"narrower styles": 0, "of these, right in genre": 0}
    places = {label[:2]: column for column, label in enumerate(held_out.labels)}
    for row in np.flatnonzero(chosen):
        named = shown(held_out.song(row), kinds=("style",))
        found["songs with a style"] += bool(named)
        for style in named:
            label = held_out.labels[places[style.kind, style.name]]
            truth = own if label in own.labels else genres
            right = bool(truth.right[row, truth.labels.index(label)])
            found["styles"] += 1
            found["right"] += right
            found["narrower styles"] += bool(label.within)
            found["of these, right in genre"] += right and bool(label.within)
    return found
