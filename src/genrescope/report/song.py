"""One song drawn: waveform, sonogram, Rhythm Pattern, Rhythm Histogram, spectrum statistics."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from genrescope.audio.excerpt import Excerpt, clock
from genrescope.audio.load import DEFAULT_EXCERPT, Audio, load_audio
from genrescope.descriptors.tuwien import TuWienSettings, describe_tuwien, sonogram
from genrescope.descriptors.tuwien.bark import segment_samples
from genrescope.descriptors.tuwien.loudness import BARK_LIMITS
from genrescope.descriptors.tuwien.modulation import modulation_frequencies
from genrescope.errors import AudioError
from genrescope.featuresets import FEATURE_SETS
from genrescope.files.atomic import atomic_write, write_errors

DRAWN = TuWienSettings(skip=0)
"""What is drawn: all of the song."""

_COLOURS = "magma"
_INK, _FAINT, _LINE = "#222222", "#bbbbbb", "#5b3a8c"
_COLUMNS = 2000  # of the waveform: about as many as the picture has pixels
_LABELLED_BANDS = (2, 5, 9, 14, 18, 21, 24)  # whose upper limits are written beside the axis
_STATISTICS = ("mean", "variance", "skewness", "kurtosis", "median", "minimum", "maximum")
STYLE: dict[Any, Any] = {
    "svg.hashsalt": "genrescope",
    "font.size": 9.0,
    "axes.titlesize": 10.0,
    "axes.titlelocation": "left",
    "axes.linewidth": 0.6,
    "axes.edgecolor": _INK,
    "text.color": _INK,
    "axes.labelcolor": _INK,
    "xtick.color": _INK,
    "ytick.color": _INK,
}


def draw_song(
    song: str | os.PathLike[str], picture: Path, *, excerpt: Excerpt = DEFAULT_EXCERPT
) -> None:
    """Write a picture of `song`.

    Args:
        song: an audio file.
        picture: file to write, of the kind of its suffix: .png, .svg or .pdf.
        excerpt: which part of the song.

    Raises:
        AudioError: the song cannot be read, or the part is shorter than 5.94 s.
    """
    save_picture(song_figure(load_audio(song, excerpt=excerpt)), picture)


def save_picture(figure: Figure, picture: Path) -> None:
    """Write a figure whole or not at all, of the kind of its suffix.

    Raises:
        DataError: it cannot be written.
    """
    kind = picture.suffix.lower().removeprefix(".")
    with (
        write_errors(picture),
        matplotlib.rc_context(STYLE),
        atomic_write(picture) as temporary,
    ):
        figure.savefig(temporary, format=kind, dpi=150, metadata=_undated(picture))


def _undated(picture: Path) -> dict[str, None]:
    """Metadata without the time of day, so that the same song gives the same bytes."""
    names = {".svg": "Date", ".pdf": "CreationDate"}
    return {names[picture.suffix.lower()]: None} if picture.suffix.lower() in names else {}


def song_figure(audio: Audio) -> Figure:
    """The figure of a song.

    Args:
        audio: at 11025, 22050 or 44100 Hz.

    Raises:
        AudioError: it is shorter than one segment of 5.94 s.
    """
    try:
        sones = sonogram(audio.samples, audio.rate, DRAWN)
        vectors = describe_tuwien(audio.samples, audio.rate, ("rp", "rh", "ssd"), DRAWN)
    except AudioError as error:
        raise AudioError(error.message, place=audio.path, remedy=error.remedy) from error
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(11, 10), layout="constrained")
        grid = figure.add_gridspec(4, 2, height_ratios=(1.1, 2, 2.6, 1.5), width_ratios=(1.2, 1))
        figure.suptitle(_title(audio), x=0.01, ha="left", fontsize=12)
        time = figure.add_subplot(grid[0, :])
        _draw_waveform(time, audio)
        draw_sonogram(figure.add_subplot(grid[1, :], sharex=time), sones, audio)
        draw_pattern(figure.add_subplot(grid[2, 0]), vectors["rp"])
        _draw_statistics(figure.add_subplot(grid[2, 1]), vectors["ssd"])
        _draw_histogram(figure.add_subplot(grid[3, :]), vectors["rh"])
    return figure


def _title(audio: Audio) -> str:
    end = audio.start + audio.seconds
    part = f"{clock(audio.start)} to {clock(end)} of {clock(audio.duration)}"
    return f"{audio.path.name}   ({part})".replace("$", r"\$")


def _draw_waveform(axes: Axes, audio: Audio) -> None:
    """The lowest and highest sample in each of many short stretches."""
    size = max(1, len(audio.samples) // _COLUMNS)
    parts = audio.samples[: len(audio.samples) // size * size].reshape(-1, size)
    seconds = audio.start + np.arange(len(parts)) * size / audio.rate
    axes.fill_between(seconds, parts.min(axis=1), parts.max(axis=1), color=_LINE, linewidth=0.3)
    axes.set(title="Waveform", ylabel="full scale = 1", ylim=(-1.02, 1.02))
    axes.axhline(0, color=_FAINT, linewidth=0.5, zorder=0)
    axes.tick_params(labelbottom=False)


def draw_sonogram(axes: Axes, sones: NDArray[Any], audio: Audio) -> None:
    """Draw (segments, 24, frames) sone of `audio`."""
    segment = segment_samples(audio.rate) / audio.rate
    end = audio.start + len(sones) * segment
    image = axes.imshow(
        np.concatenate(list(sones), axis=1),
        extent=(audio.start, end, 0.5, len(BARK_LIMITS) - 0.5),
        vmin=0.0,
        **_IMAGE,
    )
    axes.set(title="Sonogram: loudness of 24 critical bands", xlabel="seconds into the song")
    axes.set_xlim(audio.start, audio.start + audio.seconds)
    axes.set_facecolor(_FAINT)  # what is left after the last whole segment
    _label_bands(axes)
    _add_scale(axes, image, "sone")


def draw_pattern(axes: Axes, rp: NDArray[Any]) -> None:
    """Draw a Rhythm Pattern, (1440,)."""
    image = axes.imshow(
        rp.reshape(FEATURE_SETS["rp"].shape).T,
        extent=(*_modulation_range(), 0.5, len(BARK_LIMITS) - 0.5),
        vmin=0.0,
        **_IMAGE,
    )
    axes.set(title="Rhythm Pattern: how strongly each band pulses", xlabel="pulses a second (Hz)")
    _label_bands(axes)
    _add_scale(axes, image, "weighted sone")


def _draw_statistics(axes: Axes, ssd: NDArray[Any]) -> None:
    """Seven columns of unlike units, each coloured from its smallest to its largest value."""
    values = ssd.reshape(FEATURE_SETS["ssd"].shape)
    low, high = values.min(axis=1), values.max(axis=1)
    spread = np.where(high > low, high - low, 1.0)
    axes.imshow(
        ((values - low[:, None]) / spread[:, None]).T,
        extent=(-0.5, len(values) - 0.5, 0.5, len(BARK_LIMITS) - 0.5),
        vmin=0.0,
        vmax=1.0,
        **_IMAGE,
    )
    ranges = zip(_STATISTICS, low, high, strict=True)
    labels = [f"{name}\n{least:.3g}\nto {most:.3g}" for name, least, most in ranges]
    axes.set_xticks(range(len(labels)), labels, fontsize=6.8)
    axes.set_title("Spectrum statistics (SSD), each column scaled")
    _label_bands(axes)


def _draw_histogram(axes: Axes, rh: NDArray[Any]) -> None:
    hertz = modulation_frequencies()
    axes.bar(hertz, rh, width=0.8 * hertz[0], color=_FAINT)
    peak = int(np.argmax(rh))
    axes.bar(hertz[peak], rh[peak], width=0.8 * hertz[0], color=_LINE)
    axes.annotate(
        f"{hertz[peak]:.2f} Hz = {60 * hertz[peak]:.0f} BPM",
        (hertz[peak], rh[peak]),
        xytext=(8, -2),
        textcoords="offset points",
        va="top",
    )
    axes.set(
        title="Rhythm Histogram: pulses of all bands together",
        xlabel="pulses a second (Hz)",
        ylabel="sone",
        xlim=_modulation_range(),
        ylim=(0, 1.1 * max(float(rh[peak]), 1e-9)),
    )
    minute = axes.secondary_xaxis("top", functions=(_per_minute, _per_second))
    minute.set_xlabel("pulses a minute (BPM)")


def _per_minute(hertz: Any) -> Any:
    return 60 * hertz


def _per_second(beats: Any) -> Any:
    return beats / 60


def _modulation_range() -> tuple[float, float]:
    """Edges of the first and the last modulation bin in Hz."""
    hertz = modulation_frequencies()
    return hertz[0] / 2, hertz[-1] + hertz[0] / 2


def _label_bands(axes: Axes) -> None:
    axes.set_yticks(
        [band + 0.5 for band in _LABELLED_BANDS],
        [f"{BARK_LIMITS[band]:,}" for band in _LABELLED_BANDS],
    )
    axes.set_ylabel("Hz, by Bark band")


def _add_scale(axes: Axes, image: Any, unit: str) -> None:
    axes.figure.colorbar(image, ax=axes, label=unit, pad=0.01, fraction=0.05)


_IMAGE: dict[str, Any] = {
    "origin": "lower",
    "aspect": "auto",
    "interpolation": "nearest",
    "cmap": _COLOURS,
}
