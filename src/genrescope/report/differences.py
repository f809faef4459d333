"""The table that `genrescope benchmark compare` prints."""

from __future__ import annotations

from collections.abc import Mapping

from rich import box
from rich.table import Table

from genrescope.evaluation.paired import Difference
from genrescope.report import wording

_COLUMNS = ("A", "B", "A − B", "95 % interval", "A not better")


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
    for heading in _COLUMNS:
        table.add_column(heading, justify="right", no_wrap=True)
    for metric, found in differences.items():
        table.add_row(wording.metric_name(metric), *_cells(metric, found))
    return table


def _cells(metric: str, found: Difference) -> list[str]:
    in_nats = metric == "log_loss"
    scores = map(wording.nats if in_nats else wording.percent, (found.a, found.b))
    gap, low, high = (
        wording.signed(value, 3) if in_nats else wording.points(value)
        for value in (found.value, found.low, found.high)
    )
    share = f"{wording.percent(found.not_better)} %"
    return [*scores, gap, f"{low} to {high}", share]
