"""`genrescope data download`, run as users run it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from children import child, wait_until
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


def test_several_names_may_follow_the_option(tmp_path: Path) -> None:
    for stem in (STEM, "msd-MAGD-genreAssignment"):
        (tmp_path / f"{stem}.cls").write_bytes(LABELS)
    run = _run("--what", "topMAGD", "MAGD", "--from", tmp_path, "--output", tmp_path / "msd")
    assert run.returncode == 0, run.stderr
    assert "2 fetched, 0 already there, 0 failed" in run.stdout


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
        with child([*COMMAND, *arguments], stderr=subprocess.DEVNULL):
            wait_until(lambda: part.exists() and part.stat().st_size > 0)
        served.release.set()
        kept = part.stat().st_size
        run = _run(*arguments)
    assert run.returncode == 0, run.stderr
    assert 0 < kept <= 600_000
    assert served.requests[-1]["Range"] == f"bytes={kept}-"
    assert (tmp_path / f"{STEM}.cls").read_bytes() == body
