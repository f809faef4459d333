"""What is shown of the files of a library."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Shown:
    """A file as it is shown.

    Attributes:
        id: to ask for it again.
        path: relative to the library's folder, as text (see `genrescope.library.tagging.plan`).
        size: bytes.
        artist: of its tags; so are album, title and tagged, its genres.
        probabilities: (genres,) with sum 1 as the model gave them; None without a result.
        music: that it is music at all.
        notes: what a person should know of the answer.
        problem: why it could not be read or classified.
        best: position of its likeliest genre, and `confidence`, under the prior asked for.
    """

    id: str
    path: str
    size: int
    artist: str
    album: str
    title: str
    tagged: tuple[str, ...]
    probabilities: NDArray[np.float64] | None
    music: float | None
    notes: str
    problem: str
    best: int | None
    confidence: float | None


@dataclass(frozen=True, eq=False)
class Answers:
    """The predictions of a model for n files.

    Attributes:
        ids: (n).
        best: (n,) position of the likeliest genre.
        confidence: (n,).
        embedding: (n, e) standardised.
    """

    ids: list[str]
    best: NDArray[np.int64]
    confidence: NDArray[np.float64]
    embedding: NDArray[np.float16]
