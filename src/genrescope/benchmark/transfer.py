"""Transfer: trained on one corpus, tested on another, over the genres that both have.

Each pair of corpora is reduced to the genres that both have enough songs of. A learner is trained
on one and tested on the other (*abroad*), and on the other itself in folds by group (*home*): the
same songs, so that the difference is what the change of corpus costs. Songs with exactly one of the
genres are tested; repeats across the two are left out of training.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genrescope.benchmark.config import Task, make_tasks
from genrescope.benchmark.corpus import Corpus
from genrescope.benchmark.repeats import Repeat
from genrescope.data.splits import Split, stratified_kfold
from genrescope.data.table import FeatureTable
from genrescope.errors import DataError
from genrescope.evaluation.bootstrap import drawn_within_genres
from genrescope.evaluation.crossval import out_of_fold
from genrescope.evaluation.learner import Learner
from genrescope.evaluation.metrics import evaluate
from genrescope.evaluation.record import finite
from genrescope.evaluation.runner import run_split
from genrescope.evaluation.scores import Scores

_Floats = NDArray[np.float64]
MEAN = "mean of all"
"""Name of the mean of all learners' probabilities, as a learner of `SIDE` sets."""


@dataclass(frozen=True)
class Transfer:
    """A learner trained on one corpus and tested on another; published results have these names.

    Attributes:
        trained_on, tested_on: names of the corpora; the same for folds at home.
        other: of a result at home the corpus whose genres are shared; else empty.
        sets, learner: what was trained.
        songs: numbers of those trained and tested on.
        scores: over the tested songs.
    """

    trained_on: str
    tested_on: str
    other: str
    sets: str
    learner: str
    songs: tuple[int, int]
    scores: Scores

    def as_json(self) -> dict[str, Any]:
        """JSON values."""
        content: dict[str, Any] = finite(asdict(self))
        return content


def shared_genres(one: Corpus, other: Corpus, least: int) -> tuple[str, ...]:
    """The genres of which both corpora have `least` songs with this genre alone, and more.

    Raises:
        DataError: there are fewer than two.
    """
    counts = [_single(corpus) for corpus in (one, other)]
    found = tuple(
        genre
        for genre in one.vocabulary.genres
        if all(count.get(genre, 0) >= least for count in counts)
    )
    if len(found) < 2:
        raise DataError(
            f"{one.name} and {other.name} share {len(found)} genres of {least} songs",
            remedy="name a coarser --vocabulary, or lower --least",
        )
    return found


def run_transfer(
    corpora: Sequence[Corpus],
    *,
    learners: Sequence[str],
    least: int = 8,
    folds: int = 5,
    seed: int = 0,
    repeats: Sequence[Repeat] = (),
    progress: Callable[[int, int, str], None] = lambda *_: None,
) -> list[Transfer]:
    """Every learner on every ordered pair of corpora, abroad and at home.

    Args:
        corpora: two or more, of one vocabulary's genres and with the same tables.
        learners: names of learners, see `make_tasks`, and of the SVMs `svm_linear` and `svm_rbf`.
        least: songs of one genre alone that both corpora need of it.
        folds: at home.
        seed: of folds, training and intervals.
        repeats: of recordings across corpora: no song is trained on where its repeat is tested.
        progress: called with what is done, of how many, and its name.

    Raises:
        DataError: two corpora that share fewer than two genres, or what a learner raises.
    """
    pairs = list(itertools.permutations(corpora, 2))
    found: list[Transfer] = []
    for number, (first, second) in enumerate(pairs):
        genres = shared_genres(first, second, least)
        here, there = first.within(genres), _one_genre(second.within(genres))
        here = here.take(_not_repeated(here, there, repeats))
        abroad, home = dict[str, _Floats](), dict[str, _Floats]()
        jobs = list(_jobs(here, there, learners))
        for done, (name, local, foreign) in enumerate(jobs):
            progress(number * len(jobs) + done, len(pairs) * len(jobs), name)
            abroad[name] = _abroad(local, foreign, there, seed)
            home[name] = _at_home(foreign, there, folds, seed)
        for kind, predicted in (("", abroad), (first.name, home)):
            predicted[f"{MEAN}|{MEAN}"] = geometric_mean(list(predicted.values()))
            source = second if kind else first
            sizes = (len(there) if kind else len(here), len(there))
            found += [
                _result(source.name, second.name, kind, name, sizes, there, values, seed)
                for name, values in predicted.items()
            ]
    return found


