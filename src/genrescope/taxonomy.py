"""Genre vocabularies, the ways their names are written, and mappings between them."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from genrescope.errors import DataError, UsageError


def _key(label: str) -> str:
    """Spelling without case, quotes, blanks and punctuation: 'New_Age' and "'new age'" agree."""
    return re.sub(r"[^0-9a-z]+", "", label.casefold())


@dataclass(frozen=True)
class Vocabulary:
    """An ordered list of genres; the order is that of every probability vector.

    Attributes:
        name: short name (`topMAGD`).
        genres: canonical spellings.
        aliases: other spellings (any case and punctuation) to canonical ones.
        reference: where the list comes from.
    """

    name: str
    genres: tuple[str, ...]
    aliases: Mapping[str, str] = field(default_factory=dict)
    reference: str = ""

    def __post_init__(self) -> None:
        lookup = {_key(alias): genre for alias, genre in self.aliases.items()}
        lookup.update({_key(genre): genre for genre in self.genres})
        object.__setattr__(self, "_lookup", lookup)

    def __len__(self) -> int:
        return len(self.genres)

    def find(self, label: str) -> str | None:
        """The canonical genre for any spelling of `label`, or None where it is not one of ours."""
        lookup: dict[str, str] = self.__dict__["_lookup"]
        return lookup.get(_key(label))

    def canonical(self, label: str) -> str:
        """The canonical genre for any spelling of `label`.

        Raises:
            DataError: `label` is not in this vocabulary.
        """
        genre = self.find(label)
        if genre is None:
            near = difflib.get_close_matches(label, self.genres, n=1, cutoff=0.5)
            hint = f"did you mean '{near[0]}'?" if near else f"one of {', '.join(self.genres)}"
            raise DataError(f"'{label}' is not a genre of {self.name}", remedy=hint)
        return genre

    def index(self, label: str) -> int:
        """Position of `label` (any spelling) in `genres`.

        Raises:
            DataError: `label` is not in this vocabulary.
        """
        return self.genres.index(self.canonical(label))


_SCHINDLER_2012 = "Schindler, Mayer, Rauber, ISMIR 2012"
_SHARED_ALIASES = {
    "pop/rock": "Pop_Rock",
    "r&b": "RnB",
    "rhythm and blues": "RnB",
    "hip hop": "Rap",
    "electronica": "Electronic",
    "world": "International",
}

TOP_MAGD = Vocabulary(
    "topMAGD",
    (
        *("Blues", "Country", "Electronic", "Folk", "International", "Jazz", "Latin"),
        *("New Age", "Pop_Rock", "Rap", "Reggae", "RnB", "Vocal"),
    ),
    _SHARED_ALIASES,
    _SCHINDLER_2012,
)

MAGD = Vocabulary(
    "MAGD",
    (
        *("Avant_Garde", "Blues", "Children", "Classical", "Comedy_Spoken", "Country"),
        *("Easy_Listening", "Electronic", "Folk", "Holiday", "International", "Jazz", "Latin"),
        *("New Age", "Pop_Rock", "Rap", "Reggae", "Religious", "RnB", "Stage", "Vocal"),
    ),
    _SHARED_ALIASES,
    _SCHINDLER_2012,
)

MASD = Vocabulary(
    "MASD",
    (
        *("Big_Band", "Blues_Contemporary", "Country_Traditional", "Dance", "Electronica"),
        *("Experimental", "Folk_International", "Gospel", "Grunge_Emo", "Hip_Hop_Rap"),
        *("Jazz_Classic", "Metal_Alternative", "Metal_Death", "Metal_Heavy"),
        *("Pop_Contemporary", "Pop_Indie", "Pop_Latin", "Punk", "Reggae", "RnB_Soul"),
        *("Rock_Alternative", "Rock_College", "Rock_Contemporary", "Rock_Hard"),
        "Rock_Neo_Psychedelia",
    ),
    {},
    _SCHINDLER_2012,
)

GTZAN = Vocabulary(
    "GTZAN",
    (
        *("blues", "classical", "country", "disco", "hiphop", "jazz", "metal", "pop"),
        *("reggae", "rock"),
    ),
    {"classic": "classical", "rap": "hiphop", "heavy metal": "metal"},
    "Tzanetakis, Cook, IEEE TSAP 10(5), 2002",
)

VOCABULARIES: dict[str, Vocabulary] = {item.name: item for item in (TOP_MAGD, MAGD, MASD, GTZAN)}

# Where one vocabulary's genre lies wholly inside a genre of another. What has no such home
# (classical in Top-MAGD, a blend such as Folk_International) is left out rather than guessed.
MAPPINGS: dict[tuple[str, str], dict[str, str]] = {
    ("GTZAN", "topMAGD"): {
        "blues": "Blues",
        "country": "Country",
        "disco": "Electronic",
        "hiphop": "Rap",
        "jazz": "Jazz",
        "metal": "Pop_Rock",
        "pop": "Pop_Rock",
        "reggae": "Reggae",
        "rock": "Pop_Rock",
    },
    ("MAGD", "topMAGD"): {genre: genre for genre in TOP_MAGD.genres},
    ("MASD", "topMAGD"): {
        "Big_Band": "Jazz",
        "Blues_Contemporary": "Blues",
        "Country_Traditional": "Country",
        "Dance": "Electronic",
        "Electronica": "Electronic",
        "Grunge_Emo": "Pop_Rock",
        "Hip_Hop_Rap": "Rap",
        "Jazz_Classic": "Jazz",
        "Metal_Alternative": "Pop_Rock",
        "Metal_Death": "Pop_Rock",
        "Metal_Heavy": "Pop_Rock",
        "Pop_Contemporary": "Pop_Rock",
        "Pop_Indie": "Pop_Rock",
        "Pop_Latin": "Latin",
        "Punk": "Pop_Rock",
        "Reggae": "Reggae",
        "RnB_Soul": "RnB",
        "Rock_Alternative": "Pop_Rock",
        "Rock_College": "Pop_Rock",
        "Rock_Contemporary": "Pop_Rock",
        "Rock_Hard": "Pop_Rock",
        "Rock_Neo_Psychedelia": "Pop_Rock",
    },
}


def vocabulary(name: str) -> Vocabulary:
    """The vocabulary called `name`, in any case (`topmagd` finds `topMAGD`).

    Raises:
        UsageError: there is none of that name.
    """
    for known in VOCABULARIES.values():
        if _key(known.name) == _key(name):
            return known
    raise UsageError(f"no vocabulary '{name}'", remedy=f"choose from {', '.join(VOCABULARIES)}")
