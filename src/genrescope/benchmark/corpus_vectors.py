"""Vectors of a corpus of audio: extracted once, resumable, read as tables of its songs.

Below the folder of vectors lies one extraction of all descriptor sets, and one a network.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from genrescope.backbones.family import BACKBONES, missing_networks
from genrescope.benchmark.corpus import Corpus, corpus_of
from genrescope.data.concatenate import SIGN, concatenate_features, single_sets
from genrescope.data.corpora.gtzan import load_gtzan, with_proxy_artist_groups
from genrescope.data.song_labels import SongLabels
from genrescope.data.store.reader import open_store
from genrescope.data.table import FeatureTable, Positions, Strings
from genrescope.errors import DataError
from genrescope.extraction.batch import Progress, extract_files
from genrescope.extraction.request import Request
from genrescope.extraction.songs import name_songs
from genrescope.featuresets import FEATURE_SETS, KNOWN_SETS, feature_set
from genrescope.taxonomy.vocabulary import Vocabulary

DESCRIPTORS = "descriptors"
JOINED: dict[str, tuple[str, ...]] = {
    DESCRIPTORS: tuple(KNOWN_SETS),
    "published": tuple(FEATURE_SETS),
}
"""Names for several sets side by side: all eighteen, and the thirteen that are published."""


def default_sets() -> list[str]:
    """Descriptors, each installed network, and all of these side by side."""
    missing = missing_networks(BACKBONES)
    networks = [name for name in BACKBONES if name not in missing]
    both = [SIGN.join([DESCRIPTORS, *networks])] if networks else []
    return [DESCRIPTORS, *networks, *([SIGN.join(networks)] if len(networks) > 1 else []), *both]


def audio_corpus(
    name: str,
    files: Sequence[Path],
    folder: Path,
    labels: SongLabels,
    sets: Sequence[str],
    *,
    vectors: Path,
    vocabulary: Vocabulary | None = None,
    least: int = 5,
    jobs: int | None = None,
    progress: Callable[[Progress], None] = lambda _: None,
) -> Corpus:
    """A corpus with its vectors, extracted where they are not there yet.

    Args:
        name: of the corpus.
        files: audio, below `folder`.
        folder: where names of songs start.
        labels: of the files.
        sets: of sets, networks and `descriptors`, joined by `+` where they are side by side.
        vectors: folder of the extractions.
        vocabulary: see `corpus_of`.
        least: see `corpus_of`.
        jobs: worker processes.
        progress: of each extraction.

    Raises:
        UsageError: no such set, or a network that is not installed.
        DataError: no song has all vectors, or see `corpus_of`.
    """
    labelled = [file for file in files if file in labels.genres]
    singles = single_sets(sets)
    wanted = [part for source in singles for part in _expanded(source)]
    stores: dict[str, Path] = {}
    for request, place in _requests(singles, vectors):
        extract_files(labelled, place, request, root=folder, jobs=jobs, progress=progress)
        stores |= {source: place / source for source in request.sets}
    songs = {path: song for song, path in name_songs(labelled, folder).items()}
    named = {file: songs[_absolute(file)] for file in labelled}
    corpus = corpus_of(name, named, labels, vocabulary, least)
    opened = {source: open_store(stores[source]) for source in dict.fromkeys(wanted)}
    kept, places = _in_all(corpus.ids, list(opened.values()))
    tables = {
        source: table.take(np.array([place[song] for song in corpus.ids[kept].tolist()]))
        for (source, table), place in zip(opened.items(), places, strict=True)
    }
    failed = len(corpus) - len(kept)
    corpus = replace(corpus.take(kept), tables=tuple(named_table(set_, tables) for set_ in sets))
    return replace(
        corpus, left_out={**corpus.left_out, **({"no vector": failed} if failed else {})}
    )


def builtin_corpus(sets: Sequence[str], vocabulary: Vocabulary, least: int = 5) -> Corpus:
    """The built-in songs of GTZAN with the vectors that come with them.

    Args:
        sets: published descriptor sets, joined by `+` where they are side by side, or `published`.
        vocabulary: see `corpus_of`.
        least: see `corpus_of`.

    Raises:
        UsageError: a set that does not come with the songs.
        DataError: see `corpus_of`.
    """
    wanted = [part for source in single_sets(sets) for part in _expanded(source)]
    tables = {name: load_gtzan(name) for name in dict.fromkeys(wanted)}
    first = with_proxy_artist_groups(next(iter(tables.values())))
    columns = (first.ids, first.labels, first.groups)
    ids, genres, groups = ([] if column is None else column.tolist() for column in columns)
    files = {Path(name): name for name in ids}
    labels = SongLabels(
        dict(zip(files, genres, strict=True)), dict(zip(files, groups, strict=True))
    )
    corpus = corpus_of("GTZAN", files, labels, vocabulary, least)
    place = {name: row for row, name in enumerate(ids)}
    rows = np.array([place[name] for name in corpus.ids.tolist()])
    taken = {name: table.take(rows) for name, table in tables.items()}
    return replace(corpus, tables=tuple(named_table(name, taken) for name in sets))


def _requests(singles: Sequence[str], vectors: Path) -> list[tuple[Request, Path]]:
    """What is to be extracted, and where to: all descriptor sets at once, networks one by one."""
    networks = [name for name in singles if name in BACKBONES]
    requests = [(Request((name,)), vectors / name) for name in networks]
    if len(networks) < len(singles):
        requests.insert(0, (Request(tuple(KNOWN_SETS)), vectors / DESCRIPTORS))
    return requests


def _expanded(source: str) -> tuple[str, ...]:
    """The sources that a name stands for.

    Raises:
        UsageError: it stands for none.
    """
    if source in BACKBONES or source in JOINED:
        return JOINED.get(source, (source,))
    return (feature_set(source).name,)


def _absolute(file: Path) -> Path:
    (found,) = name_songs([file], None).values()
    return found


def _in_all(ids: Strings, tables: Sequence[FeatureTable]) -> tuple[Positions, list[dict[str, int]]]:
    """Positions of the songs that all tables have, and where each table has them."""
    places = [{name: row for row, name in enumerate(table.ids.tolist())} for table in tables]
    kept = np.flatnonzero([all(name in place for place in places) for name in ids.tolist()])
    if not len(kept):
        raise DataError("no labelled song could be described", remedy="see failures.csv")
    return kept, places


def named_table(name: str, tables: Mapping[str, FeatureTable]) -> FeatureTable:
    """The table called `name`; what `descriptors` stands for is joined under that name."""
    parts = [_joined(source, tables) for source in name.split(SIGN)]
    return parts[0] if len(parts) == 1 else concatenate_features(parts)


def _joined(source: str, tables: Mapping[str, FeatureTable]) -> FeatureTable:
    parts = [tables[part] for part in _expanded(source)]
    return parts[0] if len(parts) == 1 else replace(concatenate_features(parts), feature_set=source)
