"""Labels fitted to songs: logistic regressions around the tags that mean a label.

The logit of a label of which songs are known is bias + k s + w x: s are the means of the
standardised logits of the tags that mean it (`taxonomy/label_tags.csv`), one a source; x are those
of all tags of music, and w is pulled to zero as strongly as predicts songs of other artists best.
Predictions of these calibrate the probabilities, and give the threshold.

Of other labels the logit is the mean of the tags' own, moved so that the mean probability is an
assumed share (`label_shares.csv`): networks are trained on few of the clips that a tag is right of.
That of a style is the share within its genre, by whose probability it is multiplied, and its
threshold is where its genre is right, at most the fixed one of other labels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq, minimize
from scipy.special import expit
from sklearn.model_selection import GroupKFold

from genrescope.inference.labels.fits import place_within
from genrescope.inference.labels.label import LabelName
from label_songs import Truth
from songs import table_rows

Floats = NDArray[np.float64]
Folds = Sequence[tuple[NDArray[np.int64], NDArray[np.int64]]]

PENALTIES = (0.01, 0.03, 0.1, 0.3)  # of w, where all songs together count 1
INNER = 4  # folds of artists inside the songs fitted to
PRECISION = {"style": 0.85, "mood": 0.6, "voice": 0.85}  # wanted above a threshold
OF_GENRE = 0.8  # of a narrower style's genre
LEAST = 0.3  # threshold of a label that can be checked
UNCHECKED = 0.6  # and of one that cannot
NEVER = 1.0


@dataclass(frozen=True, eq=False)
class Tagged:
    """Tags of n songs, and the labels that rest on them.

    Attributes:
        logits: (n, tags).
        labels: k of the table.
        means: by source, (tags, k) weights of the tags that mean a label, of sum 1 in size.
        free: (tags,) how far a tag may have a weight of its own; 0 where it is not of music.
    """

    logits: Floats
    labels: tuple[LabelName, ...]
    means: tuple[Floats, ...]
    free: Floats


@dataclass(frozen=True, eq=False)
class FittedLabels:
    """Fitted labels.

    Attributes:
        labels: k of the table.
        kernel: (tags, k) weights of logits.
        bias, thresholds: (k,).
        within: (k,) the label that a style lies in, -1 where there is none.
    """

    labels: tuple[LabelName, ...]
    kernel: Floats
    bias: Floats
    thresholds: Floats
    within: NDArray[np.int64]

    def probabilities(self, logits: Floats) -> Floats:
        """(n, k) from (n, tags)."""
        own = expit(logits @ self.kernel + self.bias)
        return np.asarray(own * np.where(self.within >= 0, own[:, self.within], 1.0))


def fit_labels(tagged: Tagged, own: Truth, genres: Truth, folds: Folds) -> FittedLabels:
    """Fit all labels.

    Args:
        tagged: tags of n songs.
        own: what is known of labels.
        genres: what is known of the genres of styles.
        folds: of the songs, by artist.
    """
    names, weights = tagged.labels, own.weights / own.weights.sum()
    chosen = [own.labels.index(name) for name in names if name in own.labels]
    places = np.array([place for place, name in enumerate(names) if name in own.labels])
    means = np.asarray(sum(tagged.means))
    fitted = FittedLabels(
        names,
        means / np.maximum(np.abs(means).sum(axis=0), 1e-9),
        np.zeros(len(names)),
        np.full(len(names), UNCHECKED),
        place_within(names),
    )
    mine = Truth(own.labels, own.right[:, chosen], own.known[:, chosen], own.weights)
    found = _supervised(tagged, places, mine, folds, weights)
    fitted.kernel[:, places], fitted.bias[places], held_out = found
    shares = fitted.probabilities(tagged.logits)
    shares[:, places] = held_out
    for place, name in enumerate(names):
        parent = fitted.within[place]
        if name not in own.labels:
            prior = weights * (shares[:, parent] if parent >= 0 else 1.0)
            logits = tagged.logits @ fitted.kernel[:, place]
            fitted.bias[place] = _shift(logits, share_of(name), prior / prior.sum())
            shares[:, place] = expit(logits + fitted.bias[place]) * prior / weights
        truth = own if name in own.labels else genres
        if name in truth.labels:
            column = truth.labels.index(name)
            known = truth.known[:, column] & (own.weights == 1)
            wanted = OF_GENRE if name.within else PRECISION[name.kind]
            found = threshold(shares[known, place], truth.right[known, column], wanted)
            fitted.thresholds[place] = min(found, UNCHECKED) if name.within else found
    return fitted


def split_artists(artists: NDArray[np.str_], count: int = INNER, seed: int = 0) -> Folds:
    """Folds of songs, each artist in one."""
    return list(GroupKFold(count, shuffle=True, random_state=seed).split(artists, groups=artists))


def threshold(shares: Floats, right: NDArray[np.bool_], precision: float) -> float:
    """The least threshold, from `LEAST` on, above which that share of the songs is right.

    Two more songs are taken to be above it, one of them right. 1, that is never, where there is no
    such threshold.
    """
    order = np.argsort(-shares, kind="stable")
    good = (np.cumsum(right[order]) + 1) / (np.arange(1, len(order) + 1) + 2)
    ranked = shares[order]
    enough = np.flatnonzero((good >= precision) & (ranked >= LEAST))
    if not len(enough):
        return NEVER
    last = int(enough[-1])
    below = ranked[last + 1] if last + 1 < len(ranked) else LEAST
    return max(LEAST, float((ranked[last] + below) / 2))


def share_of(label: LabelName) -> float:
    """The share of songs, or of a genre's, that a label is assumed to be right of."""
    named = {
        (row["kind"], row["name"]): float(row["share"]) for row in table_rows("label_shares.csv")
    }
    return named.get(label[:2], named.get((label.kind, ""), 0.1))


