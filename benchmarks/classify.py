"""What classification costs: a cold start, and full-length songs a second with each bundled model.

    python benchmarks/classify.py --shared DIR

DIR holds `data/gtzan_audio`, from whose clips full-length songs are made in a temporary folder:
four minutes of 44.1 kHz stereo MP3 at 192 kbit/s. A model whose networks are not installed
(`genrescope models add`) is left out. Seconds of the clock suffer from what else the machine does
(see the load average), those of the processor hardly do.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from extraction import link, make_song
from genrescope.backbones.family import missing_networks
from genrescope.files.atomic import write_atomic
from genrescope.inference.model import GenreModel
from genrescope.sources import networks_among
from provenance import command_line, machine

RESULT = Path(__file__).parent / "results" / "classify.json"
WANTED = {"cold start, s": 1.5, "songs/s": {"descriptors": 25, "audioset": 12, "full": 5}}
HEAVY = ("keras", "tensorflow", "jax", "torch", "sklearn", "polars", "matplotlib", "scipy")
_STARTS = 7
_SECONDS = 240  # of a song
_SONGS = {"descriptors": 200, "audioset": 120, "musicnn": 60, "full": 60}
_SHORT = 4  # songs whose time is taken off: starting the workers is not classifying


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--shared", type=Path, required=True, help="folder with data/gtzan_audio")
    options = parser.parse_args()
    clips = sorted((options.shared / "data/gtzan_audio").glob("*.flac"))
    models = [name for name in _SONGS if _is_ready(name)]
    with tempfile.TemporaryDirectory(prefix="genrescope-benchmark-") as folder:
        song = make_song(Path(folder) / "song.mp3", clips, _SECONDS)
        measured = {name: measure(name, song, Path(folder)) for name in models}
    result = {
        "command": command_line(),
        "machine": machine(),
        "load average, 15 minutes": round(os.getloadavg()[2], 1),
        "wanted": WANTED,
        "loaded of what is heavy": loaded_modules(clips[0]),
        **measured,
    }
    write_atomic(RESULT, (json.dumps(result, indent=1) + "\n").encode())
    print(json.dumps(result, indent=1))


def _is_ready(model: str) -> bool:
    """Whether the networks that a model needs are installed."""
    needed = networks_among(GenreModel.load(model).card.inputs)
    return not missing_networks(network.name for network in needed)


def measure(model: str, song: Path, folder: Path) -> dict[str, Any]:
    """Times of one model, each of a process of its own."""
    starts = [timed(model, [song]) for _ in range(_STARTS)]
    songs = [link(song, folder / f"{model}-{number}.mp3") for number in range(_SONGS[model])]
    few, all_ = timed(model, songs[:_SHORT], jobs=2), timed(model, songs, jobs=2)
    return {
        "cold start, s": spread([start.clock for start in starts]),
        "cold start, processor s": spread([start.processor for start in starts]),
        "songs": len(songs),
        "songs/s": round((len(songs) - _SHORT) / (all_.clock - few.clock), 1),
        "songs/s with the start": round(len(songs) / all_.clock, 1),
        "processor ms a song": round(
            1000 * (all_.processor - few.processor) / (len(songs) - _SHORT), 1
        ),
    }


class Times(NamedTuple):
    """Seconds of the clock, and of the processor."""

    clock: float
    processor: float


def spread(seconds: list[float]) -> dict[str, float]:
    """The best and the median."""
    return {"best": round(min(seconds), 2), "median": round(median(seconds), 2)}


def timed(model: str, songs: list[Path], *, jobs: int = 1, source: Path | None = None) -> Times:
    """What `genrescope classify` takes, of the sources in a folder or as it is installed."""
    options = ("--model", model, "--json", "--jobs", str(jobs))
    return timed_command("classify", *options, *map(str, songs), source=source)


def timed_command(*words: str, source: Path | None = None) -> Times:
    """What a command of genrescope takes, of the sources in a folder or as it is installed."""
    environment = os.environ | ({} if source is None else {"PYTHONPATH": str(source)})
    command = [sys.executable, "-m", "genrescope", *words]
    began, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=environment)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    taken = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Times(time.perf_counter() - began, taken)


def loaded_modules(song: Path) -> list[str]:
    """Heavy packages that classifying one song imports: none, it should be."""
    code = (
        "import sys\n"
        "from genrescope.cli.app import app\n"
        f"app(['classify', {str(song)!r}], standalone_mode=False)\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)"
    )
    run = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    found: list[str] = json.loads(run.stderr.splitlines()[-1].replace("'", '"'))
    return found


if __name__ == "__main__":
    main()
