"""Labels that a person corrected, kept in the index of a library by the hash of the audio.

A song keeps them when it is moved or retagged, and they outlive every scan and every model.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from genrescope.errors import DataError
from genrescope.library.index.database import Index
from genrescope.library.sound.audiohash import audio_hash

_TABLE = """
CREATE TABLE IF NOT EXISTS corrections (
    audio BLOB, label TEXT, PRIMARY KEY (audio, label)
) WITHOUT ROWID
"""


def correct(index: Index, song: Path, labels: Iterable[str]) -> None:
    """Keep the labels of a song; they replace those of its tags, and earlier corrections.

    Args:
        index: of the library.
        song: a file.
        labels: none: the earlier corrections are forgotten.

    Raises:
        DataError: the file cannot be read.
    """
    audio = bytes.fromhex(_audio(song))
    index.database.execute(_TABLE)
    with index.transaction():
        index.database.execute("DELETE FROM corrections WHERE audio = ?", (audio,))
        index.database.executemany(
            "INSERT INTO corrections VALUES (?, ?)", ((audio, label) for label in set(labels))
        )


def corrections(index: Index) -> dict[str, tuple[str, ...]]:
    """The corrected labels, by the hash of the audio in hexadecimal digits."""
    index.database.execute(_TABLE)
    found: dict[str, tuple[str, ...]] = {}
    for audio, label in index.rows("SELECT lower(hex(audio)), label FROM corrections ORDER BY 2"):
        found[audio] = (*found.get(audio, ()), label)
    return found


def correction(index: Index, song: Path) -> tuple[str, ...]:
    """The corrected labels of a song; none where it was not corrected.

    Raises:
        DataError: the file cannot be read.
    """
    index.database.execute(_TABLE)
    audio = bytes.fromhex(_audio(song))
    query = "SELECT label FROM corrections WHERE audio = ? ORDER BY label"
    return tuple(label for (label,) in index.rows(query, audio))


def _audio(song: Path) -> str:
    """The hash of a song's audio in hexadecimal digits."""
    try:
        return audio_hash(song, full=False)
    except OSError as error:
        raise DataError(
            f"cannot be read: {error.strerror}", place=song, remedy="check its name and permissions"
        ) from error


def parse_correction(text: str) -> tuple[Path, tuple[str, ...]]:
    """The file and the labels of "FILE=LABEL; LABEL"; either may have an equals sign in it.

    Raises:
        DataError: no part before an equals sign is a file.
    """
    parts = text.split("=")
    for end in range(1, len(parts)):
        name = "=".join(parts[:end])
        if os.path.isfile(name):  # noqa: PTH113
            labels = (label.strip() for label in "=".join(parts[end:]).split(";"))
            return Path(name), tuple(filter(None, labels))
    raise DataError("no file with a label", place=text, remedy="write FILE=GENRE")
