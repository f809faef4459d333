"""`genrescope benchmark`: train and judge networks, print a table, write a report."""

from __future__ import annotations

import contextlib
import shlex
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from genrescope.data.table import FeatureTable
    from genrescope.experiments.benchmark import Setting, Task
    from genrescope.experiments.published import PublishedScore

benchmark_app = typer.Typer(
    name="benchmark",
    help="Train genre networks and judge them honestly: a table here, and report.html.",
    no_args_is_help=True,
)

Output = Annotated[
    Path, typer.Option("--output", "-o", help="Folder for report.html, records and models.")
]
Sets = Annotated[
    str | None,
    typer.Option(help="Feature sets, separated by commas; all that there are by default."),
]
Networks = Annotated[
    str | None,
    typer.Option(help="Networks (student, perceptron), separated by commas; all by default."),
]
Seed = Annotated[int, typer.Option(help="Seed of splits, training and intervals.")]


@benchmark_app.command()
def gtzan(
    output: Output = Path("benchmark-gtzan"),
    sets: Sets = None,
    networks: Networks = None,
    protocol: Annotated[
        str,
        typer.Option(help="kfold (stratified) or fault-filtered (fixed, artist-aware)."),
    ] = "kfold",
    folds: Annotated[int, typer.Option(min=2, help="Folds of kfold.")] = 5,
    repeats: Annotated[int, typer.Option(min=1, help="Times that kfold is dealt anew.")] = 1,
    variant: Annotated[
        str, typer.Option(help="default, or 2012: the variant of TU Wien's published files.")
    ] = "default",
    rivals: Annotated[bool, typer.Option(help="Train support vector machines beside.")] = True,
    seed: Seed = 0,
) -> None:
    """Benchmark on the descriptors that come with genrescope (GTZAN songs, ten genres)."""
    from genrescope.data.gtzan import fault_filtered_split, load_gtzan
    from genrescope.errors import UsageError
    from genrescope.evaluation.protocols import fault_filtered, kfold
    from genrescope.experiments.published import GTZAN_BUILT_IN
    from genrescope.featuresets import FEATURE_SETS
    from genrescope.taxonomy import GTZAN

    if variant not in ("default", "2012"):
        raise UsageError(f"no variant '{variant}'", remedy="choose default or 2012")
    names = _names(sets) or list(FEATURE_SETS)
    tables = [load_gtzan(name, variant) for name in names]  # type: ignore[arg-type]
    if protocol == "kfold":
        chosen = kfold(tables[0], folds, repeats=repeats, seed=seed)
    elif protocol == "fault-filtered":
        chosen = fault_filtered(fault_filtered_split(tables[0]))
    else:
        raise UsageError(f"no protocol '{protocol}'", remedy="choose kfold or fault-filtered")
    from genrescope.experiments.benchmark import Setting, make_tasks  # Keras: slow, so last

    setting = Setting("gtzan", GTZAN, chosen, seed, _command(), output, keep_models=True)
    tasks = make_tasks(tables, networks=_names(networks), rivals=rivals)
    introduction = (
        f"{len(tables[0])} songs of GTZAN in ten genres, some of them rare: macro recall, the mean "
        f"of the genres' recalls, is the number to read. Protocol: {chosen.title}."
    )
    _benchmark(tasks, setting, tables, GTZAN_BUILT_IN, "GTZAN genre benchmark", introduction)


