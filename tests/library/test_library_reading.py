"""Batches of files that are read in worker processes, one of which goes down."""

from __future__ import annotations

import os
from collections.abc import Sequence

import pytest

from genrescope.engine import Failure
from genrescope.library.index.reading import BATCH, read_in_batches

FATAL = 200


def squares(numbers: Sequence[int]) -> list[int]:
    if FATAL in numbers:
        os._exit(1)
    return [number**2 for number in numbers]


@pytest.mark.parametrize("count", [0, 1, BATCH, BATCH + 1])
def test_all_are_read_in_batches(count: int):
    found = list(read_in_batches(squares, range(count), jobs=1))
    assert sorted(n for batch, _ in found for n in batch) == list(range(count))
    assert all(values == [n**2 for n in batch] for batch, values in found)
    assert all(len(batch) <= BATCH for batch, _ in found)


def test_an_item_that_takes_a_worker_process_down_fails_alone():
    found = list(read_in_batches(squares, range(2 * BATCH), jobs=1))
    failed = [list(batch) for batch, values in found if isinstance(values, Failure)]
    assert failed == [[FATAL]]
    assert sorted(n for batch, _ in found for n in batch) == list(range(2 * BATCH))
