"""Watch a library: take in what comes, once it is complete."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from genrescope.library.index.database import FileState, Index
from genrescope.library.index.scan import Changes, compare, update


def watch(
    index: Index,
    act: Callable[[Changes], None],
    *,
    interval: float = 30.0,
    hidden: bool = False,
    wait: Callable[[float], None] = time.sleep,
) -> None:
    """Look again and again, without end; a file is taken in when two looks find it the same.

    So a file that is still being copied or recorded is left alone, and stops no other.

    Args:
        index: of the library.
        act: called after each look that changed the index.
        interval: seconds between two looks.
        hidden: see `genrescope.library.index.scan.scan`.
        wait: how to wait so many seconds.
    """
    before: frozenset[FileState] = frozenset()
    while True:
        seen = compare(index, hidden=hidden)
        complete = [state for state in seen.unread if state in before]
        before = frozenset(seen.unread)
        if complete or seen.gone:
            act(update(index, replace(seen, unread=complete)))
        wait(interval)
