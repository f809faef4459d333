"""Planted wrong labels are found, folds divide no group, and real songs are compared."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace

import numpy as np
import pytest

from genrescope.benchmark.label_audit import audit_labels
from genrescope.data.corpora.gtzan import load_gtzan
from genrescope.data.table import FeatureTable
from genrescope.evaluation.learner import TrainingRequest
from genrescope.learning.baselines.svm import SVM_LINEAR
from genrescope.taxonomy.vocabulary import GTZAN

GENRES = ("blues", "jazz", "rock")


def songs(each: int = 40, wrong: int = 6, seed: int = 0) -> tuple[FeatureTable, set[int]]:
    """Three separate genres, some of whose songs have the label of the next; and which."""
    rng = np.random.default_rng(seed)
    real = np.repeat(np.arange(3), each)
    vectors = rng.normal(size=(len(real), 6)) + 8 * np.eye(6)[real]
    rows = rng.choice(len(real), wrong, replace=False)
    given = real.copy()
    given[rows] = (real[rows] + 1) % 3
    labels = np.array(GENRES)[given]
    ids = np.arange(len(real)).astype(str)
    table = FeatureTable("made up", ids, vectors.astype(np.float32), labels=labels)
    return table, set(rows.tolist())


def alone(table: FeatureTable) -> np.ndarray:
    return np.full(len(table), "")


def test_planted_wrong_labels_come_first():
    table, wrong = songs()
    found = audit_labels([table], np.arange(len(table)), alone(table), GTZAN)
    assert found is not None
    assert {issue.row for issue in found.issues[: len(wrong)]} == wrong
    assert found.accuracy == pytest.approx(1 - len(wrong) / len(table), abs=0.02)
    for issue in found.issues[: len(wrong)]:
        assert issue.genre == table.labels[issue.row]
        assert issue.predicted == GENRES[(GENRES.index(issue.genre) - 1) % 3]
        assert issue.predicted_probability > issue.probability
    assert found.rows == len(table)


@dataclass
class Witness:
    """Trains another learner and writes down its training rows and their labels."""

    seen: list[set[int]] = field(default_factory=list)
    labels: dict[int, str] = field(default_factory=dict)
    name: str = "witness"
    kind: str = "baseline"

    def fit(self, request: TrainingRequest):
        table, train, vocabulary = request.table, request.train, request.vocabulary
        seed, split = request.seed, request.split
        self.seen.append(set(train.tolist()))
        self.labels |= dict(zip(train.tolist(), table.labels[train].tolist(), strict=True))
        assert (np.delete(table.labels, train) == "").all()
        return SVM_LINEAR.fit(TrainingRequest(table, train, vocabulary, seed, split))


def test_folds_divide_no_group_and_every_set_is_trained_on():
    table, _ = songs()
    groups = np.array([str(row // 4) for row in range(len(table))])
    witness = Witness()
    other = replace(table, feature_set="other")
    rows = np.arange(len(table))
    found = audit_labels([table, other], rows, groups, GTZAN, folds=4, learner=witness)
    assert found is not None
    assert (len(witness.seen), found.learner) == (8, "witness")
    for seen in witness.seen:
        trained = {groups[row] for row in seen}
        assert all(groups[row] not in trained for row in set(range(len(table))) - seen)


def test_of_many_songs_a_stratified_sample_is_compared():
    table, _ = songs(each=100, wrong=0)
    witness = Witness()
    found = audit_labels([table], np.arange(300), alone(table), GTZAN, max_rows=60, learner=witness)
    assert found is not None
    assert found.sampled
    assert found.rows == 60
    assert Counter(witness.labels.values()) == dict.fromkeys(GENRES, 20)


def test_what_cannot_be_compared_is_left_out():
    table, _ = songs(wrong=0)
    table.source[0, 0] = np.nan
    groups = alone(table)
    groups[80:] = "the only rock band"
    found = audit_labels([table], np.arange(len(table)), groups, GTZAN)
    assert found is not None
    assert found.rows == 79
    assert list(found.left_out) == ["rock"]
    assert audit_labels([table], np.arange(40), groups, GTZAN) is None
    bare = replace(table, labels=None)
    assert audit_labels([bare], np.arange(40), groups, GTZAN) is None


def test_songs_given_another_genre_are_found_among_real_ones():
    table = load_gtzan("marsyas_timbral")
    plain = ("blues", "classical", "country", "metal")  # genres that few songs are between
    table = table.take(np.flatnonzero(np.isin(table.labels, plain)))
    labels = table.labels.copy()
    changed = np.flatnonzero(labels == "classical")[:5]
    labels[changed] = "metal"
    relabelled = replace(table, labels=labels)
    found = audit_labels([relabelled], np.arange(len(relabelled)), table.groups, GTZAN)
    assert found is not None
    # By chance one in seven tables would have one of the five among twelve of these songs.
    first = {issue.row for issue in found.issues[:12]}
    assert len(set(changed.tolist()) & first) >= 3
