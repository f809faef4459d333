"""What the bundled models are worth: on a corpus left out, at home, and on what is no music.

    python benchmarks/abroad.py --shared DIR --work FOLDER [--models NAME ...]

`--work` is the folder of `training/make_models.py`.

1. Abroad: each corpus predicted by heads that saw no song of it: `models.json` has it, from there.
2. At home: five folds, repeats and artists kept together (`distil_targets.folds`): Top-MAGD's
   genres on AllMusic's clips, GTZAN's ten on its built-in songs.
3. Sounds of kinds that the model of music or not was fitted to none of: each group is predicted by
   one that was fitted to all others. The student of the networks was fitted to sounds of these
   kinds, though not these; so four kinds that it never met go through the shipped model as well.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parents[1] / "training"))

from distil_targets import folds
from figures import macro_recall, one_genre, right_of
from fitting import fit
from genrescope.evaluation.threads import on_one_thread
from genrescope.files.atomic import write_atomic
from genrescope.inference.model import GenreModel
from genrescope.inference.prediction import UNKNOWN
from genrescope.inference.samples import SamplesClassifier
from make_models import NETWORKS, STUDENT, read_vectors
from music import fit_music
from nonmusic import HELD_OUT, RATE, make
from songs import Songs, read_songs, targets
from vectors import Data

RESULT = Path(__file__).with_name("results") / "abroad.json"
CLIPS = 12  # of each kind
GROUPS = {
    "speech": ("speech_synthetic", "speech_recorded", "voice", "voices"),
    "noise": ("coloured_noise", "band_noise", "gusts", "rain", "faint_hiss", "applause"),
    "machines and signals": ("engine", "tone", "beeps", "sweep", "clicks", "telegraph", "crickets"),
}


@on_one_thread
def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--shared", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--models", nargs="*", default=[STUDENT, *NETWORKS])
    options = parser.parse_args()
    songs, fold_of = read_songs(options.shared), folds(options.shared)
    fold = np.array([fold_of[name] for name in songs.ids.tolist()])
    made = json.loads(RESULT.with_name("models.json").read_text())
    result = json.loads(RESULT.read_text()) if RESULT.exists() else {}
    result["command"] = "python benchmarks/abroad.py --shared DIR --work FOLDER"
    for name in options.models:
        data = read_vectors(name, options.work, songs)
        result[name] = {
            "no music": sounds(songs, data, made[name]["library"]),
            "kinds never taught, as shipped": shipped(name) if name == STUDENT else {},
            "at home, five folds": at_home(songs, data, fold),
        }
        write_atomic(RESULT, (json.dumps(result, indent=1) + "\n").encode())
        print(name, json.dumps(result[name]), flush=True)


def at_home(songs: Songs, data: Data, fold: NDArray[np.int64]) -> dict[str, Any]:
    """Top-MAGD's genres on AllMusic's clips, and GTZAN's on the built-in songs."""
    names = ("topMAGD", "GTZAN")
    known = {name: targets(songs, name) for name in names}
    logits = {name: np.zeros(known[name].right.shape) for name in names}
    for number in np.unique(fold):
        mine = fold == number
        fitted = fit(songs, data.clips, ~mine, names)
        for name in names:
            logits[name][mine] = fitted.logits(data.clips, name)[mine]
    clips = (songs.corpora == "allmusic") & known["topMAGD"].known
    single = np.where(clips, one_genre(known["topMAGD"]), -1)
    predicted = {name: values.argmax(axis=1) for name, values in logits.items()}
    builtin = songs.corpora == "gtzan"
    truth = np.where(builtin, one_genre(known["GTZAN"]), -1)
    return {
        "Top-MAGD on AllMusic": {
            "songs": int(clips.sum()),
            "hit": float(right_of(known["topMAGD"], logits["topMAGD"])[clips].mean()),
            "songs of one genre": int((single >= 0).sum()),
            "macro recall over songs of one genre": macro_recall(single, predicted["topMAGD"]),
        },
        "GTZAN's built-in songs": {
            "songs": int(builtin.sum()),
            "macro recall": macro_recall(truth, predicted["GTZAN"]),
        },
    }


def sounds(songs: Songs, data: Data, figures: dict[str, Any]) -> dict[str, Any]:
    """Share of `unknown` among sounds of kinds that were not fitted to, and of songs lost by it."""
    fitted = fit(songs, data.clips, np.ones(len(songs), bool), ("library",))
    clips, noises = fitted.scaled(data.clips), fitted.scaled(data.sounds)
    confidence = _confidence(fitted.heads["library"].logits(noises), figures["temperature"])
    found: dict[str, Any] = {}
    for group, kinds in GROUPS.items():
        mine = np.isin(data.kinds, kinds)
        both = {name: np.concatenate([clips[name], noises[name][~mine]]) for name in clips}
        is_music = np.arange(len(songs) + int((~mine).sum())) < len(songs)
        head = fit_music(both, is_music, np.concatenate([songs.corpora, data.kinds[~mine]]))
        music = 1 / (1 + np.exp(-head.logits(noises)))
        unknown = confidence * music < figures["threshold"]
        found[group] = {
            "sounds": int(mine.sum()),
            "unknown": float(unknown[mine].mean()),
            "songs taken for no music": float((head.logits(clips) < 0).mean()),
            "by kind": {
                kind: float(unknown[data.kinds == kind].mean())
                for kind in np.intersect1d(kinds, data.kinds).tolist()
            },
        }
    return found


def shipped(name: str) -> dict[str, float]:
    """Share of `unknown` among kinds of sound that neither student nor head was fitted to."""
    classifier, found = SamplesClassifier(GenreModel.load(name)), {}
    for kind in HELD_OUT:
        rng = np.random.default_rng([CLIPS, *kind.encode()])
        genres = [classifier.classify(make(kind, rng), RATE).genre for _ in range(CLIPS)]
        found[kind] = float(np.mean([genre == UNKNOWN for genre in genres]))
    return found


def _confidence(logits: NDArray[np.float64], temperature: float) -> NDArray[np.float64]:
    scaled = logits / temperature
    return np.asarray(1 / np.exp(scaled - scaled.max(axis=1, keepdims=True)).sum(axis=1))


if __name__ == "__main__":
    main()
