"""The labels that are named of the songs of a library, many at a time, as a table.

They are those of `Prediction.labels`. Probabilities are computed for blocks of songs; what was
found stays as long as the library is browsed, so that only new songs are read where it changes.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from genrescope.inference.labels.label import Label, label_names
from genrescope.library.index.database import Index
from genrescope.library.index.models import PREDICTION_COLUMNS, IndexedModel
from genrescope.library.tagging.rows.batches import TagReader, labels_of

TABLE = """
    CREATE TEMP TABLE labelled (
        label INTEGER, n INTEGER, probability REAL, PRIMARY KEY (label, n)
    ) WITHOUT ROWID
"""

_AT_A_TIME = 2048
_NAMES = label_names()
_PLACES = {(label.kind, label.name): place for place, label in enumerate(_NAMES)}
_RESULT = f"""
    SELECT audio, {PREDICTION_COLUMNS} FROM results
    WHERE model = ? AND audio = ? AND probabilities IS NOT NULL
"""
_PACKED = struct.Struct("<Hf")  # a label's number and its probability
_Row = tuple[Any, ...]


class NamedLabel(NamedTuple):
    """A label that is named of a song: its kind, name and probability, 0 to 1."""

    kind: str
    name: str
    probability: float

    def as_json(self) -> dict[str, Any]:
        """The label as JSON values."""
        return self._asdict() | {"probability": round(self.probability, 4)}


class SongLabels:
    """What is named of the sounds of a library by one model, as far as it was needed."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._model: IndexedModel | None = None
        self._reader: TagReader | None = None
        self._known: dict[bytes, bytes] = {}

    def use(self, model: IndexedModel | None) -> None:
        """Use the predictions of this model; None: nothing is named."""
        if model is None or self._model is None or model.id != self._model.id:
            self._known = {}
            self._reader = TagReader.of(model, labelled=True) if model else None
        self._model = model

    def of(self, sounds: Sequence[bytes]) -> list[tuple[NamedLabel, ...]]:
        """The labels of each sound, by kind, the likeliest first."""
        self._read([audio for audio in sounds if audio not in self._known])
        return [tuple(self._named(audio)) for audio in sounds]

    def fill(self, songs: Mapping[bytes, Sequence[int]]) -> None:
        """Fill the temporary table `labelled`, which is empty: numbers of songs by audio hash."""
        self._read([audio for audio in songs if audio not in self._known])
        rows = (
            (label, number, probability)
            for audio in songs.keys() & self._known.keys()
            for label, probability in _PACKED.iter_unpack(self._known[audio])
            for number in songs[audio]
        )
        self._index.database.executemany("INSERT INTO labelled VALUES (?, ?, ?)", rows)

    def _named(self, audio: bytes) -> Iterator[NamedLabel]:
        for label, probability in _PACKED.iter_unpack(self._known.get(audio, b"")):
            yield NamedLabel(_NAMES[label].kind, _NAMES[label].name, probability)

    def _read(self, sounds: Sequence[bytes]) -> None:
        """Find the labels of sounds; those without a result are looked for again."""
        model = self._model
        if model is None:
            return
        for start in range(0, len(sounds), _AT_A_TIME):
            found = [
                row
                for audio in sounds[start : start + _AT_A_TIME]
                for row in self._index.rows(_RESULT, model.id, audio)
            ]
            for audio, labels in _labels_of(found, model, self._reader):
                places = ((_PLACES[one.kind, one.name], one.probability) for one in labels)
                self._known[audio] = b"".join(_PACKED.pack(*place) for place in places)


def label_counts(index: Index) -> list[tuple[str, str, int]]:
    """(kind, name, songs) of each label that is named of a song, in the order of the table."""
    rows = index.rows("SELECT label, count(*) FROM labelled GROUP BY label ORDER BY label")
    return [(_NAMES[label].kind, _NAMES[label].name, count) for label, count in rows]


def label_number(text: str) -> int:
    """The number in the table `labelled` of "style:techno"; -1 where there is no such label."""
    kind, _, name = text.partition(":")
    return _PLACES.get((kind, name), -1)


def likeliest_labels(index: Index, kind: str) -> dict[str, str]:
    """The likeliest label of a kind by the id of each song that has any."""
    numbers = [place for (one, _), place in _PLACES.items() if one == kind]
    query = """
        SELECT id, label, max(probability) FROM labelled JOIN shown USING (n)
        WHERE label BETWEEN ? AND ? GROUP BY n
    """
    rows = index.rows(query, min(numbers), max(numbers))
    return {song: _NAMES[label].name for song, label, _ in rows}


def ids_labelled(index: Index, label: int) -> set[str]:
    """The ids of the songs of which a label is named."""
    query = "SELECT id FROM labelled JOIN shown USING (n) WHERE label = ?"
    return {song for (song,) in index.rows(query, label)}


def _labels_of(
    rows: Sequence[_Row], model: IndexedModel, reader: TagReader | None
) -> Iterator[tuple[bytes, tuple[Label, ...]]]:
    """The labels that are named of the sounds of results."""
    for row, labels in zip(rows, labels_of([row[1:] for row in rows], model, reader), strict=True):
        prediction = model.untagged_prediction(row[1:])
        yield row[0], prediction.named(labels) if prediction else ()
