"""Predictions as JAMS, and as labelled intervals that mir_eval reads.

Humphrey, Salamon, Nieto, Forsyth, Bittner, Bello, "JAMS: a JSON annotated music specification for
reproducible MIR research", ISMIR 2014. Genres of a song are an annotation `tag_open`, genres over
time one of `segment_open`.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from genrescope.files.atomic import write_atomic, write_json
from genrescope.inference.classified import ClassifiedSong, WindowPrediction
from genrescope.inference.labels.label import KINDS
from genrescope.version import __version__

_SCHEMA = "0.3.4"
_DIGITS = 6


@dataclass(frozen=True)
class Segment:
    """A stretch of a song with one genre.

    Attributes:
        start, end: seconds from the beginning.
        genre: predicted, or "unknown".
        confidence: 0 to 1, the mean of its windows.
    """

    start: float
    end: float
    genre: str
    confidence: float


def song_jams(song: ClassifiedSong, model: str, top: int = 3) -> dict[str, Any]:
    """The `top` likeliest genres of a song as a JAMS document.

    Args:
        song: with its prediction.
        model: name of the model.
        top: how many genres are listed.
    """
    observations = [_observation(0.0, song.duration, *named) for named in song.prediction.top(top)]
    labels = [_label_annotation(kind, song, model) for kind in KINDS]
    genres = _annotation("tag_open", observations, model, song.duration)
    return _document(song.path, song.duration, [genres, *filter(None, labels)])


def _label_annotation(kind: str, song: ClassifiedSong, model: str) -> dict[str, Any] | None:
    """The labels of one kind as an annotation that names it in its sandbox; None without any."""
    observations = [
        _observation(0.0, song.duration, label.name, label.probability)
        for label in song.prediction.labels
        if label.kind == kind
    ]
    if not observations:
        return None
    return _annotation("tag_open", observations, model, song.duration) | {"sandbox": {"kind": kind}}


def timeline_jams(path: Path, windows: Sequence[WindowPrediction], model: str) -> dict[str, Any]:
    """The genres of a song over time as a JAMS document."""
    segments = segments_of(windows)
    duration = segments[-1].end if segments else 0.0
    observations = [
        _observation(item.start, item.end - item.start, item.genre, item.confidence)
        for item in segments
    ]
    return _document(path, duration, [_annotation("segment_open", observations, model, duration)])


def segments_of(windows: Sequence[WindowPrediction]) -> list[Segment]:
    """Windows that overlap as segments that do not, those of one genre in a row as one.

    The border between two windows lies midway between their middles; the first segment begins with
    the first window, the last ends with the last.
    """
    middles = [window.start + window.analysed_s / 2 for window in windows]
    borders = [(one + other) / 2 for one, other in itertools.pairwise(middles)]
    if windows:
        borders = [windows[0].start, *borders, windows[-1].start + windows[-1].analysed_s]
    found: list[list[Segment]] = []
    for window, start, end in zip(windows, borders, borders[1:], strict=False):
        part = Segment(start, end, window.prediction.genre, window.prediction.confidence)
        if found and found[-1][-1].genre == part.genre:
            found[-1].append(part)
        else:
            found.append([part])
    return [_joined(parts) for parts in found]


def write_song(path: Path, song: ClassifiedSong, model: str, top: int = 3) -> None:
    """Write a song's genres as JAMS, whole or not at all."""
    write_json(path, song_jams(song, model, top))


def write_timeline(path: Path, song: Path, windows: Sequence[WindowPrediction], model: str) -> None:
    """Write genres over time as JAMS and beside it as `.lab`: start, end, genre, by tabs.

    `mir_eval.io.load_labeled_intervals` reads the latter.
    """
    write_json(path, timeline_jams(song, windows, model))
    lines = (f"{s.start:.3f}\t{s.end:.3f}\t{s.genre}\n" for s in segments_of(windows))
    write_atomic(path.with_suffix(".lab"), "".join(lines).encode())


def _joined(parts: Sequence[Segment]) -> Segment:
    confidence = sum(part.confidence for part in parts) / len(parts)
    return Segment(parts[0].start, parts[-1].end, parts[0].genre, confidence)


def _document(path: Path, duration: float, annotations: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "annotations": annotations,
        "file_metadata": {
            "title": path.stem,
            "artist": "",
            "release": "",
            "duration": _seconds(duration),
            "identifiers": {},
            "jams_version": _SCHEMA,
        },
        "sandbox": {"path": str(path)},
    }


def _observation(start: float, duration: float, value: str, confidence: float) -> dict[str, Any]:
    return {
        "time": _seconds(start),
        "duration": _seconds(duration),
        "value": value,
        "confidence": round(float(confidence), _DIGITS),
    }


def _annotation(
    namespace: str, data: list[dict[str, Any]], model: str, duration: float
) -> dict[str, Any]:
    return {
        "namespace": namespace,
        "data": data,
        "annotation_metadata": {
            "curator": {"name": "", "email": ""},
            "annotator": {"model": model},
            "version": __version__,
            "corpus": "",
            "annotation_tools": f"genrescope {__version__}",
            "annotation_rules": "",
            "validation": "",
            "data_source": "program",
        },
        "sandbox": {},
        "time": 0.0,
        "duration": _seconds(duration),
    }


def _seconds(value: float) -> float:
    return round(value, _DIGITS)
