"""What each feature set contributes to an ensemble, as a whole and to every genre.

Members are not trained again: those that need no other sets than the chosen ones are combined
again. So one set alone means all learners of that set stacked, and leaving out `ssd` leaves out
what was trained on `rh` and `ssd` side by side, too. A set that no member was trained on without
others counts as none alone.

What a set adds depends on what is there already: of two sets with the same information each adds
little to the other, and much alone. Hence three views: every set taken from all, every set
alone, and sets added one by one (forward selection).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genrescope.benchmark.ensembles import combine
from genrescope.benchmark.out_of_fold import OutOfFoldPredictions
from genrescope.calibration.temperature import log_probabilities
from genrescope.data.splits import Split
from genrescope.errors import UsageError
from genrescope.evaluation.crossval import balanced_log_loss, inner_folds, out_of_fold
from genrescope.evaluation.paired import Difference, compare
from genrescope.evaluation.predictions import Predictions
from genrescope.evaluation.record import finite
from genrescope.evaluation.runner import versions
from genrescope.files.atomic import write_atomic
from genrescope.learning.ensembles.stacking import LogisticStack, MetaLearner, WeightedGeometricMean
from genrescope.progress import Progress, Report

REFERENCE = LogisticStack()
ORDERED_BY = (
    WeightedGeometricMean()
)  # hundreds of choices are fitted: a weight a member is a matter of moments
PAIRS = (("marsyas_timbral", "rp"), ("marsyas_timbral", "gtzan_rp"))
"""Pairs that are looked at where both sets are there: timbre and rhythm."""

_FOLDS = 5
_DIGITS = 6

_Sets = tuple[str, ...]
_Choice = tuple[_Sets, _Sets]  # sets that are there, sets that are added


@dataclass(frozen=True)
class Gain:
    """What some sets add to others, on the same test rows.

    Attributes:
        to: the sets that others are added to; with none of them all genres are as likely.
        added: the sets that are added.
        macro_recall: with the added sets (`a`), without (`b`), and the difference with its paired
            95 % interval.
        accuracy: the same.
        log_loss: the same, in nats; a negative difference is a gain.
        genres: the same of each tested genre's recall.
    """

    to: _Sets
    added: _Sets
    macro_recall: Difference
    accuracy: Difference
    log_loss: Difference
    genres: dict[str, Difference]


@dataclass(frozen=True)
class Contributions:
    """What all sets of an ensemble contribute.

    Attributes:
        dataset: name of the data.
        protocol: title of the protocol.
        command: what makes this again.
        combiner: what combined the members, by name.
        ordered_by: what chose the order of `forward`.
        members: names of all members.
        songs: how many songs of each tested genre there are.
        without: of each set, what it adds to all others.
        alone: of each set that has members of its own, what all others add to it.
        forward: sets added one by one, the first to none.
        pairs: of each named pair, what the second set adds to the first, and the first to the
            second.
        versions: see `genrescope.evaluation.runner.versions`.
    """

    dataset: str
    protocol: str
    command: str
    combiner: str
    ordered_by: str
    members: tuple[str, ...]
    songs: dict[str, int]
    without: tuple[Gain, ...]
    alone: tuple[Gain, ...]
    forward: tuple[Gain, ...]
    pairs: tuple[tuple[Gain, Gain], ...]
    versions: dict[str, str]


def contributions(
    base: OutOfFoldPredictions,
    combiner: MetaLearner = REFERENCE,
    *,
    pairs: Sequence[tuple[str, str]] = PAIRS,
    resamples: int = 1000,
    progress: Report | None = None,
) -> Contributions:
    """What each set contributes to the combination of all.

    Args:
        base: what the members predict.
        combiner: see `genrescope.learning.ensembles.stacking`.
        pairs: two sets each to be compared with either alone; skipped where one has no members.
        resamples: of each paired bootstrap.
        progress: called after every comparison.

    Raises:
        UsageError: fewer than two sets have members of their own.
    """
    if len(_knowing(base)) < 2:
        raise UsageError("of one set alone there is nothing to compare", remedy="name more sets")

    @lru_cache(maxsize=4)  # predictions of a large test part are large
    def predicted(sets: frozenset[str]) -> Predictions:
        return combine(base, combiner, base.within(sets))

    def gain(to: _Sets, added: _Sets) -> Gain:
        pair = predicted(frozenset({*to, *added})), predicted(frozenset(to))
        return _gain(to, added, *pair, resamples=resamples, seed=base.config.seed)

    report = _reporter(progress)
    report(0, 1, "order")
    wanted = _wanted(base, pairs)
    total = sum(map(len, wanted.values()))
    found: dict[str, list[Gain]] = {name: [] for name in wanted}
    choices = [(name, choice) for name, listed in wanted.items() for choice in listed]
    for done, (name, (to, added)) in enumerate(choices, 1):
        found[name].append(gain(to, added))
        report(done, total, name)
    both = found.pop("pairs")
    return Contributions(
        dataset=base.config.dataset,
        protocol=base.config.protocol.title,
        command=base.config.command,
        combiner=combiner.name,
        ordered_by=ORDERED_BY.name,
        members=tuple(member.key for member in base.members),
        songs=_songs(predicted(frozenset(base.sets))),
        **{name: tuple(gains) for name, gains in found.items()},
        pairs=tuple(zip(both[::2], both[1::2], strict=True)),
        versions=versions(),
    )


def forward_order(
    base: OutOfFoldPredictions, combiner: MetaLearner = ORDERED_BY
) -> tuple[str, ...]:
    """The sets, each the best to add to those before it, chosen without any test row.

    The best is that of least log loss on the training rows, every genre counting the same: members
    were trained without the rows, and so is the combiner, in cross-validation within the training
    rows. It is averaged over the splits: where these split the same songs again, as k folds do,
    what is tested in one split has helped to choose the order as a training row of another.
    """
    order: _Sets = ()
    while left := [name for name in base.sets if name not in order]:
        losses = {name: _training_loss(base, combiner, (*order, name)) for name in left}
        order = (*order, min(left, key=losses.__getitem__))
    return order


def write_contributions(path: Path, found: Contributions) -> None:
    """Write JSON, whole or not at all; numbers are rounded to six digits after the point."""
    write_atomic(path, (json.dumps(_rounded(finite(asdict(found))), indent=1) + "\n").encode())


def _wanted(
    base: OutOfFoldPredictions, pairs: Sequence[tuple[str, str]]
) -> dict[str, list[_Choice]]:
    """What is to be compared, by the name of the view."""
    order, knowing = forward_order(base), _knowing(base)
    others = {name: tuple(other for other in base.sets if other != name) for name in base.sets}
    chosen = [pair for pair in pairs if {*pair} <= {*knowing}]
    return {
        "without": [(others[name], (name,)) for name in base.sets],
        "alone": [((name,), others[name]) for name in knowing],
        "forward": [(order[:number], (name,)) for number, name in enumerate(order)],
        "pairs": [((a,), (b,)) for pair in chosen for a, b in (pair, pair[::-1])],
    }


def _knowing(base: OutOfFoldPredictions) -> list[str]:
    """The sets that have members of their own."""
    return [name for name in base.sets if base.within([name])]


def _gain(to: _Sets, added: _Sets, more: Predictions, fewer: Predictions, **bootstrap: int) -> Gain:
    found = compare(more, fewer, **bootstrap)
    genres = {
        more.genres[genre]: compare(_of_genre(more, genre), _of_genre(fewer, genre), **bootstrap)
        for genre in np.unique(more.truth)
    }
    return Gain(
        to=to,
        added=added,
        macro_recall=found["macro_recall"],
        accuracy=found["accuracy"],
        log_loss=found["log_loss"],
        genres={genre: scores["accuracy"] for genre, scores in genres.items()},
    )


def _of_genre(predictions: Predictions, genre: int) -> Predictions:
    """The songs of one genre, whose accuracy is the genre's recall."""
    rows = predictions.truth == genre
    columns = ("ids", "truth", "probabilities", "split")
    return replace(predictions, **{name: getattr(predictions, name)[rows] for name in columns})


