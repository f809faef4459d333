"""Many clients at once: none may fail, the page must respond, and memory stay bounded.

    python benchmarks/web.py SONG... --clients 50 --output benchmarks/results/web.json

starts `genrescope serve` on this machine and lets each client classify one of the songs at the same
moment, while another, in a process of its own, loads the page and requests the status again and
again.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import multiprocessing
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np

from genrescope.files.atomic import write_atomic
from genrescope.version import __version__
from provenance import command_line

_PATIENCE = 600  # seconds that a client waits for its response
_PAUSE = 0.1  # seconds between two looks at the page
_MIB = 1 << 20


def main() -> None:
    options = _options()
    with _serving(options) as (url, process):
        memory = _Memory(process.pid)
        memory.start()
        found = asyncio.run(_measure(url, options))
        found["memory"] = memory.stop()
    found = {
        "command": command_line(),
        "version": __version__,
        "cores": len(os.sched_getaffinity(0)),
        "load_before": [round(value, 2) for value in options.load],
        **found,
    }
    print(json.dumps(found, indent=1))
    if options.output is not None:
        write_atomic(options.output, (json.dumps(found, indent=1) + "\n").encode())


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("songs", nargs="+", type=Path)
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--rounds", type=int, default=1, help="songs that each client sends")
    parser.add_argument("--model")
    parser.add_argument("--output", type=Path)
    options = parser.parse_args()
    options.load = os.getloadavg()
    return options


@contextlib.contextmanager
def _serving(options: argparse.Namespace) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    command = [sys.executable, "-m", "genrescope", "serve", "--port", "0", "--no-browser"]
    command += ["--model", options.model] if options.model else []
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield process.stdout.readline().split()[2], process
    finally:
        process.terminate()
        process.wait(60)


async def _measure(url: str, options: argparse.Namespace) -> dict[str, Any]:
    songs = [path.read_bytes() for path in options.songs]
    limits = httpx.Limits(max_connections=None)
    async with httpx.AsyncClient(base_url=url, timeout=_PATIENCE, limits=limits) as client:
        model = await _first(client, songs[0])
        clients = [
            httpx.AsyncClient(base_url=url, timeout=_PATIENCE) for _ in range(options.clients)
        ]
        quiet = _Looking(url)
        await asyncio.sleep(5)
        before = quiet.stop()
        looking = _Looking(url)
        await asyncio.sleep(2)
        start = time.perf_counter()
        requests = (
            _post(one, songs[n % len(songs)], options.rounds) for n, one in enumerate(clients)
        )
        responses = [item for found in await asyncio.gather(*requests) for item in found]
        took = time.perf_counter() - start
        busy = looking.stop()
    good = [seconds for seconds, failure in responses if failure is None]
    return {
        "model": model,
        "clients": options.clients,
        "songs": len(responses),
        "failures": [failure for _, failure in responses if failure is not None],
        "seconds": round(took, 2),
        "songs_a_second": round(len(good) / took, 2),
        "answer_seconds": _spread(good),
        "page_milliseconds_before": _spread(before, 1000),
        "page_milliseconds_meanwhile": _spread(busy, 1000),
    }


async def _first(client: httpx.AsyncClient, song: bytes) -> str:
    """Wait until the server and its model are ready; the model's name."""
    response = await client.post("/api/classify", files={"file": song})
    response.raise_for_status()
    return str(response.json()["model"])


async def _post(
    client: httpx.AsyncClient, song: bytes, rounds: int
) -> list[tuple[float, str | None]]:
    """A client that has a connection of its own: seconds and failure of each song."""
    found = []
    for _ in range(rounds):
        start = time.perf_counter()
        failure = None
        try:
            response = await client.post("/api/classify", files={"file": ("song", song)})
            if response.status_code != 200:
                failure = f"{response.status_code}: {response.text[:200]}"
        except httpx.HTTPError as error:
            failure = repr(error)
        found.append((time.perf_counter() - start, failure))
    await client.aclose()
    return found


class _Looking:
    """Seconds that the page and the status take, each time, as another process measures them."""

    def __init__(self, url: str) -> None:
        here = multiprocessing.get_context("spawn")
        self._over, self._found = here.Event(), here.SimpleQueue()
        self._process = here.Process(target=_look, args=(url, self._over, self._found))
        self._process.start()

    def stop(self) -> list[float]:
        self._over.set()
        found: list[float] = self._found.get()
        self._process.join()
        return found


def _look(url: str, over: Any, response: Any) -> None:
    found = []
    with httpx.Client(base_url=url, timeout=_PATIENCE) as client:
        while not over.wait(_PAUSE):
            for path in ("/", "/api/status"):
                start = time.perf_counter()
                client.get(path).raise_for_status()
                found.append(time.perf_counter() - start)
    response.put(found)


def _spread(values: list[float], factor: float = 1.0) -> dict[str, float]:
    if not values:
        return {}
    found = np.quantile(np.array(values) * factor, (0.5, 0.95, 1.0))
    return dict(zip(("median", "p95", "most"), found.round(2).tolist(), strict=True))


class _Memory(threading.Thread):
    """Peak memory of the server and of all its workers together, read ten times a second."""

    def __init__(self, process: int) -> None:
        super().__init__(daemon=True)
        self._process, self._over = process, threading.Event()
        self._most = {"server_mib": 0.0, "workers_mib": 0.0, "together_mib": 0.0}

    def run(self) -> None:
        while not self._over.wait(0.1):
            server = _status(self._process, "VmRSS:")
            workers = sum(_status(child, "VmRSS:") for child in _children(self._process))
            values = (server, workers, server + workers)
            for name, value in zip(self._most, values, strict=True):
                self._most[name] = max(self._most[name], value)

    def stop(self) -> dict[str, float]:
        """Also the peaks that the system kept itself (VmHWM)."""
        self._over.set()
        self.join()
        workers = [_status(child, "VmHWM:") for child in _children(self._process)]
        kept = {
            "server_peak_mib": _status(self._process, "VmHWM:"),
            "worker_peak_mib": max(workers, default=0.0),
        }
        return {name: round(value, 1) for name, value in (self._most | kept).items()}


def _status(process: int, name: str) -> float:
    """A value of /proc/PID/status in MiB; 0 where the process is gone."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{process}/status").read_text().splitlines():
            if line.startswith(name):
                return int(line.split()[1]) * 1024 / _MIB
    return 0.0


def _children(process: int) -> list[int]:
    found: list[int] = []
    for folder in Path(f"/proc/{process}/task").glob("*"):
        with contextlib.suppress(OSError):
            found += map(int, (folder / "children").read_text().split())
    return found


if __name__ == "__main__":
    main()
