"""A library of many files: seconds and memory of scanning and planning, and of whole commands.

    python benchmarks/library.py

Small real files of eight formats, each with sound of its own, in folders of twelve that are albums;
a third have a genre. `--linked` makes each format's files links to one file instead. Each step runs
in a process of its own. No model is run: the plan is made from random predictions in the index. For
the plan of all fields, these have random tags of two networks, and five files in sixteen have a
mood and own fields. "cold" is a first scan, of files that the system may have in its cache.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from genrescope.calibration.temperature import Calibration
from genrescope.engine import usable_cores
from genrescope.inference.card import ModelCard
from genrescope.library.index.database import Index
from genrescope.library.index.exporting import StoredPredictions, write_csv
from genrescope.library.index.models import indexed_model, note_model
from genrescope.library.index.scan import scan
from genrescope.library.tagging.plan import read_plan, write_plan
from genrescope.library.tagging.planning import PlanOptions, make_plan
from genrescope.library.tagging.rows.options import PARTS
from genrescope.library.tagging.rows.own_fields import OwnField, own_name
from genrescope.library.tagging.tagfile import write_field
from genrescope.sources import SOURCES
from genrescope.taxonomy.vocabulary import GTZAN
from provenance import command_line
from songfiles import SUFFIXES, write_song

RESULT = Path(__file__).parent / "results" / "library.json"
ALBUM = 12  # files in a folder
ARTIST = 8  # albums in one
STAMP = 8  # bytes of sound that distinguish the generated files
EMBEDDING = 64  # values a prediction has besides probabilities, as real models have
TAGS = 50
COLUMNS = "model, audio, probabilities, music, embedding, tags, notes, problem"


def generate(root: Path, count: int, seconds: float, *, linked: bool) -> None:
    """Files below `root`, from one song a format, tagged and not."""
    with tempfile.TemporaryDirectory(dir=root.parent) as name:
        originals = [
            original(Path(name) / f"{kind}{suffix}", seconds, tagged=kind == 0)
            for suffix in SUFFIXES
            for kind in range(3)
        ]
        contents = [bytearray(path.read_bytes()) for path in originals]
        for number in range(count):
            folder = root / f"artist {number // ALBUM // ARTIST}" / f"album {number // ALBUM}"
            if number % ALBUM == 0:
                folder.mkdir(parents=True)
            which = number % len(originals)
            path = folder / f"{number % ALBUM + 1:02} song {number}{originals[which].suffix}"
            if linked:
                os.link(originals[which], path)
            else:
                data = contents[which]
                middle = len(data) * 3 // 5
                data[middle : middle + STAMP] = number.to_bytes(STAMP, "big")
                path.write_bytes(data)


def original(path: Path, seconds: float, *, tagged: bool) -> Path:
    write_song(path, seconds=seconds)
    if tagged:
        write_field(path, "genre", ("Alternative",))
    return path


def step_scan(index: Index) -> dict[str, int]:
    changes = scan(index)
    return {"new": changes.new, "unchanged": changes.unchanged, "failed": changes.failed}


def step_prediction(index: Index) -> dict[str, int]:
    """Random predictions of a model with an embedding and tags, one for each sound."""
    count = len(GTZAN.genres)
    card = ModelCard(
        "random",
        "",
        GTZAN.genres,
        {"ssd": 168},
        (1 / count,) * count,
        Calibration(1.0, (0.0,) * count),
        threshold=0.5,
    )
    rng = np.random.default_rng(0)
    model = note_model(index, card, "random")
    sounds = [audio for (audio,) in index.rows("SELECT DISTINCT audio FROM files")]
    shares = rng.dirichlet(np.full(count, 0.2), len(sounds)).astype(np.float32)
    places = rng.normal(size=(len(sounds), EMBEDDING)).astype("<f2")
    rest = rng.random(TAGS, dtype=np.float32).tobytes(), "", None
    rows = (
        (model, sounds[i], shares[i].tobytes(), 1.0, places[i].tobytes(), *rest)
        for i in range(len(sounds))
    )
    with index.transaction():
        index.database.executemany(
            f"INSERT INTO results ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows
        )
    index.database.execute("UPDATE files SET album = 'album'")  # with the folder: one an album
    return {"sounds": len(sounds)}


def step_tag(index: Index) -> dict[str, int]:
    """The same with random tags of two networks; some files have moods and own fields."""
    count = len(GTZAN.genres)
    inputs = {name: SOURCES[name].dims for name in ("audioset", "musicnn")}
    calibration = Calibration(1.0, (0.0,) * count)
    card = ModelCard("tagged", "", GTZAN.genres, inputs, (1 / count,) * count, calibration)
    model = note_model(index, card, "tagged")
    rng = np.random.default_rng(1)
    rates = [tag.base_rate or 0.01 for name in inputs for tag in SOURCES[name].tags]
    usual = np.log(rates) - np.log1p(-np.array(rates))
    rows = list(index.rows("SELECT probabilities, embedding, audio FROM results"))
    found = (
        (model, audio, shares, 1.0, place, _random_tags(rng, usual), "", None)
        for shares, place, audio in rows
    )
    noted = OwnField({"Rock": 0.9}, "genre", "tagged").to_text()
    fields = json.dumps({"mood": ["Happy"], own_name("genre"): [noted]})
    with index.transaction():
        index.database.executemany(
            f"INSERT INTO results ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", found
        )
        index.database.execute(
            "UPDATE files SET fields = ?, genres = 'Rock' WHERE substr(hex(audio), 1, 1) < '5'",
            (fields,),
        )
    return {"sounds": len(rows)}


def _random_tags(rng: np.random.Generator, usual: NDArray[np.float64]) -> bytes:
    """Probabilities about as large as they are over songs of many genres."""
    return (1 / (1 + np.exp(-rng.normal(usual, 1.5)))).astype("<f2").tobytes()


def step_full_plan(index: Index) -> dict[str, int]:
    return written(index, PlanOptions(model="tagged", write=PARTS))


def step_plan(index: Index) -> dict[str, int]:
    return written(index, PlanOptions())


def step_album_plan(index: Index) -> dict[str, int]:
    return written(index, PlanOptions(by_album=True))


def step_mapped_plan(index: Index) -> dict[str, int]:
    return written(index, PlanOptions(vocabulary="topMAGD"))


def written(index: Index, options: PlanOptions) -> dict[str, int]:
    plan = make_plan(index, options)
    path = index.path.with_suffix(".csv")
    write_plan(path, plan.rows)
    return {"rows": len(plan.rows), "files": plan.changed, "kept": plan.kept}


def step_read_plan(index: Index) -> dict[str, int]:
    return {"rows": len(read_plan(index.path.with_suffix(".csv")))}


def step_export(index: Index) -> dict[str, int]:
    table = index.path.with_suffix(".table.csv")
    write_csv(index, StoredPredictions(indexed_model(index)), table)
    return {"bytes": table.stat().st_size}


STEPS: dict[str, tuple[str, Callable[[Index], dict[str, int]]]] = {
    "scan, cold": ("scan", step_scan),
    "scan, warm": ("rescan", step_scan),
    "answers (random)": ("answer", step_prediction),
    "plan": ("plan", step_plan),
    "plan, by album": ("album", step_album_plan),
    "plan, mapped to topMAGD": ("mapped", step_mapped_plan),
    "reading the plan": ("read", step_read_plan),
    "export as CSV": ("export", step_export),
    "answers with tags (random)": ("tag", step_tag),
    "plan, all fields": ("full", step_full_plan),
}
BY_WORD = dict(STEPS.values())


def run_step(word: str, root: Path, index: Path) -> None:
    """One step in this process; prints what it took."""
    start = time.perf_counter()
    with Index(root, index) as opened:
        counts = BY_WORD[word](opened)
    seconds = time.perf_counter() - start
    processor = sum(os.times()[:4])  # of this process and those that it started, from its start
    # Not getrusage, whose peak is also that of the process that this one was forked from.
    status = Path("/proc/self/status").read_text().splitlines()
    peak = next(line.split()[1] for line in status if line.startswith("VmHWM"))
    workers = largest_child() * usable_cores() if word == "scan" else 0
    peaks = {"peak_mebibytes": int(peak) / 1024, "workers_mebibytes": workers}
    print(json.dumps({"seconds": seconds, "processor_seconds": processor, **peaks, **counts}))


def largest_child() -> float:
    """MiB of the largest process that this one has started and ended."""
    import resource

    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


def measure(
    root: Path, index: Path, names: Iterable[str] = STEPS.keys()
) -> dict[str, dict[str, float]]:
    """Each step in a process of its own."""
    result = {}
    for name in names:
        word, _ = STEPS[name]
        command = [sys.executable, __file__, "--step", word, str(root), str(index)]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
        result[name] = json.loads(done.stdout)
    return result


def commands(root: Path, index: Path) -> dict[str, dict[str, float]]:
    """What a person waits for: whole commands, with their start and the look at all files."""
    plan = index.with_suffix(".plan.csv")
    song = min(root.rglob("*.flac"))
    arguments = {
        "genrescope tag --output": ("tag", root, "--output", plan, "--index", index),
        "genrescope similar": ("similar", song, root, "--index", index),
    }
    return {name: run_command(*map(str, words)) for name, words in arguments.items()}


def run_command(*words: str) -> dict[str, float]:
    """Seconds, the processor's seconds, and MiB of one command."""
    start = time.perf_counter()
    arguments = [sys.executable, "-m", "genrescope", *words]
    with Path(os.devnull).open("wb") as nowhere:
        quiet = [(os.POSIX_SPAWN_DUP2, nowhere.fileno(), 1)]
        pid = os.posix_spawn(arguments[0], arguments, os.environ, file_actions=quiet)
        _, status, used = os.wait4(pid, 0)
    if status:
        raise SystemExit(f"{' '.join(words)}: exit status {os.waitstatus_to_exitcode(status)}")
    return {
        "seconds": time.perf_counter() - start,
        "processor_seconds": used.ru_utime + used.ru_stime,
        "peak_mebibytes": used.ru_maxrss / 1024,
        "workers_mebibytes": 0,
    }


