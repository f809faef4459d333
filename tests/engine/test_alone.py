"""Calls made in processes of their own: results, errors, crashes."""

from __future__ import annotations

import os

import engine_work as work
import pytest

from genrescope.engine.alone import Isolated, iterate_alone, run_alone
from genrescope.engine.worker import start_spare, usable_cores
from genrescope.errors import AudioError


def test_the_result_and_the_error_are_those_of_the_call() -> None:
    assert run_alone(work.square, 4) == 16
    assert run_alone(work.process_of, 1) != os.getpid()
    with pytest.raises(AudioError) as caught:
        run_alone(work.troubled, 7)
    assert str(caught.value) == "7: not audio (leave it out)"


@pytest.mark.parametrize(
    ("number", "reason"),
    [(3, "exit code 7"), (9, "ZeroDivisionError: a defect"), (13, "Segmentation fault")],
)
def test_a_crash_is_an_error_that_names_the_file(number: int, reason: str) -> None:
    with pytest.raises(AudioError, match=reason) as caught:
        run_alone(work.troubled, number, place="song.mp3")
    assert caught.value.place == "song.mp3"


def test_values_come_one_by_one_up_to_the_end_or_the_crash() -> None:
    assert list(iterate_alone(work.troubled_numbers, 100)) == []
    values = iterate_alone(work.troubled_numbers, 1)
    assert [next(values), next(values)] == [1, 4]
    with pytest.raises(AudioError, match="exit code 7"):
        next(values)


def test_calls_share_a_process_and_a_crash_costs_one_call() -> None:
    with Isolated(work.troubled) as isolated, Isolated(work.process_of) as process:
        assert [isolated(2), isolated(4)] == [4, 16]
        with pytest.raises(AudioError, match=r"Segmentation fault"):
            isolated(13, place="song.mp3")
        assert isolated(6) == 36
        assert process(1) == process(2)


def test_a_lone_call_may_use_all_cores() -> None:
    assert run_alone(work.threads, 0) == usable_cores()


def test_a_process_started_before_is_taken() -> None:
    start_spare(["json"], usable_cores())
    from genrescope.engine import worker

    assert worker._spare is not None
    expected = worker._spare.process.pid
    assert run_alone(work.process_of, 1) == expected
    assert worker._spare is None
