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

from genrescope.audio.excerpt import Excerpt
from genrescope.audio.load import Audio, load_windows
from genrescope.errors import DataError, UsageError
from genrescope.inference.model import GenreModel
from genrescope.inference.prediction import Prediction
from genrescope.inference.registry import find_model
from genrescope.inference.rows import prediction_row, with_aliases
from genrescope.inference.samples import Clip, SamplesClassifier, Waveform

_OWN_NOTES = ("silent", "resampled")  # said here of all windows together, and of all rates


@dataclass(frozen=True, eq=False)
class ClassifiedSong:
    """What a model predicts of a file.

    Attributes:
        path: the file.
        prediction: its genres.
        analysed_s: seconds of it that were analysed.
        duration: seconds of the file that can be decoded.
        elapsed_s: seconds that it took.
        notes: what a person should know: "truncated: ...", "resampled 44100 -> 22050 Hz",
            "silent", "short: ...".
    """

    path: Path
    prediction: Prediction
    analysed_s: float
    duration: float
    elapsed_s: float
    notes: tuple[str, ...] = ()

    def as_json(self, top: int = 3) -> dict[str, Any]:
        """The row as JSON values by `rows.SONG_KEYS`, with the `top` likeliest genres."""
        row = {
            "path": str(self.path),
            **prediction_row(self.prediction, top),
            "analysed_s": round(self.analysed_s, 3),
            "duration": round(self.duration, 3),
            "elapsed_s": round(self.elapsed_s, 4),
            "notes": list(self.notes),
        }
        return with_aliases(row)


@dataclass(frozen=True, eq=False)
class WindowPrediction:
    """What a model predicts of one window of a song.

    Attributes:
        start: seconds from the song's beginning.
        analysed_s: length of the window in seconds.
        prediction: its genres.
        notes: what a person should know.
    """

    start: float
    analysed_s: float
    prediction: Prediction
    notes: tuple[str, ...] = ()

    def as_json(self, top: int = 3) -> dict[str, Any]:
        """The window as JSON values by `rows.WINDOW_KEYS`, with the `top` likeliest genres."""
        row = {
            "start": round(self.start, 3),
            **prediction_row(self.prediction, top),
            "analysed_s": round(self.analysed_s, 3),
            "notes": list(self.notes),
        }
        return with_aliases(row)


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
        self.excerpt = excerpt or Excerpt.middle(model.card.excerpt_seconds)

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

    def timeline(
        self, path: str | os.PathLike[str], *, window: float = 30.0, hop: float = 10.0
    ) -> Iterator[WindowPrediction]:
        """The genres of a file over time; it is decoded once.

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
        decoded = self._decode(path, Excerpt.whole())
        for number in range(1 + max(0, int((decoded.seconds - window) / hop))):
            start = number * hop
            clip = {
                name: Waveform(samples[round(start * rate) : round((start + window) * rate)], rate)
                for name, (samples, rate) in decoded.clip.items()
            }
            prediction, notes = self._predict(path, clip)
            yield WindowPrediction(start, min(window, decoded.seconds - start), prediction, notes)

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
        try:
            return self.samples_classifier.predict_with_notes(clip)
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


def load_model(name: str | os.PathLike[str] | None = None) -> GenreModel:
    """A model by its name or its folder; the default model where None.

    Raises:
        UsageError: there is no such model.
        DataError: it is damaged, or needs another version of genrescope.
    """
    return GenreModel.load(name)
