"""Workers that wait for work: order, deaths, limits of time, and the end."""

from __future__ import annotations

import os
import signal
import time
from concurrent.futures import wait
from multiprocessing import spawn
from pathlib import Path

import engine_work as work
import pytest

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


def test_lower_ranks_come_first():
    pool = WorkerPool(work.sleepy, jobs=1)
    busy = pool.submit(0.3)
    order: list[float] = []
    futures = []
    for seconds, rank in ((0.02, 1), (0.03, 1), (0.01, 0)):
        future = pool.submit(seconds, rank=rank)
        future.add_done_callback(lambda found: order.append(found.result()))
        futures.append(future)
    wait([busy, *futures], 60)
    assert order == [0.01, 0.02, 0.03]
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
    while Path(f"/proc/{worker}").exists() and _state(worker) != "Z":
        time.sleep(0.01)
    assert pool.submit(1).result(60) not in (worker, os.getpid())
    pool.close()


def test_what_takes_too_long_is_given_up():
    pool = WorkerPool(work.sleepy, jobs=1, timeout=0.5)
    found = pool.submit(60).result(60)
    assert isinstance(found, Failure)
    assert "time limit" in found.reason
    assert pool.submit(0).result(60) == 0
    pool.close()


def test_the_end_comes_at_once():
    pool = WorkerPool(work.sleepy, jobs=1)
    running, waiting = pool.submit(600), pool.submit(600)
    while not running.running():
        time.sleep(0.01)
    assert pool.waiting == 1
    start = time.monotonic()
    pool.close()
    assert time.monotonic() - start < 60
    assert waiting.cancelled()
    assert running.done()
    assert pool.submit(1).cancelled()


def test_that_no_worker_can_start_is_told():
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


def _state(process: int) -> str:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return "Z"