def _songs(predictions: Predictions) -> dict[str, int]:
    """Distinct songs of each tested genre."""
    return {
        predictions.genres[genre]: len(np.unique(predictions.ids[predictions.truth == genre]))
        for genre in np.unique(predictions.truth)
    }


def _training_loss(base: OutOfFoldPredictions, combiner: MetaLearner, sets: _Sets) -> float:
    """Balanced log loss of training rows, mean over the splits; see `forward_order`."""
    if not (chosen := base.within(sets)):
        return float(np.log(len(base.config.vocabulary)))
    splits = range(len(base.config.protocol.splits))
    return float(np.mean([_held_out_loss(base, combiner, chosen, number) for number in splits]))


def _held_out_loss(
    base: OutOfFoldPredictions, combiner: MetaLearner, chosen: Sequence[int], number: int
) -> float:
    """Balanced log loss of one split's training rows, each combined by what did not see it."""
    train = base.config.protocol.splits[number].train
    truth, logs = base.truth[train], base.train_logs(number, chosen)
    groups = None if base.table.groups is None else base.table.groups[train]

    def fit_predict(fold: Split) -> NDArray[np.float64]:
        inner = None if groups is None else groups[fold.train]
        return combiner.fit(logs[:, fold.train], truth[fold.train], inner)(logs[:, fold.test])

    folds = inner_folds(truth, _FOLDS, seed=base.config.seed, groups=groups)
    found = out_of_fold(folds, logs.shape[1:], fit_predict)
    return balanced_log_loss(log_probabilities(found), truth)


def _reporter(progress: Report | None) -> Callable[[int, int, str], None]:
    def report(done: int, total: int, view: str) -> None:
        if progress is not None:
            progress(Progress(done, total, text=f"contributions, {view}"))

    return report


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, _DIGITS)
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    return [_rounded(item) for item in value] if isinstance(value, list) else value
