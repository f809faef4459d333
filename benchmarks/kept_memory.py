"""Measured as in a worker: this process with one thread, which keeps its memory."""

from __future__ import annotations

import os
import sys

from genrescope.engine.worker import KEPT_MEMORY


def keep_memory() -> None:
    """Starts the script again, if need be: allocator and NumPy read these settings at the start."""
    if not KEPT_MEMORY.items() <= os.environ.items():
        one = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
        os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, **one, **KEPT_MEMORY})
