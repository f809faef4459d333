"""Pictures of typical descriptors: an image or bars for each genre, its difference beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from numpy.typing import NDArray

from genrescope.featuresets import FeatureSet, feature_set
from genrescope.report.genre_means import GenreMeans
from genrescope.report.svg import FAINT, INK, TRAIN, VALIDATION, Sheet

_Floats = NDArray[np.float64]
_Draw = Callable[[_Floats], None]

# Modulation bin m stands at m * 0.168 Hz: 22,050 Hz / 2^17.
MODULATION_STEP = 22050 / 131072
_SEQUENTIAL = "viridis"
_DIVERGING = "RdBu_r"


@dataclass(frozen=True)
class Scale:
    """What the colours of one panel mean: a CSS gradient between two worded ends."""

    title: str
    gradient: str
    low: str
    high: str


def is_pictured(name: str) -> bool:
    """Whether a set's values lie along Bark bands or modulation frequencies."""
    found = feature_set(name)
    return _over_bands(found) or _over_modulation(found)


def pictures(typical: GenreMeans, key: str) -> Iterator[tuple[str, str]]:
    """(genre, SVG) of a pictured set: its mean, and beside it the difference from all genres.

    One sheet is drawn again for every genre: most of the time goes into making a sheet.

    Args:
        typical: of a set for which `is_pictured` holds.
        key: unlike that of every other figure on the page.
    """
    found = feature_set(typical.feature_set)
    panels = [_arranged(found, typical.means), _arranged(found, typical.differences)]
    if len(found.shape) == 1:
        sheet, draw = _bar_sheet(panels)
    else:
        if not _one_unit(found):
            panels[0] = _each_row_scaled(panels[0])
        sheet, draw = _image_sheet(found, panels, _limit(typical))
    for position, genre in enumerate(typical.genres):
        for panel, values in zip(draw, panels, strict=True):
            panel(values[position])
        songs = typical.songs[position]
        label = f"{found.title} of {genre}: mean of {songs} songs, and difference from all genres"
        yield genre, sheet.svg(f"{key}-{position}", label)


def scales(typical: GenreMeans) -> list[Scale]:
    """What the colours mean, panel by panel; none for bars, whose axes show it."""
    found = feature_set(typical.feature_set)
    if len(found.shape) == 1:
        return []
    if _one_unit(found):
        left = Scale("mean", _gradient(_SEQUENTIAL), "0", f"{typical.means.max():.2g} {found.unit}")
    else:
        ends = ("lowest of all genres", "highest of all genres")
        left = Scale("mean, row by row", _gradient(_SEQUENTIAL), *ends)
    return [left, difference_scale(typical)]


def difference_scale(typical: GenreMeans) -> Scale:
    """What the colours of differences mean."""
    limit = _limit(typical)
    ends = (f"−{limit:g} or less", f"+{limit:g} standard deviations or more")
    return Scale("difference", _gradient(_DIVERGING), *ends)


def difference_colours(typical: GenreMeans) -> list[list[str]]:
    """(genres, dims) hexadecimal colours of the differences."""
    shares = typical.differences / (2 * _limit(typical)) + 0.5
    return [[to_hex(colour) for colour in colormaps[_DIVERGING](row)] for row in shares]


def is_dark(colour: str) -> bool:
    """Whether white reads better than black on a hexadecimal colour."""
    red, green, blue = (int(colour[start : start + 2], 16) for start in (1, 3, 5))
    return 0.299 * red + 0.587 * green + 0.114 * blue < 128


def _over_bands(found: FeatureSet) -> bool:
    return found.axes[-1][0].startswith("Bark band")


def _over_modulation(found: FeatureSet) -> bool:
    return any(axis[0].startswith("modulation bin") for axis in found.axes)


def _one_unit(found: FeatureSet) -> bool:
    """Whether all values share a unit: a Rhythm Pattern's do, statistics' do not."""
    return _over_bands(found) and _over_modulation(found)


def _limit(typical: GenreMeans) -> float:
    """Where the colours of differences end: so that one in a hundred lies beyond, to a tenth."""
    return max(0.1, float(np.ceil(10 * np.percentile(np.abs(typical.differences), 99)) / 10))


def _gradient(colours: str) -> str:
    stops = ", ".join(to_hex(colormaps[colours](step / 8)) for step in range(9))
    return f"linear-gradient(to right, {stops})"


