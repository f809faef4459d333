"""Take a lock in a process of its own, print that, and keep it until a line comes."""

from __future__ import annotations

import sys
from pathlib import Path

from genrescope.files.lock import ProcessLock

lock = ProcessLock(Path(sys.argv[1]))
print(lock.take(), flush=True)
sys.stdin.readline()
lock.release()
