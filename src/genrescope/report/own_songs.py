"""A model's scores on a person's own songs, in the terminal."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from rich import box
from rich.table import Table
from rich.text import Text

from genrescope.benchmark.own_songs import OwnSongs
from genrescope.evaluation.record import Record
from genrescope.evaluation.scores import Interval, Scores
from genrescope.report.wording import percent
from genrescope.version import __version__

_TAKEN_FOR = 3  # genres named beside each


def score_lines(found: OwnSongs, threshold: float) -> Iterator[str]:
    """The scores of all songs, in percent with their intervals; `threshold`: of the naming."""
    scores, songs = found.scores, found.scores.rows
    drawn = "songs" if found.groups is None else f"{found.groups} groups of songs"
    yield f"macro recall       {_with_interval(scores.macro_recall)}  95 % by drawing {drawn}"
    commonest = f"always the commonest genre: {percent(scores.majority_rate)}"
    yield f"accuracy           {_with_interval(scores.accuracy)}  {commonest}"
    if math.isnan(scores.calibration_error.value):  # there are no probabilities
        return
    yield f"calibration error  {_with_interval(scores.calibration_error)}"
    named = f"{found.named} of {songs} ({percent(found.named / songs)} %)"
    yield f"named at {threshold:.2f}      {named}{_right(found)}"


def _right(found: OwnSongs) -> str:
    """How many of the named songs are right, where any is named."""
    if not found.named:
        return ""
    return f", {found.right} of them right ({percent(found.right / found.named)} %)"


def genre_table(scores: Scores) -> Table:
    """One row a genre that occurs: its songs, its scores, and what it is most often taken for."""
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    table.add_column("genre")
    for heading in ("songs", "recall", "precision"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("taken for", overflow="fold")
    names = [item.genre for item in scores.genres]
    for item, predicted in zip(scores.genres, scores.confusion, strict=True):
        if item.support:
            counts = dict(zip(names, predicted, strict=True))
            wrong = {name: n for name, n in counts.items() if n and name != item.genre}
            shares = (percent(item.recall), percent(item.precision))
            cells = (item.genre, str(item.support), *shares, listed(wrong, _TAKEN_FOR))
            table.add_row(*map(Text, cells))
    return table


def own_record(found: OwnSongs, name: str, command: str, warnings: tuple[str, ...]) -> Record:
    """The scores of `name` as a record, for the page of results."""
    return Record(
        dataset="songs of one's own",
        feature_sets=(name,),
        learner="model",
        kind="model",
        vocabulary="its own",
        genres=found.genres,
        protocol="as labelled",
        scores=found.scores,
        command=command,
        seed=0,
        parameters=None,
        seconds=math.nan,
        warnings=warnings,
        versions={"genrescope": __version__},
        notes={"named": found.named, "right of the named": found.right},
    )


def listed(counts: Mapping[str, int], most: int = 10) -> str:
    """Names with their counts, the commonest first: "jazz 5, pop 2, and 3 more"."""
    ranked = sorted(counts.items(), key=lambda item: -item[1])
    shown = ", ".join(f"{name} {count}" for name, count in ranked[:most])
    return shown + (f", and {len(ranked) - most} more" if len(ranked) > most else "")


def _with_interval(score: Interval) -> str:
    return f"{percent(score.value):>5} [{percent(score.low)}, {percent(score.high)}]"
