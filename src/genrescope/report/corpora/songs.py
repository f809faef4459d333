"""Tables of a benchmark on audio: songs of several genres, and recordings that are there twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from genrescope.benchmark.audio import CorpusResult
from genrescope.benchmark.repeats import Repeat
from genrescope.evaluation.scores import Interval
from genrescope.report.wording import percent

_SHOWN = 40  # repeats on the page


@dataclass(frozen=True)
class PlainTable:
    """A table of words and numbers.

    Attributes:
        title: what it shows.
        note: how it is to be read.
        head: the columns' headings.
        rows: as many cells each.
    """

    title: str
    note: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def several_table(results: Sequence[CorpusResult]) -> PlainTable:
    """Scores over all songs, those with several genres among them, best hit first."""
    ranked = sorted(results, key=lambda item: -item.record.scores.macro_recall.value)
    rows = tuple(
        (
            "+".join(item.record.feature_sets),
            item.record.learner,
            with_interval(item.record.scores.macro_recall),
            with_interval(item.several.hit),
            with_interval(item.several.mean_average_precision),
            with_interval(item.several.mean_roc_auc),
            percent(item.shares_recall),
            with_interval(item.by_shares.hit),
        )
        for item in ranked
    )
    head = (
        *("sets", "learner", "macro recall", "hit", "mean AP", "mean ROC-AUC"),
        *("macro recall, by shares", "hit, by shares"),
    )
    songs = results[0].several
    note = (
        f"Macro recall over the {results[0].record.scores.rows} songs with exactly one genre; all "
        f"else over all {songs.songs} songs of {songs.groups} groups, which the 95 % intervals "
        "draw. Hit: the predicted genre is among the song's genres. By shares: the same "
        "predictions, moved to the genres' shares in the training part, which favours the common "
        "genres."
    )
    return PlainTable("Songs of one genre or several", note, head, rows)


def repeats_table(repeats: Sequence[Repeat]) -> PlainTable:
    """Recordings that are there twice, the nearest first."""
    rows = tuple(
        (
            f"{item.corpora[0]}: {item.songs[0]}",
            f"{item.corpora[1]}: {item.songs[1]}",
            " / ".join(dict.fromkeys(item.genres)),
            ", ".join(item.sources),
            f"{item.distance:.2f}",
            "yes" if item.one_group else "no",
        )
        for item in repeats[:_SHOWN]
    )
    head = ("song", "is, or all but is", "genres", "alike in", "distance", "kept together")
    across = sum(item.corpora[0] != item.corpora[1] for item in repeats)
    apart = sum(not item.one_group and item.corpora[0] == item.corpora[1] for item in repeats)
    note = (
        f"{len(repeats)} pairs are equal, or far nearer than is usual, by the vectors of their "
        f"sound; {across} of them across corpora, {apart} within one and not in one group, so that "
        "a split may divide them. Distance: 1 is that of a song to its nearest."
    )
    return PlainTable("Recordings that are there twice", note, head, rows)


def with_interval(score: Interval) -> str:
    """`66.1 (60.2–71.8)`, in percent."""
    return f"{percent(score.value)} ({percent(score.low)}–{percent(score.high)})"
