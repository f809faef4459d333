"""The search for files of a library that hold one recording, or edits of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import lru_cache

from genrescope.library.duplicates.candidates import (
    Pair,
    files_of_sounds,
    pairs_alike,
    pairs_of_one_name,
)
from genrescope.library.duplicates.encodings import Encoding, read_encodings
from genrescope.library.duplicates.fingerprints import kept_fingerprint, read_fingerprints
from genrescope.library.duplicates.grouping import Copy, Sound, group_copies
from genrescope.library.index.database import Index
from genrescope.library.index.models import IndexedModel
from genrescope.library.sound.audiohash import same_audio
from genrescope.similarity.alignment import EDGE, Relation, align

Show = Callable[[int, int, int], None]
"""Takes what is done, what of it failed, and all."""

_FINGERPRINTS = 512  # kept in memory, of some 30 kB each


@dataclass(frozen=True)
class Duplicates:
    """What a search found.

    Attributes:
        groups: copies of one recording and edits of it; in each the longest version first, and the
            best copy of a version first.
        compared: pairs of sounds that were compared by their fingerprints.
        failed: (path, why) of what could not be decoded.
    """

    groups: tuple[tuple[Copy, ...], ...]
    compared: int
    failed: tuple[tuple[str, str], ...]


def find_duplicates(
    index: Index,
    model: IndexedModel | None = None,
    *,
    within: str = "",
    jobs: int | None = None,
    progress: Callable[[str], AbstractContextManager[Show]] = lambda _: nullcontext(_hide),
) -> Duplicates:
    """The files of a library that hold the same recording, or edits of one; none is changed.

    Sounds are decoded only where tags or embeddings show that two may be one recording.

    Args:
        index: of the library, up to date.
        model: whose embeddings are compared; None: only tags are.
        within: only what is at or below this path of the library.
        jobs: worker processes; by default one a core.
        progress: a display for each step, by its name.
    """
    files = files_of_sounds(index, within)
    named = set(pairs_of_one_name(index, within))
    near = set(pairs_alike(index, model, within)) - named if model else set[Pair]()
    several = {audio for audio, paths in files.items() if len(paths) > 1}
    first = {audio: files[audio][0] for audio in several | _sounds(named | near)}
    encodings = read_encodings(index, first, jobs)
    pairs = named | {pair for pair in near if _equally_long(pair, encodings)}
    with progress("Reading") as show:
        wanted = {audio: first[audio] for audio in sorted(_sounds(pairs))}
        failed = read_fingerprints(index, wanted, jobs=jobs, progress=show)
    sounds = [Sound(audio, found, tuple(files[audio])) for audio, found in encodings.items()]
    place = {sound.audio: position for position, sound in enumerate(sounds)}
    with progress("Comparing") as show:
        related = {
            (place[one], place[two]): relation
            for (one, two), relation in _related(index, sorted(pairs), show)
        }

    def same(one: str, two: str) -> bool:
        return same_audio(index.root / one, index.root / two)

    return Duplicates(tuple(group_copies(sounds, related, same)), len(pairs), tuple(failed))


def _sounds(pairs: Iterable[Pair]) -> set[bytes]:
    return {audio for pair in pairs for audio in pair}


def _equally_long(pair: Pair, encodings: Mapping[bytes, Encoding]) -> bool:
    """Whether two sounds may be equally long, as far as their files declare."""
    if not encodings.keys() >= set(pair):
        return False
    one, two = (encodings[audio].seconds for audio in pair)
    return abs(one - two) <= EDGE or not one or not two


def _hide(*_: int) -> None:
    """Shows nothing."""


def _related(index: Index, pairs: Sequence[Pair], show: Show) -> Iterator[tuple[Pair, Relation]]:
    """The pairs that have a recording in common."""
    kept = lru_cache(_FINGERPRINTS)(lambda audio: kept_fingerprint(index, audio))
    for done, pair in enumerate(pairs, 1):
        one, two = map(kept, pair)
        if one is not None and two is not None:
            relation = align(one, two).relation
            if relation is not Relation.OTHER:
                yield pair, relation
        show(done, 0, len(pairs))
