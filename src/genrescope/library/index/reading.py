"""Reading many files of a library in batches, in worker processes where there are many."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from genrescope.engine import Failure, map_files

BATCH = 128
"""Files that are read together: starting a task costs as much as reading a few."""

Item = TypeVar("Item")
Result = TypeVar("Result")


def read_in_batches(
    read: Callable[[Sequence[Item]], Result],
    items: Sequence[Item],
    jobs: int | None = None,
    *,
    few: int = BATCH,
) -> Iterator[tuple[Sequence[Item], Result | Failure]]:
    """Each batch of items with what reading it gave, as it is ready.

    Where a worker process went down, its items are read again, each as a batch of its own, so that
    the failure is that of the one file.

    Args:
        read: from a batch to what is known of it.
        items: files, or what stands for them.
        jobs: worker processes; by default one a core.
        few: items up to which all are read in this process.

    Raises:
        UsageError: fewer than one job.
    """
    batches = (items[start : start + BATCH] for start in range(0, len(items), BATCH))
    if len(items) <= few:
        yield from ((batch, read(batch)) for batch in batches)
        return
    for batch, found in map_files(read, batches, jobs=jobs):
        if isinstance(found, Failure):
            yield from map_files(read, ([item] for item in batch), jobs=1)
        else:
            yield batch, found
