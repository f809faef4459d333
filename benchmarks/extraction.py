"""What extraction costs: from samples, from files, in memory, with broken files among them.

    python benchmarks/extraction.py --shared DIR            all of it, about five minutes
    python benchmarks/extraction.py --shared DIR --only samples files

DIR holds `data/gtzan_audio`, from whose clips full-length songs are made in a temporary folder:
four minutes of 44.1 kHz stereo MP3 at 192 kbit/s. One thread and one core, except where two workers
are compared with one. A run on a busy machine shows it in the spread between best and median.
"""

from __future__ import annotations

import os

os.environ |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from genrescope.audio.excerpt import Excerpt
from genrescope.audio.load import load_audio
from genrescope.descriptors import Settings, describe
from genrescope.descriptors.jmir.clip import JMIR_SETS
from genrescope.descriptors.tuwien import TUWIEN_SETS
from genrescope.extraction.batch import extract_files
from genrescope.extraction.request import Request
from genrescope.extraction.single import extract_song
from genrescope.featuresets import FEATURE_SETS
from provenance import command_line, machine

RESULT = Path(__file__).parent / "results" / "extraction.json"
RATE = 44100


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--shared", type=Path, required=True, help="folder with data/gtzan_audio")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--peak", nargs=2, metavar=("SONG", "EXCERPT"), help=argparse.SUPPRESS)
    parser.add_argument("--output", type=Path, default=RESULT)
    options = parser.parse_args()
    if options.peak:
        print(peak_memory(*options.peak))
        return
    clips = sorted((options.shared / "data" / "gtzan_audio").glob("*.flac"))
    with tempfile.TemporaryDirectory(prefix="genrescope-benchmark-") as folder:
        results = {name: PARTS[name](clips, Path(folder)) for name in options.only}
    report = {"command": command_line(), "machine": machine(), **results}
    options.output.write_text(json.dumps(report, indent=1) + "\n")
    options.output.with_suffix(".md").write_text(as_text(report))
    print(as_text(report))


# ---- from samples in memory ----


def from_samples(clips: list[Path], _: Path) -> dict[str, Any]:
    """Milliseconds for 30 s at 22.05 kHz: each set by itself, the families, all of them."""
    wanted = {
        **{name: [name] for name in FEATURE_SETS},
        **{"six of TU Wien": list(TUWIEN_SETS), "six of jMIR": list(JMIR_SETS)},
        "all thirteen": list(FEATURE_SETS),
    }
    samples = [soundfile.read(clip, dtype="float32", frames=30 * 22050)[0] for clip in clips[::5]]
    result: dict[str, Any] = {"clips": len(samples), "seconds": 30, "rate": 22050}
    for dtype in ("float32", "float64"):
        settings = Settings(dtype=dtype)
        times: dict[str, list[float]] = {name: [] for name in wanted}
        for clip in [samples[0], *samples, *samples]:  # the first one only warms up
            for name, sets in wanted.items():
                times[name].append(seconds(describe, clip, 22050, sets, settings) * 1000)
        result[dtype] = {name: spread(values[1:]) for name, values in times.items()}
    return result


def seconds(function: Callable[..., object], *arguments: object) -> float:
    start = time.perf_counter()
    function(*arguments)
    return time.perf_counter() - start


def spread(values: list[float]) -> dict[str, float]:
    return {"best": round(min(values), 2), "median": round(median(values), 2)}


# ---- from full-length files ----


def from_files(clips: list[Path], folder: Path) -> dict[str, Any]:
    """Decoding against the rest for one song, and songs a second with one and two workers."""
    songs = [make_song(folder / f"{i}.mp3", clips[i : i + 8], 240 + i) for i in range(0, 40, 4)]
    decode, rest = [], []
    for song in [songs[0], *songs, *songs]:
        audio = load_audio(song)
        decode.append(seconds(load_audio, song) * 1000)
        rest.append(
            seconds(lambda: describe(audio.samples, 22050, channels=audio.channels)) * 1000  # noqa: B023
        )
    many = [link(song, folder / f"copy{i}-{song.name}") for i in range(20) for song in songs]
    one, two = (songs_a_second(many, folder / f"out{jobs}", jobs) for jobs in (1, 2))
    return {
        "songs": f"{len(songs)} of 4 minutes, 44.1 kHz stereo MP3, 192 kbit/s; middle 30 s",
        "decode_and_resample_ms": spread(decode[1:]),
        "thirteen_sets_ms": spread(rest[1:]),
        "sets_over_decoding": round(median(rest[1:]) / median(decode[1:]), 2),
        "songs_a_second": {"1 worker": one, "2 workers": two, "ratio": round(two / one, 2)},
    }


