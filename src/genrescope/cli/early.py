"""The worker process of a command on one file, started before the command itself is imported.

Parsing a command line takes as long to import as hearing a song does; so both are done at once.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

_COMMANDS = frozenset({"classify", "explain"})
_MODULES = ("genrescope.inference.song", "genrescope.inference.collection", "onnxruntime")


def start_early(arguments: Sequence[str]) -> None:
    """Start a worker if the command line, the program's name first, names one file to decode."""
    if not _COMMANDS.intersection(arguments[1:2]):
        return
    files = [name for name in arguments[2:] if os.path.isfile(name)]  # noqa: PTH113 - light
    if len(files) == 1:
        from genrescope.engine.worker import start_spare, usable_cores

        start_spare(_MODULES, usable_cores())
