from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genrescope.engine import Failure
from genrescope.errors import DataError, UsageError
from genrescope.extraction.journal import Entry, Journal
from genrescope.featuresets import FEATURE_SETS

PLAN = {"sets": ["rh", "jmir_lpc"], "excerpt": "whole"}


def entry(number: int) -> Entry:
    rng = np.random.default_rng(number)
    vectors = {
        name: rng.standard_normal(FEATURE_SETS[name].dims).astype(np.float32)
        for name in ("rh", "jmir_lpc")
    }
    return Entry(f"folder/sóng {number}\n.mp3", vectors, ("a note", "another"))


def same(one: Entry, other: Entry) -> bool:
    return (
        (one.id, one.notes, one.failure) == (other.id, other.notes, other.failure)
        and list(one.vectors) == list(other.vectors)
        and all(np.array_equal(one.vectors[name], other.vectors[name]) for name in one.vectors)
    )


def test_what_was_appended_is_read_in_any_order(tmp_path):
    entries = [entry(0), Entry("b", failure=Failure("why", "what to do")), entry(2)]
    with Journal(tmp_path / "log", PLAN) as journal:
        for item in entries:
            journal.append(item)
        names = [item.id for item in reversed(entries)]
        read = list(journal.entries(iter(names)))

    assert [same(a, b) for a, b in zip(read, reversed(entries), strict=True)] == [True] * 3


def test_a_log_opened_again_has_its_plan_and_its_files(tmp_path):
    with Journal(tmp_path / "log", PLAN) as journal:
        assert not journal.resumed
        journal.append(entry(1))
    with Journal(tmp_path / "log", {"other": True}) as journal:
        assert journal.resumed
        assert journal.plan == PLAN
        assert entry(1).id in journal
        assert len(journal) == 1


@given(cut=st.integers(0, 1499))
@settings(max_examples=60, deadline=None)
def test_wherever_a_log_is_cut_its_whole_records_count(tmp_path_factory, cut):
    path = tmp_path_factory.mktemp("cut") / "log"
    ends = []
    with Journal(path, PLAN) as journal:
        for number in range(4):
            journal.append(entry(number))
            ends.append(path.stat().st_size)
    assert ends[-1] >= 1500
    path.write_bytes(path.read_bytes()[:cut])

    with Journal(path, PLAN) as journal:
        assert len(journal) == sum(end <= cut for end in ends)
        journal.append(entry(9))
        [read] = journal.entries(iter([entry(9).id]))
        assert same(read, entry(9))


def test_a_damaged_record_and_what_follows_is_done_again(tmp_path):
    path = tmp_path / "log"
    with Journal(path, PLAN) as journal:
        journal.append(entry(0))
        kept = path.stat().st_size
        journal.append(entry(1))
        journal.append(entry(2))
    content = bytearray(path.read_bytes())
    content[kept + 50] ^= 1
    path.write_bytes(content)

    with Journal(path, PLAN) as journal:
        assert len(journal) == 1
    assert path.stat().st_size == kept


def test_a_log_that_changes_underneath_is_an_error(tmp_path):
    path = tmp_path / "log"
    with Journal(path, PLAN) as journal:
        journal.append(entry(0))
        path.write_bytes(b"\0" * path.stat().st_size)
        with pytest.raises(DataError, match="has changed"):
            list(journal.entries(iter([entry(0).id])))


def test_two_runs_do_not_write_one_log(tmp_path):
    pytest.importorskip("fcntl")
    with Journal(tmp_path / "log", PLAN) as journal:
        with pytest.raises(UsageError, match="another run is writing here"):
            Journal(tmp_path / "log", PLAN)
        journal.append(entry(0))
    with Journal(tmp_path / "log", PLAN) as journal:
        assert len(journal) == 1