def _arranged(found: FeatureSet, vectors: _Floats) -> _Floats:
    """(genres, rows, columns) as it is drawn: bands upwards and modulation across where both."""
    if len(found.shape) == 1:
        return vectors
    images = vectors.reshape(len(vectors), -1, found.shape[-1])
    return images.transpose(0, 2, 1) if _one_unit(found) else images


def _each_row_scaled(images: _Floats) -> _Floats:
    """Every row from 0 to 1 over all its columns and genres: rows differ in unit."""
    low = images.min(axis=(0, 2), keepdims=True)
    span = images.max(axis=(0, 2), keepdims=True) - low
    scaled: _Floats = (images - low) / np.where(span > 0, span, 1.0)
    return scaled


def _image_sheet(
    found: FeatureSet, panels: list[_Floats], limit: float
) -> tuple[Sheet, list[_Draw]]:
    """A sheet with the first genre's two images."""
    rows = panels[0].shape[1]
    height = 280 if rows > 30 else 170
    sheet = Sheet(
        380,
        height,
        columns=2,
        left=0.185,
        right=0.99,
        bottom=40 / height,
        top=1 - 20 / height,
        wspace=0.05,
    )
    ranges = ((_SEQUENTIAL, 0.0, float(panels[0].max())), (_DIVERGING, -limit, limit))
    step = MODULATION_STEP if _over_modulation(found) else 1.0
    across = (0.5 * step, (panels[0].shape[2] + 0.5) * step)
    upwards = (0.5, rows + 0.5) if _one_unit(found) else (rows + 0.5, 0.5)
    draw: list[_Draw] = [
        axes.imshow(
            panel[0],
            cmap=colours,
            vmin=low,
            vmax=high,
            extent=(*across, *upwards),
            origin="lower" if _one_unit(found) else "upper",
            aspect="auto",
            interpolation="none",
        ).set_data
        for axes, panel, (colours, low, high) in zip(sheet.axes, panels, ranges, strict=True)
    ]
    _label(sheet, found)
    return sheet, draw


def _bar_sheet(panels: list[_Floats]) -> tuple[Sheet, list[_Draw]]:
    """A sheet with the first genre's two rows of bars, over modulation frequency."""
    sheet = Sheet(380, 160, columns=2, left=0.1, right=0.99, bottom=0.26, top=0.87, wspace=0.2)
    edges = (np.arange(panels[0].shape[1] + 1) + 0.5) * MODULATION_STEP
    limit = 1.05 * float(np.abs(panels[1]).max())
    heights = ((0.0, 1.05 * float(panels[0].max())), (-limit, limit))
    draw: list[_Draw] = []
    for axes, panel, height, colour in zip(
        sheet.axes, panels, heights, (TRAIN, VALIDATION), strict=True
    ):
        draw.append(axes.stairs(panel[0], edges, fill=True, color=colour).set_data)
        axes.set_ylim(*height)
        axes.set_xlabel("modulation frequency (Hz)")
        axes.set_xticks([2, 4, 6, 8, 10])
    sheet.axes[0].set_title("mean (sone)")
    sheet.axes[1].set_title("difference (deviations)")
    sheet.axes[1].axhline(0, color=INK, linewidth=0.6)
    return sheet, draw


def _label(sheet: Sheet, found: FeatureSet) -> None:
    """Titles and axes of two images side by side."""
    for axes, title in zip(sheet.axes, ("mean", "difference"), strict=True):
        axes.set_title(title)
        if _over_modulation(found):
            axes.set_xlabel("modulation frequency (Hz)")
            axes.set_xticks([2, 4, 6, 8, 10])
        else:
            axes.set_xlabel("Bark band")
            axes.set_xticks([1, 6, 12, 18, 24])
    sheet.axes[1].set_yticks([])
    if _one_unit(found):
        sheet.axes[0].set_ylabel("Bark band")
        sheet.axes[0].set_yticks([1, 6, 12, 18, 24])
    else:
        _label_statistics(sheet, found)


def _label_statistics(sheet: Sheet, found: FeatureSet) -> None:
    """Statistics downwards; of three axes the outer one, with lines between its blocks."""
    names = [name.removeprefix("segment ") for name in found.axes[0]]
    block = int(np.prod(found.shape[1:-1]))
    middle = (np.arange(len(names)) + 0.5) * block + 0.5
    sheet.axes[0].set_yticks(middle, names)
    if block > 1:
        _separate(sheet.axes, [0.5 + block * number for number in range(1, len(names))])


def _separate(panels: list[Axes], heights: list[float]) -> None:
    for axes in panels:
        for height in heights:
            axes.axhline(height, color=FAINT, linewidth=0.6)
