"""The benchmark of ensembles at the size of the MSD split, on a few made-up tracks."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest

import stack_msd
from generate_msd import generate_stores
from genrescope.evaluation.predictions import Predictions


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    generate_stores(tmp_path, 390, 1_300, sets=["rh", "jmir_mfcc"])
    return tmp_path


def test_members_and_ensembles_are_scored_and_a_second_run_is_noted(folder: Path) -> None:
    first = stack_msd.measure(folder, ["rh", "jmir_mfcc"], ["lda"])
    assert first["rows to train"] == 390
    assert first["classifiers"] == 10
    assert [(m["set"], m["learner"]) for m in first["members"]] == [
        ("rh", "lda"),
        ("jmir_mfcc", "lda"),
    ]
    assert list(first["ensembles"]) == ["average", "weighted", "logistic", "chosen"]
    kept = Predictions.load(folder / "stack" / "predictions" / "ensemble-average.npz")
    right = kept.probabilities.argmax(axis=1) == kept.truth
    recalls = [right[kept.truth == genre].mean() for genre in np.unique(kept.truth)]
    average = first["ensembles"]["average"]["macro recall, 95 %"]
    assert average[0] == pytest.approx(100 * np.mean(recalls), abs=0.01)
    assert average[1] < average[0] < average[2]
    assert average[0] > 2 * 100 / 13  # the values separate genres
    assert first["time counts"]
    again = stack_msd.measure(folder, ["rh", "jmir_mfcc"], ["lda"])
    assert again["members of an earlier run"] == 2
    assert not again["time counts"]
    assert again["members"] == first["members"]


def test_the_clock_counts_wall_and_processor() -> None:
    clock = stack_msd.Clock()
    with clock.phase("idle"):
        time.sleep(0.3)
    with clock.phase("busy"):
        end = time.process_time() + 0.3
        while time.process_time() < end:
            pass
    assert clock.phases["idle"]["wall"] >= 0.3
    assert clock.phases["busy"]["cpu"] >= 0.3
    for kind in ("wall", "cpu"):
        seconds = clock.phases["idle"][kind] + clock.phases["busy"][kind]
        assert clock.minutes(kind) == pytest.approx(seconds / 60, abs=0.01)


def test_the_sets_are_the_student_project_s() -> None:
    assert len(stack_msd.SETS) == 6
    assert set(stack_msd.SETS) < set(stack_msd.STUDENT_SETS)
