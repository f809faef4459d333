"""Calls made in processes of their own: results, errors, crashes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import engine_work as work
import pytest

from genrescope.engine.alone import Isolated, iterate_alone, run_alone
from genrescope.engine.worker import usable_cores
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


_COPIES = pytest.mark.skipif(sys.platform != "linux", reason="processes are copied on Linux only")


def _output(code: str) -> subprocess.CompletedProcess[str]:
    """What a program that may use `engine_work` writes."""
    folder = str(Path(__file__).parent)
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([folder, *filter(None, sys.path)])}
    command = [sys.executable, "-c", code]
    return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=60)


@_COPIES
def test_a_lone_process_may_be_a_copy_of_this_one() -> None:
    done = _output("""
import os
import subprocess
import sys
from pathlib import Path
import engine_work as work
from genrescope.engine.alone import iterate_alone, run_alone
from genrescope.engine.worker import allow_copies
from genrescope.errors import AudioError

allow_copies()
work.mark = "changed here"
print("printed once", end=" ")
print(run_alone(work.marked))
try:
    run_alone(work.troubled, 13, place="song.mp3")
except AudioError as error:
    print(error)
print(list(iterate_alone(work.troubled_numbers, 98)))
""")
    first, second, third = done.stdout.splitlines()
    assert done.stderr == ""
    assert first == "printed once changed here"
    assert second.startswith("song.mp3: its worker process ended by signal 11")
    assert third == "[9604, 9801]"


@_COPIES
def test_workers_side_by_side_may_be_copies_too() -> None:
    done = _output("""
import threading
import engine_work as work
from genrescope.engine import map_files
from genrescope.engine.worker import allow_copies, copies_itself

def outcomes(*options, **more):
    return sorted(str(result) for _, result in map_files(*options, jobs=2, copied=True, **more))

work.mark = "changed here"
print(outcomes(work.marked_for, range(2)))
allow_copies()
print(copies_itself(), outcomes(work.marked_for, range(4)))
print([text[:60] for text in outcomes(work.troubled, [3, 4, 13])])
print([int(text) < 500 for text in outcomes(work.page_faults, range(4))])
wait = threading.Event()
threading.Thread(target=wait.wait).start()
print(copies_itself(), outcomes(work.marked_for, range(2)))
wait.set()
""")
    assert done.stderr == ""
    assert done.stdout.splitlines() == [
        "['as imported', 'as imported']",
        f"True {['changed here'] * 4}",
        str(
            [
                "16",
                "Failure(reason='its worker process ended by signal 11: Fatal",
                "Failure(reason='its worker process ended with exit code 7: i",
            ]
        ),
        "[True, True, True, True]",
        "False ['as imported', 'as imported']",
    ]


@_COPIES
def test_interrupted_while_it_copies_itself_a_process_searches_for_cycles_again() -> None:
    done = _output("""
import gc
import os
import signal
import engine_work as work
from genrescope.engine.alone import run_alone
from genrescope.engine.worker import allow_copies

allow_copies()
os.register_at_fork(after_in_parent=lambda: os.kill(os.getpid(), signal.SIGINT))
try:
    run_alone(work.square, 4)
except KeyboardInterrupt:
    print("interrupted,", gc.get_freeze_count(), "frozen")
""")
    assert done.stdout == "interrupted, 0 frozen\n"
