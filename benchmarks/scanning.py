"""What `library scan --classify` costs over its songs, and what a second worker brings.

    python benchmarks/scanning.py --shared DIR

DIR holds `data/gtzan_audio`, of whose clips a library of 500 songs of 30 s is made: each clip,
turned round by some seconds more each time. A scan is compared in processor time with the same
songs classified one after another in one process with one thread, which keeps its memory as a
worker does: in turns, since the machine's speed drifts within a minute by more than a scan costs.
Each turn adds fifty songs to the library, classifies them and scans it; what a scan of two songs
takes is taken off. Of the turns' ratios the median counts. Workers are compared by the clock: run
it on an idle machine. Beside them is what that machine allows: the decoding of a full-length MP3,
which needs nothing of ours, by two processes at once over the same by one.
"""

from __future__ import annotations

from kept_memory import keep_memory

if __name__ == "__main__":
    keep_memory()

import argparse
import json
import multiprocessing
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import NamedTuple

import numpy as np
import soundfile

from classify import Times, timed_command
from extraction import link, make_song
from genrescope.files.atomic import write_json
from genrescope.inference.model import GenreModel
from genrescope.inference.song import SongClassifier
from limit import decode
from provenance import command_line, machine

RESULT = Path(__file__).parent / "results" / "scanning.json"
MODEL = "descriptors"
WANTED = {"scan over the sum of its songs": 1.1, "two workers over one": 1.9}
_SONGS, _ROUNDS = 500, 3
_AT_A_TIME = 50  # songs of a turn
_FEW = 2  # songs of the scan that shows what the start takes
_TURN = 2.5  # seconds by which a clip is turned round
_DECODED = 200  # times
_SECONDS, _RATE = 240, 22050  # of the MP3, and what it is decoded to


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--shared", type=Path, required=True, help="folder with data/gtzan_audio")
    parser.add_argument("--songs", type=int, default=_SONGS)
    options = parser.parse_args()
    clips = sorted((options.shared / "data/gtzan_audio").glob("*.flac"))
    with tempfile.TemporaryDirectory(prefix="genrescope-benchmark-") as place:
        songs = make_library(Path(place) / "songs", clips, options.songs)
        full = make_song(Path(place) / "song.mp3", clips, _SECONDS)
        turns = list(scan_in_turns(songs, Path(place)))
        rounds = [measure(songs[0].parent, full) for _ in range(_ROUNDS)]
    least = {name: min(found[name] for found in rounds) for name in rounds[0]}
    result = {
        "command": command_line(),
        "machine": machine(),
        "songs": len(songs),
        "wanted": WANTED,
        "seconds, sums of the turns": sums(turns),
        "seconds, least": {name: round(value, 2) for name, value in least.items()},
        **ratios(turns, least),
    }
    write_json(RESULT, result)
    print(json.dumps(result, indent=1))


def make_library(folder: Path, clips: list[Path], count: int) -> list[Path]:
    """So many songs of different sound, in a new folder."""
    folder.mkdir()
    songs = []
    for number in range(count):
        samples, rate = soundfile.read(clips[number % len(clips)], dtype="int16")
        turned = np.roll(samples, round(number // len(clips) * _TURN * rate))
        songs.append(folder / f"{number:03d}.flac")
        soundfile.write(songs[-1], turned, rate)
    return songs


class Turn(NamedTuple):
    """Processor seconds of some songs: classified, scanned, and what a scan takes to start."""

    alone: float
    scanned: float
    start: float

    @property
    def ratio(self) -> float:
        """Of scanning the songs over classifying them."""
        return (self.scanned - self.start) / (1 - _FEW / _AT_A_TIME) / self.alone


def sums(turns: list[Turn]) -> dict[str, float]:
    """Seconds of all turns together."""
    columns = zip(Turn._fields, zip(*turns, strict=True), strict=True)
    return {name: round(sum(values), 2) for name, values in columns}


def ratios(turns: list[Turn], least: dict[str, float]) -> dict[str, float]:
    """A scan over its songs, two workers over one, two processes over one."""
    found = {
        "scan over the sum of its songs": median(turn.ratio for turn in turns),
        "two workers over one": least["one worker"] / least["two workers"],
        "two processes of bare decoding over one": least["one decodes"] / least["two decode"],
    }
    return {name: round(value, 2) for name, value in found.items()}


def scan_in_turns(songs: list[Path], place: Path) -> Iterator[Turn]:
    """Turns of fifty songs each, the last ones left out where they are fewer."""
    library, few, index = place / "library", place / "few", place / "index"
    library.mkdir()
    few.mkdir()
    for song in songs[:_FEW]:
        link(song, few / song.name)
    classifier = SongClassifier(GenreModel.load(MODEL))
    classifier.classify(songs[0])
    for start in range(0, len(songs) - _AT_A_TIME + 1, _AT_A_TIME):
        added = [link(song, library / song.name) for song in songs[start : start + _AT_A_TIME]]
        began = time.process_time()
        for song in added:
            classifier.classify(song)
        alone = time.process_time() - began
        yield Turn(alone, scan(library, 1, index).processor, scan_again(few, 1).processor)


def measure(folder: Path, full: Path) -> dict[str, float]:
    """Seconds of the clock, of one round."""
    return {
        "one worker": scan_again(folder, 1).clock,
        "two workers": scan_again(folder, 2).clock,
        "one decodes": decoding(full, 1),
        "two decode": decoding(full, 2),
    }


def scan_again(folder: Path, jobs: int) -> Times:
    """What a scan into a new index takes."""
    with tempfile.TemporaryDirectory() as place:
        return scan(folder, jobs, Path(place) / "index")


def scan(folder: Path, jobs: int, index: Path) -> Times:
    """What a scan takes."""
    options = ("--model", MODEL, "--jobs", str(jobs), "--index", str(index))
    return timed_command("library", "scan", str(folder), "--classify", *options)


def decoding(song: Path, processes: int) -> float:
    """Seconds in which so many processes, once started, decode a song two hundred times."""
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        pool.map(decode_once, [song] * 4 * processes, chunksize=1)
        start = time.perf_counter()
        pool.map(decode_once, [song] * _DECODED, chunksize=1)
        return time.perf_counter() - start


def decode_once(song: Path) -> None:
    decode(song, _RATE)


if __name__ == "__main__":
    main()
