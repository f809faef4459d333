"""From a spelling to its key, and from a file's genre tag to the genres that it names."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from genrescope.files.names import composed
from genrescope.taxonomy.tables import read_table

if TYPE_CHECKING:
    from genrescope.taxonomy.vocabulary import Vocabulary

_BETWEEN_GENRES = re.compile(r"[;,/|\\\0]+")
_BETWEEN_WORDS = re.compile(r"[\s+_&()-]+")
_NUMBER = re.compile(r"\((\d{1,3})\)|^\s*(\d{1,3})\s*$")
# Phrases with a word in them that is the name of another genre.
_MISLEADING = re.compile(
    r"rhythm\W*(and|n|&)\W*blues|\bclassic\b|(non|neo|indian|post)\W*classical|anti\W*folk", re.I
)


@lru_cache(maxsize=1 << 12)
def spelling_key(name: str) -> str:
    """`name` without case, blanks and punctuation: "Hip-Hop" and "hiphop" have one key.

    So have all Unicode forms of a name. A name of nothing but punctuation is its own key.
    """
    return "".join(filter(_is_letter, composed(composed(name).casefold()))) or name


def _is_letter(sign: str) -> bool:
    """Whether it is a letter, a digit, or a mark that belongs to one, as vowels of Hindi do."""
    return sign.isalnum() or unicodedata.category(sign).startswith("M")


def commonest_spellings(labels: Iterable[Iterable[str]]) -> dict[str, str]:
    """Of all spellings of a label in those of some songs, which stands for it: the commonest."""
    counts = Counter(label for of_song in labels for label in of_song)
    best: dict[str, str] = {}
    for label, _ in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        best.setdefault(spelling_key(label), label)
    return {label: best[spelling_key(label)] for label in counts}


@cache
def id3v1_names() -> tuple[str, ...]:
    """The genres that ID3v1 and Winamp's extensions number, in the order of their numbers."""
    return tuple(name for _, name in read_table("id3v1"))


def spell_out(tag: str) -> str:
    """`tag` with numbers replaced by names: "(17)" and "17" by "Rock", "(4)Eurodisco" by both."""
    return _NUMBER.sub(_name_of_number, tag)


def genres_of_tag(tag: str, vocabulary: Vocabulary) -> set[str]:
    """The genres of `vocabulary` that a file's tag names, whatever its spelling; empty where none.

    Recognises ID3v1's numbers, several genres in one tag ("Classical; Piano", "Hip-Hop/Rap"),
    styles ("Bebop" is jazz), and genres among other words ("Garage Rock" is rock, "Country Rock"
    both).
    What no genre of the vocabulary holds (for GTZAN "House", "Folk", "Soundtrack") names none.
    """
    tag = spell_out(tag)
    parts = [tag] if vocabulary.find_style(tag) else _BETWEEN_GENRES.split(tag)
    return set().union(*(_genres_of_part(part, vocabulary) for part in parts))


def ordered_genres(tag: str, vocabulary: Vocabulary) -> tuple[str, ...]:
    """The genres that a tag names, in the order of the vocabulary; see `genres_of_tag`."""
    return tuple(sorted(genres_of_tag(tag, vocabulary), key=vocabulary.genres.index))


def _genres_of_part(part: str, vocabulary: Vocabulary) -> set[str]:
    whole = vocabulary.find_style(part)
    if whole is not None:
        return {whole}
    words = _BETWEEN_WORDS.split(_MISLEADING.sub(" ", part))
    return {genre for word in words if (genre := vocabulary.find_style(word))}


def _name_of_number(match: re.Match[str]) -> str:
    names, number = id3v1_names(), int(match[1] or match[2])
    return f"{names[number]};" if number < len(names) else ""
