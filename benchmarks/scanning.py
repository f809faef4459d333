"""What `library scan --classify` costs over its songs, and what a second worker brings.

    python benchmarks/scanning.py --shared DIR

DIR holds `data/gtzan_audio`, of whose clips of 30 s forty are a library. A scan is compared in
processor time with the same songs classified one after another in one process with one thread; what
a scan of one song takes is taken off. Workers are compared by the clock: run it on an idle machine.
"""

from __future__ import annotations

import os

os.environ |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")

import argparse
import json
import shutil
import tempfile
import time
from pathlib import Path

from classify import Times, timed_command
from command import command_line
from extraction import machine
from genrescope.files.atomic import write_json
from genrescope.inference.model import GenreModel
from genrescope.inference.song import SongClassifier

RESULT = Path(__file__).parent / "results" / "scanning.json"
MODEL = "descriptors"
WANTED = {"scan over the sum of its songs": 1.1, "two workers over one": 1.9}
_SONGS, _ROUNDS = 40, 3


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--shared", type=Path, required=True, help="folder with data/gtzan_audio")
    clips = sorted((parser.parse_args().shared / "data/gtzan_audio").glob("*.flac"))
    with tempfile.TemporaryDirectory(prefix="genrescope-benchmark-") as place:
        few, many = Path(place) / "few", Path(place) / "many"
        for folder, taken in ((few, clips[:1]), (many, clips[:_SONGS])):
            folder.mkdir()
            for clip in taken:
                shutil.copy(clip, folder)
        songs = sorted(many.iterdir())
        rounds = [measure(songs, few, many) for _ in range(_ROUNDS)]
    least = {name: min(found[name] for found in rounds) for name in rounds[0]}
    share = (_SONGS - 1) / _SONGS
    result = {
        "command": command_line(),
        "machine": machine(),
        "songs": _SONGS,
        "wanted": WANTED,
        "seconds, least": {name: round(value, 2) for name, value in least.items()},
        "scan over the sum of its songs": round(
            (least["scan, processor"] - least["start, processor"])
            / (share * least["songs, processor"]),
            2,
        ),
        "two workers over one": round(least["one worker"] / least["two workers"], 2),
    }
    write_json(RESULT, result)
    print(json.dumps(result, indent=1))


def measure(songs: list[Path], few: Path, many: Path) -> dict[str, float]:
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
    }


def scan(folder: Path, jobs: int) -> Times:
    """What a scan into a new index takes."""
    with tempfile.TemporaryDirectory() as place:
        options = ("--model", MODEL, "--jobs", str(jobs), "--index", str(Path(place) / "index"))
        return timed_command("library", "scan", str(folder), "--classify", *options)


if __name__ == "__main__":
    main()
