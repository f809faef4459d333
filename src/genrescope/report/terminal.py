"""The tables that a benchmark prints: results, results under other genre shares, differences."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from rich import box
from rich.table import Table
from rich.text import Text

from genrescope.benchmark.published import PublishedScore
from genrescope.evaluation.paired import Difference
from genrescope.evaluation.record import Record
from genrescope.evaluation.scores import Interval
from genrescope.report import wording
from genrescope.report.corpora.songs import PlainTable

_COMPARED = ("A", "B", "A − B", "95 % interval", "A not better")
_STYLES = {"improved": "cyan", "baseline": "yellow", "ensemble": "magenta"}


@dataclass(frozen=True)
class _Column:
    """A column: its heading, its cells, and the width of the terminal from which it is shown."""

    heading: str
    cell: Callable[[Record], str | Text]
    from_width: int = 0


def _with_interval(score: Interval) -> Text:
    low, high = wording.percent(score.low), wording.percent(score.high)
    return Text(wording.percent(score.value)).append(f" {low}–{high}", "dim")


def _plain(cell: str | Text) -> Text:
    """A cell that is shown as it is."""
    return Text(cell) if isinstance(cell, str) else cell


_NUMBERS = (
    _Column("macro recall", lambda record: _with_interval(record.scores.macro_recall)),
    _Column("accu-\nracy", lambda record: wording.percent(record.scores.accuracy.value)),
    _Column("macro\nF1", lambda record: wording.percent(record.scores.macro_f1.value), 90),
    _Column("log\nloss", lambda record: wording.nats(record.scores.log_loss.value)),
    _Column("top 3", lambda record: wording.percent(record.scores.top3.value), 100),
    _Column(
        "calib.\nerror", lambda record: wording.percent(record.scores.calibration_error.value), 110
    ),
    _Column("para-\nmeters", lambda record: wording.count(record.parameters), 120),
    _Column("seconds", lambda record: f"{record.seconds:.1f}", 100),
)


def results_table(
    records: Sequence[Record], published: Sequence[PublishedScore], *, width: int = 120
) -> Table:
    """One row a record, the best macro recall of each set bold, published numbers beside it.

    Args:
        records: in the order wanted, those of one set together.
        published: only what is comparable with a record is shown.
        width: columns of the terminal; below 120 the lesser columns are left out.
    """
    best = wording.best_per_set(records)
    columns = _names(records) + [item for item in _NUMBERS if width >= item.from_width]
    if any(wording.comparable_with(record, published) for record in records):
        columns.append(_Column("published", lambda record: _published(record, published)))
    table = Table(
        box=box.SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
        caption=_caption(records),
        caption_justify="left",
    )
    for item in columns:
        number = item in _NUMBERS
        justify: Literal["left", "right"] = "right" if number else "left"
        table.add_column(item.heading, justify=justify, no_wrap=number, overflow="fold")
    for position, record in enumerate(records):
        if position and record.feature_sets != records[position - 1].feature_sets:
            table.add_section()
        style = f"{_STYLES.get(record.kind, '')} {'bold' if position in best else ''}"
        table.add_row(*(_plain(item.cell(record)) for item in columns), style=style.strip())
    return table


def plain_table(content: PlainTable) -> Table | Text:
    """A table of words and numbers; its note alone where it has no rows."""
    if not content.rows:
        return Text(content.note)
    table = Table(
        box=box.SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
        title=content.title,
        title_justify="left",
        caption=content.note,
        caption_justify="left",
    )
    for heading in content.head:
        table.add_column(heading, overflow="fold")
    for row in content.rows:
        table.add_row(*map(Text, row))
    return table


def rules_table(records: Sequence[Record]) -> Table | None:
    """One row a record whose test part is clearly skewed; None where there is none.

    The likeliest genre of the balanced probabilities is predicted for macro recall, that of
    probabilities corrected to the genre shares the one for accuracy and for writing tags.
    """
    skewed = [record for record in records if record.rules]
    if not skewed:
        return None
    table = Table(
        box=box.SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
        title="One model, three rules",
        title_justify="left",
        caption=Text("\n".join([_RULES, *_beside(skewed)])),
        caption_justify="left",
    )
    columns = _names(skewed)
    for item in columns:
        table.add_column(item.heading, overflow="fold")
    for heading in _RULE_HEADINGS:
        table.add_column(heading, justify="right", no_wrap=True)
    for record in skewed:
        rules = record.rules
        table.add_row(
            *(_plain(item.cell(record)) for item in columns),
            wording.percent(rules[0].macro_recall.value),
            *(wording.percent(rule.accuracy.value) for rule in rules),
            *(wording.nats(rule.log_loss.value) for rule in rules),
            wording.percent(rules[-1].shares_off),
            style=_STYLES.get(record.kind, ""),
        )
    return table


_RULE_HEADINGS = (
    "macro\nrecall",
    *("accuracy\nbalanced", "known\nshares", "estim.\nshares"),
    *("log loss\nbalanced", "known\nshares", "estim.\nshares"),
    "off\nby",
)
_RULES = (
    "balanced: all genres taken as equally common, the rule for macro recall\n"
    "known shares: of the test part; estimated: by EM from its songs without their labels,\n"
    "off by so many percent of songs; corrected predictions are for accuracy and for tags"
)


def _names(records: Sequence[Record]) -> list[_Column]:
    """What distinguishes the records; the protocol only where there are several."""
    names = [
        _Column("set", lambda record: wording.sets_of(record)),
        _Column("learner", lambda record: record.learner),
    ]
    if len({record.protocol for record in records}) > 1:
        names.append(_Column("protocol", lambda record: record.protocol))
    return names


def _published(record: Record, published: Sequence[PublishedScore]) -> str:
    """The first number published for the record's set and protocol, or a dash."""
    for score in wording.comparable_with(record, published):
        return f"{wording.published_value(score)} {wording.metric_name(score.metric)}"
    return wording.NOTHING


