"""Functions for worker processes: they must be importable by name."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from genrescope.engine import worker
from genrescope.errors import AudioError, UsageError


def square(number: int) -> int:
    return number * number


def troubled(number: int) -> int:
    """The square, but some numbers are trouble of one kind or another."""
    if number == 3:
        os._exit(7)
    if number == 5:
        os.kill(os.getpid(), signal.SIGKILL)
    if number == 7:
        raise AudioError("not audio", place="7", remedy="leave it out")
    if number == 9:
        raise ZeroDivisionError("a defect")
    if number == 11:
        raise FileNotFoundError(2, "No such file or directory", "11")
    if number == 13:
        ctypes.string_at(0)
    if number == 15:
        raise MemoryError
    return square(number)


def sleepy(seconds: float) -> float:
    time.sleep(seconds)
    return seconds


def after(wanted: tuple[str, str]) -> str:
    """The name of an item, once the file that it waits for is there."""
    name, file = wanted
    while not Path(file).exists():
        time.sleep(0.01)
    return name


def noisy(number: int) -> int:
    print("a decoder's complaint", file=sys.stderr, flush=True)
    return number


def numeric_threads(_: int) -> tuple[str | None, bool]:
    """The worker's environment, and whether numpy was loaded before it was set."""
    return os.environ.get("OPENBLAS_NUM_THREADS"), "numpy" in sys.modules


def page_faults(_: int) -> int:
    """How often memory is taken from the system in the second of two equal pieces of work."""
    import resource  # not on Windows

    counts = []
    for _ in range(2):
        blocks = [bytearray(6 << 20) for _ in range(3)]
        del blocks
        counts.append(resource.getrusage(resource.RUSAGE_SELF).ru_minflt)
    return counts[1] - counts[0]


def process_of(number: int) -> int:
    time.sleep(0.05)
    return os.getpid()


def troubled_a_little(number: int) -> int:
    """The square, slowly; but one number is no audio and one meets a defect."""
    time.sleep(0.02)
    return troubled(number) if number in {7, 9} else square(number)


def unprepared() -> None:
    raise UsageError("nothing to do it with")


def troubled_numbers(start: int) -> Iterator[int]:
    """The squares of all numbers from `start` on, up to the first that is trouble."""
    for number in range(start, 100):
        yield troubled(number)


def threads(_: int) -> int:
    return worker.numeric_threads()


mark = "as imported"


def marked() -> str:
    return mark


def marked_for(_: int) -> str:
    return mark
