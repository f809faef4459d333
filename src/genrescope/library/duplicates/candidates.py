"""Pairs of sounds of a library that may be one recording, from what its index has; none is decoded.

A pair is one whose tags name the same artist and title; or one whose embeddings are nearly the
same, of files that are equally long.
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from itertools import combinations

import numpy as np

from genrescope.library.index.database import Index
from genrescope.library.index.locate import BELOW
from genrescope.library.index.models import IndexedModel
from genrescope.similarity.nearest import SongIndex, alike

Pair = tuple[bytes, bytes]
"""Audio hashes, ascending."""

LEAST_SIMILARITY = 0.9
"""Cosine of the embeddings of two encodings of one recording, at the least."""

_MOST_OF_A_NAME = 100  # sounds; where more have one artist and title, as "Track 1", it names none
_BRACKETED = re.compile(r"[(\[{].*?[)\]}]")
_AFTER_DASH = re.compile(
    r"\s[-\u2013]\s.*\b(edit|version|remaster\w*|mix|mono|stereo|live|acoustic)\b.*", re.I
)
_NO_LETTER = re.compile(r"[\W_]+")
_FILES = f"""
    SELECT audio, path, artist, title FROM files WHERE audio IS NOT NULL AND {BELOW} ORDER BY path
"""
_EMBEDDINGS = f"""
    SELECT DISTINCT audio, embedding FROM files JOIN results USING (audio)
    WHERE {BELOW} AND model = ?2 AND embedding IS NOT NULL AND music > 0 ORDER BY audio
"""


def files_of_sounds(index: Index, within: str = "") -> dict[bytes, list[str]]:
    """The files of each sound by its audio hash, in the order of their paths."""
    found: dict[bytes, list[str]] = defaultdict(list)
    for audio, path, *_ in index.rows(_FILES, os.fsencode(within)):
        found[audio].append(os.fsdecode(path))
    return dict(found)


def name_of(artist: str, title: str) -> str:
    """What songs of one artist and title have in common, however they are spelt; "" of neither.

    Case, accents and punctuation are left out, and of a title what stands in brackets, or after a
    dash as "Radio Edit" does.
    """
    parts = _letters(artist), _letters(_AFTER_DASH.sub("", _BRACKETED.sub(" ", title)))
    parts = parts[0], parts[1] or _letters(title)
    return "\n".join(parts) if all(parts) else ""


def _letters(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.casefold())
    return _NO_LETTER.sub("", "".join(c for c in plain if not unicodedata.combining(c)))


def pairs_of_one_name(index: Index, within: str = "") -> Iterator[Pair]:
    """Pairs of different sounds whose tags name the same artist and title."""
    named: dict[str, set[bytes]] = defaultdict(set)
    for audio, _, artist, title in index.rows(_FILES, os.fsencode(within)):
        if name := name_of(artist, title):
            named[name].add(audio)
    for sounds in named.values():
        if len(sounds) <= _MOST_OF_A_NAME:
            yield from combinations(sorted(sounds), 2)


def pairs_alike(index: Index, model: IndexedModel, within: str = "") -> Iterator[Pair]:
    """Pairs of different sounds whose embeddings by a model are nearly the same."""
    rows = list(index.rows(_EMBEDDINGS, os.fsencode(within), model.id))
    if not rows:
        return
    sounds = [audio for audio, _ in rows]
    values = np.frombuffer(b"".join(blob for _, blob in rows), np.float16).reshape(len(rows), -1)
    for one, two in alike(SongIndex.build(sounds, values), LEAST_SIMILARITY).tolist():
        yield sounds[one], sounds[two]
