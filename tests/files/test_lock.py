"""Locks between real processes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from genrescope.files.lock import ProcessLock, lock_beside

HOLDING = Path(__file__).parent / "holding.py"


def holder(path: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, str(HOLDING), str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_one_process_at_a_time_and_no_file_is_left(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with holder(path) as first:
        assert first.stdout.readline() == "True\n"
        lock = ProcessLock(path)
        assert not lock.take()
        with holder(path) as second:
            assert second.communicate("\n")[0] == "False\n"
        first.communicate("\n")
    assert list(tmp_path.iterdir()) == []
    assert lock.take()
    lock.release()
    assert list(tmp_path.iterdir()) == []


def test_a_killed_process_locks_nobody_out(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with holder(path) as first:
        assert first.stdout.readline() == "True\n"
        first.kill()
    lock = ProcessLock(path)
    assert lock.take()
    lock.release()
    assert list(tmp_path.iterdir()) == []


def test_a_lock_whose_file_was_removed_is_taken_again(tmp_path: Path) -> None:
    lock = lock_beside(tmp_path / "results.jsonl")
    assert lock.take()
    assert not lock_beside(tmp_path / "results.jsonl").take()
    assert [path.name for path in tmp_path.iterdir()] == [".results.jsonl.lock"]
    lock.release()
    lock.release()  # once more does nothing
    assert lock.take()
    lock.release()
