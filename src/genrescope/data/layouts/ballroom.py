"""The Ballroom set's list `allBallroomFiles`: a path a line, the folder is the dance.

Gouyon, Klapuri, Dixon, Alonso, Tzanetakis, Uhle, Cano, "An experimental comparison of audio tempo
induction algorithms", IEEE TASLP 14(5), 2006.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from genrescope.data.layouts.entry import LabelEntry
from genrescope.errors import DataError

_EXCERPT = re.compile(r"(.+?)-?\d+$")


def is_ballroom(text: str) -> bool:
    """Whether this is the text of the list."""
    return text.startswith("./") and text.partition("\n")[0].strip().endswith(".wav")


def read_ballroom(text: str, place: str) -> Iterator[LabelEntry]:
    """The excerpts of the list; those whose names differ in their number only are of one album.

    Raises:
        DataError: a line is no path `./Dance/Name.wav`.
    """
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        path = PurePosixPath(line.strip())
        if len(path.parts) < 2 or path.suffix != ".wav":
            remedy = "a line is a path such as ./ChaChaCha/Albums-Cafe_Paradiso-05.wav"
            raise DataError("no path of an excerpt", place=f"{place}:{number}", remedy=remedy)
        yield LabelEntry(number, (str(path),), path.parent.name, {"album": album_of(path.stem)})


def album_of(stem: str) -> str:
    """`Albums-Cafe_Paradiso-05` is of the album `Albums-Cafe_Paradiso`."""
    match = _EXCERPT.match(stem)
    return match[1] if match else stem
