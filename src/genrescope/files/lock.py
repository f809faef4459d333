"""A lock that goes with the process: no lock is left behind by a killed one."""

from __future__ import annotations


def take_lock(descriptor: int) -> bool:
    """Lock an open file or folder against other processes; False where another one has it.

    On Windows, which has no such lock, it is always taken: there a second writer fails when it
    replaces files that are open.
    """
    try:
        import fcntl
    except ImportError:
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
