"""Many items over worker processes on this machine."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Generator, Iterator
from functools import partial
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any

from genrescope.engine.attempt import Failure, Item, Result
from genrescope.engine.worker import Worker
from genrescope.files.scratch import scratch_folder

_END: Any = object()


def map_processes(
    function: Callable[[Item], Result],
    items: Iterator[Item],
    jobs: int,
    timeout: float | None,
    prepare: Callable[[], object] | None = None,
    lone: bool = False,
    copied: bool = False,
) -> Generator[tuple[Item, Result | Failure], None, None]:
    """`map_files` with at most `jobs` worker processes, started as there is work for them."""
    start = partial(Worker, function, prepare=prepare, lone=lone, copied=copied)
    results = _results(start, items, jobs, timeout)
    next(results)  # the first processes start at once
    return results


def _results(
    start: Callable[[Path, Item], Worker[Item]], items: Iterator[Item], jobs: int, timeout: Any
) -> Generator[Any, None, None]:
    """Nothing, when the first workers are started, then what comes of each item."""
    pool: list[Worker[Item]] = []
    with scratch_folder("genrescope-") as folder:
        logs = (folder / f"{number}.log" for number in range(sys.maxsize))
        try:
            begun = False
            while True:
                while len(pool) < jobs and (item := next(items, _END)) is not _END:
                    pool.append(start(next(logs), item))
                if not begun:
                    begun = True
                    yield
                if not pool:
                    return
                for worker in _awaited(pool):
                    yield from _step(worker, pool, items, timeout)
        finally:
            for worker in pool:
                worker.stop()


def _awaited(pool: list[Worker[Item]]) -> list[Worker[Item]]:
    """The workers that have sent something or are out of time; waits for at least one."""
    deadlines = [worker.deadline for worker in pool if worker.deadline is not None]
    patience = max(0.0, min(deadlines) - time.monotonic()) if deadlines else None
    ready = set(wait([worker.connection for worker in pool], patience))
    now = time.monotonic()
    return [
        worker
        for worker in pool
        if worker.connection in ready or (worker.deadline is not None and worker.deadline <= now)
    ]


def _step(
    worker: Worker[Item], pool: list[Worker[Item]], items: Iterator[Item], timeout: float | None
) -> Generator[tuple[Item, Any], None, None]:
    """Take one worker's result; give it the next item, or let it go if there is none."""
    result = worker.receive()
    if not worker.ready:  # this was its first message
        worker.ready = True
        worker.give(worker.item, timeout)
        return
    done = worker.item
    if worker.alive and (item := next(items, _END)) is not _END:
        worker.give(item, timeout)
    else:
        pool.remove(worker)
        if worker.alive:
            worker.stop()
    yield done, result