@benchmark_app.command()
def msd(
    root: Annotated[Path, typer.Option(help="Folder of the published files.")],
    output: Output = Path("benchmark-msd"),
    labels: Annotated[str, typer.Option(help="topMAGD, MAGD, MASD or CD1.")] = "topMAGD",
    partition: Annotated[
        str, typer.Option(help="Published partition, such as fixedSizeSplit_2000.")
    ] = "fixedSizeSplit_2000",
    sets: Sets = None,
    networks: Networks = None,
    rivals: Annotated[
        bool, typer.Option(help="Train support vector machines on 5,000 rows beside.")
    ] = False,
    cache: Annotated[
        Path | None,
        typer.Option(help="Folder for imported feature files; by default beside the files."),
    ] = None,
    seed: Seed = 0,
) -> None:
    """Benchmark on a folder of Million Song Dataset Benchmarks files, whichever sets are there."""
    from dataclasses import replace

    from genrescope.cli.data import import_progress
    from genrescope.data.msd import load_msd
    from genrescope.errors import DataError
    from genrescope.evaluation.protocols import msd_partition
    from genrescope.experiments.published import MSD_STUDENT

    with import_progress("importing") as report:
        data = load_msd(
            root,
            labels=labels,
            partition=partition,
            sets=_names(sets),
            cache=cache,
            watch=lambda _, at: report(at),
        )
    typer.echo(str(data.report))
    if data.split is None:
        raise DataError("the partition has no split", place=root)
    protocol = msd_partition(data.split)
    protocol = replace(protocol, warnings=(*protocol.warnings, *data.report.warnings))
    from genrescope.experiments.benchmark import Setting, make_tasks  # Keras: slow, so last

    setting = Setting("msd", data.vocabulary, protocol, seed, _command(), output, keep_models=True)
    tasks = make_tasks(
        data.tables, networks=_names(networks), rivals=rivals, rival_rows=_RIVAL_ROWS
    )
    training = [table.take(data.split.train) for table in data.tables]
    introduction = (
        f"{len(data.split.train):,} tracks to train, {len(data.split.test):,} to test, labels "
        f"{labels}, partition {partition}. Where the test part is skewed, macro recall is the "
        "number to read: accuracy mostly says how the commonest genre fares."
    )
    title = "Million Song Dataset genre benchmark"
    _benchmark(tasks, setting, training, MSD_STUDENT, title, introduction)


_RIVAL_ROWS = 5000


def _benchmark(
    tasks: Sequence[Task],
    setting: Setting,
    pictured: Sequence[FeatureTable],
    published: Sequence[PublishedScore],
    title: str,
    introduction: str,
) -> None:
    """Run the tasks, print the table and write the report."""
    from rich.console import Console

    from genrescope.errors import UsageError
    from genrescope.experiments.benchmark import run_tasks
    from genrescope.report.page import write_report
    from genrescope.report.terminal import results_table
    from genrescope.report.typical import typical_descriptor

    if not tasks:
        raise UsageError("nothing to train", remedy="name other networks, or add --rivals")
    with _display() as progress:
        records = run_tasks(tasks, setting, progress)
    console = Console()
    console.print(results_table(records, published, width=console.width))
    typical = [typical_descriptor(table, setting.vocabulary.genres) for table in pictured]
    page = setting.output / "report.html"
    write_report(
        page,
        records,
        title=title,
        introduction=introduction,
        published=published,
        typical=typical,
        command=setting.command,
    )
    typer.echo(f"report: {page}")


@contextlib.contextmanager
def _display() -> Iterator[Callable[[float, int, str], None]]:
    """A bar with the time left on a terminal, a line a learner elsewhere; on standard error."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
    from rich.progress import TimeRemainingColumn as Remaining

    console = Console(stderr=True)
    columns = (
        *(BarColumn(bar_width=24), TextColumn("{task.percentage:>3.0f} %")),
        *(TimeElapsedColumn(), TextColumn("done,"), Remaining(), TextColumn("left")),
        TextColumn("{task.description}"),
    )
    if not console.is_terminal:
        yield _line_a_learner
        return
    with Progress(*columns, console=console) as bar:
        task = bar.add_task("", total=None)
        yield lambda done, total, text: bar.update(
            task, completed=done, total=total, description=text
        )


def _line_a_learner(done: float, total: int, text: str) -> None:
    if "," not in text and done == int(done):
        typer.echo(f"{done:.0f} of {total} runs done: {text}", err=True)


def _names(text: str | None) -> list[str] | None:
    return None if text is None else [name.strip() for name in text.split(",") if name.strip()]


def _command() -> str:
    return shlex.join(["genrescope", *sys.argv[1:]])
