"""How numbers and names are worded, the same on the page and in the terminal."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Sequence

from genrescope.benchmark.published import PublishedScore
from genrescope.evaluation.record import Record
from genrescope.sources import SOURCES, tagging_network

NOTHING = "–"
PRETRAINED = "†"
PRETRAINING = (
    f"{PRETRAINED}: networks trained on other recordings, among which tested songs may be, or "
    "their tags as predicted from descriptors"
)
KINDS = {
    "student": "student: the network as it was published",
    "improved": "improved: our network for the set",
    "baseline": "baseline: another method under the same protocol",
    "model": "model: as it is, on songs that it need not have been trained for",
    "ensemble": "ensemble: several learners together, of one set or more",
}
_METRICS = {
    "macro_recall": "macro recall",
    "log_loss": "log loss",
    "calibration_error": "calibration error",
}


def percent(share: float | None, digits: int = 1) -> str:
    """A share as a percentage without its sign: 0.7124 is `71.2`; a dash where undefined."""
    return NOTHING if share is None or math.isnan(share) else f"{100 * share:.{digits}f}"


def signed(difference: float, digits: int) -> str:
    """A difference with its sign; one that is rounded to nothing has a plus."""
    return f"{round(difference, digits) + 0.0:+.{digits}f}".replace("-", "−")


def points(difference: float) -> str:
    """A difference of shares in percentage points: 0.071 is `+7.1`."""
    return signed(100 * difference, 1)


def nats(value: float | None) -> str:
    """A log loss or an entropy, three digits after the point; a dash where undefined."""
    return NOTHING if value is None or math.isnan(value) else f"{value:.3f}"


def count(number: int | None) -> str:
    """A count with its thousands apart: `26,000`; a dash where there is none."""
    return NOTHING if number is None else f"{number:,}"


def duration(seconds: float) -> str:
    """A time in words: `3.2 s`, `42 s`, `4 min 05 s`, `2 h 05 min`."""
    if math.isnan(seconds):
        return NOTHING
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes == 0:
        return f"{rest} s"
    hours, left = divmod(minutes, 60)
    return f"{minutes} min {rest:02d} s" if hours == 0 else f"{hours} h {left:02d} min"


def sets_of(record: Record) -> str:
    """The names of the sets a learner saw, or how many where they are more than three.

    A dagger (`PRETRAINED`) follows where there is a pretrained network among them.
    """
    names = record.feature_sets
    named = " + ".join(names) if are_named(record) else f"{len(names)} sets"
    return f"{named} {PRETRAINED}" if is_pretrained(record) else named


def are_named(record: Record) -> bool:
    """Whether `sets_of` names the sets rather than counts them."""
    return len(record.feature_sets) <= 3


def is_pretrained(record: Record) -> bool:
    """Whether a set has the vector of a pretrained network, or tags predicted in its place."""
    return any(map(tagging_network, record.feature_sets))


def set_titles(record: Record) -> str:
    """The full names of the sets a learner saw."""
    return ", ".join(map(_title, record.feature_sets))


def _title(name: str) -> str:
    if name in SOURCES:
        return SOURCES[name].title
    network = tagging_network(name)
    return name if network is None else f"tags of {network.name}, predicted from descriptors"


def name_of(record: Record) -> str:
    """Set and learner, as in `rp · student`."""
    return f"{sets_of(record)} · {record.learner}"


def note(value: object) -> str:
    """A note of a record, text as it is and anything else as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def metric_name(metric: str) -> str:
    """A metric's name in words."""
    return _METRICS.get(metric, metric)


def published_value(score: PublishedScore) -> str:
    """A published value in the unit of our own, with no more digits than were published."""
    return f"{score.value:g}" if score.metric == "log_loss" else percent(score.value)


def protocol_of(record: Record) -> str:
    """The protocol without its repeats (`3 x`), which only measure the same more finely."""
    return re.sub(r"^\d+ x ", "", record.protocol)


def comparable_with(record: Record, published: Iterable[PublishedScore]) -> list[PublishedScore]:
    """What was published for the record's one set under the record's own protocol."""
    protocol = protocol_of(record)
    return [
        score
        for score in published
        if score.comparable
        and record.feature_sets == (score.feature_set,)
        and score.protocol == protocol
    ]


def warnings_of(records: Iterable[Record]) -> dict[str, list[Record]]:
    """Each warning once, with the records that it is about."""
    found: dict[str, list[Record]] = {}
    for record in records:
        for text in record.warnings:
            found.setdefault(text, []).append(record)
    return found


def best_per_set(records: Sequence[Record]) -> frozenset[int]:
    """Positions of the records with the highest macro recall of their sets and protocol."""
    best: dict[tuple[object, ...], int] = {}
    for position, record in enumerate(records):
        key = (record.dataset, record.protocol, record.feature_sets)
        held = best.get(key)
        if held is None or _macro(record) > _macro(records[held]):
            best[key] = position
    return frozenset(best.values())


def _macro(record: Record) -> float:
    return record.scores.macro_recall.value
