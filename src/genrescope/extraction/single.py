"""One song to its vectors: read, resample, describe."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genrescope.audio.decode import open_source
from genrescope.audio.excerpt import Excerpt
from genrescope.audio.load import DEFAULT_EXCERPT, load_windows
from genrescope.audio.resample import resample
from genrescope.descriptors import EXTRACTOR, Settings, describe, describe_what_fits
from genrescope.descriptors.settings import DEFAULT
from genrescope.errors import AudioError, UsageError
from genrescope.featuresets import FEATURE_SETS, feature_set


@dataclass(frozen=True)
class Request:
    """What is wanted of each song.

    Attributes:
        sets: names from `KNOWN_SETS`; the thirteen of `FEATURE_SETS` by default.
        settings: how they are computed.
        excerpt: which part of the file is read. Several windows are described as one clip, one
            after the other.
    """

    sets: tuple[str, ...] = tuple(FEATURE_SETS)
    settings: Settings = DEFAULT
    excerpt: Excerpt = DEFAULT_EXCERPT

    def __post_init__(self) -> None:
        if not self.sets:
            raise UsageError("no feature set is asked for", remedy="name at least one")
        for name in self.sets:
            feature_set(name)

    def provenance(self) -> dict[str, Any]:
        """JSON values that say how the vectors came about; equal where vectors fit each other."""
        return {
            "extractor": EXTRACTOR,
            "settings": self.settings.as_json(),
            "excerpt": asdict(self.excerpt),
        }


EVERYTHING = Request()


def extract(
    source: str | os.PathLike[str] | NDArray[Any],
    *,
    rate: int | None = None,
    sets: Sequence[str] | None = None,
    settings: Settings = DEFAULT,
    excerpt: Excerpt = DEFAULT_EXCERPT,
) -> dict[str, NDArray[np.float64]]:
    """The descriptor sets of a song.

    Args:
        source: an audio file, or samples of shape (n,) or (channels, n), full scale 1.
        rate: sampling rate of the samples in Hz; needed with samples, and only then.
        sets: names from `KNOWN_SETS`; the thirteen of `FEATURE_SETS` by default.
        settings: how they are computed. What has another rate than the settings ask for, by
            default 22,050 Hz, is resampled.
        excerpt: which part of a file is read, by default the middle 30 seconds. Samples are taken
            whole.

    Returns:
        By set, shape (dims,), float64; the names of the values are `KNOWN_SETS[name].columns`.

    Raises:
        AudioError: the file cannot be read, or is too short for a set.
        UsageError: an unknown set, or samples without a rate.

    Example:
        >>> vectors = extract("song.mp3", sets=["rp", "ssd"])  # doctest: +SKIP
        >>> vectors["rp"].reshape(60, 24).shape  # doctest: +SKIP
        (60, 24)
    """
    if isinstance(source, np.ndarray):
        if rate is None:
            raise UsageError("samples have no rate of their own", remedy="give rate=")
        return _describe_samples(source, rate, sets, settings)
    if rate is not None:
        raise UsageError("a file has its own rate", remedy="leave out rate=")
    path = Path(source)
    song = read_song(path, settings, excerpt)
    try:
        return describe(song.samples, song.rate, sets, settings, channels=song.channels)
    except AudioError as error:
        raise AudioError(error.message, place=path, remedy=error.remedy) from error


def _describe_samples(
    samples: NDArray[Any], rate: int, sets: Sequence[str] | None, settings: Settings
) -> dict[str, NDArray[np.float64]]:
    wanted = settings.rate_for(rate)
    if wanted != rate:
        parts = [
            np.concatenate(list(resample([part.astype(np.float32)], rate, wanted)))
            for part in np.atleast_2d(samples)
        ]
        samples = np.stack(parts)
    return describe(samples, wanted, sets, settings)


@dataclass(frozen=True)
class Song:
    """The samples of a file at the rate that settings ask for.

    Attributes:
        samples: shape (n,), the mean of the channels; windows one after the other.
        rate: Hz of `samples`.
        channels: channels of the file.
        notes: what a person should know of the file.
    """

    samples: NDArray[np.float32]
    rate: int
    channels: int
    notes: tuple[str, ...]


def read_song(path: Path, settings: Settings, excerpt: Excerpt) -> Song:
    """Read what is described of a file.

    Raises:
        AudioError: the file cannot be read.
    """
    rate = settings.rate or settings.rate_for(open_source(path).rate)
    windows = load_windows(path, excerpt=excerpt, rate=rate)
    samples = [window.samples for window in windows]
    whole = samples[0] if len(samples) == 1 else np.concatenate(samples)
    return Song(whole, rate, windows[0].channels, tuple(filter(_is_remark, windows[0].notes)))


def _is_remark(note: str) -> bool:
    """Whether a note is on the file; a change of rate follows from the settings."""
    return not note.startswith("resampled")


@dataclass(frozen=True)
class Extraction:
    """What one file gave.

    Attributes:
        vectors: by set, shape (dims,), float32.
        notes: what a person should know: a set that is missing, a file that is cut off.
    """

    vectors: dict[str, NDArray[np.float32]]
    notes: tuple[str, ...]


def extract_song(path: Path, request: Request) -> Extraction:
    """As `extract`, but what a short file cannot give is left out and noted.

    Raises:
        AudioError: the file cannot be read, or is too short for all of the sets.
    """
    song = read_song(path, request.settings, request.excerpt)
    found, missing = describe_what_fits(
        song.samples, song.rate, request.sets, request.settings, channels=song.channels
    )
    if not found:
        raise AudioError(missing[0], place=path)
    with np.errstate(over="ignore"):  # noted below
        vectors = {name: vector.astype(np.float32) for name, vector in found.items()}
    infinite = [name for name, vector in vectors.items() if not np.isfinite(vector).all()]
    notes = [f"a value of {name} is too large to be stored" for name in infinite]
    kept = {name: vector for name, vector in vectors.items() if name not in infinite}
    return Extraction(kept, (*song.notes, *missing, *notes))
