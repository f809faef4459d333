"""Labels and salient tags of many songs of an index at once, as of one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import compress, islice, pairwise, repeat
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from genrescope.inference.labels.fits import LabelFit, find_fit, tag_logits
from genrescope.inference.labels.label import Label
from genrescope.inference.salient_tags import LEAST, MORE
from genrescope.library.index.models import IndexedModel
from genrescope.library.index.results import Song
from genrescope.sources import tagging_network
from genrescope.taxonomy.vocabulary import VOCABULARIES

_CANDIDATES = 6  # most surprising tags, among which `SALIENT` have names of their own
_AT_A_TIME = 2048  # songs whose labels are found together
SALIENT = 2
"""Salient tags that are named of a song."""

_Floats = NDArray[np.float64]
_Found = TypeVar("_Found")


class TagFacts(NamedTuple):
    """What follows from the tags of one song.

    Attributes:
        labels: the sure ones, in the table's order.
        salient: names of its salient tags, at most `SALIENT`, see `salient_tags`.
    """

    labels: tuple[Label, ...]
    salient: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class TagReader:
    """Reads what an index has of the tags of songs.

    Attributes:
        names: of the tags, in their order.
        base_rates: (tags,) of them, NaN where unknown.
        heads: genres of the heads that are stored, together.
        fit: of the labels; None where they are not wanted, or no fit has the sources.
        columns: of tags and heads side by side, those that the fit takes, in its order.
    """

    names: tuple[str, ...]
    base_rates: _Floats
    heads: int
    fit: LabelFit | None
    columns: NDArray[np.int64]

    @classmethod
    def of(cls, model: IndexedModel, *, labelled: bool) -> TagReader | None:
        """For the results of a model; None where it has no tags, or an earlier version's."""
        networks = [(source, tagging_network(source)) for source in model.networks or ()]
        if not networks or not all(network for _, network in networks):
            return None
        tags = [(source, tag) for source, network in networks if network for tag in network.tags]
        places: dict[str, list[int]] = {}
        for place, (source, _) in enumerate(tags):
            places.setdefault(source, []).append(place)
        start = len(tags)
        for head in model.all_heads[1:]:
            name, count = head.vocabulary or "", len(head.genres)
            if name in VOCABULARIES and len(VOCABULARIES[name]) == count:
                places[name] = list(range(start, start + count))
            start += count
        fit = find_fit(places) if labelled else None
        columns = [place for source in fit.values for place in places[source]] if fit else []
        rates = [np.nan if tag.base_rate is None else tag.base_rate for _, tag in tags]
        names = tuple(tag.name for _, tag in tags)
        return cls(names, np.array(rates), start - len(tags), fit, np.array(columns, dtype=int))

    def read(self, songs: Sequence[Song]) -> list[TagFacts | None]:
        """The facts of each song; None where the index has no such tags of it."""
        return self._each([song.stored for song in songs], self._facts)

    def labels(self, results: Sequence[tuple[Any, ...]]) -> list[tuple[Label, ...] | None]:
        """The sure labels of what an index has of songs; None where it has no such tags."""
        return self._each(results, self._labels)

    def _each(
        self, results: Sequence[tuple[Any, ...]], find: Callable[[_Floats], Iterable[_Found]]
    ) -> list[_Found | None]:
        """What is found in (n, values) of the results that have such tags; None for the others."""
        whole = [self._is_whole(result) for result in results]
        known = list(compress(results, whole))
        found = iter(find(self._values(known)) if known else ())
        return [next(found) if is_whole else None for is_whole in whole]

    def _is_whole(self, result: tuple[Any, ...]) -> bool:
        """Whether a result has all tags and heads."""
        _, _, _, tags, heads = result
        return len(tags or b"") == 2 * len(self.names) and len(heads or b"") == 4 * self.heads

    def _values(self, results: Sequence[tuple[Any, ...]]) -> _Floats:
        """(n, tags and genres of heads) probabilities of songs that have them all."""
        tags = np.frombuffer(b"".join(result[3] for result in results), "<f2")
        heads = np.frombuffer(b"".join(result[4] or b"" for result in results), np.float32)
        shape = len(results), -1
        found = tags.reshape(shape).astype(np.float64)
        return np.hstack([found, heads.reshape(shape)]) if self.heads else found

    def _facts(self, values: _Floats) -> Iterator[TagFacts]:
        """The facts of (n, values)."""
        return map(TagFacts, self._labels(values), self._salient(values[:, : len(self.names)]))

    def _labels(self, values: _Floats) -> list[tuple[Label, ...]]:
        """The sure labels of (n, values)."""
        if self.fit is None:
            return [()] * len(values)
        shares = self.fit.probabilities(tag_logits(values[:, self.columns]))
        found: list[list[Label]] = [[] for _ in values]
        thresholds = self.fit.thresholds.tolist()
        songs, places = np.nonzero(shares >= self.fit.thresholds)
        sure = zip(songs.tolist(), places.tolist(), shares[songs, places].tolist(), strict=True)
        for song, place, share in sure:
            name = self.fit.labels[place]
            found[song].append(Label(name.kind, name.name, share, thresholds[place], name.genre))
        return [tuple(labels) for labels in found]

    def _salient(self, tags: _Floats) -> list[tuple[str, ...]]:
        """Names of the salient ones of (n, tags)."""
        least = np.maximum(LEAST, MORE * self.base_rates)  # NaN where there is no base rate
        songs, places = np.nonzero(tags >= least)
        p, q = np.minimum(tags[songs, places], 1 - 1e-9), self.base_rates[places]
        surprise = p * np.log(p / q) + (1 - p) * np.log((1 - p) / (1 - q))
        order = np.lexsort((-surprise, songs))
        ranked = [self.names[place] for place in places[order].tolist()]
        ends = np.searchsorted(songs, np.arange(len(tags) + 1)).tolist()
        found = []
        for start, end in pairwise(ends):
            first: dict[str, str] = {}
            for name in ranked[start : min(end, start + _CANDIDATES)]:
                first.setdefault(name.casefold(), name)
            found.append(tuple(first.values())[:SALIENT])
        return found


def labels_of(
    results: Sequence[tuple[Any, ...]], model: IndexedModel, reader: TagReader | None
) -> Iterator[tuple[Label, ...]]:
    """The labels of each result of a model, at least the sure ones.

    Those that an earlier version stored are read one by one.
    """
    every = reader.labels(results) if reader else [None] * len(results)
    for result, found in zip(results, every, strict=True):
        prediction = model.prediction(result) if found is None else None
        yield found or (prediction.all_labels if prediction else ())


def labelled_songs(
    songs: Iterable[Song], model: IndexedModel | None
) -> Iterator[tuple[Song, tuple[Label, ...]]]:
    """Songs of a model, each with its labels as `labels_of` finds them; none where it is None."""
    reader = TagReader.of(model, labelled=True) if model else None
    every = iter(songs)
    while some := list(islice(every, _AT_A_TIME)):
        found = labels_of([song.stored for song in some], model, reader) if model else repeat(())
        yield from zip(some, found, strict=False)
