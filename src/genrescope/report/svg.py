"""A matplotlib figure as SVG that lies inside a page: its text, its colours, no names of its own.

Colours are given as the placeholders below and become the page's, so that a figure follows the
light or dark scheme that it is read in.
"""

from __future__ import annotations

import html
import io
import re
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

INK = "#010101"
FAINT = "#020202"
TRAIN = "#030303"
VALIDATION = "#040404"
_PAGE_COLOURS = {
    INK: "currentColor",
    FAINT: "var(--faint)",
    TRAIN: "var(--first)",
    VALIDATION: "var(--second)",
}
_STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "genrescope",
    "svg.image_inline": True,
    "font.size": 10.0,
    "axes.titlesize": 10.0,
    "axes.titley": 1.0,  # a fixed place: looking for a free one takes a fifth of the time
    "axes.linewidth": 0.6,
    "axes.edgecolor": FAINT,
    "axes.labelcolor": INK,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.major.size": 0.0,
    "ytick.major.size": 0.0,
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "savefig.facecolor": "none",
}


class Sheet:
    """A figure to draw on and to read as SVG, without any global state left behind.

    Args:
        width: natural width in CSS pixels; a narrower page scales the figure down.
        height: natural height in CSS pixels.
        columns: panels side by side.
        rows: panels above each other.
    """

    def __init__(
        self,
        width: float,
        height: float,
        *,
        columns: int = 1,
        rows: int = 1,
        **grid: object,
    ) -> None:
        self.width = width
        with matplotlib.rc_context(_STYLE):
            # 72 units to the inch: one unit is one CSS pixel.
            self.figure = Figure(figsize=(width / 72, height / 72))
            FigureCanvasSVG(self.figure)
            axes = self.figure.subplots(rows, columns, squeeze=False, gridspec_kw=grid)
        self.axes: list[Axes] = list(axes.flat)

    def svg(self, key: str, label: str) -> str:
        """The figure as one `<svg>` element, the same bytes every time.

        Args:
            key: unlike every other figure's on the page; the names inside begin with it.
            label: what the figure shows, in words.
        """
        buffer = io.StringIO()
        with matplotlib.rc_context(_STYLE):
            self.figure.savefig(buffer, format="svg", metadata={"Date": None})
        return _inline(buffer.getvalue(), self.width, key, label)


def _inline(document: str, width: float, key: str, label: str) -> str:
    """The drawing of an SVG document, lighter and without what only a file of its own needs."""
    view = re.search(r'viewBox="([^"]*)"', document)
    body = document[document.index("</metadata>") + len("</metadata>") : document.rindex("</svg>")]
    body = re.sub(r"<!--.*?-->|<style.*?</style>", "", body, flags=re.DOTALL)
    body = re.sub(r"font-family: [^;\"]*;? ?", "", body)
    body = re.sub(r"-?\d+\.\d{3,}", lambda found: f"{float(found[0]):.2f}", body)
    body = re.sub(r' transform="rotate\(-0 [^)]*\)"', "", body)
    body = _rename(body.replace("xlink:href", "href"), key)
    for placeholder, colour in _PAGE_COLOURS.items():
        body = body.replace(placeholder, colour)
    body = re.sub(r"\s+", " ", body).replace("> <", "><").strip()
    body = re.sub(r"<g/>|<defs></defs>", "", body)
    return (
        f'<svg class="figure" role="img" aria-label="{html.escape(label)}" '
        f'viewBox="{view[1] if view else ""}" style="max-width:{width:g}px">{body}</svg>'
    )


def _rename(body: str, key: str) -> str:
    """Names that are referred to, numbered under `key`; all others left out."""
    used = dict.fromkeys(re.findall(r'(?:href="#|url\(#)([^")]+)', body))
    names = {name: f"{key}-{number}" for number, name in enumerate(used)}

    def named(found: re.Match[str]) -> str:
        return f' id="{names[found[1]]}"' if found[1] in names else ""

    body = re.sub(r' id="([^"]*)"', named, body)
    return re.sub(r'(href="#|url\(#)([^")]+)', lambda found: found[1] + names[found[2]], body)
