"""A file to genres: all of its excerpt, or window by window."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
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
from genrescope.inference.classified import ClassifiedSong, WindowPrediction
from genrescope.inference.model import GenreModel
from genrescope.inference.prediction import Prediction
from genrescope.inference.registry import find_model
from genrescope.inference.samples import Clip, SamplesClassifier, Waveform

_OWN_NOTES = ("silent", "resampled")  # noted here for all windows together, and all rates


@dataclass(frozen=True, eq=False)
class _DecodedClip:
    """A file decoded once: a clip for each of the model's sources, and what was met."""

    clip: Clip
    seconds: float
    duration: float
    notes: tuple[str, ...]


class SongClassifier:
    """Predicts the genre of files.

    Attributes:
        samples_classifier: what predicts the genre of samples.
        excerpt: which part of a file is analysed; several windows make one clip.
    """

    def __init__(
        self,
        model: GenreModel,
        *,
        excerpt: Excerpt | None = None,
        prior: ArrayLike | None = None,
    ) -> None:
        """Take a model; see `SamplesClassifier`. By default the excerpt is the model's own."""
        self.samples_classifier = SamplesClassifier(model, prior)
        self.excerpt = excerpt or model.card.excerpt

    def classify(self, path: str | os.PathLike[str]) -> ClassifiedSong:
        """The genres of a file.

        Raises:
            AudioError: it cannot be read, or cannot be described.
        """
        start, path = time.perf_counter(), Path(path)
        decoded = self._decode(path, self.excerpt)
        prediction, notes = self._predict(path, decoded.clip)
        elapsed, notes = time.perf_counter() - start, (*decoded.notes, *notes)
        return ClassifiedSong(path, prediction, decoded.seconds, decoded.duration, elapsed, notes)

    def vectors(
        self, path: str | os.PathLike[str]
    ) -> tuple[dict[str, NDArray[np.float32]], tuple[str, ...]]:
        """The model's inputs of a file, each (dims,), and notes on it for people.

        Raises:
            AudioError: it cannot be read, or cannot be described.
        """
        path = Path(path)
        decoded = self._decode(path, self.excerpt)
        with _placed(path):
            return self.samples_classifier.vectors(decoded.clip), decoded.notes

    def timeline(
        self, path: str | os.PathLike[str], *, window: float = 30.0, hop: float = 10.0
    ) -> Iterator[WindowPrediction]:
        """The genres of a file over time; it is decoded once, and never held whole.

        Args:
            path: the file.
            window: seconds of each window.
            hop: seconds from one window to the next. What is left after the last whole window is
                not analysed; a file shorter than one window is one window.

        Yields:
            Each window, in order.

        Raises:
            AudioError: the file cannot be read, or cannot be described.
            UsageError: window or hop is not positive.
        """
        if not (window > 0 and hop > 0):
            raise UsageError(f"windows of {window} s every {hop} s", remedy="give more than 0 s")
        path = Path(path)
        source, inner = open_source(path), self.samples_classifier
        rates = {name: item.rate_for(source.rate) for name, item in inner.describers.items()}
        needed = tuple(dict.fromkeys(rates.values()))
        for start, seconds, samples in moving_windows(source, path, needed, window, hop):
            clip = {name: Waveform(samples[rate], rate) for name, rate in rates.items()}
            prediction, notes = self._predict(path, clip)
            yield WindowPrediction(start, seconds, prediction, notes)

    def _decode(self, path: Path, excerpt: Excerpt) -> _DecodedClip:
        """Decode once, at the model's one rate or, where it needs others, at the file's own."""
        rate = self.samples_classifier.single_rate
        windows = load_windows(path, excerpt=excerpt, rate=rate)
        samples = [window.samples for window in windows]
        whole = samples[0] if len(samples) == 1 else np.concatenate(samples)
        first = windows[0]
        clip = self.samples_classifier.clip(whole, first.rate)
        return _DecodedClip(clip, len(whole) / first.rate, first.duration, _notes(first, clip))

    def _predict(self, path: Path, clip: Clip) -> tuple[Prediction, tuple[str, ...]]:
        with _placed(path):
            return self.samples_classifier.predict_with_notes(clip)


@contextmanager
def _placed(path: Path) -> Iterator[None]:
    """Errors raised inside name the file."""
    try:
        yield
    except DataError as error:
        raise type(error)(error.message, place=path, remedy=error.remedy) from error


def _notes(audio: Audio, clip: Clip) -> tuple[str, ...]:
    """What is remarkable in the file, and to which other rates it was brought."""
    rates = dict.fromkeys(item.rate for item in clip.values())
    others = [str(rate) for rate in rates if rate != audio.original_rate]
    resampled = [f"resampled {audio.original_rate} -> {' and '.join(others)} Hz"] if others else []
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
        return classifier.samples_classifier.classify(song, rate)
    if rate is not None:
        raise UsageError("a file has its own rate", remedy="leave out rate=")
    return classifier.classify(song).prediction


@lru_cache(maxsize=2)
def song_classifier(folder: Path, excerpt: Excerpt | None = None) -> SongClassifier:
    """The model in `folder` as a `SongClassifier`; a process loads it once."""
    return SongClassifier(GenreModel.load(folder), excerpt=excerpt)


def classify_by(work: tuple[Path, Path]) -> ClassifiedSong:
    """What the model in a folder predicts of a file: `work` names both."""
    folder, path = work
    return song_classifier(folder).classify(path)


def timeline(folder: Path, path: Path) -> Iterator[WindowPrediction]:
    """The genres of a file over time by the model in `folder`; see `SongClassifier.timeline`."""
    yield from song_classifier(folder).timeline(path)


def load_model(name: str | os.PathLike[str] | None = None) -> GenreModel:
    """A model by its name or its folder; the default model where None.

    Raises:
        UsageError: there is no such model.
        DataError: it is damaged, or needs another version of genrescope.
    """
    return GenreModel.load(name)
