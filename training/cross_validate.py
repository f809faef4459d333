"""Every song judged by networks that never heard it: what the ensembles are fitted and scored on.

    python training/cross_validate.py --shared ../shared --features features --output folds

Stratified 5-fold over the built-in songs, exact repeats kept together. In each fold the members are
trained on the other songs in all their forms, on the songs known by two sets only, and on sounds
that are no music; the songs of the fold are then judged as they are, in all their forms, and under
every condition.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genrescope.data.corpora.gtzan import load_gtzan
from genrescope.data.splits import stratified_kfold
from level import LevelMap
from members import Recipe, log_probabilities, train_members
from music import INPUTS as MUSIC_INPUTS
from music import music_logits, train_music
from nonmusic import HELD_OUT
from rows import GROUPS, INPUTS, Rows, joined, read_natural, read_other_songs, read_rows
from speech import KINDS as SPEECH

FOLDS, SEED = 5, 1
SEEDS = (11, 12, 13)  # of the networks: three of each, averaged
MUSIC = {"descriptors": MUSIC_INPUTS, "backbone": (*MUSIC_INPUTS, "musicnn")}
_TRAINED_CLIPS = 12  # of each kind that is no music; the others are for judging


def training_rows(shared: Path, features: Path) -> tuple[Rows, Rows, Rows]:
    """The built-in songs, the others (brought to the common level), and what is no music."""
    songs = read_rows(features / "songs")
    others = read_other_songs(shared, np.unique(songs.songs).tolist())
    natural, levelled = read_natural(features / "songs")
    for name in natural:
        others.vectors[name] = LevelMap(natural[name], levelled[name])(others.vectors[name])
    return songs, others, read_rows(features / "nonmusic")


def is_trained_sound(rows: Rows) -> NDArray[np.bool_]:
    """(n,) whether a clip that is no music may be trained on: all speech, half of the others.

    Speech is judged by voices that are in none of these clips: see `benchmarks/unknown.py`.
    """
    first = np.array([int(form.removeprefix("clip")) < _TRAINED_CLIPS for form in rows.forms])
    return (first & ~np.isin(rows.songs, HELD_OUT)) | np.isin(rows.songs, SPEECH)


def folds() -> dict[str, int]:
    """The fold of each built-in song."""
    table = load_gtzan("ssd")
    splits = stratified_kfold(table.labels, FOLDS, seed=SEED, groups=table.groups)
    return {
        name: number
        for number, split in enumerate(splits)
        for name in table.ids[split.test].tolist()
    }


def fit_members(rows: Rows, group: str) -> list[Any]:
    """The members of a group of inputs, one model a seed.

    Speech is not theirs: it would drive them from rap.
    """
    rows = rows.take(~np.isin(rows.songs, SPEECH))
    return [train_members(rows, inputs_of(group), Recipe(), seed) for seed in SEEDS]


def inputs_of(group: str) -> dict[str, int]:
    """Values in each input of a group."""
    return {name: INPUTS[name] for name in GROUPS[group]}


def fit_music(rows: Rows) -> dict[str, Any]:
    """The judges of music or not, by ensemble."""
    return {
        name: train_music(rows, {key: INPUTS[key] for key in inputs}, SEEDS[0])
        for name, inputs in MUSIC.items()
    }


def judge_genres(
    members: list[Any], rows: Rows, inputs: dict[str, int]
) -> dict[str, NDArray[np.float64]]:
    """Log-probabilities by input: the logarithm of the mean over seeds."""
    logs = [log_probabilities(model, rows, inputs) for model in members]
    return {name: np.log(np.mean([np.exp(part[name]) for part in logs], axis=0)) for name in inputs}


def judge_music(music: dict[str, Any], rows: Rows) -> dict[str, NDArray[np.float64]]:
    """Logits that it is music, as `music_NAME` by ensemble."""
    return {
        f"music_{name}": music_logits(model, rows, {key: INPUTS[key] for key in MUSIC[name]})
        for name, model in music.items()
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, required=True)
    parser.add_argument("--features", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True)
    options = parser.parse_args()
    songs, others, sounds = training_rows(options.shared, options.features)
    conditions = read_rows(options.features / "conditions")
    fold_of = folds()
    of_song = np.array([fold_of[name] for name in songs.songs.tolist()])
    of_condition = np.array([fold_of[name] for name in conditions.songs.tolist()])
    options.output.mkdir(parents=True, exist_ok=True)
    learnt = is_trained_sound(sounds)
    for fold in range(FOLDS):
        rows = joined([songs.take(of_song != fold), others, sounds.take(learnt)])
        judged = joined(
            [
                songs.take(of_song == fold),
                conditions.take(of_condition == fold),
                sounds.take(~learnt),
            ]
        )
        known = {"songs": judged.songs, "forms": judged.forms, "genres": judged.genres}
        for group in GROUPS:
            genres = options.output / f"{group}{fold}.npz"
            if not genres.exists():
                found = judge_genres(fit_members(rows, group), judged, inputs_of(group))
                np.savez(genres, **known, **found)
        music = options.output / f"music{fold}.npz"
        if not music.exists():
            np.savez(music, **judge_music(fit_music(rows), judged))
        print(f"fold {fold + 1} of {FOLDS}: {len(rows)} rows learnt, {len(judged)}", flush=True)


if __name__ == "__main__":
    main()
