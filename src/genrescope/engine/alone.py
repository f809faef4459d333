"""One thing done in a process of its own, so that a crash of native code ends that thing alone."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from functools import partial
from itertools import repeat
from typing import Any, Generic

from genrescope.engine.attempt import Failure, Item, Result
from genrescope.engine.pool import WorkerPool
from genrescope.engine.processes import map_processes
from genrescope.errors import AudioError, GenrescopeError

Place = str | os.PathLike[str] | None


def run_alone(function: Callable[..., Result], *arguments: Any, place: Place = None) -> Result:
    """What `function(*arguments)` returns, or raises, computed in a worker process.

    Args:
        function: importable by name.
        arguments: what it takes; they and the result are pickled.
        place: the file that a crash is to be blamed on.

    Raises:
        AudioError: the process crashed, or the function met what it did not expect.
        GenrescopeError: what the function raised.
    """
    work = partial(_tried, function)
    with closing(
        map_processes(work, iter([arguments]), 1, None, lone=True, copied=True)
    ) as outcomes:
        result: Result = _result(next(outcomes)[1], place)
    return result


def iterate_alone(
    function: Callable[..., Iterator[Result]], *arguments: Any, place: Place = None
) -> Generator[Result, None, None]:
    """What `function(*arguments)` yields, each as soon as it is there; see `run_alone`."""
    work = _Steps(function, arguments)
    with closing(map_processes(work, repeat(()), 1, None, lone=True, copied=True)) as outcomes:
        for _, outcome in outcomes:
            if (found := _result(outcome, place)) == ():
                return
            yield found[0]


class Isolated(Generic[Item, Result]):
    """A function whose every call is made in a worker process, which stays for the next call.

    A context manager; see `run_alone`. A call whose process crashes raises, the next one gets a new
    process. Several threads may call it at once.
    """

    def __init__(self, function: Callable[[Item], Result], *, jobs: int = 1) -> None:
        """Take a function that is importable by name, and how many processes there may be."""
        self._pool: WorkerPool[tuple[Item], Any] = WorkerPool(partial(_tried, function), jobs=jobs)

    def __call__(self, item: Item, *, place: Place = None) -> Result:
        """What the function gives for an item; `place` is the file that a crash is blamed on."""
        outcome = self._pool.submit((item,)).result()
        result: Result = _result(outcome, place)
        return result

    def __enter__(self) -> Isolated[Item, Result]:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the processes."""
        self._pool.close()


class _Steps:
    """Called again and again in one worker: the next value in a tuple, an empty one at the end."""

    def __init__(self, function: Callable[..., Iterator[Any]], arguments: tuple[Any, ...]) -> None:
        self._function, self._arguments = function, arguments
        self._values: Iterator[Any] | None = None

    def __call__(self, _: tuple[()]) -> Any:
        return _tried(self._next, ())

    def _next(self) -> tuple[Any, ...]:
        if self._values is None:
            self._values = iter(self._function(*self._arguments))
        return next(((value,) for value in self._values), ())


def _tried(function: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
    """The result, or the error that is to be raised in the parent."""
    try:
        return function(*arguments)
    except GenrescopeError as error:
        return error


def _result(outcome: Any, place: Place) -> Any:
    if isinstance(outcome, GenrescopeError):
        raise outcome
    if isinstance(outcome, Failure):
        where = None if place is None else os.fspath(place)
        raise AudioError(outcome.reason, place=where, remedy=outcome.remedy)
    return outcome
