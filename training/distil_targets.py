"""What the student learns to answer: tags and embeddings of the pretrained networks, by clip."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedGroupKFold

from distil_rows import NONMUSIC, SETS, SOUNDS, decibels
from genrescope.backbones.audioset import AUDIOSET
from genrescope.backbones.musicnn import MUSICNN
from genrescope.data.corpora.gtzan import load_gtzan
from genrescope.data.splits import stratified_kfold
from songs import allmusic_rows

FOLDS, SEED = 5, 1
OWN_WEIGHT = {"clean": 1.0, "changed": 0.3}  # of a row by its form; 0.5 where it is no music
Singles = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class DistilRows:
    """Forms of clips and sounds, n rows.

    Attributes:
        ids: (n,) of the clip, or the kind of sound.
        forms: (n,) "clean", "changed", "clip00".
        vectors: (n, dims) by set.
        mels: (frames, 64) levels in dB of each row.
        audioset: (n, 1039) embedding and logits of the row's own sound.
    """

    ids: NDArray[np.str_]
    forms: NDArray[np.str_]
    vectors: dict[str, Singles]
    mels: list[Singles]
    audioset: Singles

    @property
    def music(self) -> NDArray[np.bool_]:
        """(n,) whether a row is a song."""
        return ~np.isin(self.ids, NONMUSIC)

    @property
    def gtzan(self) -> NDArray[np.bool_]:
        """(n,) whether a row is of GTZAN."""
        return self.music & (np.char.find(self.ids, ".") > 0)

    @property
    def clean_row(self) -> NDArray[np.int64]:
        """(n,) the row of the same clip unchanged; a sound's own."""
        clean = {
            name: row
            for row, (name, form) in enumerate(zip(self.ids, self.forms, strict=True))
            if form == "clean"
        }
        return np.array([clean.get(name, row) for row, name in enumerate(self.ids.tolist())])

    @property
    def later_sound(self) -> NDArray[np.bool_]:
        """(n,) sounds that are left for judging: the second half of each kind."""
        numbers = [int(form.removeprefix("clip")) if "clip" in form else 0 for form in self.forms]
        return np.array(numbers) >= SOUNDS // 2

    @property
    def weights(self) -> Singles:
        """(n,) how much a row counts."""
        return np.array([OWN_WEIGHT.get(form, 0.5) for form in self.forms], np.float32)


def read_rows(folder: Path) -> DistilRows:
    """What `distil_rows.py` wrote."""
    ids: list[str] = []
    forms: list[str] = []
    mels: list[Singles] = []
    parts: dict[str, list[Singles]] = {name: [] for name in (*SETS, "audioset")}
    for path in sorted(folder.glob("*.npz")):
        with np.load(path, allow_pickle=False) as archive:
            names = archive["forms"].tolist()
            ids += [path.stem] * len(names)
            forms += names
            mels += [decibels(archive[f"mel{row}"]) for row in range(len(names))]
            for name, values in parts.items():
                values.append(archive[name])
    joined = {name: np.concatenate(values) for name, values in parts.items()}
    audioset = joined.pop("audioset")
    return DistilRows(np.array(ids), np.array(forms), joined, mels, audioset)


@dataclass(frozen=True, eq=False)
class Targets:
    """What the networks answer, row by row.

    Attributes:
        values: (n, targets); logits of tags first, then embeddings.
        importance: (targets,) how much a standardised target counts.
        tags: names of the first targets: "audioset: Jazz", "msd: rock", "mtt: sitar".
    """

    values: Singles
    importance: Singles
    tags: tuple[str, ...]


def music_classes() -> NDArray[np.int64]:
    """Indices of AudioSet's genres, moods and roles of music: from Pop music to Scary music."""
    names = AUDIOSET.tag_names
    first, last = names.index("Pop music"), names.index("Scary music")
    return np.array([i for i in range(first, last + 1) if names[i] != "Beatboxing"])


def make_targets(rows: DistilRows, clips: dict[str, tuple[NDArray[np.str_], Singles]]) -> Targets:
    """Targets of rows.

    AudioSet's network is run on each row; of a changed form the target is the mean of its answer
    and of that to the clip unchanged, so that the student learns to overlook the change. Of the
    networks of `clips` there are vectors of unchanged clips only: of what is no music, the means.

    Args:
        rows: n rows.
        clips: by name, "msd" or "mtt", ids and musicnn's vectors, (clips, 250).
    """
    own = (rows.audioset + rows.audioset[rows.clean_row]) / 2
    names = AUDIOSET.tag_names
    parts = [own[:, AUDIOSET.embedding :]]
    importance = [_audioset_importance()]
    tags = [f"audioset: {name}" for name in names]
    embeddings = [own[:, : AUDIOSET.embedding]]
    for name, (ids, vectors) in clips.items():
        found = _by_row(rows, ids, vectors)
        parts.append(_logit(found[:, MUSICNN.embedding :]))
        embeddings.append(found[:, : MUSICNN.embedding])
        importance.append(np.full(vectors.shape[1] - MUSICNN.embedding, 1.7))
        tags += [f"{name}: {number}" for number in range(vectors.shape[1] - MUSICNN.embedding)]
    importance += [np.full(part.shape[1], 0.7) for part in embeddings]
    values = np.concatenate([*parts, *embeddings], axis=1)
    return Targets(
        values.astype(np.float32), np.concatenate(importance).astype(np.float32), tuple(tags)
    )


def folds(shared: Path) -> dict[str, int]:
    """The fold of each clip: GTZAN's keep repeats together, AllMusic's artists."""
    table = load_gtzan("ssd")
    found = {
        name: number
        for number, split in enumerate(
            stratified_kfold(table.labels, FOLDS, seed=SEED, groups=table.groups)
        )
        for name in table.ids[split.test].tolist()
    }
    clips = allmusic_rows(shared)
    genres = [row["genres"].partition("|")[0] for row in clips]
    artists = [row["artist"].casefold() for row in clips]
    folder = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=SEED)
    parts = folder.split(clips, genres, artists)
    return found | {clips[row]["id"]: i for i, (_, test) in enumerate(parts) for row in test}


def _audioset_importance() -> Singles:
    """(527,): genres 2, instruments and the like 1, what is no music 0.55."""
    first = AUDIOSET.tag_names.index("Music")
    importance = np.where(np.arange(len(AUDIOSET.tag_names)) >= first, 1.0, 0.55)
    importance[music_classes()] = 2.0
    return importance.astype(np.float32)


def _by_row(rows: DistilRows, ids: NDArray[np.str_], vectors: Singles) -> Singles:
    place = {name: number for number, name in enumerate(ids.tolist())}
    mean = vectors.mean(axis=0)
    return np.stack([vectors[place[name]] if name in place else mean for name in rows.ids.tolist()])


def _logit(shares: Singles) -> Singles:
    bounded = np.clip(shares, 1e-4, 1 - 1e-4)
    return np.log(bounded / (1 - bounded))
