"""What is published beside a section of the leaderboard, and whether it can be compared."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from string import ascii_lowercase

from genrescope.benchmark.published import PublishedScore, published_beside
from genrescope.evaluation.record import Record
from genrescope.report import wording
from genrescope.report.markdown import Row, table, wrapped

_METRICS = ("macro_recall", "accuracy", "log_loss")


@dataclass
class _Line:
    """The numbers that a source gives for one set and method."""

    feature_set: str
    method: str
    comparable: bool
    values: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def published_lines(record: Record) -> Iterator[str]:
    """A table of what is published on the record's data, under its protocol where there is such.

    Nothing where nothing is known.
    """
    scores = _beside(record)
    if not scores:
        return
    lines = _lines(scores, wording.protocol_of(record))
    metrics = [name for name in _METRICS if any(name in line.values for line in lines)]
    notes = list(dict.fromkeys(note for line in lines for note in line.notes))
    head = ("published set", "method", *map(wording.metric_name, metrics), "comparable", "note")
    rows = [_row(line, metrics, notes) for line in lines]
    yield from ("", "Published; comparable means the same songs under the same protocol:", "")
    yield from table(head, rows, numbers=range(2, 2 + len(metrics)))
    yield ""
    yield from (wrapped(note, f"- {_letter(number)}: ") for number, note in enumerate(notes))


def _beside(record: Record) -> list[PublishedScore]:
    known = [score for score in published_beside(record.dataset) if score.metric in _METRICS]
    same = [score for score in known if score.protocol == wording.protocol_of(record)]
    return same or known


def _lines(scores: Sequence[PublishedScore], protocol: str) -> list[_Line]:
    """One line a source, set and method; comparable ones first, then as published."""
    lines: dict[tuple[str, ...], _Line] = {}
    for score in scores:
        comparable = score.comparable and score.protocol == protocol
        key = (score.source, score.protocol, score.feature_set, score.method)
        line = lines.setdefault(key, _Line(score.feature_set, score.method, comparable))
        line.values[score.metric] = wording.published_value(score)
        note = "; ".join(filter(None, (score.source, score.protocol, score.note)))
        if note not in line.notes:
            line.notes.append(note)
    return sorted(lines.values(), key=lambda line: not line.comparable)


def _row(line: _Line, metrics: Sequence[str], notes: Sequence[str]) -> Row:
    values = (line.values.get(name, wording.NOTHING) for name in metrics)
    letters = ", ".join(_letter(notes.index(note)) for note in line.notes)
    comparable = "yes" if line.comparable else "no"
    return Row((line.feature_set, line.method, *values, comparable, letters))


def _letter(number: int) -> str:
    """Letters a to z, then aa, bb and so on."""
    rounds, place = divmod(number, len(ascii_lowercase))
    return ascii_lowercase[place] * (rounds + 1)