def _jobs(here: Corpus, there: Corpus, learners: Sequence[str]) -> list[tuple[str, Task, Task]]:
    """The same learner on each table of both corpora."""
    local, foreign = (
        make_tasks(
            [_with_home(corpus, corpus.rows(table)) for table in corpus.tables],
            learners=learners,
        )
        for corpus in (here, there)
    )
    return [
        (f"{one.table.feature_set}|{one.learner.name}", one, other)
        for one, other in zip(local, foreign, strict=True)
        if one.learner.name in learners
    ]


def _with_home(corpus: Corpus, table: FeatureTable) -> FeatureTable:
    """The table with the corpus in its songs' names, which two corpora may have in common."""
    return replace(table, ids=np.char.add(f"{corpus.name}: ", table.ids))


def _single(corpus: Corpus) -> dict[str, int]:
    alone = [genres[0] for genres in corpus.genres if len(genres) == 1]
    return {genre: alone.count(genre) for genre in set(alone)}


def _one_genre(corpus: Corpus) -> Corpus:
    """The songs with exactly one genre."""
    return corpus.take(np.flatnonzero([len(genres) == 1 for genres in corpus.genres]))


def _not_repeated(here: Corpus, there: Corpus, repeats: Sequence[Repeat]) -> NDArray[np.int64]:
    """Positions of the training songs of which no repeat is tested."""
    tested = {(there.name, str(name)) for name in there.ids}
    ends = [list(zip(item.corpora, item.songs, strict=True)) for item in repeats]
    leaked = {one for pair in ends for one, other in (pair, pair[::-1]) if other in tested}
    return np.flatnonzero([(here.name, str(name)) not in leaked for name in here.ids])


def _abroad(local: Task, foreign: Task, there: Corpus, seed: int) -> _Floats:
    """(tested songs, genres) of a learner trained on all of the other corpus."""
    table = _stacked(local.table, foreign.table)
    train = np.arange(len(local.table))
    split = Split("abroad", train, len(train) + np.arange(len(foreign.table)))
    return _probabilities(local.learner, table, split, there, seed)


def _at_home(task: Task, there: Corpus, folds: int, seed: int) -> _Floats:
    """(tested songs, genres) of a learner trained on the other folds of the same songs."""
    table = task.table
    splits = stratified_kfold(table.require_labels(), folds, seed=seed, groups=table.groups)
    shape = (len(table), len(there.vocabulary))
    return out_of_fold(
        splits, shape, lambda split: _probabilities(task.learner, table, split, there, seed)
    )


def _probabilities(
    learner: Learner, table: FeatureTable, split: Split, there: Corpus, seed: int
) -> _Floats:
    return run_split(learner, table, split, vocabulary=there.vocabulary, seed=seed).probabilities


def _stacked(one: FeatureTable, other: FeatureTable) -> FeatureTable:
    """The rows of both, those of the first first."""
    ids, labels, groups = (
        np.concatenate([getattr(one, name), getattr(other, name)])
        for name in ("ids", "labels", "groups")
    )
    source = np.concatenate([one.read(), other.read()])
    return FeatureTable(one.feature_set, ids, source, labels=labels, groups=groups)


def geometric_mean(several: Sequence[_Floats]) -> _Floats:
    """(n, genres) probabilities, from those of several models: nothing is fitted."""
    logs = np.mean([np.log(np.maximum(values, 1e-12)) for values in several], axis=0)
    shares = np.exp(logs - logs.max(axis=1, keepdims=True))
    return np.asarray(shares / shares.sum(axis=1, keepdims=True))


def _result(
    trained_on: str,
    tested_on: str,
    other: str,
    name: str,
    songs: tuple[int, int],
    there: Corpus,
    values: _Floats,
    seed: int,
) -> Transfer:
    sets, learner = name.split("|")
    truth = there.truth.argmax(axis=1)
    drawn = drawn_within_genres(truth, there.drawn_together)
    scores = evaluate(truth, values, there.vocabulary.genres, songs=drawn, seed=seed)
    return Transfer(trained_on, tested_on, other, sets, learner, songs, scores)


def transfer_document(
    corpora: Sequence[Corpus],
    results: Sequence[Transfer],
    repeats: Sequence[Repeat],
    command: str,
) -> dict[str, Any]:
    """JSON values of a whole run: `command`, `corpora`, `results`, `repeats`."""
    return {
        "command": command,
        "corpora": [corpus.facts() for corpus in corpora],
        "results": [item.as_json() for item in results],
        "repeats": [item.as_json() for item in repeats],
    }
