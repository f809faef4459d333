"""What a result keeps of its run: the command, with no place of the machine, and the machine."""

from __future__ import annotations

import os
import platform
import shlex
import sys
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any


def command_line(argv: Sequence[str] | None = None) -> str:
    """The command that runs this script, as its result keeps it.

    The folder of real data is `DIR`, a folder elsewhere `FOLDER`, and of a file elsewhere there is
    only the name. What lies below the folder that the command ran in stays as it was given.

    Args:
        argv: the script and its arguments; None: those of this process.
    """
    script, *given = sys.argv if argv is None else argv
    words = [part for word in given for part in _parts(word)]
    named = ["DIR" if last == "--shared" else _named(word) for last, word in pairwise(["", *words])]
    return shlex.join(["python", f"benchmarks/{Path(script).name}", *named])


def machine() -> dict[str, Any]:
    """The processor, its cores, and the versions of what takes the time."""
    import numpy as np  # late: scripts set the number of threads first
    import soundfile

    cpu = [line for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line]
    return {
        "cpu": cpu[0].split(":")[1].strip() if cpu else platform.processor(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "numpy": np.__version__,
        "soundfile": soundfile.__version__,
        "libsndfile": soundfile.__libsndfile_version__,
    }


def _parts(word: str) -> list[str]:
    """`--option=value` as two words."""
    return word.split("=", 1) if word.startswith("--") else [word]


def _named(word: str) -> str:
    path = Path(word)
    if not path.is_absolute() and ".." not in path.parts:
        return word
    return "FOLDER" if path.is_dir() else path.name
