"""Genre vocabularies, the ways their names are written, and mappings between them."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

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
        styles: narrower kinds of music, as tags of files name them, to the genre they lie in.
        reference: where the list comes from.
    """

    name: str
    genres: tuple[str, ...]
    aliases: Mapping[str, str] = field(default_factory=dict)
    reference: str = ""
    styles: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        lookup = {_key(alias): genre for alias, genre in self.aliases.items()}
        lookup.update({_key(genre): genre for genre in self.genres})
        object.__setattr__(self, "_lookup", lookup)
        styles = {_key(style): genre for style, genre in self.styles.items()}
        object.__setattr__(self, "_styles", styles | lookup)

    def __len__(self) -> int:
        return len(self.genres)

    def find(self, label: str) -> str | None:
        """The canonical genre for any spelling of `label`, or None where it is not one of ours."""
        lookup: dict[str, str] = self.__dict__["_lookup"]
        return lookup.get(_key(label))

    def find_style(self, label: str) -> str | None:
        """The genre that `label` is a spelling or a style of, or None.

        For tags of files, where "Bebop" means jazz. Labels to learn from go through `find`, which
        knows no styles, so that the labels of another vocabulary are not taken for ours.
        """
        styles: dict[str, str] = self.__dict__["_styles"]
        return styles.get(_key(label))

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

    def restricted_to(self, genres: Collection[str]) -> Vocabulary:
        """The vocabulary of some of its genres, in the same order, called `name (how many)`.

        Raises:
            DataError: one of `genres` is not in this vocabulary.
        """
        kept = {self.canonical(genre) for genre in genres}

        def of_kept(names: Mapping[str, str]) -> dict[str, str]:
            return {name: genre for name, genre in names.items() if genre in kept}

        return replace(
            self,
            name=f"{self.name} ({len(kept)})",
            genres=tuple(genre for genre in self.genres if genre in kept),
            aliases=of_kept(self.aliases),
            styles=of_kept(self.styles),
        )


def _by_style(styles: Mapping[str, str]) -> dict[str, str]:
    """Style to genre, from genre to styles with commas between them."""
    return {style.strip(): genre for genre, names in styles.items() for style in names.split(",")}


_SCHINDLER_2012 = "Schindler, Mayer, Rauber, ISMIR 2012"
_SHARED_ALIASES = {
    "pop/rock": "Pop_Rock",
    "r&b": "RnB",
    "rhythm and blues": "RnB",
    "hip hop": "Rap",
    "electronica": "Electronic",
    "world": "International",
}

_ROCK = (
    "alternative, alternrock, alt rock, indie, grunge, punk, post punk, emo, rock & roll, "
    "rock n roll, rockabilly, prog, shoegaze, krautrock, classic rock"
)
_METAL = "thrash, metalcore, deathcore, grindcore, djent, nwobhm"
_POP = "top 40, electropop, synthpop, europop, kpop, jpop"
_COMMON_STYLES = {
    "blues": "boogie woogie",
    "country": "bluegrass, honky tonk, western swing, country & western, nashville sound",
    "jazz": "bebop, bop, big band, swing, dixieland, ragtime, fusion",
    "rap": "gangsta, boom bap, hip hop rap",
    "reggae": "ska, dub, dancehall, ragga, rocksteady, lovers rock",
}

# What tags of files say. Left out: what lies in several genres (hardcore, industrial, lounge), and
# for GTZAN what lies in none of its ten (house, techno, folk, soul, latin).
_GTZAN_STYLES = _by_style(
    {
        "blues": _COMMON_STYLES["blues"],
        "classical": "opera, baroque, symphony, sonata, chamber music, orchestral, neoclassical",
        "country": _COMMON_STYLES["country"],
        "disco": "eurodisco, italo disco, hi nrg",
        "hiphop": _COMMON_STYLES["rap"],
        "jazz": _COMMON_STYLES["jazz"],
        "metal": _METAL,
        "pop": _POP,
        "reggae": _COMMON_STYLES["reggae"],
        "rock": _ROCK,
    }
)
_TOP_MAGD_STYLES = _by_style(
    {
        "Blues": _COMMON_STYLES["blues"],
        "Country": _COMMON_STYLES["country"],
        "Electronic": "dance, disco, house, techno, trance, drum & bass, drum n bass, dnb, dubstep,"
        "edm, idm, electro, trip hop, downtempo, breakbeat, jungle, eurodance, goa, chiptune",
        "Folk": "folk music, traditional folk, contemporary folk",
        "International": "world music, celtic, afrobeat, african, klezmer, bollywood, fado",
        "Jazz": _COMMON_STYLES["jazz"],
        "Latin": "salsa, bossa nova, samba, tango, reggaeton, bachata, merengue, cumbia, mariachi",
        "Pop_Rock": f"rock, pop, metal, britpop, {_ROCK}, {_METAL}, {_POP}",
        "Rap": _COMMON_STYLES["rap"],
        "Reggae": _COMMON_STYLES["reggae"],
        "RnB": "soul, funk, rhythm & blues, motown, doo wop, new jack swing",
        "Vocal": "traditional pop, vocal pop, crooner",
    }
)

TOP_MAGD = Vocabulary(
    "topMAGD",
    (
        *("Blues", "Country", "Electronic", "Folk", "International", "Jazz", "Latin"),
        *("New Age", "Pop_Rock", "Rap", "Reggae", "RnB", "Vocal"),
    ),
    _SHARED_ALIASES,
    _SCHINDLER_2012,
    _TOP_MAGD_STYLES,
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
    _GTZAN_STYLES,
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


def vocabulary_of(genres: tuple[str, ...]) -> Vocabulary:
    """The vocabulary that has just these genres, in any order; else one without aliases."""
    for known in VOCABULARIES.values():
        if set(known.genres) == set(genres):
            return known
    return Vocabulary("the model", genres)


def vocabulary(name: str) -> Vocabulary:
    """The vocabulary called `name`, in any case (`topmagd` finds `topMAGD`).

    Raises:
        UsageError: there is none of that name.
    """
    for known in VOCABULARIES.values():
        if _key(known.name) == _key(name):
            return known
    raise UsageError(f"no vocabulary '{name}'", remedy=f"choose from {', '.join(VOCABULARIES)}")
