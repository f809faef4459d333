"""What `genrescope classify` of one song takes beside what it took at an earlier commit.

    python benchmarks/cold_start.py --shared DIR --commit COMMIT

Run in a clone, whose history has the commit. DIR holds `data/gtzan_audio`. Both are started again
in turns; of the pairs' ratios, in seconds of the processor and of the clock, the median counts:
what else the machine does slows both.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import subprocess
import tarfile
import tempfile
from pathlib import Path
from statistics import median

from classify import Times, timed
from genrescope.files.atomic import write_json
from provenance import command_line, machine

RESULT = Path(__file__).parent / "results" / "cold_start.json"
WANTED = 0.8
_HERE = Path(__file__).parents[1]
_PAIRS = 21
MODELS = ("descriptors", "audioset")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--shared", type=Path, required=True, help="folder with data/gtzan_audio")
    parser.add_argument("--commit", default="638cd6d", help="what is compared with")
    options = parser.parse_args()
    song = min((options.shared / "data/gtzan_audio").glob("*.flac"))
    with tempfile.TemporaryDirectory(prefix="genrescope-benchmark-") as folder:
        before = checked_out(options.commit, Path(folder))
        pairs = {model: compare(before, model, song) for model in MODELS}
    result = {
        "command": command_line(),
        "machine": machine(),
        "load average, 15 minutes": round(os.getloadavg()[2], 1),
        "commit": options.commit,
        "wanted": WANTED,
        **{model: ratios(found) for model, found in pairs.items()},
    }
    write_json(RESULT, result)
    print(json.dumps(result, indent=1))


def checked_out(commit: str, folder: Path) -> Path:
    """The sources of a commit."""
    command = ["git", "-C", str(_HERE), "archive", commit, "src"]
    archive = subprocess.run(command, check=True, capture_output=True).stdout
    with tarfile.open(fileobj=io.BytesIO(archive)) as files:
        files.extractall(folder, filter="data")
    return folder / "src"


def compare(before: Path, model: str, song: Path) -> list[tuple[Times, Times]]:
    """Earlier and now, in turns; the first pair, which compiles the sources, does not count."""
    return [
        (timed(model, [song], source=before), timed(model, [song], source=_HERE / "src"))
        for _ in range(_PAIRS + 1)
    ][1:]


def ratios(pairs: list[tuple[Times, Times]]) -> dict[str, float]:
    """Now over earlier: medians of the pairs, and of the least of each."""
    return {
        "processor": round(median(now.processor / then.processor for then, now in pairs), 2),
        "clock": round(median(now.clock / then.clock for then, now in pairs), 2),
        "least processor s now": round(min(now.processor for _, now in pairs), 2),
        "least processor s then": round(min(then.processor for then, _ in pairs), 2),
    }


if __name__ == "__main__":
    main()
