"""An explanation drawn: the genres, what favours which, and the song beside typical ones."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from genrescope.descriptors.tuwien.loudness import BARK_LIMITS
from genrescope.descriptors.tuwien.modulation import modulation_frequencies
from genrescope.explanation.attribution import Attributions
from genrescope.explanation.explain import Explanation
from genrescope.explanation.feature_groups import describe_input
from genrescope.explanation.profile import PULSE, SOUND, STRENGTH, AudioProfile, ProfileDeviation
from genrescope.report.explanation_text import heading
from genrescope.report.song import STYLE, save_picture

_SONG, _FOR, _AGAINST, _USUAL, _MIDDLE = "#5b3a8c", "#2a7f62", "#c77b1e", "#dcdcdc", "#8a8a8a"
_GENRES = 5  # likeliest ones that are drawn
_HERTZ = (100, 300, 630, 1080, 2000, 3150, 5300, 9500)
_MINUTE = (30, 60, 90, 120, 180, 240, 360, 480)


def draw_explanation(found: Explanation, picture: Path) -> None:
    """Write a picture of an explanation, of the kind of its suffix: .png, .svg or .pdf.

    Raises:
        DataError: it cannot be written.
    """
    save_picture(explanation_figure(found), picture)


def explanation_figure(found: Explanation) -> Figure:
    """The figure; what the explanation lacks is left out."""
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(11, 8), layout="constrained")
        title = f"{found.song.path.name}\n{heading(found.song.prediction)}".replace("$", r"\$")
        figure.suptitle(title, x=0.01, ha="left", fontsize=12)
        grid = figure.add_gridspec(2, 1, height_ratios=(1, 1.15))
        top = grid[0].subgridspec(1, 2, width_ratios=(1, 2.4))
        _draw_genres(figure.add_subplot(top[0]), found)
        if found.attributions is not None:
            _draw_attributions(figure.add_subplot(top[1]), found.attributions)
        if found.profile is not None:
            below = grid[1].subgridspec(1, 2)
            _draw_loudness(figure.add_subplot(below[0]), found, found.profile)
            _draw_pulses(figure.add_subplot(below[1]), found, found.profile)
    return figure


def _draw_genres(axes: Axes, found: Explanation) -> None:
    names, shares = zip(*found.song.prediction.top(_GENRES), strict=True)
    percent = 100 * np.array(shares)
    colours = [_FOR, _AGAINST, *[_MIDDLE] * (len(names) - 2)]
    bars = axes.barh(names, percent, color=colours)
    axes.bar_label(bars, [f"{value:.0f} %" for value in percent], padding=3)
    axes.set(title="How likely", xlim=(0, 118), xticks=[])
    axes.invert_yaxis()
    _bare(axes)


def _draw_attributions(axes: Axes, attributions: Attributions) -> None:
    """What each input adds to the log-odds of the two likeliest genres."""
    values = np.array([item.log_odds for item in attributions.inputs])
    labels = [
        f"{describe_input(item.name).description} ({item.name})" for item in attributions.inputs
    ]
    axes.barh(range(len(values)), values, color=np.where(values > 0, _FOR, _AGAINST))
    axes.set_yticks(range(len(values)), labels)
    reach = 1.05 * max(float(np.abs(values).max()), 1e-9)
    axes.set(xlim=(-reach, reach), xticks=[])
    for x, side, text, colour in (
        (0.49, "right", f"favours {attributions.runner_up} \N{LEFTWARDS ARROW}", _AGAINST),
        (0.51, "left", f"\N{RIGHTWARDS ARROW} favours {attributions.genre}", _FOR),
    ):
        axes.text(x, 1.03, text, transform=axes.transAxes, ha=side, color=colour)
    axes.axvline(0, color=_MIDDLE, linewidth=0.8)
    axes.invert_yaxis()
    _bare(axes)


def _draw_loudness(axes: Axes, found: Explanation, song: AudioProfile) -> None:
    bands = np.arange(1, len(BARK_LIMITS))
    typical = None if found.typical is None else found.typical.loudness
    _draw_beside(axes, bands, song.loudness[0], typical)
    positions = [int(np.flatnonzero(limit == BARK_LIMITS)[0]) for limit in _HERTZ]
    axes.set_xticks(positions, [f"{limit:,}" for limit in _HERTZ])
    axes.set(title=_titled("Bass to treble", found), xlabel="Hz", ylabel="% of the loudness")
    _annotate(axes, found, SOUND)


def _draw_pulses(axes: Axes, found: Explanation, song: AudioProfile) -> None:
    minute = 60 * modulation_frequencies()
    shown = (minute >= _MINUTE[0]) & (minute <= _MINUTE[-1])
    typical = None if found.typical is None else found.typical.pulses[:, shown]
    _draw_beside(axes, minute[shown], song.pulses[0, shown], typical)
    axes.set_xscale("log")
    axes.set_xticks(_MINUTE, [str(value) for value in _MINUTE])
    axes.set_xticks([], minor=True)
    axes.set(title=_titled("Beat", found), xlabel="pulses a minute", ylabel="% of the pulsation")
    peak = int(np.argmin(np.abs(minute - song.tempo)))
    axes.plot(minute[peak], 100 * song.pulses[0, peak], "o", color=_SONG, markersize=4)
    axes.annotate(
        f"{song.tempo:.0f}",
        (minute[peak], 100 * song.pulses[0, peak]),
        xytext=(0, 6),
        textcoords="offset points",
        ha="center",
        color=_SONG,
    )
    _annotate(axes, found, (*PULSE, STRENGTH))


def _draw_beside(
    axes: Axes, at: NDArray[Any], song: NDArray[np.float64], typical: NDArray[np.float64] | None
) -> None:
    """The song's line over the range of the typical songs but for a tenth at each end."""
    if typical is not None:
        low, middle, high = 100 * np.quantile(typical, (0.1, 0.5, 0.9), axis=0)
        axes.fill_between(at, low, high, color=_USUAL, linewidth=0)
        axes.plot(at, middle, color=_MIDDLE, linewidth=1)
    axes.plot(at, 100 * song, color=_SONG, linewidth=1.8)
    axes.set_xlim(at[0], at[-1])
    axes.set_ylim(0, 1.25 * axes.get_ylim()[1])  # room for words
    axes.spines[["top", "right"]].set_visible(False)


def _titled(what: str, found: Explanation) -> str:
    if found.typical is None:
        return f"{what}: this song"
    songs = len(found.typical.strength)
    genre = found.song.prediction.best
    return f"{what} (line: this song; grey: most of {songs} {genre} songs)"


def _annotate(axes: Axes, found: Explanation, features: tuple[Any, ...]) -> None:
    """What is unusual, in words, in the corner."""
    unusual: list[ProfileDeviation] = [item for item in found.unusual if item.feature in features]
    text = "\n".join(item.words for item in unusual[:3])
    axes.text(0.98, 0.97, text, transform=axes.transAxes, ha="right", va="top", color=_SONG)


def _bare(axes: Axes) -> None:
    axes.spines[["top", "right", "bottom", "left"]].set_visible(False)
    axes.tick_params(length=0)
