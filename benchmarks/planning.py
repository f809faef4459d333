"""The plan of 100,000 songs, from an index that is made up: no file is there.

    python benchmarks/planning.py

Predictions and tags of the networks are drawn as in `library.py`, where files are scanned, too; a
third of the songs have a genre, five in sixteen a mood and own fields. Each plan is made in a
process of its own and written; counted are the processor's seconds, its start included.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from genrescope.files.atomic import write_json
from genrescope.library.index.database import FileFacts, FileState, Index
from library import ALBUM, ARTIST, measure, step_prediction, step_tag
from provenance import command_line, machine

RESULT = Path(__file__).parent / "results" / "planning.json"
PLANS = {"genres": "plan", "all fields": "plan, all fields"}  # steps of `library.py`
KEPT = ("processor_seconds", "rows", "files", "kept")
_SPREAD = 0x9E3779B97F4A7C15  # odd: hashes of following songs are far apart, as real ones are


def made_up(songs: int) -> Iterator[FileFacts]:
    """What an index has of files."""
    for number in range(songs):
        album, artist = number // ALBUM, number // ALBUM // ARTIST
        path = f"artist {artist}/album {album}/{number % ALBUM + 1:02} song {number}.mp3"
        audio = (number * _SPREAD % (1 << 64)).to_bytes(16, "little")
        genre = "" if number % 3 else "Alternative"
        tags = genre, f"album {album}", f"artist {artist}", f"song {number}"
        yield FileFacts(FileState(path.encode(), 1, 2, 3), audio, *tags)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--songs", type=int, default=100_000)
    parser.add_argument("--output", type=Path, default=RESULT)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        root, path = Path(name) / "music", Path(name) / "index.sqlite"
        root.mkdir()
        with Index(root, path) as index:
            index.add(made_up(options.songs))
            step_prediction(index)
            step_tag(index)
        os.environ["OPENBLAS_NUM_THREADS"] = "1"  # as the command line has it
        steps = measure(root, path, PLANS.values())
    result = {
        "command": command_line(),
        "machine": machine(),
        "load_average": round(os.getloadavg()[0], 1),
        "songs": options.songs,
        "plans": {
            name: {key: round(steps[step][key], 2) for key in KEPT} for name, step in PLANS.items()
        },
    }
    write_json(options.output, result)
    print(options.output.read_text())


if __name__ == "__main__":
    main()