def _caption(records: Sequence[Record]) -> str:
    """How to read the results table."""
    lines = ["percent, log loss in nats; 95 % bootstrap intervals; the best of each set is bold"]
    lines += [wording.PRETRAINING] if any(map(wording.is_pretrained, records)) else []
    return "\n".join([*lines, *_beside(records)])


def _beside(records: Sequence[Record]) -> list[str]:
    """What to read accuracy and log loss beside, where it is the same for all records."""
    lines = []
    scores = [record.scores for record in records]
    bases = {(s.majority_rate, s.uniform_log_loss, s.prior_entropy) for s in scores}
    for majority, uniform, prior in bases if len(bases) == 1 else ():
        lines.append(
            f"always the commonest genre: accuracy {wording.percent(majority)}; log loss of "
            f"guessing evenly {wording.nats(uniform)}, by genre shares {wording.nats(prior)}"
        )
    return lines


def differences_table(differences: Mapping[str, Difference]) -> Table:
    """One row a score: that of A, that of B, and their difference.

    Args:
        differences: see `genrescope.evaluation.paired.compare`.
    """
    table = Table(
        box=box.SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
        caption="percent and points, log loss in nats; paired bootstrap over the songs",
        caption_justify="left",
    )
    table.add_column("")
    for heading in _COMPARED:
        table.add_column(heading, justify="right", no_wrap=True)
    for metric, found in differences.items():
        table.add_row(wording.metric_name(metric), *_difference_cells(metric, found))
    return table


def _difference_cells(metric: str, found: Difference) -> list[str]:
    in_nats = metric == "log_loss"
    scores = map(wording.nats if in_nats else wording.percent, (found.a, found.b))
    gap, low, high = (
        wording.signed(value, 3) if in_nats else wording.points(value)
        for value in (found.value, found.low, found.high)
    )
    share = f"{wording.percent(found.not_better)} %"
    return [*scores, gap, f"{low} to {high}", share]
