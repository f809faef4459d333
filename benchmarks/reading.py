"""Speed and memory of reading feature files, beside polars and SciPy on the same rows.

    python benchmarks/reading.py

Generated files in the published format. Each time is the fastest of several runs, the readers
taking turns. `polars` reads the body alone, as CSV, into a frame; we read the whole ARFF file into
ids and a matrix of float32 rows, or into a store on disk. SciPy reads a file of numbers only.
"""

from __future__ import annotations

import argparse
import json
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
from rich.console import Console
from rich.table import Table
from scipy.io import arff as scipy_arff

from genrescope.data.formats.featurefile import open_feature_file, read_table
from genrescope.data.store.importer import import_file
from provenance import command_line

RESULT = Path(__file__).parent / "results" / "reading.json"
PEAK = (
    "import sys, time\n"
    "from genrescope.data.store.importer import import_file\n"
    "start = time.perf_counter()\n"
    "import_file(sys.argv[1], sys.argv[2])\n"
    "seconds = time.perf_counter() - start\n"
    # Not getrusage, whose peak is also that of the process that this one was forked from.
    "status = open('/proc/self/status').read().splitlines()\n"
    "peak = next(line.split()[1] for line in status if line.startswith('VmHWM'))\n"
    "print(seconds, int(peak) / 1024)\n"
)


def write_arff(path: Path, rows: int, columns: int, *, ids: bool = True) -> int:
    """An ARFF file of values as rp_extract prints them; its size in bytes."""
    rng = np.random.default_rng(0)
    pool = [",".join(f"{x:.6g}" for x in rng.gamma(1.0, 3.0, columns)) for _ in range(1000)]
    with path.open("w") as file:
        file.write("@relation generated\n")
        file.writelines(f"@attribute 'value #{i}' NUMERIC\n" for i in range(columns))
        file.write("@attribute MSD_TRACKID STRING\n@data\n" if ids else "@data\n")
        for row in range(rows):
            file.write(f"{pool[row % 1000]},'TR{row:016d}'\n" if ids else f"{pool[row % 1000]}\n")
    return path.stat().st_size


def body(path: Path) -> Path:
    """The rows of an ARFF file as a CSV file of their own."""
    part = open_feature_file(path).parts[0]
    target = path.with_suffix(".csv")
    with path.open("rb") as source, target.open("wb") as file:
        source.seek(part.offset)
        shutil.copyfileobj(source, file, 1 << 20)
    return target


def fastest(readers: dict[str, Callable[[], object]], repeats: int) -> dict[str, float]:
    """Seconds of the fastest run of each reader, taking turns."""
    seconds = dict.fromkeys(readers, float("inf"))
    for _ in range(repeats):
        for name, read in readers.items():
            start = time.perf_counter()
            read()
            seconds[name] = min(seconds[name], time.perf_counter() - start)
    return seconds


def beside_polars(folder: Path, rows: int, columns: int, repeats: int) -> dict[str, object]:
    """Our readers beside polars on the same rows."""
    path = folder / "generated.arff"
    size = write_arff(path, rows, columns)
    csv = body(path)
    names = [*map(str, range(columns)), "id"]
    schema = dict.fromkeys(names, pl.Float32) | {"id": pl.String}
    seconds = fastest(
        {
            "polars": lambda: pl.read_csv(csv, has_header=False),
            "polars, types given": lambda: pl.read_csv(csv, has_header=False, schema=schema),
            "genrescope, to memory": lambda: read_table(path),
            "genrescope, block by block": lambda: [None for _ in open_feature_file(path).chunks()],
            "genrescope, to a store": lambda: import_file(path, folder / "store", force=True),
        },
        repeats,
    )
    return {
        "rows": rows,
        "columns": columns,
        "megabytes": round(size / 1e6),
        "seconds": seconds,
        "speed_of_polars": shares(seconds, "polars"),
        "speed_of_polars_told_the_types": shares(seconds, "polars, types given"),
    }


def shares(seconds: dict[str, float], baseline: str) -> dict[str, float]:
    """How fast our readers are, as shares of the speed of `baseline`."""
    ours = {name: time for name, time in seconds.items() if name.startswith("genrescope")}
    return {name: seconds[baseline] / time for name, time in ours.items()}


def beside_scipy(folder: Path, rows: int, columns: int, repeats: int) -> dict[str, object]:
    """`read_table` beside `scipy.io.arff.loadarff` on one file of numbers."""
    path = folder / "numbers.arff"
    size = write_arff(path, rows, columns, ids=False)
    seconds = fastest(
        {"scipy": lambda: scipy_arff.loadarff(path), "genrescope": lambda: read_table(path)},
        repeats,
    )
    return {
        "rows": rows,
        "columns": columns,
        "megabytes": round(size / 1e6),
        "seconds": seconds,
        "times_scipy": seconds["scipy"] / seconds["genrescope"],
    }


def peak_memory(folder: Path, megabytes: int) -> dict[str, object]:
    """Import of one large file of 1,440 columns in a process of its own."""
    path = folder / "large.arff"
    row = write_arff(path, 100, 1440) / 100
    rows = int(megabytes * 1e6 / row)
    size = write_arff(path, rows, 1440)
    command = [sys.executable, "-c", PEAK, str(path), str(folder / "large.store")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    seconds, peak = map(float, done.stdout.split())
    return {
        "rows": rows,
        "columns": 1440,
        "megabytes": round(size / 1e6),
        "seconds": seconds,
        "megabytes_a_second": size / 1e6 / seconds,
        "peak_mebibytes": peak,
    }


def show(result: dict[str, dict[str, object]]) -> None:
    """The result as one table."""
    table = Table("file", "reader", "seconds", "MB/s")
    for part in result.values():
        file = f"{part['rows']:,} x {part['columns']}, {part['megabytes']} MB"
        times = part["seconds"]
        for name, time_ in (times if isinstance(times, dict) else {"import": times}).items():
            table.add_row(file, name, f"{time_:.2f}", f"{part['megabytes'] / time_:.0f}")
    console = Console()
    console.print(table)
    for key in ("narrow", "wide"):
        for name, speed in result[key]["speed_of_polars"].items():
            typed = result[key]["speed_of_polars_told_the_types"][name]
            console.print(
                f"{key}: {name}: {speed:.0%} of the speed of polars, {typed:.0%} of that "
                "of polars told the types"
            )
    console.print(f"{result['scipy']['times_scipy']:.1f} times as fast as SciPy")
    console.print(f"peak memory of the large import: {result['large']['peak_mebibytes']:.0f} MiB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--megabytes", type=int, default=1600, help="size of the large file")
    parser.add_argument("--folder", type=Path, help="where to generate the files")
    parser.add_argument("--output", type=Path, default=RESULT)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        folder = Path(name)
        result = {
            "narrow": beside_polars(folder, 100_000, 168, options.repeats),
            "wide": beside_polars(folder, 20_000, 1440, options.repeats),
            "scipy": beside_scipy(folder, 40_000, 168, min(options.repeats, 2)),
            "large": peak_memory(folder, options.megabytes),
        }
    show(result)
    about = {
        "command": command_line(),
        "python": platform.python_version(),
        "polars": pl.__version__,
    }
    options.output.parent.mkdir(exist_ok=True)
    options.output.write_text(json.dumps({**about, **result}, indent=1) + "\n")


if __name__ == "__main__":
    main()
