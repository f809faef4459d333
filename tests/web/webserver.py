"""A real server in a process of its own, and songs for it."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import soundfile

from children import child
from toymodel import song

START = 120  # seconds within which a server responds, on a machine that is busy


@dataclass
class Served:
    """A server that runs."""

    url: str
    process: subprocess.Popen[str]
    home: Path

    @property
    def port(self) -> int:
        return int(self.url.split("/")[2].rpartition(":")[2])


# What `genrescope serve` runs, with limits that it has no options for.
_LIMITED = """
import json, sys
from genrescope.web.run import run
from genrescope.web.settings import Limits, Settings
limits = Limits(**json.loads(sys.argv[1]))
run(Settings(port=0, model="toy", jobs=2, limits=limits), report=print, browser=False)
"""


@contextmanager
def serving(
    home: Path, *arguments: str, limits: dict[str, float] | None = None, **variables: str
) -> Iterator[Served]:
    """`genrescope serve` with its data below `home`; ends it.

    With `limits`, by name of `Limits`, arguments are not looked at.
    """
    (home / "temporary").mkdir(parents=True, exist_ok=True)
    places = {
        "GENRESCOPE_MODELS": str(home / "models"),
        "GENRESCOPE_JOURNAL": str(home / "journal"),
        "XDG_DATA_HOME": str(home / "data"),
        "TMPDIR": str(home / "temporary"),
        "PYTHONUNBUFFERED": "1",
    }
    command = [sys.executable, "-m", "genrescope", "serve", "--port", "0", "--no-browser"]
    options = {"stdout": subprocess.PIPE, "text": True, "env": os.environ | places | variables}
    command += ["--model", "toy", "--jobs", "2", *arguments]
    if limits is not None:
        command = [sys.executable, "-c", _LIMITED, json.dumps(limits)]
    with (home / "log").open("w") as log, child(command, stderr=log, **options) as process:
        line = process.stdout.readline()
        assert line.startswith("Serving at "), (home / "log").read_text()
        try:
            yield Served(line.split()[2], process, home)
        finally:
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(30)


@contextmanager
def opened(home: Path, *arguments: str) -> Iterator[httpx.Client]:
    """A client of a server of its own."""
    with (
        serving(home, *arguments) as found,
        httpx.Client(base_url=found.url, timeout=START) as client,
    ):
        yield client


def waited(client: httpx.Client, job: dict[str, Any], seconds: float = 120) -> dict[str, Any]:
    """A job when it is over."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = client.get(f"/api/jobs/{job['id']}").json()
        if found["state"] not in ("waiting", "running"):
            return found
        time.sleep(0.05)
    raise AssertionError(f"not over: {found}")


def write_wav(path: Path, seconds: float = 8.0, seed: int = 3, rate: int = 22050) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, song(seconds, rate, seed=seed), rate)
    return path
