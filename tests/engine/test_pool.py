"""Workers that wait for work: order, deaths, limits of time, and the end."""

from __future__ import annotations

import os
import signal
from concurrent.futures import wait
from multiprocessing import spawn

import engine_work as work
import pytest

from children import is_running, wait_until
from genrescope.engine import Failure
from genrescope.engine.pool import WorkerPool
from genrescope.errors import DataError


def test_results_come_as_they_are_ready_and_workers_stay():
    pool = WorkerPool(work.process_of, jobs=2)
    first = {pool.submit(n).result(60) for n in range(6)}
    assert 1 <= len(first) <= 2
    assert os.getpid() not in first
    assert {pool.submit(n).result(60) for n in range(4)} <= first
    pool.close()


def test_lower_ranks_come_first(tmp_path):
    gate = tmp_path / "gate"
    pool = WorkerPool(work.after, jobs=1)
    order: list[str] = []
    futures = [pool.submit(("the worker is busy", str(gate)))]
    wait_until(futures[0].running)
    for name, rank in (("second", 1), ("third", 1), ("first", 0)):
        futures.append(pool.submit((name, str(gate)), rank=rank))
        futures[-1].add_done_callback(lambda found: order.append(found.result()))
    gate.touch()
    wait(futures, 60)
    assert order == ["first", "second", "third"]
    pool.close()


def test_a_worker_that_dies_costs_its_item_only():
    pool = WorkerPool(work.troubled, jobs=1)
    outcomes = [pool.submit(number).result(60) for number in (3, 4, 5, 6, 7, 8)]
    pool.close()
    assert outcomes[1::2] == [16, 36, 64]
    ended, killed, refused = outcomes[::2]
    assert "exit code 7" in ended.reason
    assert "killed" in killed.reason
    assert refused == Failure("not audio", "leave it out")


def test_a_worker_that_was_killed_while_it_waited_costs_nothing():
    pool = WorkerPool(work.process_of, jobs=1)
    worker = pool.submit(0).result(60)
    os.kill(worker, signal.SIGKILL)
    wait_until(lambda: not is_running(worker))
    assert pool.submit(1).result(60) not in (worker, os.getpid())
    pool.close()


def test_what_takes_too_long_is_given_up():
    pool = WorkerPool(work.sleepy, jobs=1, timeout=0.5)
    found = pool.submit(60).result(60)
    assert isinstance(found, Failure)
    assert "time limit" in found.reason
    again = (pool.submit(0).result(60) for _ in range(60))  # a busy machine may be late once more
    assert any(result == 0 for result in again)
    pool.close()


def test_the_end_comes_at_once():
    pool = WorkerPool(work.sleepy, jobs=1)
    running, waiting = pool.submit(600), pool.submit(600)
    wait_until(running.running)
    assert pool.waiting == 1
    pool.close()
    assert waiting.cancelled()
    assert running.done()
    assert pool.submit(1).cancelled()


def test_what_a_thread_takes_while_the_pool_ends_is_cancelled(tmp_path):
    """Whoever waits for it, such as a server that ends, would wait for ever."""
    gate = tmp_path / "gate"
    pool = WorkerPool(work.after, jobs=1)
    busy, second, third = (pool.submit((name, str(gate))) for name in ("busy", "second", "third"))
    wait_until(busy.running)

    def end_the_first(_: object) -> None:
        gate.touch()
        wait_until(lambda: pool.waiting == 0)  # its thread has gone on to the third

    second.add_done_callback(end_the_first)
    pool.close()
    assert busy.result() == "busy"
    assert second.cancelled()
    assert third.cancelled()


def test_that_no_worker_can_start_is_an_error():
    before = spawn.get_executable()
    spawn.set_executable("/bin/false")
    pool = WorkerPool(work.square, jobs=1)
    try:
        with pytest.raises(DataError, match="cannot start"):
            pool.submit(1).result(60)
    finally:
        spawn.set_executable(before)
    assert pool.submit(3).result(60) == 9
    pool.close()
