"""The songs of a library whose genre contradicts their tag, album or artist, as a table."""

from __future__ import annotations

from numpy.typing import ArrayLike

from genrescope.calibration.label_shift import correct_prior
from genrescope.library.index.database import Index
from genrescope.library.index.models import unpack_probabilities
from genrescope.library.outliers import NamedSong, contradictions
from genrescope.library.tagging.plan import join_values, split_values

TABLE = "CREATE TEMP TABLE contradicting (n INTEGER PRIMARY KEY, text TEXT)"
_NAMED = """
    SELECT n, path, album, artist, tagged, best, probabilities FROM shown JOIN predicted USING (n)
    WHERE confidence > 0 AND confidence >= ?
"""


def fill_contradicting(
    index: Index,
    genres: tuple[str, ...],
    threshold: float,
    shares: tuple[ArrayLike, ArrayLike] | None,
) -> None:
    """Make the temporary table `contradicting` again, see `genrescope.library.outliers`.

    Args:
        index: of the library.
        genres: of the model.
        threshold: confidence from which a genre is named.
        shares: of the genres that the model assumes, and those wanted; None: as it assumes.
    """
    rows = list(index.rows(_NAMED, threshold))
    values = unpack_probabilities([row[-1] for row in rows])
    if shares is not None:
        values = correct_prior(values, *shares)
    named_songs = [
        NamedSong(path, album, artist, split_values(tagged), genres[best], own)
        for (_, path, album, artist, tagged, best, _), own in zip(rows, values, strict=True)
    ]
    found = zip(rows, contradictions(named_songs, genres), strict=True)
    texts = ((row[0], join_values(tuple(map(str, items)))) for row, items in found if items)
    index.database.executemany("INSERT INTO contradicting VALUES (?, ?)", texts)


def contradictions_of_song(index: Index, number: int) -> tuple[str, ...]:
    """What a song contradicts, in words."""
    return split_values(index.value("SELECT text FROM contradicting WHERE n = ?", number) or "")
