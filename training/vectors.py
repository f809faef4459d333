"""What was extracted or distilled, read back: vectors of the songs, and of sounds of no music."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from evidence import CODES, SOURCES
from fitting import Fitted
from music import MusicHead, fit_music
from songs import CORPORA, Songs

Vectors = Mapping[str, NDArray[np.floating]]


@dataclass(frozen=True, eq=False)
class Data:
    """Raw vectors by source.

    Attributes:
        clips: (n, dims) of the songs. Those of the student come from students that were not fitted
            on the song.
        left_out: by corpus, the same from students that were not fitted on the corpus either.
        sounds: (m, dims) of sounds that are no music.
        kinds: (m,) of these.
    """

    clips: Vectors
    left_out: Mapping[str, Vectors]
    sounds: Vectors
    kinds: NDArray[np.str_]


def read_embeddings(shared: Path, name: str) -> tuple[NDArray[np.str_], NDArray[np.float32]]:
    """Ids of the clips before they were coded, and their vectors, (clips, dims), of a network."""
    parts = {"audioset": ("audioset_embedding", "audioset_logits"), "musicnn": ("musicnn_msd",)}
    with np.load(shared / "data/embeddings/embeddings.npz", allow_pickle=False) as archive:
        vectors = [archive[part].astype(np.float32) for part in parts[name]]
        return archive["ids"], np.concatenate(vectors, axis=1)


def song_embeddings(shared: Path, songs: Songs) -> dict[str, NDArray[np.float32]]:
    """By network, (n, dims) vectors of the songs before they were coded."""
    found = {}
    for name in ("audioset", "musicnn"):
        ids, vectors = read_embeddings(shared, name)
        found[name] = vectors[_rows(ids, songs)]
    return found


def read_networks(work: Path, sources: Sequence[str], songs: Songs) -> Data:
    """What `extract.py` wrote of some networks."""
    clips, sounds = {}, {}
    for source in sources:
        with np.load(work / f"clips_{source}.npz", allow_pickle=False) as archive:
            clips[source] = archive["vectors"][_rows(archive["ids"], songs)]
        with np.load(work / f"sounds_{source}.npz", allow_pickle=False) as archive:
            sounds[source], kinds = archive["vectors"], archive["kinds"]
    return Data(clips, dict.fromkeys(CORPORA, clips), sounds, kinds)


def read_student(work: Path, songs: Songs) -> Data:
    """What `distil.py` wrote."""
    folder = work / "distil/students"
    clips, sounds, kinds = read_predictions(folder / "both.npz", songs)
    left_out = {
        corpus: read_predictions(folder / f"{other}.npz", songs)[0]
        for corpus, other in zip(CORPORA, CORPORA[::-1], strict=True)
    }
    return Data(clips, left_out, sounds, kinds)


def fit_music_head(fitted: Fitted, songs: Songs, data: Data) -> MusicHead:
    """Music or not, from all songs and sounds."""
    both = {name: np.concatenate([data.clips[name], data.sounds[name]]) for name in data.clips}
    is_music = np.arange(len(songs) + len(data.kinds)) < len(songs)
    return fit_music(fitted.scaled(both), is_music, np.concatenate([songs.corpora, data.kinds]))


def read_predictions(path: Path, songs: Songs) -> tuple[Vectors, Vectors, NDArray[np.str_]]:
    """A student's vectors of the songs, unchanged, and of sounds that are no music; their kinds."""
    with np.load(path, allow_pickle=False) as archive:
        ids, forms, codes, tags = (archive[name] for name in ("ids", "forms", "codes", "tags"))
    clean = np.flatnonzero(forms == "clean")
    rows = clean[_rows(ids[clean], songs)]
    sounds = np.flatnonzero(np.char.startswith(forms, "clip"))
    ends = np.cumsum([SOURCES[name].dims for name in ("student_audioset", "student_musicnn")])
    parts = {
        "student_audioset": tags[:, : ends[0]].astype(np.float32),
        "student_musicnn": tags[:, ends[0] : ends[1]].astype(np.float32),
        "student_codes": codes[:, :CODES],
    }
    return (
        {name: values[rows] for name, values in parts.items()},
        {name: values[sounds] for name, values in parts.items()},
        ids[sounds],
    )


def _rows(ids: NDArray[np.str_], songs: Songs) -> NDArray[np.int64]:
    place = {name: row for row, name in enumerate(ids.tolist())}
    return np.array([place[name] for name in songs.ids.tolist()])
