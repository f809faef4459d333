"""The leaderboard: all results in some folders as one page of Markdown, best first.

A folder is what `genrescope.benchmark.config.run_tasks` leaves: `records/NAME.json` beside
`predictions/NAME.npz`. Every number and name on the page is from these files and from
`genrescope.benchmark.published`.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from genrescope.errors import DataError
from genrescope.evaluation.paired import Difference, compare
from genrescope.evaluation.predictions import Predictions
from genrescope.evaluation.record import Record, read_record
from genrescope.evaluation.scores import Interval
from genrescope.report import wording
from genrescope.report.leaderboard_published import published_lines
from genrescope.report.markdown import Row, code, table, wrapped

RESAMPLES = 1000
_FEW = 20  # songs of a genre below which one of them is 5 points of its recall


@dataclass(frozen=True)
class Result:
    """A record, and the file of its predictions."""

    record: Record
    file: Path

    @property
    def macro_recall(self) -> float:
        """What results are sorted by, 0 to 1."""
        return self.record.scores.macro_recall.value

    @property
    def name(self) -> str:
        """Sets and model, as in `rp · student`."""
        return wording.name_of(self.record)


@dataclass(frozen=True)
class Comparison:
    """Two results of one section by their paired bootstrap; `what`: why these two."""

    what: str
    a: Result
    b: Result
    macro_recall: Difference
    accuracy: Difference


@dataclass(frozen=True)
class Section:
    """Results on the same songs under the same protocol, the highest macro recall first."""

    results: tuple[Result, ...]

    @property
    def first(self) -> Record:
        """What all of them share can be read here."""
        return self.results[0].record

    @property
    def title(self) -> str:
        """Data set and protocol."""
        return f"{self.first.dataset}: {self.first.protocol}"

    @property
    def records(self) -> list[Record]:
        """The records, in order."""
        return [result.record for result in self.results]

    @cached_property
    def comparisons(self) -> list[Comparison]:
        """The paired bootstraps of the page.

        Raises:
            DataError: predictions are missing, or are not of the same songs.
        """
        return [_comparison(what, a, b) for what, a, b in _pairs(self.results)]


_MADE = "Made from the records of the commands that are below each table, by"
_READING = (
    "Scores are percent, log loss is in nats. In brackets is the 95 % interval of a bootstrap that "
    "draws the tested songs within each genre; what training again would change is not in it. Rows "
    "are sorted by macro recall, the mean of the genres' recalls, and the best is bold; calib. is "
    "the expected calibration error, by the number of the command that makes the row."
)


def load_sections(folders: Iterable[Path]) -> list[Section]:
    """The results in some folders, by data, protocol and seed, in the order of the folders.

    A learner that two folders report with the very same predictions is listed once, as the first
    has it.

    Raises:
        DataError: a folder has no records, or a record or its predictions cannot be read.
    """
    found: dict[tuple[object, ...], list[Result]] = {}
    for result in itertools.chain.from_iterable(map(_results, dict.fromkeys(folders))):
        record = result.record
        songs = tuple(genre.support for genre in record.scores.genres)
        key = (record.dataset, record.protocol, record.genres, record.seed, songs)
        section = found.setdefault(key, [])
        if not any(_same(record, other.record) for other in section):
            section.append(result)
    return [
        Section(tuple(sorted(results, key=lambda item: -item.macro_recall)))
        for results in found.values()
    ]


def _same(one: Record, other: Record) -> bool:
    return (one.feature_sets, one.learner, one.scores.confusion) == (
        other.feature_sets,
        other.learner,
        other.scores.confusion,
    )


def _results(folder: Path) -> list[Result]:
    files = sorted((folder / "records").glob("*.json"))
    if not files:
        remedy = "name the output folder of a benchmark"
        raise DataError("no records/*.json", place=folder, remedy=remedy)
    predictions = folder / "predictions"
    return [Result(read_record(file), predictions / f"{file.stem}.npz") for file in files]


def leaderboard(sections: Sequence[Section], command: str) -> str:
    """The page as Markdown, which reads as plain text, too.

    Args:
        sections: see `load_sections`.
        command: what makes the page again.

    Raises:
        DataError: see `Section.comparisons`.
    """
    kinds = {record.kind for section in sections for record in section.records}
    lines = ["# Results", "", _MADE, "", f"    {command}", "", wrapped(_READING), ""]
    lines += [wrapped(words, "- ") for kind, words in wording.KINDS.items() if kind in kinds]
    if any(map(wording.is_pretrained, itertools.chain(*(item.records for item in sections)))):
        lines += [wrapped(wording.PRETRAINING, "- ")]
    for section in sections:
        lines += ["", *_section(section)]
    return "\n".join(lines) + "\n"


def _section(section: Section) -> Iterator[str]:
    yield from (f"## {section.title}", "", wrapped(" ".join(_facts(section))), "")
    commands = list(dict.fromkeys(record.command for record in section.records))
    yield from table(_HEAD, _rows(section, commands), numbers=range(3, 7))
    yield from _long_sets(section.records)
    yield from ("", *(f"{n}. {code(command)}" for n, command in enumerate(commands, 1)))
    if section.comparisons:
        yield from ("", "Paired bootstrap over the songs, in points:", "")
        yield from (wrapped(_compared(item), "- ") for item in section.comparisons)
    yield from published_lines(section.first)
    if warnings := wording.warnings_of(section.records):
        yield from ("", "Notes:", "")
        yield from (_warning(text, about, section) for text, about in warnings.items())


def _facts(section: Section) -> Iterator[str]:
    """Sentences on the tested songs, and on what scores are to be read beside."""
    scores = section.first.scores
    songs = len(np.unique(Predictions.load(section.results[0].file).ids))
    times = scores.rows // songs
    counts = {item.genre: item.support // times for item in scores.genres}
    listed = ", ".join(f"{genre} {wording.count(number)}" for genre, number in counts.items())
    often = f", each {times} times" if times > 1 else ""
    yield f"{wording.count(songs)} songs tested{often}: {listed}."
    yield f"Always the commonest genre: accuracy {wording.percent(scores.majority_rate)}."
    yield f"Log loss of guessing evenly {wording.nats(scores.uniform_log_loss)},"
    yield f"by genre shares {wording.nats(scores.prior_entropy)}."
    if none := [genre for genre, number in counts.items() if number == 0]:
        yield f"No song of {', '.join(none)} is tested, and macro recall leaves them out."
    if few := [genre for genre, number in counts.items() if 0 < number < _FEW]:
        yield f"Fewer than {_FEW} songs of {', '.join(few)}: their recalls are coarse, and so is"
        yield "macro recall, whose intervals, paired ones too, are then too narrow."
    if alone := [genre for genre, number in counts.items() if number == 1]:
        yield f"The one song of {', '.join(alone)} is in every resample; read accuracy, too."


_HEAD = ("set", "model", "kind", "macro recall", "accuracy", "log loss", "calib.", "by")


def _rows(section: Section, commands: Sequence[str]) -> list[Row]:
    digits = _digits(section.records)
    return [
        Row(
            (
                wording.sets_of(record),
                record.learner,
                record.kind,
                _with_interval(record.scores.macro_recall, digits),
                _with_interval(record.scores.accuracy, digits),
                wording.nats(record.scores.log_loss.value),
                wording.percent(record.scores.calibration_error.value),
                str(commands.index(record.command) + 1),
            ),
            bold=number == 0,
        )
        for number, record in enumerate(section.records)
    ]


def _digits(records: Sequence[Record]) -> int:
    """Whole percents for the intervals' ends, tenths where an interval is below two points."""
    scores = [score for r in records for score in (r.scores.macro_recall, r.scores.accuracy)]
    return int(any(score.high - score.low < 0.02 for score in scores))


