"""`genrescope data download`, run as users run it."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from unruly_server import Served, serving

LABELS = b"TRA\tJazz\n"
STEM = "msd-topMAGD-genreAssignment"


COMMAND = (sys.executable, "-m", "genrescope", "data", "download")


def _run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [*COMMAND, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_done_then_already_there(tmp_path: Path) -> None:
    with serving({f"/partitions/{STEM}.cls": Served(LABELS, break_after=[2])}) as base:
        arguments = ("--what", "topMAGD", "--base-url", base, "--output", tmp_path / "msd")
        first, second = _run(*arguments), _run(*arguments)
    assert first.returncode == 0, first.stderr
    assert "1 fetched, 0 already there, 0 failed" in first.stdout
    assert f"{STEM}: {len(LABELS)} bytes" in first.stderr
    assert "0 fetched, 1 already there, 0 failed" in second.stdout
    assert (tmp_path / "msd" / f"{STEM}.cls").read_bytes() == LABELS


def test_a_failure_gives_3_and_the_others_come(tmp_path: Path) -> None:
    (tmp_path / f"{STEM}.cls").write_bytes(LABELS)
    run = _run("--what", "topMAGD,MAGD", "--from", tmp_path, "--output", tmp_path / "msd")
    assert run.returncode == 3
    assert "1 fetched, 0 already there, 1 failed" in run.stdout
    assert "msd-MAGD-genreAssignment: failed" in run.stderr
    assert "Traceback" not in run.stderr


def test_wrong_use_gives_2(tmp_path: Path) -> None:
    run = _run("--what", "everything", "--output", tmp_path)
    assert run.returncode == 2
    assert "nothing is called 'everything'" in run.stderr
    assert "Traceback" not in run.stderr


@pytest.mark.slow
def test_killed_midway_it_goes_on_where_it_was(tmp_path: Path) -> None:
    body = b"TRA\tJazz\n" * 100_000
    served = Served(body, hold_after=600_000)
    part = tmp_path / f"{STEM}.cls.part"
    with serving({f"/partitions/{STEM}.cls": served}) as base:
        arguments = ("--what", "topMAGD", "--base-url", base, "--output", str(tmp_path))
        process = subprocess.Popen([*COMMAND, *arguments], stderr=subprocess.DEVNULL)
        try:
            deadline = time.monotonic() + 30
            while not (part.exists() and part.stat().st_size) and time.monotonic() < deadline:
                time.sleep(0.02)
        finally:
            process.kill()
            process.wait()
            served.release.set()
        kept = part.stat().st_size
        run = _run(*arguments)
    assert run.returncode == 0, run.stderr
    assert 0 < kept <= 600_000
    assert served.requests[-1]["Range"] == f"bytes={kept}-"
    assert (tmp_path / f"{STEM}.cls").read_bytes() == body
