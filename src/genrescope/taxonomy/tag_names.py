"""Genres as they are written into tags, and values of tags that name no genre.

`tag_names.csv` has the spelling of each genre that is written, and below it others that people use;
`placeholders.csv` has what programs write where they have no genre.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from functools import cache

from genrescope.taxonomy.normalise import spelling_key
from genrescope.taxonomy.tables import read_table


def tag_names(genres: Iterable[str], used: Mapping[str, int]) -> dict[str, str]:
    """How each of `genres` is written into tags.

    That is the commonest of its spellings in `used`, whatever its case and punctuation (`HipHop`,
    `Hip Hop`), else the first in `tag_names.csv`, else the genre as it is.

    Args:
        genres: of any vocabulary.
        used: how often each value of a tag stands in the collection.
    """
    ranked = sorted(used, key=lambda name: (-used[name], name))
    commonest = {spelling_key(name): name for name in reversed(ranked)}
    return {genre: _tag_name(genre, commonest, used) for genre in genres}


def _tag_name(genre: str, commonest: Mapping[str, str], used: Mapping[str, int]) -> str:
    known = _spellings().get(spelling_key(genre), (genre,))
    keys = dict.fromkeys(spelling_key(name) for name in (*known, genre))
    found = [commonest[key] for key in keys if key in commonest]
    return max(found, key=used.__getitem__) if found else known[0]


def is_placeholder(value: str, more: Collection[str] = ()) -> bool:
    """Whether a genre tag names no genre: `Other`, `Unknown`, a bare number, one of `more`.

    Case, blanks and punctuation do not count, in `more` either.
    """
    key = spelling_key(value)
    placeholder = key.isdigit() or not any(map(str.isalnum, key)) or key in _placeholders()
    return placeholder or key in map(spelling_key, more)


@cache
def _spellings() -> dict[str, tuple[str, ...]]:
    """Spellings of each genre by its key, the one that is written first."""
    found: dict[str, tuple[str, ...]] = {}
    for genre, spelling in read_table("tag_names"):
        key = spelling_key(genre)
        found[key] = (*found.get(key, ()), spelling)
    return found


@cache
def _placeholders() -> frozenset[str]:
    return frozenset(spelling_key(name) for (name,) in read_table("placeholders"))
