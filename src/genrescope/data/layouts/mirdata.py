"""A mirdata index: JSON with the files of each track; the folder of the audio is the genre.

Bittner, Fuentes, Rubinstein, Jansson, Choi, Kell, "mirdata: software for reproducible usage of
datasets", ISMIR 2019. An index holds no labels: its loaders take the genre from the path, too.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import PurePosixPath

from genrescope.data.layouts.entry import LabelEntry
from genrescope.errors import DataError
from genrescope.files.text import parse_json

_AUDIO = ("audio", "audio_path", "mix")


def is_mirdata(text: str) -> bool:
    """Whether this is the text of JSON."""
    return text.lstrip().startswith("{")


def read_mirdata(text: str, place: str) -> Iterator[LabelEntry]:
    """The tracks of an index; one without an audio file is passed over.

    Raises:
        DataError: it is no JSON, or no index of tracks.
    """
    try:
        tracks = parse_json(text)["tracks"].items()
    except ValueError as error:
        line = getattr(error, "lineno", 1)
        remedy = "copy the index again from mirdata/datasets/indexes"
        raise DataError(f"no JSON: {error}", place=f"{place}:{line}", remedy=remedy) from error
    except (KeyError, AttributeError, TypeError) as error:
        remedy = 'an index is {"version": ..., "tracks": {ID: {"audio": [path, md5]}}}'
        raise DataError("no mirdata index of tracks", place=f"{place}:1", remedy=remedy) from error
    at, line = 0, 1  # where the latest track stands
    for name, files in tracks:
        if (found := text.find(json.dumps(name), at)) >= 0:
            line += text.count("\n", at, found)
            at = found
        try:
            path = next((files[kind][0] for kind in _AUDIO if files.get(kind)), None)
            genre = "" if path is None else PurePosixPath(path).parent.name
        except (AttributeError, TypeError, IndexError, KeyError) as error:
            remedy = 'write {"audio": [path, md5]}'
            raise DataError(
                f"no files of {name}", place=f"{place}:{line}", remedy=remedy
            ) from error
        if path is not None:
            yield LabelEntry(line, (path, name), genre)
