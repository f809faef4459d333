"""Genre vocabularies, and how their names are spelt; the tables are CSV files beside this."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace

from genrescope.errors import DataError, UsageError
from genrescope.taxonomy.normalise import spelling_key
from genrescope.taxonomy.tables import read_table


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
        lookup = {spelling_key(alias): genre for alias, genre in self.aliases.items()}
        lookup.update({spelling_key(genre): genre for genre in self.genres})
        object.__setattr__(self, "_lookup", lookup)
        styles = {spelling_key(style): genre for style, genre in self.styles.items()}
        object.__setattr__(self, "_styles", styles | lookup)

    def __len__(self) -> int:
        return len(self.genres)

    def find(self, label: str) -> str | None:
        """The canonical genre for any spelling of `label`, or None where it is not one of ours."""
        lookup: dict[str, str] = self.__dict__["_lookup"]
        return lookup.get(spelling_key(label))

    def find_style(self, label: str) -> str | None:
        """The genre that `label` is a spelling or a style of, or None.

        For tags of files, where "Bebop" means jazz. Labels to learn from go through `find`, which
        has no styles, so that the labels of another vocabulary are not taken for ours.
        """
        styles: dict[str, str] = self.__dict__["_styles"]
        return styles.get(spelling_key(label))

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

    def found_in(self, labels: Iterable[str]) -> Vocabulary:
        """This vocabulary, restricted to the genres among `labels` where some are not there.

        Raises:
            DataError: a label is not in this vocabulary.
        """
        found = set(labels)
        return self if len(found) == len(self) else self.restricted_to(found)

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


_SCHINDLER_2012 = "Schindler, Mayer, Rauber, ISMIR 2012"
_REFERENCES = {
    "topMAGD": _SCHINDLER_2012,
    "MAGD": _SCHINDLER_2012,
    "MASD": _SCHINDLER_2012,
    "GTZAN": "Tzanetakis, Cook, IEEE TSAP 10(5), 2002",
}


def _vocabulary(name: str) -> Vocabulary:
    """The vocabulary that the tables describe."""
    names = {
        kind: {row[2]: row[3] for row in read_table("spellings") if row[:2] == (name, kind)}
        for kind in ("alias", "style")
    }
    genres = tuple(genre for home, genre in read_table("genres") if home == name)
    return Vocabulary(name, genres, names["alias"], _REFERENCES.get(name, ""), names["style"])


VOCABULARIES: dict[str, Vocabulary] = {
    name: _vocabulary(name) for name in dict.fromkeys(home for home, _ in read_table("genres"))
}

# For people's collections, spelt as tags are; then the Million Song Dataset's and GTZAN's.
LIBRARY = VOCABULARIES["library"]
TOP_MAGD, MAGD, MASD = VOCABULARIES["topMAGD"], VOCABULARIES["MAGD"], VOCABULARIES["MASD"]
GTZAN = VOCABULARIES["GTZAN"]


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
        if spelling_key(known.name) == spelling_key(name):
            return known
    raise UsageError(f"no vocabulary '{name}'", remedy=f"choose from {', '.join(VOCABULARIES)}")
