"""Ctrl-C, kept waiting where it would do harm."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Ctrl-C waits until the end of what would not survive it, or would hide it.

    A process that received half of its task complains in the terminal; an extension module that is
    being imported makes an ImportError of the interrupt.

    A process started inside inherits that the signal is blocked, so it does not complain either
    before it has come to ignore it.
    """
    if threading.current_thread() is not threading.main_thread():
        yield  # the signal is the main thread's
        return
    pressed: list[int] = []
    handler = signal.signal(signal.SIGINT, lambda number, _: pressed.append(number))
    masked = hasattr(signal, "pthread_sigmask")
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT}) if masked else None
    try:
        yield
    finally:
        if before is not None:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        signal.signal(signal.SIGINT, handler or signal.SIG_DFL)
    if pressed:
        signal.raise_signal(signal.SIGINT)
