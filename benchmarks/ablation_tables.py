"""What each set contributes to an ensemble, as tables in Markdown."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ablation import Contributions, Gain
from genrescope.evaluation.paired import Difference
from genrescope.report import markdown, wording


@dataclass(frozen=True)
class View:
    """One table: the first column holds names, all others numbers."""

    title: str
    head: tuple[str, ...]
    rows: tuple[markdown.Row, ...]
    note: str


def views(found: Contributions) -> list[View]:
    """The tables, the one of genres after that of the sets."""
    pairs = [_pair(first, second) for first, second in found.pairs]
    return [_sets(found), _genres(found), _forward(found), *pairs]


def contribution_lines(found: Contributions) -> Iterator[str]:
    """The tables as Markdown, a heading of the third level above each."""
    for view in views(found):
        yield from (f"### {view.title}", "", markdown.wrapped(view.note), "")
        yield from markdown.table(view.head, view.rows, numbers=range(1, len(view.head)))
        yield ""


def is_clear(found: Difference) -> bool:
    """Whether the interval leaves 0 out."""
    return found.low > 0 or found.high < 0


def _sets(found: Contributions) -> View:
    alone = {gain.to[0]: wording.percent(gain.macro_recall.b) for gain in found.alone}
    rows = [
        markdown.Row(
            (
                " + ".join(gain.added),
                alone.get(gain.added[0], wording.NOTHING),
                *_gains(gain),
            ),
            is_clear(gain.macro_recall),
        )
        for gain in largest_first(found.without)
    ]
    first = found.without[0]
    note = (
        f"All {len(found.without)} sets: macro recall {wording.percent(first.macro_recall.a)}, "
        f"accuracy {wording.percent(first.accuracy.a)}, log loss {wording.nats(first.log_loss.a)} "
        f"({found.combiner}). Gains in points, of log loss in nats, with 95 % intervals; bold "
        "where that of macro recall leaves 0 out."
    )
    head = ("set", "alone", "macro recall", "accuracy", "log loss")
    return View("What each set adds to all others", head, tuple(rows), note)


def _genres(found: Contributions) -> View:
    rows = [
        markdown.Row(
            (" + ".join(gain.added), *(_whole(gain.genres[genre].value) for genre in found.songs))
        )
        for gain in largest_first(found.without)
    ]
    songs = ", ".join(f"{genre} {wording.count(number)}" for genre, number in found.songs.items())
    note = f"Recall, in points. Songs: {songs}; of few songs, one is many points."
    head = ("set", *found.songs)
    return View("What each set adds to all others, by genre", head, tuple(rows), note)


def _forward(found: Contributions) -> View:
    rows = [
        markdown.Row(
            (
                f"{number}. {' + '.join(gain.added)}",
                wording.percent(gain.macro_recall.a),
                *_gains(gain),
            ),
            is_clear(gain.macro_recall),
        )
        for number, gain in enumerate(found.forward, 1)
    ]
    note = (
        "Each the best to add to those before it, by the training rows alone; the gain over them, "
        "of the first over guessing evenly."
    )
    head = ("set", "so far", "macro recall", "accuracy", "log loss")
    return View("Sets added one by one", head, tuple(rows), note)


def _pair(first: Gain, second: Gain) -> View:
    """First, the second set added to the first; then the other way round."""
    a, b = " + ".join(first.to), " + ".join(second.to)
    pairs = [("macro recall", first.macro_recall, second.macro_recall)]
    pairs += [("accuracy", first.accuracy, second.accuracy)]
    pairs += [(genre, first.genres[genre], second.genres[genre]) for genre in first.genres]
    rows = [
        markdown.Row(
            (
                name,
                *map(wording.percent, (on_a.b, on_b.b, on_a.a)),
                *(gap(item, digits=0) for item in (on_a, on_b)),
            ),
            is_clear(on_a) and is_clear(on_b),
        )
        for name, on_a, on_b in pairs
    ]
    note = (
        f"A: {a}, B: {b}. Recall of each genre in percent, gains in points with 95 % intervals; "
        "bold where both leave 0 out."
    )
    head = ("", "A", "B", "both", "both − A", "both − B")
    return View(f"{a} with {b}, against each alone", head, tuple(rows), note)


def _gains(gain: Gain) -> tuple[str, str, str]:
    return gap(gain.macro_recall), gap(gain.accuracy), _loss_gap(gain.log_loss)


def gap(found: Difference, digits: int = 1) -> str:
    """A difference in points with its interval, whose ends have so many digits."""
    low, high = (wording.signed(100 * end, digits) for end in (found.low, found.high))
    return f"{wording.points(found.value)} [{low}, {high}]"


def _loss_gap(found: Difference) -> str:
    low, high = (wording.signed(end, 3) for end in (found.low, found.high))
    return f"{wording.signed(found.value, 3)} [{low}, {high}]"


def _whole(difference: float) -> str:
    """In whole points, nothing where there is none."""
    return wording.signed(100 * difference, 0) if round(100 * difference) else "·"


def largest_first(gains: tuple[Gain, ...]) -> list[Gain]:
    """By the gain of macro recall."""
    return sorted(gains, key=lambda gain: -gain.macro_recall.value)
