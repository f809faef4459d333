"""What is done to one song in a worker process: all decoding, so that a bad file harms no more."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from genrescope.web.names import SongNames, song_names


class Task(Protocol):
    """One thing to do."""

    def run(self) -> Any:
        """Do it; called in a worker process."""


def run(task: Task) -> Any:
    """Do a task."""
    return task.run()


@dataclass(frozen=True)
class WarmUp:
    """Load the model, so that the first song need not wait for it."""

    model: Path

    def run(self) -> None:
        """Load it."""
        from genrescope.inference.song import song_classifier

        song_classifier(self.model)


@dataclass(frozen=True)
class Classify:
    """The genres of a song: a `ClassifiedSong`."""

    path: Path
    model: Path

    def run(self) -> Any:
        """Classify it."""
        from genrescope.inference.song import song_classifier

        return song_classifier(self.model).classify(self.path)


@dataclass(frozen=True)
class ClassifyNamed:
    """The genres and the names of a song: a `NamedSong`.

    Attributes:
        path: where the song is.
        model: folder of the model.
        name: what the song is called, with the folders that it lies in.
    """

    path: Path
    model: Path
    name: str

    def run(self) -> NamedSong:
        """Classify it, then read its tags."""
        return NamedSong(Classify(self.path, self.model).run(), song_names(self.path, self.name))


@dataclass(frozen=True)
class NamedSong:
    """A `ClassifiedSong` and its names."""

    song: Any
    names: SongNames


@dataclass(frozen=True)
class Timeline:
    """The genres of a song over time: a list of `WindowPrediction`."""

    path: Path
    model: Path
    window: float
    hop: float
    longest: float

    def run(self) -> Any:
        """Classify all windows."""
        from genrescope.inference.song import song_classifier
        from genrescope.web.media.sound import check_length

        check_length(self.path, self.longest)
        found = song_classifier(self.model).timeline(self.path, window=self.window, hop=self.hop)
        return list(found)


@dataclass(frozen=True)
class Explain:
    """Evidence for the prediction: the heading of `genrescope explain`, and its sentences."""

    path: Path
    model: Path

    def run(self) -> dict[str, Any]:
        """Explain it."""
        from genrescope.explanation.explain import explain
        from genrescope.report.explanation_text import heading, sentences

        found = explain(self.path, self.model)
        probabilities = found.song.prediction.probabilities.round(5).tolist()
        words = {"answer": heading(found.song.prediction), "sentences": list(sentences(found))}
        return {**found.as_json(), "probabilities": probabilities, **words}


@dataclass(frozen=True)
class Waveform:
    """The outline of a song: lowest and highest sample in each of many stretches."""

    path: Path
    points: int
    longest: float

    def run(self) -> dict[str, Any]:
        """Decode it, block by block."""
        from genrescope.web.media.sound import outline

        return outline(self.path, self.points, self.longest)


@dataclass(frozen=True)
class Transcode:
    """A song as a WAV file, at `target`."""

    path: Path
    target: Path
    longest: float

    def run(self) -> None:
        """Decode it, block by block."""
        from genrescope.web.media.sound import write_wav

        write_wav(self.path, self.target, self.longest)


@dataclass(frozen=True)
class Picture:
    """A picture of the middle of a song, as the bytes of a PNG file.

    Attributes:
        path: the song.
        kind: "sonogram" or "rhythm_pattern".
    """

    path: Path
    kind: str

    def run(self) -> bytes:
        """Draw it."""
        from genrescope.web.media.pictures import draw

        return draw(self.path, self.kind)
