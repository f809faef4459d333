"""Pictures of a song for the page, without the rest of what `genrescope show` draws."""

from __future__ import annotations

import io
from pathlib import Path

import matplotlib
from matplotlib.figure import Figure

from genrescope.audio.load import load_audio
from genrescope.descriptors.tuwien import describe_tuwien, sonogram
from genrescope.errors import AudioError
from genrescope.report.song import DRAWN, STYLE, draw_pattern, draw_sonogram

_SIZES = {"sonogram": (9, 3), "rhythm_pattern": (5, 4)}  # inches, of 150 pixels


def draw(path: Path, kind: str) -> bytes:
    """A PNG picture of the middle of a song: "sonogram" or "rhythm_pattern".

    Raises:
        AudioError: it cannot be read, or is shorter than 5.94 s.
    """
    audio = load_audio(path)
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=_SIZES[kind], layout="constrained")
        axes = figure.add_subplot()
        try:
            if kind == "sonogram":
                draw_sonogram(axes, sonogram(audio.samples, audio.rate, DRAWN), audio)
            else:
                vectors = describe_tuwien(audio.samples, audio.rate, ("rp",), DRAWN)
                draw_pattern(axes, vectors["rp"])
        except AudioError as error:
            raise AudioError(error.message, place=path, remedy=error.remedy) from error
        picture = io.BytesIO()
        figure.savefig(picture, format="png", dpi=150)
    return picture.getvalue()
