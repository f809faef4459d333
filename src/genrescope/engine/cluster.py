"""A Dask cluster: its scheduler hands the items to workers on any number of machines.

When a worker dies the scheduler runs its unfinished items elsewhere, so nothing is lost; an item
that takes down several workers in a row becomes a failure.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from importlib import import_module
from typing import Any

from genrescope.engine.attempt import Failure, Item, Result, attempt
from genrescope.errors import DataError, MissingExtraError, UsageError

_PATIENCE = 30  # seconds until a scheduler or its first worker must have responded
_TASKS_PER_THREAD = 4  # in flight: enough to keep a worker busy, few enough to hold here
_MOST_LOSSES = 3  # of one item's task, while the scheduler responds
_END: Any = object()


def map_cluster(
    function: Callable[[Item], Result], items: Iterator[Item], address: str
) -> Generator[tuple[Item, Result | Failure], None, None]:
    """`map_files` on the Dask scheduler at `address` (HOST:PORT)."""
    distributed = _import_distributed()
    with _connect(distributed, address) as client:
        flying: dict[str, tuple[Item, int]] = {}

        def send(item: Item, losses: int = 0) -> Any:
            future = client.submit(attempt, function, item, pure=False)
            flying[future.key] = item, losses
            return future

        def launch() -> list[Any]:
            """The next item's future, if there is a next item."""
            return [] if (item := next(items, _END)) is _END else [send(item)]

        room = _TASKS_PER_THREAD * sum(client.nthreads().values())
        futures = distributed.as_completed([future for _ in range(room) for future in launch()])
        for future in futures:
            item, losses = flying.pop(future.key)
            if _is_lost(future) and client.status == "running" and losses < _MOST_LOSSES:
                futures.add(send(item, losses + 1))  # the scheduler lives: its worker does not
                continue
            yield item, _outcome(distributed, future)
            for following in launch():
                futures.add(following)


def _import_distributed() -> Any:
    try:
        return import_module("distributed")
    except ImportError:
        raise MissingExtraError.of("cluster", "running on a Dask cluster") from None


def _connect(distributed: Any, address: str) -> Any:
    """A client of the scheduler at `address` that has at least one worker."""
    try:
        client = distributed.Client(f"tcp://{address}", timeout=_PATIENCE)
    except (OSError, ValueError) as error:
        raise UsageError(
            f"no Dask scheduler responds at {address}", remedy="start one with `dask scheduler`"
        ) from error
    try:
        client.wait_for_workers(1, timeout=_PATIENCE)
    except TimeoutError:
        client.close()
        raise UsageError(
            f"the Dask scheduler at {address} has no workers",
            remedy="start some with `dask worker`, one thread each",
        ) from None
    return client


def _is_lost(future: Any) -> bool:
    """Whether a task came to no end, for instance as its worker died with the result."""
    return future.status not in ("finished", "error")


def _outcome(distributed: Any, future: Any) -> Any:
    """A finished task's result, or the `Failure` that stands for it."""
    if future.status == "finished":
        return future.result()
    if future.status == "error":
        error = future.exception()
        if isinstance(error, distributed.KilledWorker):
            return Failure("it took down one worker after another")
        return Failure(f"{type(error).__name__}: {error}")
    raise DataError(
        "the Dask scheduler is gone", remedy="start it again; the same command goes on from here"
    )