def show(result: dict[str, dict[str, float]]) -> None:
    table = Table("step", "seconds", "of processor", "MiB", "MiB of workers", "what")
    for name, row in result.items():
        counts = {key: value for key, value in row.items() if isinstance(value, int) and value}
        table.add_row(
            name,
            f"{row['seconds']:.2f}",
            f"{row['processor_seconds']:.2f}",
            f"{row['peak_mebibytes']:.0f}",
            f"{row['workers_mebibytes']:.0f}",
            ", ".join(f"{value:,} {key}" for key, value in counts.items()),
        )
    Console().print(table)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--files", type=int, default=100_000)
    parser.add_argument("--seconds", type=float, default=0.2, help="length of each song")
    parser.add_argument("--linked", action="store_true", help="links to one file a format")
    parser.add_argument("--folder", type=Path, help="where to generate the files")
    parser.add_argument("--output", type=Path, default=RESULT)
    parser.add_argument("--step", nargs=3, metavar=("STEP", "DIR", "INDEX"), help="internal")
    options = parser.parse_args()
    if options.step:
        run_step(options.step[0], *map(Path, options.step[1:]))
        return
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        root = Path(name) / "music"
        root.mkdir()
        generate(root, options.files, options.seconds, linked=options.linked)
        size = sum(path.stat().st_size for path in root.rglob("*.*"))
        index = Path(name) / "index.sqlite"
        result = measure(root, index) | commands(root, index)
        index_size = index.stat().st_size
        shutil.rmtree(root)
    show(result)
    about = {
        "command": command_line(),
        "python": platform.python_version(),
        "cores": usable_cores(),
        "load_average": os.getloadavg()[1],  # processes that wanted a core, over five minutes
        "files": options.files,
        "megabytes": round(size / 1e6),
        "index_megabytes": round(index_size / 1e6),
    }
    options.output.parent.mkdir(exist_ok=True)
    options.output.write_text(json.dumps({**about, "steps": result}, indent=1) + "\n")


if __name__ == "__main__":
    main()
