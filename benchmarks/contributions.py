"""What each of the thirteen sets contributes on the built-in songs: a result, and a page of tables.

    python benchmarks/contributions.py --work FOLDER

A linear discriminant and two support vector machines learn every set, in stratified 5-fold
cross-validation. The folder of work keeps what they predict: another run does not train them again.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from ablation import Contributions, contributions, write_contributions
from ablation_tables import contribution_lines
from genrescope.benchmark.config import BenchmarkConfig, make_tasks
from genrescope.benchmark.out_of_fold import InnerFolds, fit_base_learners
from genrescope.benchmark.published import GTZAN_SONGS
from genrescope.data.corpora.gtzan import load_gtzan
from genrescope.evaluation.protocols import kfold
from genrescope.evaluation.threads import on_one_thread
from genrescope.featuresets import FEATURE_SETS
from genrescope.files.atomic import write_atomic
from genrescope.progress import Progress
from genrescope.taxonomy.vocabulary import GTZAN

COMMAND = "python benchmarks/contributions.py --work FOLDER"
HERE = Path(__file__).resolve().parent
RESULT = HERE / "results" / "contributions.json"
PAGE = HERE.parent / "docs" / "contributions.md"
TABLES = "## Tables\n"  # what follows on the page is made here


@on_one_thread
def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--work", type=Path, required=True, help="folder for what members predict")
    found = measure(parser.parse_args().work)
    write_contributions(RESULT, found)
    write_tables(found)


def measure(work: Path) -> Contributions:
    """Train, combine and compare."""
    tables = [load_gtzan(name) for name in FEATURE_SETS]
    config = BenchmarkConfig(GTZAN_SONGS, GTZAN, kfold(tables[0], 5), 0, COMMAND, work)
    tasks = make_tasks(tables, learners=["lda"])
    base = fit_base_learners(tasks, config, InnerFolds(), show)
    return contributions(base, progress=show)


def write_tables(found: Contributions) -> None:
    """Replace the tables of the page; the text above them is written by hand."""
    head, _, _ = PAGE.read_text(encoding="utf-8").partition(TABLES)
    lines = [f"{found.dataset}, {found.protocol}, made by", "", f"    {found.command}", ""]
    text = "\n".join([head + TABLES, *lines, *contribution_lines(found)])
    write_atomic(PAGE, f"{text.rstrip()}\n".encode())


def show(at: Progress) -> None:
    print(f"{at.done:.0f} of {at.total}: {at.text}", flush=True)


if __name__ == "__main__":
    main()