def make_song(path: Path, clips: list[Path], length: int) -> Path:
    """`length` seconds of clips in a row at 44.1 kHz, the right channel a little later."""
    parts = [soxr.resample(soundfile.read(clip, dtype="float32")[0], 22050, RATE) for clip in clips]
    left: NDArray[np.float32] = np.resize(np.concatenate(parts), length * RATE) * np.float32(0.9)
    stereo = np.stack([left, np.roll(left, 441)], axis=1)
    coding = {"bitrate_mode": "CONSTANT", "compression_level": 128 / 288}  # 320 - 128 kbit/s
    soundfile.write(path, stereo, RATE, **(coding if path.suffix == ".mp3" else {}))
    return path


def link(song: Path, name: Path) -> Path:
    os.link(song, name)
    return name


def songs_a_second(songs: list[Path], output: Path, jobs: int) -> float:
    """Between the tenth song and the last one, when all workers are at work."""
    moments: list[float] = []
    extract_files(songs, output, jobs=jobs, progress=lambda _: moments.append(time.perf_counter()))
    return round((len(moments) - 11) / (moments[-1] - moments[10]), 2)


# ---- memory of a worker ----


def in_memory(clips: list[Path], folder: Path) -> dict[str, Any]:
    """Peak resident memory, in MiB, of a fresh process that does a ten-minute song."""
    result: dict[str, Any] = {"song": "10 minutes, 44.1 kHz stereo; thirteen sets; MiB at the peak"}
    for suffix in (".mp3", ".wav", ".flac"):
        song = make_song(folder / f"long{suffix}", clips[:8], 600)
        for excerpt in ("middle", "whole"):
            command = [sys.executable, __file__, "--shared", ".", "--peak", str(song), excerpt]
            peak = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            result[f"{suffix[1:]}, {excerpt}"] = round(float(peak))
        song.unlink()
    return result


def peak_memory(song: str, excerpt: str) -> float:
    """MiB of this process at its peak, after it has done `song`."""
    part = Excerpt.whole() if excerpt == "whole" else Excerpt.middle(30)
    extract_song(Path(song), Request(excerpt=part))
    status = Path("/proc/self/status").read_text()  # unlike getrusage, not the parent's as well
    [kibibytes] = [line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")]
    return int(kibibytes) / 1024


# ---- a library with broken files ----


def library(clips: list[Path], folder: Path) -> dict[str, Any]:
    """A thousand files, fifty of them broken, through the command line."""
    music = folder / "music"
    music.mkdir()
    songs = [make_song(folder / f"short{i}.mp3", clips[i : i + 1], 40) for i in range(20)]
    for number in range(1000):
        path = music / f"{number:04}.mp3"
        if number % 20:
            link(songs[number % len(songs)], path)
        else:
            path.write_bytes(BROKEN[number // 20 % len(BROKEN)])
    command = [sys.executable, "-m", "genrescope", "extract", str(music), "-o", str(folder / "out")]
    start = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True)
    elapsed = time.perf_counter() - start
    summary = json.loads((folder / "out" / "extraction.json").read_text())
    stores = sum(item.stat().st_size for item in (folder / "out").rglob("*") if item.is_file())
    shutil.rmtree(music)
    return {
        "files": summary["songs"],
        "rows": sorted(set(summary["rows"].values())),
        "failures": summary["failed"],
        "exit_status": done.returncode,
        "seconds": round(elapsed, 1),
        "bytes_kept_a_song": round(stores / max(summary["rows"].values())),
    }


BROKEN = (
    b"",
    b"this is a text\n" * 1000,
    bytes(100_000),
    b"ID3\x04\x00\x00\x00\x00\x00\x0a" + b"\xff\xfb" * 5,
    np.random.default_rng(0).bytes(50_000),
)


# ---- report ----


def as_text(report: Mapping[str, Any]) -> str:
    lines = ["# Extraction", "", f"    {report['command']}", ""]
    lines.append(", ".join(f"{name} {value}" for name, value in report["machine"].items()))
    if "samples" in report:
        lines += [
            "",
            "| from samples, ms for 30 s | float32 best | median | float64 best | median |",
        ]
        lines.append("|---|---|---|---|---|")
        single, double = report["samples"]["float32"], report["samples"]["float64"]
        for name, few in single.items():
            cells = [few["best"], few["median"], double[name]["best"], double[name]["median"]]
            lines.append(f"| {name} | {' | '.join(map(str, cells))} |")
    for part in ("files", "memory", "library"):
        if part in report:
            lines += ["", f"| {part} | |", "|---|---|"]
            lines += [f"| {name} | {value} |" for name, value in report[part].items()]
    return "\n".join(lines) + "\n"


PARTS: dict[str, Callable[[list[Path], Path], dict[str, Any]]] = {
    "samples": from_samples,
    "files": from_files,
    "memory": in_memory,
    "library": library,
}

if __name__ == "__main__":
    main()
