"""What an audit found, in sentences: errors first, then warnings, then information."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from genrescope.benchmark.audit import Audit, SetAudit
from genrescope.evaluation.duplicates import DuplicatePair

Severity = Literal["error", "warning", "info"]
MIN_AGREEMENT = 0.7
"""Where predictions agree with a smaller share of the labels, label issues are no warning."""

SEVERITIES: tuple[Severity, ...] = ("error", "warning", "info")


@dataclass(frozen=True)
class Finding:
    """One thing found.

    Attributes:
        severity: `error` makes scores dishonest, `warning` may, `info` is for the reader.
        what: a sentence.
        examples: of it, the plainest first.
    """

    severity: Severity
    what: str
    examples: tuple[str, ...] = ()


def findings(audit: Audit) -> list[Finding]:
    """All findings, the most severe first."""
    found = [
        *_copied_genres(audit),
        *_copies(audit),
        *_split(audit),
        *_columns(audit),
        *_labels(audit),
        *_balance(audit),
        *_method(audit),
        *(Finding("info", note) for note in audit.subject.notes),
    ]
    return sorted(found, key=lambda item: SEVERITIES.index(item.severity))


def _some(names: Sequence[str], most: int = 6) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def _counted(number: int, one: str) -> str:
    return f"{number:,} {one if number == 1 else one + 's'}"


def _copied_genres(audit: Audit) -> Iterator[Finding]:
    where: dict[tuple[str, str], list[str]] = {}
    for item in audit.sets:
        for pair in item.copied_genres:
            where.setdefault(pair, []).append(item.name)
    aside = {genre for item in audit.sets for genre in item.set_aside}
    for pair, names in where.items():
        copy, original = sorted(pair, key=lambda genre: genre not in aside)
        yield Finding(
            "error",
            f"every row of {copy} repeats the row of {original}, in "
            f"{len(names)} of {_counted(len(audit.sets), 'set')}: {_some(names, 14)}",
        )


def _copies(audit: Audit) -> Iterator[Finding]:
    labels = audit.subject.tables[0].labels

    def differ(copy: DuplicatePair) -> bool:
        return labels is not None and labels[copy.first] != labels[copy.second]

    for across in (True, False):
        copies = [copy for copy in audit.confirmed if differ(copy) == across]
        equal = sum(bool(copy.equal) for copy in copies)
        if copies:
            yield Finding(
                "error" if across else "warning",
                f"{_counted(len(copies), 'pair')} of songs that are one"
                f"{' under two genres' if across else ''}: {equal:,} with equal vectors, "
                f"{len(copies) - equal:,} nearly equal; a random split puts them on both sides",
                tuple(_pair(audit, copy) for copy in copies),
            )
    if audit.unconfirmed:
        yield Finding(
            "info",
            f"{_counted(len(audit.unconfirmed), 'pair')} of songs nearly equal in one set only",
            tuple(_pair(audit, copy) for copy in audit.unconfirmed),
        )


def _pair(audit: Audit, copy: DuplicatePair) -> str:
    """Such as `metal.00058 = rock.00016 (2 sets)`."""
    ids, labels = audit.subject.tables[0].ids, audit.subject.tables[0].labels
    one, two = ids[copy.first], ids[copy.second]
    if labels is not None and labels[copy.first] != labels[copy.second]:
        one, two = (
            f"{name} [{labels[row] or 'no genre'}]"
            for name, row in ((one, copy.first), (two, copy.second))
        )
    found = []
    if copy.equal and len(audit.sets) > 1:
        found.append(f"equal in {_counted(len(copy.equal), 'set')}")
    if copy.near:
        nearest = min(copy.near, key=lambda name: copy.near[name])
        where = nearest if len(copy.near) == 1 else _counted(len(copy.near), "set")
        found.append(f"near in {where}, {copy.near[nearest]:.2g} of the usual distance")
    sign = "=" if copy.equal else "~"
    return f"{one} {sign} {two}" + (f" ({'; '.join(found)})" if found else "")


def _split(audit: Audit) -> Iterator[Finding]:
    split, ids = audit.split, audit.subject.tables[0].ids
    if split is None:
        return
    if len(split.copies):
        yield Finding(
            "error",
            f"{len(split.copies):,} of {split.test:,} tested songs of {split.name} have a copy "
            "that is trained on",
            tuple(ids[split.copies].tolist()),
        )
    else:
        yield Finding("info", f"no copy lies on both sides of {split.name}")
    if split.artists is None:
        yield Finding("info", f"no artists known: {split.name} was not checked for them")
    elif len(split.artists):
        groups = audit.subject.tables[0].groups
        names = () if groups is None else tuple(dict.fromkeys(groups[split.artists].tolist()))
        yield Finding(
            "error",
            f"{len(split.artists):,} of {split.test:,} tested songs of {split.name} "
            f"({len(split.artists) / split.test:.1%}) are by {_counted(len(names), 'artist')} of "
            "whom other songs are trained on",
            names,
        )


def _columns(audit: Audit) -> Iterator[Finding]:
    for item in audit.sets:
        faults, ids = item.faults, audit.subject.tables[0].ids
        if faults.not_finite:
            yield Finding(
                "error",
                f"{item.name}: {sum(faults.not_finite.values()):,} values are missing or not "
                f"finite, in {_counted(len(faults.not_finite), 'column')}",
                _named(item, {i: f"{n:,}" for i, n in faults.not_finite.items()}),
            )
        if faults.outliers:
            yield Finding(
                "warning",
                f"{item.name}: {_counted(len(faults.outliers), 'column')} with values far beyond "
                "all others: of another unit, or of a broken song",
                _named(
                    item,
                    {
                        i: f"{_counted(n, 'row')}, worst {ids[row]}"
                        for i, (n, row) in faults.outliers.items()
                    },
                ),
            )
        if item.rescaled:
            yield Finding(
                "error",
                f"{item.name}: {_counted(len(item.rescaled), 'column')} of another scale in a part",
                _named(item, {i: f"wider in {part}" for i, part in item.rescaled.items()}),
            )
        yield from _idle_columns(item)


def _idle_columns(item: SetAudit) -> Iterator[Finding]:
    """Columns without information: harmless, but often the sign of a broken extraction."""
    faults = item.faults
    kinds = (
        ("constant", dict.fromkeys(faults.constant, "")),
        ("nearly constant", {i: f"{s:.1%} one value" for i, s in faults.nearly_constant.items()}),
        ("equal to another", {i: item.columns[j] for i, j in faults.copies.items()}),
    )
    for kind, columns in kinds:
        if columns:
            yield Finding(
                "info",
                f"{item.name}: {_counted(len(columns), 'column')} {kind}",
                _named(item, columns),
            )


def _named(item: SetAudit, columns: Mapping[int, str]) -> tuple[str, ...]:
    """Names of columns, each with its finding."""
    return tuple(
        f"'{item.columns[i]}'{f' ({what})' if what else ''}" for i, what in columns.items()
    )


def _labels(audit: Audit) -> Iterator[Finding]:
    found, ids = audit.labels, audit.subject.tables[0].ids
    if found is None:
        return
    if found.issues:
        yield Finding(
            "warning" if found.accuracy >= MIN_AGREEMENT else "info",
            f"{_counted(len(found.issues), 'song')} of {found.rows:,} are predicted another genre "
            f"out of fold (no proof: the predictions agree with {found.accuracy:.0%} of the "
            f"labels)",
            tuple(
                f"{ids[s.row]}: {s.genre} ({s.probability:.2f}), predicted {s.predicted} "
                f"({s.predicted_probability:.2f})"
                for s in found.issues
            ),
        )
    sample = "a stratified sample of " if found.sampled else ""
    yield Finding(
        "info",
        f"labels compared with predictions of {sample}{found.rows:,} songs, {found.folds}-fold, "
        f"{found.learner}, copies and artists kept together; at most {found.noise:.1%} of the "
        "labels are wrong, errors of the predictions among them",
        tuple(f"{genre} not compared: {why}" for genre, why in found.left_out.items()),
    )
    aside = sorted({genre for item in audit.sets for genre in item.set_aside})
    if aside:
        yield Finding("info", f"labels of {_some(aside)} not compared: the rows are copies")


def _balance(audit: Audit) -> Iterator[Finding]:
    counts = audit.balance
    if counts is None or not counts.counts:
        yield Finding("info", "no labels known: genres and wrong labels were not looked at")
        return
    majority, share = counts.majority
    genre, songs = counts.rarest
    shape = f"always predicting {majority} scores {share:.1%}, {genre} is rarest with {songs:,}"
    if songs == max(counts.counts.values()):
        shape = f"{songs:,} of each"
    yield Finding(
        "warning" if songs < 10 or share > 0.5 else "info",
        f"{_counted(len(counts.counts), 'genre')} of {counts.labelled:,} songs: {shape}",
        tuple(f"{name} {count:,}" for name, count in counts.counts.items()),
    )
    if counts.unlabelled:
        yield Finding("info", f"{_counted(counts.unlabelled, 'song')} without a genre")
    if (artists := counts.artists) is not None:
        few = [f"{name} {count}" for name, count in artists.by_genre.items() if count < 10]
        yield Finding(
            "warning" if few else "info",
            f"{_counted(artists.artists, 'artist')}, {artists.median:g} songs each in the middle, "
            f"at most {artists.most:,} ({artists.largest})"
            + ("; of some genres so few that a learner may learn these artists" if few else ""),
            tuple(few),
        )


def _method(audit: Audit) -> Iterator[Finding]:
    """How near duplicates were looked for, where not every pair was compared."""
    for item in audit.sets:
        near = item.near
        if not near.exhaustive or near.unchecked:
            left = (
                f"; the {near.unchecked:,} farthest candidates left aside" if near.unchecked else ""
            )
            yield Finding(
                "info",
                f"{item.name}: near duplicates among {near.searched:,} rows looked for in the "
                f"leaves of random projection trees, not pair by pair{left}",
            )
