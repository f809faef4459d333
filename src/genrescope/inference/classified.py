"""What a model says of a file, or of one window of it, as rows; light to import."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from genrescope.inference.prediction import Prediction


@dataclass(frozen=True, eq=False)
class ClassifiedSong:
    """What a model says of a file.

    Attributes:
        path: the file.
        prediction: its genres.
        seconds: how much of it was heard.
        duration: seconds of the file that can be decoded.
        took: seconds that it took.
        notes: what a person should know: "truncated: ...", "resampled 44100 -> 22050 Hz",
            "silent", "short: ...".
    """

    path: Path
    prediction: Prediction
    seconds: float
    duration: float
    took: float
    notes: tuple[str, ...] = ()

    def as_json(self, top: int = 3) -> dict[str, Any]:
        """The row as JSON values, with the `top` likeliest genres."""
        return {
            "path": str(self.path),
            **prediction_as_json(self.prediction, top),
            "seconds": round(self.seconds, 3),
            "duration": round(self.duration, 3),
            "took": round(self.took, 4),
            "notes": list(self.notes),
        }


@dataclass(frozen=True, eq=False)
class Moment:
    """What a model says of one window of a song.

    Attributes:
        start: seconds from the song's beginning.
        seconds: length of the window.
        prediction: its genres.
        notes: what a person should know.
    """

    start: float
    seconds: float
    prediction: Prediction
    notes: tuple[str, ...] = ()

    def as_json(self, top: int = 3) -> dict[str, Any]:
        """The window as JSON values, with the `top` likeliest genres."""
        return {
            "start": round(self.start, 3),
            "seconds": round(self.seconds, 3),
            **prediction_as_json(self.prediction, top),
            "notes": list(self.notes),
        }


def prediction_as_json(prediction: Prediction, top: int = 3) -> dict[str, Any]:
    """A prediction as JSON values, with the `top` likeliest genres."""
    return {
        "genre": prediction.genre,
        "confidence": round(prediction.confidence, 4),
        "music": round(prediction.music, 4),
        "top": [
            {"genre": genre, "probability": round(share, 4)} for genre, share in prediction.top(top)
        ],
    }
