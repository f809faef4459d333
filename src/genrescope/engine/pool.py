"""Worker processes that wait for work: for a program that runs on, such as a server."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import ExitStack
from multiprocessing.connection import wait
from queue import Empty, PriorityQueue
from typing import Any, Generic

from genrescope.engine.attempt import Failure, Item, Result
from genrescope.engine.worker import Worker
from genrescope.errors import DataError
from genrescope.files.scratch import scratch_folder

_LAST = 1 << 30


class WorkerPool(Generic[Item, Result]):
    """Runs a function on items as they come; see `genrescope.engine` on what a function may be.

    An item that takes its worker down, or takes too long, becomes a `Failure`; the next one gets a
    new worker. Processes are started when there is work for them, and stay.
    """

    def __init__(
        self, function: Callable[[Item], Result], *, jobs: int, timeout: float | None = None
    ) -> None:
        """Take a function, how many processes, and the seconds after which an item is given up."""
        self._function, self._timeout = function, timeout
        self._line: PriorityQueue[tuple[int, int, Any, Future[Any]]] = PriorityQueue()
        self._count = itertools.count()
        self._closed = threading.Event()
        self._workers: dict[int, Worker[Item]] = {}
        self._ending = ExitStack()
        self._folder = self._ending.enter_context(scratch_folder("genrescope-"))
        self._threads = [
            threading.Thread(target=self._serve, args=(number,), daemon=True)
            for number in range(jobs)
        ]
        for thread in self._threads:
            thread.start()

    def submit(self, item: Item, *, rank: int = 0) -> Future[Result | Failure]:
        """Queue an item; lower ranks come first, then the earliest.

        The future is cancelled where it was not begun when the pool is closed. It raises
        `DataError` where no worker process can start.
        """
        future: Future[Result | Failure] = Future()
        self._line.put((rank, next(self._count), item, future))
        if self._closed.is_set():
            future.cancel()
        return future

    @property
    def waiting(self) -> int:
        """How many items stand in line."""
        with self._line.mutex:
            return sum(not future.cancelled() for *_, future in self._line.queue)

    def close(self) -> None:
        """End all processes at once; what stands in line is cancelled."""
        self._closed.set()
        while True:
            try:
                self._line.get_nowait()[-1].cancel()
            except Empty:
                break
        for _ in self._threads:
            self._line.put((_LAST, next(self._count), None, Future()))
        while any(thread.is_alive() for thread in self._threads):
            for worker in list(self._workers.values()):
                worker.process.kill()  # its thread reads that it is dead, and goes on to the end
            for thread in self._threads:
                thread.join(0.1)
        self._ending.close()

    def _serve(self, number: int) -> None:
        """The loop of a thread: one item after another, through its worker."""
        while True:
            item, future = self._line.get()[2:]
            if self._closed.is_set():
                future.cancel()  # it was taken out of the line just before it was emptied
                break
            if future.set_running_or_notify_cancel():
                try:
                    future.set_result(self._run(number, item))
                except DataError as error:
                    future.set_exception(error)
        if number in self._workers:
            self._workers.pop(number).stop()

    def _run(self, number: int, item: Item) -> Result | Failure:
        worker = self._workers.get(number)
        if worker is None or not worker.process.is_alive():  # it may have been killed when idle
            worker = self._start(number, item)
        worker.give(item, self._timeout)
        result: Result | Failure = _receive(worker)
        if not worker.alive:
            self._workers.pop(number)
        return result

    def _start(self, number: int, item: Item) -> Worker[Item]:
        """A worker that is ready.

        Raises:
            DataError: it cannot start.
        """
        if number in self._workers:
            self._workers.pop(number).stop()
        worker = Worker(self._function, self._folder / f"{number}.log", item)
        self._workers[number] = worker
        try:
            _receive(worker)
        except DataError:
            self._workers.pop(number).stop()
            raise
        worker.ready = True
        return worker


def _receive(worker: Worker[Any]) -> Any:
    """What the worker sends next, once it does or is out of time."""
    left = None if worker.deadline is None else max(0.0, worker.deadline - time.monotonic())
    wait([worker.connection], left)
    return worker.receive()
