"""Music without labels, to which the student of the networks is fitted, too.

    python training/free_music.py --output FOLDER

Fetches the packages of `free_music.csv` from Debian, whose licences are free, with apt-get and
unpacks their recordings and copyright notices into a folder each: the music of games, most of it
orchestral, electronic or rock. No label is known or needed, and no sound of it ships.
"""

from __future__ import annotations

import argparse
import csv
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from nonmusic import RATE

TABLE = Path(__file__).with_suffix(".csv")
SHORTEST = 35.0  # seconds: what is shorter is mostly a jingle or the sound of a door
PIECE = 30  # seconds
MOST = 3  # pieces of a recording
_APART = 55  # seconds of a recording for each piece
_SUFFIXES = (".flac", ".mp3", ".oga", ".ogg", ".opus", ".wav")


def recordings(folder: Path) -> list[Path]:
    """Files of at least `SHORTEST` below a folder, in the order of their names."""
    found = sorted(path for path in folder.rglob("*") if path.suffix in _SUFFIXES)
    return [path for path in found if _seconds(path) >= SHORTEST]


def name_of(recording: Path, folder: Path) -> str:
    """The path of a recording below the folder, in one word; no clip's id has a comma."""
    return ",".join(recording.relative_to(folder).with_suffix("").parts)


def pieces(samples: NDArray[np.float32]) -> Iterator[NDArray[np.float32]]:
    """Up to three times 30 s, evenly spread; silent ones are left out."""
    length = PIECE * RATE
    count = max(1, min(MOST, int(len(samples) / RATE // _APART)))
    for number in range(count):
        start = max(0, int((len(samples) - length) * (number + 0.5) / count))
        piece = samples[start : start + length]
        if np.abs(piece).max() > 1e-3:
            yield piece


def fetch(package: str, output: Path) -> None:
    """Download a package and unpack what is music."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["apt-get", "download", "-qq", package], cwd=folder, check=True)
        (archive,) = Path(folder).glob("*.deb")
        subprocess.run(["dpkg-deb", "--extract", archive, f"{folder}/all"], check=True)
        for path in sorted(Path(folder, "all").rglob("*")):
            if path.suffix in _SUFFIXES or path.name == "copyright":
                kept = output / package / path.relative_to(Path(folder, "all"))
                if path.is_file() and not path.is_symlink():
                    kept.parent.mkdir(parents=True, exist_ok=True)
                    path.replace(kept)


def packages() -> list[str]:
    """Names in the table."""
    with TABLE.open(newline="") as file:
        return [row["package"] for row in csv.DictReader(file)]


def _seconds(path: Path) -> float:
    try:
        return float(soundfile.info(str(path)).duration)
    except soundfile.LibsndfileError:
        return 0.0


def main() -> None:
    """Fetch what is missing in the output."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, required=True)
    output: Path = parser.parse_args().output
    output.mkdir(parents=True, exist_ok=True)
    for package in packages():
        if not (output / package).exists():
            fetch(package, output)
        print(f"{package}: {len(recordings(output / package))} recordings", flush=True)


if __name__ == "__main__":
    main()
