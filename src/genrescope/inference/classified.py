"""What a model predicts of a file, or of one window of it, as rows; light to import."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from genrescope.inference.prediction import Prediction
from genrescope.inference.rows import prediction_row, with_aliases


@dataclass(frozen=True, eq=False)
class ClassifiedSong:
    """What a model predicts of a file.

    Attributes:
        path: the file.
        prediction: its genres.
        analysed_s: seconds of it that were analysed.
        duration: seconds of the file that can be decoded.
        elapsed_s: seconds that it took.
        notes: for people: "truncated: ...", "resampled 44100 -> 22050 Hz",
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
        notes: for people.
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