def _shift(logits: Floats, share: float, weights: Floats) -> float:
    """What makes the weighted mean probability a share."""
    return float(brentq(lambda c: float(weights @ expit(logits + c)) - share, -60, 60))


def _supervised(
    tagged: Tagged, places: NDArray[np.int64], truth: Truth, folds: Folds, weights: Floats
) -> tuple[Floats, Floats, Floats]:
    """Kernel (tags, k), bias (k,), and probabilities (n, k) of songs that were not fitted to."""
    mean = weights @ tagged.logits
    deviation = np.sqrt(weights @ np.square(tagged.logits - mean)) + 1e-6
    priors = np.stack([part[:, places] for part in tagged.means]) / deviation[:, None]
    centred = tagged.logits - mean
    sizes = np.sqrt(np.einsum("n,snk->sk", weights, np.square(centred @ priors)))
    priors = priors / np.maximum(sizes, 1e-9)[:, None]
    rows = np.flatnonzero(tagged.free)
    features = np.zeros((len(mean), len(rows)))
    features[rows, np.arange(len(rows))] = tagged.free[rows] / deviation[rows]
    problem = _Problem(centred @ priors, centred @ features, truth)
    tried = [problem.out_of_fold(folds, penalty) for penalty in PENALTIES]
    losses = [float((truth.counts * np.logaddexp(0, -problem.sign * it)).sum()) for it in tried]
    best = int(np.argmin(losses))
    slope, offset = _platt(tried[best], problem.sign, truth.counts)
    bias, trust, w = problem.fit(np.arange(len(centred)), PENALTIES[best])
    kernel = (np.einsum("stk,sk->tk", priors, trust) + features @ w) * slope
    return kernel, bias * slope + offset - mean @ kernel, expit(tried[best] * slope + offset)


class _Problem:
    """k logistic regressions on the same songs, those of which something is known."""

    def __init__(self, scores: Floats, x: Floats, truth: Truth) -> None:
        self.scores, self.x, self.counts = scores, x, truth.counts
        self.sign = np.where(truth.right, 1.0, -1.0)

    def fit(self, chosen: NDArray[np.int64], penalty: float) -> tuple[Floats, Floats, Floats]:
        """Bias (k,), trust (sources, k) and w (features, k) of some songs."""
        scores, x = self.scores[:, chosen], self.x[chosen]
        sign, counts = self.sign[chosen], self.counts[chosen]
        counts = counts / counts.sum(axis=0)
        sources, _, k = scores.shape
        ends = (k, k + sources * k)

        def loss(vector: Floats) -> tuple[float, Floats]:
            bias, trust, w = np.split(vector, ends)
            trust, w = trust.reshape(sources, k), w.reshape(-1, k)
            margin = sign * (np.einsum("snk,sk->nk", scores, trust) + x @ w + bias)
            error = -sign * counts * expit(-margin)
            value = (counts * np.logaddexp(0, -margin)).sum() + penalty / 2 * np.square(w).sum()
            value += 0.01 * np.square(trust - 1 / sources).sum()
            slopes = np.einsum("nk,snk->sk", error, scores) + 0.02 * (trust - 1 / sources)
            parts = (error.sum(axis=0), slopes.ravel(), (x.T @ error + penalty * w).ravel())
            return float(value), np.concatenate(parts)

        start = np.concatenate([np.zeros(k), np.full(sources * k, 1 / sources)])
        start = np.concatenate([start, np.zeros(x.shape[1] * k)])
        found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 150}).x
        bias, trust, w = np.split(found, ends)
        return bias, trust.reshape(sources, k), w.reshape(-1, k)

    def out_of_fold(self, folds: Folds, penalty: float) -> Floats:
        """(n, k) logits of songs by fits without their artists."""
        found = np.zeros(self.sign.shape)
        for train, test in folds:
            bias, trust, w = self.fit(train, penalty)
            found[test] = (
                np.einsum("snk,sk->nk", self.scores[:, test], trust) + self.x[test] @ w + bias
            )
        return found


def _platt(logits: Floats, sign: Floats, counts: Floats) -> tuple[Floats, Floats]:
    """(k,) slopes and offsets that make logits of songs not fitted to come true (Platt, 1999)."""
    found = []
    for x, s, c in zip(logits.T, sign.T, counts.T, strict=True):

        def loss(v: Floats, x: Floats = x, s: Floats = s, c: Floats = c) -> float:
            return float((c * np.logaddexp(0, -s * (v[0] * x + v[1]))).sum() + (v[0] - 1) ** 2 / 2)

        found.append(minimize(loss, [1.0, 0.0]).x)
    slopes, offsets = np.array(found).T
    return slopes, offsets
