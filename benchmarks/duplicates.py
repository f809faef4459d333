"""How many copies of real recordings are found among others, and what that costs.

    python benchmarks/duplicates.py --shared DIR

Of every eighth of AllMusic's clips three encodings and an edit are made; all other clips are there
too. Once none has tags, so that embeddings and lengths alone make the candidates, once all have
artist and title. Thresholds were chosen on GTZAN's songs. For 100,000 songs embeddings are random:
all pairs are compared, and none is alike. What a candidate costs on top is measured on songs of
four minutes.
"""

from __future__ import annotations

import argparse
import csv
import os
import shutil
import subprocess
import tempfile
import time
from collections import Counter, defaultdict
from itertools import combinations
from pathlib import Path

import mutagen
import numpy as np
import soundfile

from genrescope.files.atomic import write_json
from genrescope.library.duplicates.candidates import LEAST_SIMILARITY, pairs_alike
from genrescope.library.duplicates.finding import Duplicates, find_duplicates
from genrescope.library.index.database import Index
from genrescope.library.index.models import indexed_model
from genrescope.library.index.results import classify_library
from genrescope.library.index.scan import scan
from genrescope.similarity.alignment import align
from genrescope.similarity.fingerprint import fingerprint_of
from genrescope.similarity.nearest import SongIndex, alike
from provenance import command_line, machine

RESULT = Path(__file__).parent / "results" / "duplicates.json"
EVERY = 8
KINDS = {
    "64.mp3": ("-b:a", "64k"),
    "192.mp3": ("-ar", "44100", "-ac", "2", "-b:a", "192k"),
    "96.m4a": ("-ss", "0.5", "-b:a", "96k"),
    "edit.mp3": ("-t", "20", "-af", "afade=t=out:st=17:d=3", "-b:a", "128k"),
}
"""What is made of a clip, and ffmpeg's options for it; the last one is an edit."""

SONGS, DIMS, MINUTES = 100_000, 64, 4


def generate(clips: list[Path], root: Path) -> None:
    """The clips in `root`, and `ID.KIND` of every eighth one."""
    for number, clip in enumerate(clips):
        shutil.copy(clip, root / clip.name)
        for kind, options in KINDS.items() if number % EVERY == 0 else ():
            command = ["ffmpeg", "-v", "error", "-i", clip, *options, root / f"{clip.stem}.{kind}"]
            subprocess.run(command, check=True)


def expected(root: Path) -> dict[tuple[str, str], str]:
    """The pairs of files that hold one clip: "same recording", or "edit" where one is it."""
    files: dict[str, list[str]] = defaultdict(list)
    for path in sorted(root.iterdir()):
        files[path.name.partition(".")[0]].append(path.name)
    pairs = {pair for names in files.values() for pair in combinations(names, 2)}
    return {p: "edit" if any("edit" in name for name in p) else "same recording" for p in pairs}


def reported(found: Duplicates) -> dict[tuple[str, str], str]:
    """The pairs of files of each group, named in the same way."""
    pairs = {}
    for group in found.groups:
        for one, two in combinations(sorted(group, key=lambda copy: copy.path), 2):
            same = one.version == two.version
            pairs[one.path, two.path] = "same recording" if same else "edit"
    return pairs


def tag(root: Path, table: Path) -> None:
    """Write artist and title into all files; an edit is named as one."""
    with table.open(encoding="utf-8", newline="") as file:
        songs = {row["id"]: row for row in csv.DictReader(file)}
    for path in root.iterdir():
        song = songs[path.name.partition(".")[0]]
        tags = mutagen.File(path, easy=True)
        if tags.tags is None:
            tags.add_tags()
        title = f"{song['title']} (radio edit)" if ".edit." in path.name else song["title"]
        tags["artist"], tags["title"] = song["artist"], title
        tags.save()


def quality(root: Path, index: Index, jobs: int | None) -> dict[str, object]:
    """What is found among the clips, as they are tagged now."""
    scan(index)
    model = indexed_model(index)
    start = time.perf_counter()
    result = find_duplicates(index, model, jobs=jobs)
    seconds = time.perf_counter() - start
    found, truth = reported(result), expected(root)
    files = len(list(root.iterdir()))
    return {
        "pairs compared": result.compared,
        "seconds of the search": round(seconds, 1),
        "pairs of one clip": {
            kind: dict(Counter(found.get(p, "not found") for p in truth if truth[p] == kind))
            for kind in ("same recording", "edit")
        },
        "pairs of two clips": files * (files - 1) // 2 - len(truth),
        "of these found": {" ".join(p): found[p] for p in sorted(found.keys() - truth.keys())},
    }


def alike_by_embedding(root: Path, index: Index) -> dict[str, object]:
    """How many pairs have embeddings that make them candidates."""
    names = dict(index.rows("SELECT audio, CAST(path AS TEXT) FROM files"))
    near = pairs_alike(index, indexed_model(index))
    pairs = {tuple(sorted((names[one], names[two]))) for one, two in near}
    truth = expected(root)
    return {
        "model": indexed_model(index).name,
        "least similarity": LEAST_SIMILARITY,
        "same recording": sum(truth.get(pair) == "same recording" for pair in pairs),
        "edit": sum(truth.get(pair) == "edit" for pair in pairs),
        "two clips": len(pairs - truth.keys()),
    }


def cost(folder: Path) -> dict[str, float]:
    """Seconds that 100,000 songs take, and each candidate on top."""
    rng = np.random.default_rng(0)
    rows = rng.standard_normal((SONGS, DIMS), dtype=np.float32)
    index = SongIndex.build(range(SONGS), rows)
    song = folder / "song.mp3"
    soundfile.write(song, rng.uniform(-0.3, 0.3, (MINUTES * 60 * 44_100, 2)), 44_100)
    clock = [time.perf_counter()]
    alike(index, LEAST_SIMILARITY)
    clock.append(time.perf_counter())
    bits = fingerprint_of(song)
    clock.append(time.perf_counter())
    align(bits, bits[len(bits) // 3 :])
    clock.append(time.perf_counter())
    all_pairs, reading, comparing = np.diff(clock).tolist()
    return {
        "songs": SONGS,
        "values of an embedding": DIMS,
        "seconds for all pairs": round(all_pairs, 1),
        "seconds to read a candidate of four minutes": round(reading, 2),
        "milliseconds to compare two": round(1000 * comparing, 1),
        "kilobytes kept of each": round(bits.nbytes / 1000, 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--shared", type=Path, required=True, help="folder of real data")
    parser.add_argument("--jobs", type=int, help="worker processes")
    parser.add_argument("--output", type=Path, default=RESULT)
    options = parser.parse_args()
    folder = options.shared / "data" / "allmusic_clips"
    clips = sorted((folder / "audio").glob("*.opus"))
    with tempfile.TemporaryDirectory() as name:
        root = Path(name) / "music"
        root.mkdir()
        generate(clips, root)
        with Index(root, Path(name) / "index.sqlite") as index:
            scan(index)
            classify_library(index, jobs=options.jobs)
            near = alike_by_embedding(root, index)
            untagged = quality(root, index, options.jobs)
            tag(root, folder / "songs.csv")
            tagged = quality(root, index, options.jobs)
        result = {
            "command": command_line(),
            "machine": machine(),
            "load_average": os.getloadavg()[1],  # processes that wanted a core, over five minutes
            "clips": len(clips),
            "files": len(list(root.iterdir())),
            "embeddings": near,
            "without tags": untagged,
            "with tags": tagged,
            "cost": cost(Path(name)),
        }
    write_json(options.output, result)
    print(options.output.read_text())


if __name__ == "__main__":
    main()