def _with_interval(score: Interval, digits: int) -> str:
    ends = (wording.percent(end, digits) for end in (score.low, score.high))
    return f"{wording.percent(score.value)} [{', '.join(ends)}]"


def _long_sets(records: Sequence[Record]) -> Iterator[str]:
    """The names of sets where the table only counts them."""
    counted = [record for record in records if not wording.are_named(record)]
    for sets, name in {record.feature_sets: wording.sets_of(record) for record in counted}.items():
        yield from ("", wrapped(f"{name}: {', '.join(sets)}."))


def _pairs(results: Sequence[Result]) -> list[tuple[str, Result, Result]]:
    """Who is compared with whom, no two twice; `results` sorted."""

    def best(kind: str) -> list[Result]:
        return [item for item in results if item.record.kind == kind][:1]

    single = [item for item in results if len(item.record.feature_sets) == 1]
    single = [item for item in single if item.record.kind != "ensemble"]
    # An ensemble that chooses may choose the same everywhere, and then is that ensemble.
    others = [item for item in results if item.record.scores != results[0].record.scores]
    wanted = {
        "best, runner-up": [*results[:1], *others[:1]],
        "best ensemble, best single set": best("ensemble") + single[:1],
        "best network of ours, best student network": best("improved") + best("student"),
    }
    pairs: dict[frozenset[Path], tuple[str, Result, Result]] = {}
    for what, pair in wanted.items():
        if len(pair) == 2:
            pairs.setdefault(frozenset(item.file for item in pair), (what, pair[0], pair[1]))
    return list(pairs.values())


def _comparison(what: str, a: Result, b: Result) -> Comparison:
    predictions = Predictions.load(a.file), Predictions.load(b.file)
    found = compare(*predictions, resamples=RESAMPLES)
    return Comparison(what, a, b, found["macro_recall"], found["accuracy"])


def _compared(comparison: Comparison) -> str:
    times = wording.count(round(comparison.macro_recall.not_better * RESAMPLES))
    return (
        f"{comparison.what}: {comparison.a.name} minus {comparison.b.name} is "
        f"{_gap(comparison.macro_recall)} of macro recall (not better in {times} of "
        f"{RESAMPLES:,} resamples) and {_gap(comparison.accuracy)} of accuracy."
    )


def _gap(found: Difference) -> str:
    value, low, high = map(wording.points, (found.value, found.low, found.high))
    return f"{value} [{low}, {high}]"


def _warning(text: str, about: Sequence[Record], section: Section) -> str:
    if len(about) == len(section.results):
        return wrapped(text, "- ")
    return wrapped(f"{', '.join(dict.fromkeys(map(wording.sets_of, about)))}: {text}", "- ")
