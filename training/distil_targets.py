"""What the student learns to predict: tags and embeddings of the pretrained networks, by clip."""

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
OWN_WEIGHT = {"changed": 0.3, "clip": 0.5}  # of a row by its form; "clip00" is no music
Singles = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class DistilRows:
    """Forms of clips and sounds, and pieces of music without labels, n rows.

    Attributes:
        ids: (n,) of the clip, the kind of sound, or the recording.
        forms: (n,) "clean", "changed", "clip00", "piece0".
        vectors: (n, dims) by set.
        mels: (frames, 64) levels in dB of each row.
        audioset: (n, 1039) embedding and logits of the row's own sound.
        musicnn: (n, 250) of pieces, else 0.
    """

    ids: NDArray[np.str_]
    forms: NDArray[np.str_]
    vectors: dict[str, Singles]
    mels: list[Singles]
    audioset: Singles
    musicnn: Singles

    @property
    def pieces(self) -> NDArray[np.bool_]:
        """(n,) whether a row is music without labels."""
        return np.char.startswith(self.forms, "piece")

    @property
    def songs(self) -> NDArray[np.bool_]:
        """(n,) whether a row is of a clip of a corpus."""
        return ~self.pieces & ~np.isin(self.ids, NONMUSIC)

    @property
    def gtzan(self) -> NDArray[np.bool_]:
        """(n,) whether a row is of GTZAN."""
        return self.songs & (np.char.find(self.ids, ".") > 0)

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
        """(n,) sounds that are left for scoring: the second half of each kind."""
        numbers = [int(form.removeprefix("clip")) if "clip" in form else 0 for form in self.forms]
        return np.array(numbers) >= SOUNDS // 2

    @property
    def weights(self) -> Singles:
        """(n,) how much a row counts."""
        kinds = [form.rstrip("0123456789") for form in self.forms.tolist()]
        return np.array([OWN_WEIGHT.get(kind, 1.0) for kind in kinds], np.float32)


def read_rows(folder: Path) -> DistilRows:
    """What `distil_rows.py` wrote."""
    ids: list[str] = []
    forms: list[str] = []
    mels: list[Singles] = []
    parts: dict[str, list[Singles]] = {name: [] for name in (*SETS, "audioset", "musicnn")}
    for path in sorted(folder.glob("*.npz")):
        with np.load(path, allow_pickle=False) as archive:
            names = archive["forms"].tolist()
            ids += [path.stem] * len(names)
            forms += names
            mels += [decibels(archive[f"mel{row}"]) for row in range(len(names))]
            unknown = np.zeros((len(names), MUSICNN.dims), np.float32)
            for name, values in parts.items():
                values.append(archive.get(name, unknown) if name == "musicnn" else archive[name])
    joined = {name: np.concatenate(values) for name, values in parts.items()}
    networks = joined.pop("audioset"), joined.pop("musicnn")
    return DistilRows(np.array(ids), np.array(forms), joined, mels, *networks)


@dataclass(frozen=True, eq=False)
class Targets:
    """What the networks predict, row by row.

    Attributes:
        values: (n, targets); logits of tags first, then embeddings.
        importance: (targets,) how much a standardised target counts.
        tags: names of the first targets: "audioset: Jazz", "msd: 0" (musicnn's first).
    """

    values: Singles
    importance: Singles
    tags: tuple[str, ...]


def music_classes() -> NDArray[np.int64]:
    """Indices of AudioSet's genres, moods and roles of music: from Pop music to Scary music."""
    names = AUDIOSET.tag_names
    first, last = names.index("Pop music"), names.index("Scary music")
    return np.array([i for i in range(first, last + 1) if names[i] != "Beatboxing"])


def make_targets(rows: DistilRows, ids: NDArray[np.str_], musicnn: Singles) -> Targets:
    """Targets of rows.

    AudioSet's network is run on each row; of a changed form the target is the mean of its
    prediction and of that to the clip unchanged, so that the student learns to overlook the change.
    Of musicnn there are vectors of unchanged clips and of pieces; of what is no music, the means.

    Args:
        rows: n rows.
        ids: (clips,) ids.
        musicnn: (clips, 250) vectors of these.
    """
    own = (rows.audioset + rows.audioset[rows.clean_row]) / 2
    msd = np.where(rows.pieces[:, None], rows.musicnn, _by_row(rows, ids, musicnn))
    tags = [own[:, AUDIOSET.embedding :], _logit(msd[:, MUSICNN.embedding :])]
    embeddings = [own[:, : AUDIOSET.embedding], msd[:, : MUSICNN.embedding]]
    numbers = range(tags[1].shape[1])
    importance = [_audioset_importance(), np.full(len(numbers), 1.7)]
    importance += [np.full(part.shape[1], 0.7) for part in embeddings]
    return Targets(
        np.concatenate([*tags, *embeddings], axis=1).astype(np.float32),
        np.concatenate(importance).astype(np.float32),
        (
            *(f"audioset: {name}" for name in AUDIOSET.tag_names),
            *(f"msd: {number}" for number in numbers),
        ),
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
