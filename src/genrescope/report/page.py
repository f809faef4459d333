"""The report: one page that needs nothing beside itself."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from genrescope.benchmark.published import PublishedScore
from genrescope.evaluation.record import Record
from genrescope.featuresets import feature_set
from genrescope.files.atomic import write_atomic
from genrescope.report import wording
from genrescope.report.corpora.songs import PlainTable
from genrescope.report.figures import loss_curves, recall_curves, reliability_curve
from genrescope.report.genre_means import GenreMeans
from genrescope.report.pictures import (
    Scale,
    difference_colours,
    difference_scale,
    is_dark,
    is_pictured,
    pictures,
    scales,
)


@dataclass(frozen=True)
class _Entry:
    """A record as the page shows it; `key` names its fold-out, `first` opens a new set."""

    record: Record
    key: str
    best: bool
    first: bool
    published: list[PublishedScore]
    curves: list[Markup]
    reliability: Markup

    @property
    def sets(self) -> Markup:
        """The sets' names, which may be broken after an underscore."""
        return Markup(str(escape(wording.sets_of(self.record))).replace("_", "_<wbr>"))

    @property
    def sources(self) -> dict[str, list[PublishedScore]]:
        """The published numbers of the entry's set and protocol, by where they are from."""
        found: dict[str, list[PublishedScore]] = {}
        for score in self.published:
            found.setdefault(f"{score.method}; {score.source}", []).append(score)
        return found

    @property
    def titles(self) -> str:
        return wording.set_titles(self.record)

    @property
    def name(self) -> str:
        return wording.name_of(self.record)


@dataclass(frozen=True)
class _Group:
    """The entries of one data set, protocol and vocabulary: only these may share a table."""

    title: str
    genres: tuple[str, ...]
    entries: list[_Entry] = field(default_factory=list)

    @property
    def highest(self) -> dict[str, float]:
        """The highest recall of each genre over the group."""
        scores = [score for entry in self.entries for score in entry.record.scores.genres]
        return {
            genre: max((s.recall for s in scores if s.genre == genre and s.recall), default=1.0)
            for genre in self.genres
        }

    @property
    def notes(self) -> dict[str, list[str]]:
        """Notes on the published numbers beside the group: note, then which."""
        found: dict[str, list[str]] = {}
        for score in dict.fromkeys(score for entry in self.entries for score in entry.published):
            name = f"{score.feature_set} {wording.metric_name(score.metric)}"
            found.setdefault(score.note, []).append(name)
        return {note: names for note, names in found.items() if note}


@dataclass(frozen=True)
class _Descriptor:
    """A typical descriptor as the page shows it: pictures, or a table of differences."""

    name: str
    title: str
    genres: tuple[str, ...]
    songs: tuple[int, ...]
    scales: list[Scale]
    pictures: list[tuple[str, Markup]]
    cells: list[tuple[str, list[tuple[str, str, bool]]]]


def write_report(
    path: str | Path,
    records: Sequence[Record],
    *,
    title: str,
    introduction: str,
    published: Sequence[PublishedScore],
    typical: Sequence[GenreMeans] = (),
    tables: Sequence[PlainTable] = (),
    command: str = "",
) -> None:
    """Write one self-contained HTML page; nothing in it is fetched from anywhere.

    Args:
        path: the file; it is replaced whole or left as it was.
        records: in the order of the tables; those of one set together.
        title: heading of the page.
        introduction: plain text, paragraphs parted by an empty line.
        published: numbers to stand beside; those that are not comparable stand apart.
        typical: typical descriptors to picture.
        tables: further tables, after the results.
        command: what reproduces the whole page.
    """
    entries = _entries(records, published)
    page = _environment().get_template("page.html")
    text = page.render(
        title=title,
        paragraphs=[part for part in re.split(r"\n\s*\n", introduction.strip()) if part],
        kinds={kind: words for kind, words in wording.KINDS.items() if _has_kind(records, kind)},
        groups=_groups(entries),
        tables=tables,
        elsewhere=_elsewhere(entries, published),
        typical=[_descriptor(item, f"t{number}") for number, item in enumerate(typical, 1)],
        warnings=_warnings(entries),
        versions=_versions(records),
        command=command,
    )
    write_atomic(Path(path), text.encode())


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("genrescope.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    for worded in (
        wording.percent,
        wording.nats,
        wording.count,
        wording.duration,
        wording.note,
        wording.metric_name,
        wording.published_value,
    ):
        environment.globals[worded.__name__] = worded
    return environment


def _entries(records: Sequence[Record], published: Sequence[PublishedScore]) -> list[_Entry]:
    best = wording.best_per_set(records)
    entries = []
    for position, record in enumerate(records):
        key = f"r{position + 1}"
        before = records[position - 1].feature_sets if position else None
        draw = (loss_curves, recall_curves) if record.histories else ()
        curves = [Markup(curve(record, f"{key}-{curve.__name__}")) for curve in draw]
        reliability = reliability_curve(record.scores, f"{key}-b", wording.name_of(record))
        entries.append(
            _Entry(
                record,
                key,
                position in best,
                record.feature_sets != before,
                wording.comparable_with(record, published),
                curves,
                Markup(reliability),
            )
        )
    return entries


def _groups(entries: Sequence[_Entry]) -> list[_Group]:
    groups: dict[tuple[object, ...], _Group] = {}
    for entry in entries:
        record = entry.record
        key = (record.dataset, record.protocol, record.genres)
        group = groups.setdefault(
            key, _Group(f"{record.dataset}, {record.protocol}", record.genres)
        )
        group.entries.append(entry)
    return list(groups.values())


def _has_kind(records: Sequence[Record], kind: str) -> bool:
    return any(record.kind == kind for record in records)


def _elsewhere(
    entries: Sequence[_Entry], published: Sequence[PublishedScore]
) -> list[PublishedScore]:
    """What is published but stands beside none of the entries."""
    beside = {score for entry in entries for score in entry.published}
    return [score for score in published if score not in beside]


def _warnings(entries: Sequence[_Entry]) -> dict[str, list[str]]:
    """Each warning once, with the names of the results that it is about."""
    found = wording.warnings_of(entry.record for entry in entries)
    return {text: list(map(wording.name_of, about)) for text, about in found.items()}


def _versions(records: Sequence[Record]) -> dict[str, str]:
    """Versions of all records; where they differ, each that occurs."""
    found: dict[str, dict[str, None]] = {}
    for record in records:
        for name, version in record.versions.items():
            found.setdefault(name, {})[version] = None
    return {name: ", ".join(versions) for name, versions in found.items()}


def _descriptor(typical: GenreMeans, key: str) -> _Descriptor:
    found = feature_set(typical.feature_set)
    drawn = is_pictured(found.name)
    images = [(genre, Markup(svg)) for genre, svg in pictures(typical, key)] if drawn else []
    return _Descriptor(
        found.name,
        found.title,
        typical.genres,
        typical.songs,
        scales(typical) if drawn else [difference_scale(typical)],
        images,
        [] if drawn else _cells(typical),
    )


def _cells(typical: GenreMeans) -> list[tuple[str, list[tuple[str, str, bool]]]]:
    """Rows of the table of differences: a value's name, then (number, colour, is dark) by genre."""
    colours = difference_colours(typical)
    rows = []
    for number, column in enumerate(feature_set(typical.feature_set).columns):
        values = typical.differences[:, number]
        cells = [
            (
                f"{round(value, 1) + 0.0:+.1f}".replace("-", "−"),
                colour[number],
                is_dark(colour[number]),
            )
            for value, colour in zip(values, colours, strict=True)
        ]
        rows.append((column, cells))
    return rows
