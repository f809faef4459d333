"""What `library scan --classify` costs over its songs, and what a second worker brings.

    python benchmarks/scanning.py --shared DIR

DIR holds `data/gtzan_audio`, of whose clips a library of 500 songs of 30 s is made: each clip,
turned round by some seconds more each time. A scan is compared in processor time with the same
songs classified one after another in one process with one thread, which keeps its memory as a
worker does; what a scan of two songs takes is taken off (the worker of a single song is a copy of
its parent, and starts sooner). Workers are compared by the clock: run it on an idle machine. Beside
them is what that machine allows: the decoding of a full-length MP3, which needs nothing of ours, by
two processes at once over the same by one.
"""

from __future__ import annotations

from kept_memory import keep_memory

if __name__ == "__main__":
    keep_memory()

import argparse
import json
import multiprocessing
import shutil
import tempfile
import time
from pathlib import Path

import numpy as np
import soundfile

from classify import Times, timed_command
from command import command_line
from extraction import machine, make_song
from genrescope.files.atomic import write_json
from genrescope.inference.model import GenreModel
from genrescope.inference.song import SongClassifier
from limit import decode

RESULT = Path(__file__).parent / "results" / "scanning.json"
MODEL = "descriptors"
WANTED = {"scan over the sum of its songs": 1.1, "two workers over one": 1.9}
_SONGS, _ROUNDS = 500, 3
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
        few, many = Path(place) / "few", Path(place) / "many"
        songs = make_library(many, clips, options.songs)
        few.mkdir()
        for song in songs[:_FEW]:
            shutil.copy(song, few)
        full = make_song(Path(place) / "song.mp3", clips, _SECONDS)
        rounds = [measure(songs, few, many, full) for _ in range(_ROUNDS)]
    least = {name: min(found[name] for found in rounds) for name in rounds[0]}
    result = {
        "command": command_line(),
        "machine": machine(),
        "songs": len(songs),
        "wanted": WANTED,
        "seconds, least": {name: round(value, 2) for name, value in least.items()},
        **ratios(least, len(songs)),
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


def ratios(least: dict[str, float], songs: int) -> dict[str, float]:
    """Of seconds: a scan over its songs, two workers over one, two processes over one."""
    scanned = (least["scan, processor"] - least["start, processor"]) / (songs - _FEW)
    found = {
        "scan over the sum of its songs": scanned * songs / least["songs, processor"],
        "two workers over one": least["one worker"] / least["two workers"],
        "two processes of bare decoding over one": least["one decodes"] / least["two decode"],
    }
    return {name: round(value, 2) for name, value in found.items()}


def measure(songs: list[Path], few: Path, many: Path, full: Path) -> dict[str, float]:
    """Seconds of one round."""
    classifier = SongClassifier(GenreModel.load(MODEL))
    classifier.classify(songs[0])
    start = time.process_time()
    for song in songs:
        classifier.classify(song)
    alone = time.process_time() - start
    of_few, of_many, two = scan(few, 1), scan(many, 1), scan(many, 2)
    return {
        "songs, processor": alone,
        "start, processor": of_few.processor,
        "scan, processor": of_many.processor,
        "one worker": of_many.clock,
        "two workers": two.clock,
        "one decodes": decoding(full, 1),
        "two decode": decoding(full, 2),
    }


def scan(folder: Path, jobs: int) -> Times:
    """What a scan into a new index takes."""
    with tempfile.TemporaryDirectory() as place:
        options = ("--model", MODEL, "--jobs", str(jobs), "--index", str(Path(place) / "index"))
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
