"""Learning curves and reliability curve of one record, as SVG for the page."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator, PercentFormatter

from genrescope.evaluation.record import EpochLog, Record
from genrescope.evaluation.scores import ReliabilityBin, Scores
from genrescope.report.svg import FAINT, INK, TRAIN, VALIDATION, Sheet
from genrescope.report.wording import name_of, percent

_QUARTERS = (0, 0.25, 0.5, 0.75, 1)


def loss_curves(record: Record, key: str) -> str:
    """Log loss on the training and the validation part by epoch.

    Every split is thin, their mean bold, and a dot marks each epoch whose weights were kept. The
    mean ends where the shortest split ends: beyond, it would be a mean of other splits.
    """
    sheet = Sheet(300, 220, left=0.13, right=0.97, bottom=0.18, top=0.9)
    axes = sheet.axes[0]
    _curve(axes, record.histories, "loss", "training part", TRAIN)
    _curve(axes, record.histories, "val_loss", "validation part", VALIDATION)
    _label(axes, "log loss (nats)")
    return sheet.svg(key, f"Log loss of {_curves_in_words(record)}")


def recall_curves(record: Record, key: str) -> str:
    """Macro recall on the validation part by epoch, drawn as `loss_curves` are."""
    sheet = Sheet(300, 220, left=0.13, right=0.97, bottom=0.18, top=0.9)
    axes = sheet.axes[0]
    _curve(axes, record.histories, "val_macro_recall", "validation part", VALIDATION)
    _label(axes, "macro recall")
    axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    return sheet.svg(key, f"Validation macro recall of {_curves_in_words(record)}")


def _label(axes: Axes, title: str) -> None:
    axes.set_title(title)
    axes.set_xlabel("epoch")
    axes.xaxis.set_major_locator(MaxNLocator(4, integer=True))
    axes.yaxis.set_major_locator(MaxNLocator(4))
    axes.grid(color=FAINT, linewidth=0.4)
    if axes.lines:
        axes.legend(frameon=False, fontsize=9, labelcolor=INK)


def _curve(axes: Axes, histories: Sequence[EpochLog], column: str, label: str, colour: str) -> None:
    """One column of every split, and their mean."""
    logs = [log for log in histories if log.columns.get(column)]
    if not logs:
        return
    for log in logs:
        values = log.columns[column]
        axes.plot(range(1, len(values) + 1), values, color=colour, linewidth=0.6, alpha=0.5)
    if column.startswith("val_"):
        epochs = [log.best_epoch + 1 for log in logs]
        kept = [log.columns[column][log.best_epoch] for log in logs]
        axes.plot(epochs, kept, "o", color=colour, markersize=3.5)
    shortest = min(len(log.columns[column]) for log in logs)
    mean = np.mean([log.columns[column][:shortest] for log in logs], axis=0)
    axes.plot(range(1, shortest + 1), mean, color=colour, linewidth=1.8, label=label)


def _curves_in_words(record: Record) -> str:
    logs = record.histories
    kept = [log.best_epoch + 1 for log in logs]
    ran = [len(next(iter(log.columns.values()), [])) for log in logs]
    return (
        f"{name_of(record)} by epoch: {len(logs)} runs of {min(ran)} to {max(ran)} epochs, "
        f"weights kept of epoch {min(kept)} to {max(kept)}"
    )


def reliability_curve(scores: Scores, key: str, name: str) -> str:
    """How often predictions are right against how sure they are, and how many there are."""
    sheet = Sheet(
        300,
        300,
        rows=2,
        left=0.18,
        right=0.95,
        bottom=0.13,
        top=0.98,
        hspace=0.1,
        height_ratios=(3, 1),
    )
    curve, histogram = sheet.axes
    filled = [item for item in scores.reliability if item.count]
    curve.plot([0, 1], [0, 1], color=INK, linewidth=0.8, linestyle=(0, (4, 3)), alpha=0.6)
    confidence = [item.confidence or 0.0 for item in filled]
    right = [item.accuracy or 0.0 for item in filled]
    curve.plot(confidence, right, "o-", color=TRAIN, linewidth=1.6, markersize=4)
    curve.set_ylabel("share right")
    curve.set_ylim(0, 1)
    curve.set_yticks(_QUARTERS)
    _histogram(histogram, scores.reliability)
    for axes in sheet.axes:
        axes.set_xlim(0, 1)
        axes.set_xticks(_QUARTERS)
        axes.grid(color=FAINT, linewidth=0.4)
        axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
        axes.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    curve.tick_params(labelbottom=False)
    return sheet.svg(key, _reliability_in_words(scores, name))


def _histogram(axes: Axes, bins: Sequence[ReliabilityBin]) -> None:
    total = max(1, sum(item.count for item in bins))
    axes.bar(
        [item.low for item in bins],
        [item.count / total for item in bins],
        width=[item.high - item.low for item in bins],
        align="edge",
        color=TRAIN,
        alpha=0.6,
    )
    axes.set_ylabel("songs")
    axes.set_xlabel("confidence")
    axes.yaxis.set_major_locator(MaxNLocator(2))


def _reliability_in_words(scores: Scores, name: str) -> str:
    total = max(1, sum(item.count for item in scores.reliability))
    confidence = sum(
        item.count * item.confidence for item in scores.reliability if item.confidence is not None
    )
    return (
        f"Reliability of {name}: mean confidence {percent(confidence / total)} %, "
        f"right {percent(scores.accuracy.value)} %, "
        f"expected calibration error {percent(scores.calibration_error.value)} points"
    )
