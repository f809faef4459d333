"""Train and test the seven student networks at the size of the MSD split, on made-up values.

    python benchmarks/student_msd.py FOLDER

FOLDER is filled with stores of the true dimensions (5.2 GB; what is there already is used). The
scores mean nothing; time and memory do.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import sys
import tempfile
import time
from pathlib import Path

from generate_msd import STUDENT_SETS, generate_stores
from genrescope.benchmark.config import BenchmarkConfig, make_tasks, run_tasks
from genrescope.data.corpora.msd import load_msd
from genrescope.evaluation.protocols import msd_partition
from genrescope.evaluation.runner import versions
from genrescope.files.atomic import write_atomic

COMMAND = "python benchmarks/student_msd.py FOLDER"
RESULT = Path(__file__).parent / "results" / "student_msd.json"
MINUTES, GIBIBYTES = 12, 4


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path, help="folder for 5.2 GB of made-up stores")
    folder = parser.parse_args().folder
    if not (folder / "msd-tssd-v1.0.store" / "store.json").exists():
        generate_stores(folder)
    began = time.perf_counter()
    data = load_msd(folder, sets=STUDENT_SETS)
    if data.split is None:
        sys.exit("the folder has no partition")
    opened = time.perf_counter() - began
    tasks = make_tasks(data.tables, learners=["student"], baselines=False)
    rows = []
    with tempfile.TemporaryDirectory() as output:
        protocol = msd_partition(data.split)
        config = BenchmarkConfig("made up", data.vocabulary, protocol, 0, COMMAND, Path(output))
        for task in tasks:
            before = time.perf_counter()
            (record,) = run_tasks([task], config)
            rows.append(
                {
                    "set": task.table.feature_set,
                    "parameters": record.parameters,
                    "epochs": len(record.histories[0].columns["loss"]),
                    "train and predict seconds": round(record.seconds, 1),
                    "all seconds": round(time.perf_counter() - before, 1),
                }
            )
            print(rows[-1], flush=True)
    total = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    result = {
        "rows to train": len(data.split.train),
        "rows to test": len(data.split.test),
        "networks": rows,
        "opening seconds": round(opened, 1),
        "all minutes": round(total / 60, 2),
        "peak memory GiB": round(peak, 2),
        "wanted": {"minutes": MINUTES, "memory GiB": GIBIBYTES},
        "cores": os.cpu_count(),
        "versions": versions(),
    }
    write_atomic(RESULT, (json.dumps({"command": COMMAND, **result}, indent=1) + "\n").encode())
    print(f"{total / 60:.2f} minutes (wanted: {MINUTES}), {peak:.2f} GiB (wanted: {GIBIBYTES})")


if __name__ == "__main__":
    main()
