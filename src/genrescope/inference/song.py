"""A file to genres: all of its excerpt, or window by window."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from genrescope.audio.decode import open_source
from genrescope.audio.excerpt import Excerpt
from genrescope.audio.load import Audio, load_windows
from genrescope.audio.moving import moving_windows
from genrescope.errors import DataError, UsageError
from genrescope.inference.classified import ClassifiedSong, Moment
from genrescope.inference.model import GenreModel
from genrescope.inference.prediction import Prediction
from genrescope.inference.registry import find_model
from genrescope.inference.samples import Clip, SamplesClassifier

_OWN_NOTES = ("silent", "resampled")  # said here of all windows together, and of all rates


@dataclass(frozen=True, eq=False)
class _Heard:
    """A file decoded once: a clip at each rate that the model needs, and what was met."""

    clip: Clip
    seconds: float
    duration: float
    notes: tuple[str, ...]


class SongClassifier:
    """Tells the genre of files.

    Attributes:
        rung: what tells the genre of samples.
        excerpt: which part of a file is heard; several windows are heard as one clip.
    """

    def __init__(
        self,
        model: GenreModel,
        *,
        excerpt: Excerpt | None = None,
        prior: ArrayLike | None = None,
    ) -> None:
        """Take a model; see `SamplesClassifier`. By default the excerpt is the model's own."""
        self.rung = SamplesClassifier(model, prior)
        self.excerpt = excerpt or Excerpt.middle(model.card.excerpt_seconds)

    def classify(self, path: str | os.PathLike[str]) -> ClassifiedSong:
        """The genres of a file.

        Raises:
            AudioError: it cannot be read, or cannot be described.
        """
        start, path = time.perf_counter(), Path(path)
        heard = self._hear(path, self.excerpt)
        prediction, notes = self._judge(path, heard.clip)
        took = time.perf_counter() - start
        notes = (*heard.notes, *notes)
        return ClassifiedSong(path, prediction, heard.seconds, heard.duration, took, notes)

    def timeline(
        self, path: str | os.PathLike[str], *, window: float = 30.0, hop: float = 10.0
    ) -> Iterator[Moment]:
        """The genres of a file over time; it is decoded once, and never held whole.

        Args:
            path: the file.
            window: seconds of each window.
            hop: seconds from one window to the next. What is left after the last whole window is
                not heard; a file shorter than one window is one window.

        Yields:
            Each window, in order.

        Raises:
            AudioError: the file cannot be read, or cannot be described.
            UsageError: window or hop is not positive.
        """
        if not (window > 0 and hop > 0):
            raise UsageError(f"windows of {window} s every {hop} s", remedy="give more than 0 s")
        path = Path(path)
        source = open_source(path)
        single = self.rung.single_rate
        rates = self.rung.rates(source.rate) if single is None else (single,)
        for start, seconds, clip in moving_windows(source, path, rates, window, hop):
            prediction, notes = self._judge(path, clip)
            yield Moment(start, seconds, prediction, notes)

    def _hear(self, path: Path, excerpt: Excerpt) -> _Heard:
        """Decode once, at the model's one rate or, where it needs others, at the file's own."""
        rate = self.rung.single_rate
        windows = load_windows(path, excerpt=excerpt, rate=rate)
        samples = [window.samples for window in windows]
        whole = samples[0] if len(samples) == 1 else np.concatenate(samples)
        first = windows[0]
        clip = self.rung.clip(whole, first.rate)
        return _Heard(clip, len(whole) / first.rate, first.duration, _notes(first, clip))

    def _judge(self, path: Path, clip: Clip) -> tuple[Prediction, tuple[str, ...]]:
        try:
            return self.rung.judge(clip)
        except DataError as error:
            raise type(error)(error.message, place=path, remedy=error.remedy) from error


def _notes(audio: Audio, clip: Clip) -> tuple[str, ...]:
    """What is remarkable in the file, and at which other rates it was heard."""
    rates = [str(rate) for rate in clip if rate != audio.original_rate]
    resampled = [f"resampled {audio.original_rate} -> {' and '.join(rates)} Hz"] if rates else []
    return (*(note for note in audio.notes if not note.startswith(_OWN_NOTES)), *resampled)


def classify(
    song: str | os.PathLike[str] | NDArray[Any],
    rate: int | None = None,
    model: str | os.PathLike[str] | None = None,
) -> Prediction:
    """The genres of a song.

    Args:
        song: an audio file, or samples of shape (n,) or (channels, n), full scale 1.
        rate: sampling rate of the samples in Hz; needed with samples, and only then.
        model: a model's name or folder; the default model where None.

    Returns:
        Its calibrated genres.

    Raises:
        AudioError: the file cannot be read, or cannot be described.
        UsageError: there is no such model, it needs a part that is not installed, or samples come
            without a rate.

    Example:
        >>> classify("song.mp3").genre  # doctest: +SKIP
        'jazz'
    """
    classifier = song_classifier(find_model(model))
    if isinstance(song, np.ndarray):
        if rate is None:
            raise UsageError("samples have no rate of their own", remedy="give rate=")
        return classifier.rung.classify(song, rate)
    if rate is not None:
        raise UsageError("a file has its own rate", remedy="leave out rate=")
    return classifier.classify(song).prediction


@lru_cache(maxsize=2)
def song_classifier(folder: Path, excerpt: Excerpt | None = None) -> SongClassifier:
    """The model in `folder` as a `SongClassifier`; a process loads it once."""
    return SongClassifier(GenreModel.load(folder), excerpt=excerpt)


def classify_by(work: tuple[Path, Path]) -> ClassifiedSong:
    """What the model in a folder says of a file: `work` names both."""
    folder, path = work
    return song_classifier(folder).classify(path)


def timeline(folder: Path, path: Path) -> Iterator[Moment]:
    """The genres of a file over time by the model in `folder`; see `SongClassifier.timeline`."""
    yield from song_classifier(folder).timeline(path)


def load_model(name: str | os.PathLike[str] | None = None) -> GenreModel:
    """A model by its name or its folder; the default model where None.

    Raises:
        UsageError: there is no such model.
        DataError: it is damaged, or needs another version of genrescope.
    """
    return GenreModel.load(name)
