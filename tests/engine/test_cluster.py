from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import engine_work as work
import numpy as np
import pytest
import soundfile

from children import child
from genrescope.engine import Failure, map_files
from genrescope.errors import UsageError
from genrescope.extraction.batch import Progress, extract_files
from genrescope.extraction.request import Request

pytest.importorskip("distributed")


@pytest.fixture
def cluster(tmp_path) -> Iterator[tuple[str, list[subprocess.Popen[str]]]]:
    """The address of a real scheduler, and its two workers, each a process of its own."""
    environment = os.environ | {
        "PYTHONPATH": str(Path(__file__).parent),
        "OPENBLAS_NUM_THREADS": "1",  # as Dask's nanny sets it
    }

    options = {
        "stderr": subprocess.PIPE,
        "stdout": subprocess.DEVNULL,
        "text": True,
        "env": environment,
        "cwd": tmp_path,
    }
    with ExitStack() as stack:

        def start(*arguments: str) -> subprocess.Popen[str]:
            command = [sys.executable, "-m", "dask", *arguments]
            return stack.enter_context(child(command, **options))

        scheduler = start("scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard")
        line = next(line for line in scheduler.stderr if "Scheduler at:" in line)
        address = line.split("tcp://")[1].strip()
        words = ("--nthreads", "1", "--no-nanny", "--no-dashboard", "--death-timeout", "60")
        yield address, [start("worker", f"tcp://{address}", *words) for _ in range(2)]


@pytest.mark.slow
def test_a_cluster_that_loses_a_worker_midway_still_does_everything(cluster):
    address, workers = cluster
    results = map_files(work.troubled_a_little, range(100), engine=f"dask://{address}")
    done = dict(next(results) for _ in range(20))
    workers[0].kill()
    done |= dict(results)

    assert sorted(done) == list(range(100))
    assert {n: r for n, r in done.items() if n not in {7, 9}} == {
        n: n * n for n in range(100) if n not in {7, 9}
    }
    assert done[7] == Failure("not audio", "leave it out")
    assert done[9] == Failure("ZeroDivisionError: a defect")


@pytest.mark.slow
def test_a_cluster_extracts_what_processes_here_extract(cluster, tmp_path):
    address, workers = cluster
    files = [tmp_path / f"{number}.wav" for number in range(30)]
    rng = np.random.default_rng(1)
    for file in files:
        soundfile.write(file, rng.integers(-900, 900, 22050 * 7, dtype=np.int16), 22050)
    files[7].write_bytes(b"")
    request = Request(("rh", "jmir_lpc"))

    def kill_one(progress: Progress) -> None:
        if progress.done == 8:
            workers[0].kill()

    here = extract_files(files, tmp_path / "here", request, jobs=2)
    there = extract_files(
        files, tmp_path / "there", request, engine=f"dask://{address}", progress=kill_one
    )

    assert workers[0].poll() is not None
    assert here == there
    for name in ("rh/matrix.npy", "jmir_lpc/matrix.npy", "failures.csv", "extraction.json"):
        assert (tmp_path / "here" / name).read_bytes() == (tmp_path / "there" / name).read_bytes()


def test_no_scheduler_is_an_error(monkeypatch):
    monkeypatch.setattr("genrescope.engine.cluster._PATIENCE", 0.5)

    with pytest.raises(UsageError, match="no Dask scheduler responds"):
        next(map_files(work.square, [1], engine="dask://127.0.0.1:9"))
