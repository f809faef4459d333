"""Run a pure function over many items: worker processes here, or a Dask cluster.

The function takes one item and returns one result; it must be importable by name (no lambda), as
must everything it was bound to with `functools.partial`. Results come in the order in which they
are ready. An item that cannot be done yields a `Failure` in place of a result and stops nothing,
not even when it takes its worker process down.

Worker processes are started afresh (`spawn`), or are copies of a program that allows it. They do
not run the calling script again, unless the function or the items are its own: then it keeps its
work behind `if __name__ == "__main__":`, as with all of Python's multiprocessing.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable

from genrescope.engine.attempt import Failure, Item, Result
from genrescope.engine.worker import usable_cores
from genrescope.errors import UsageError

__all__ = ["Failure", "map_files", "usable_cores"]

_DASK = "dask://"


def map_files(
    function: Callable[[Item], Result],
    items: Iterable[Item],
    *,
    jobs: int | None = None,
    engine: str = "processes",
    timeout: float | None = None,
    prepare: Callable[[], object] | None = None,
    lone: bool = False,
    copied: bool = False,
) -> Generator[tuple[Item, Result | Failure], None, None]:
    """Apply `function` to every item, in parallel, and yield each as soon as it is done.

    Args:
        function: from an item to its result; raises a `GenrescopeError` for an item it cannot do.
        items: consumed as they are needed, so they may be a generator of any length.
        jobs: worker processes; by default as many as there are usable cores.
        engine: "processes", or "dask://HOST:PORT", the address of a Dask scheduler whose workers
            have genrescope installed and see the files under the same names.
        timeout: seconds after which an item is given up; worker processes only.
        prepare: called in each worker process before its first item, on a cluster here; a
            `GenrescopeError` that it raises ends the run.
        lone: whether there is one item only, whose worker process may take all cores.
        copied: whether worker processes may be copies of this one, where it allows that
            (`genrescope.engine.worker.allow_copies`): they have what it has imported.

    Yields:
        (item, result or `Failure`), in the order of completion.

    Raises:
        UsageError: an unknown engine, no scheduler there, or an option that does not fit.
        MissingExtraError: Dask is not installed.
        DataError: a worker process cannot start, or the cluster is gone.
        GenrescopeError: what `prepare` raised.
    """
    if jobs is not None and jobs < 1:
        raise UsageError(f"{jobs} jobs are too few", remedy="give 1 or more")
    if engine == "processes":
        from genrescope.engine.processes import map_processes

        count = jobs or usable_cores()
        return map_processes(function, iter(items), count, timeout, prepare, lone, copied)
    if not engine.startswith(_DASK):
        raise UsageError(f"no engine '{engine}'", remedy="give processes or dask://HOST:PORT")
    if timeout is not None:
        raise UsageError("a time limit is for worker processes only", remedy="leave it out")
    from genrescope.engine.cluster import map_cluster

    if prepare is not None:
        prepare()
    return map_cluster(function, iter(items), engine.removeprefix(_DASK))
