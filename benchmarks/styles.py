"""How well styles and moods are recognised, on AllMusic's clips, by fits to none of their artists.

    python benchmarks/styles.py --shared DIR [--student FILE] [--models NAME ...]

Five folds of artists; heads, weights, calibration and thresholds are fitted inside the other four.
A genre of `training/label_genres.csv` is right of a clip that lists it among its genres, a mood of
one that has a word of `training/mood_words.csv`; a narrower style is scored by the genre that it
lies in, which it can be wrong within. `--student` is `students/both.npz` of `training/distil.py`,
for the model `descriptors`.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "training"))

from genrescope.evaluation.threads import on_one_thread
from genrescope.files.atomic import write_atomic
from genrescope.inference.labels.fits import find_fit
from label_scores import hold_out, label_figures, named_styles
from label_songs import genre_truth, own_truth
from labels import HEAD, MODELS, Vectors, read_vectors, tag_values
from songs import Songs, read_songs

RESULT = Path(__file__).with_name("results") / "styles.json"
LISTED = (
    *("blues", "country", "electronic", "folk", "hip-hop", "jazz", "latin", "new age", "pop/rock"),
    *("reggae", "R&B/soul", "vocal", "world"),
)
"""Styles that are genres which AllMusic lists beside each other; Classical has too few clips."""
MOODS = ("happy", "sad", "tender", "angry", "exciting")


@on_one_thread
def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--shared", type=Path, required=True)
    parser.add_argument("--student", type=Path)
    parser.add_argument("--models", nargs="*", default=list(MODELS))
    options = parser.parse_args()
    result = json.loads(RESULT.read_text(encoding="utf-8")) if RESULT.exists() else {}
    result["command"] = "python benchmarks/styles.py --shared DIR --student FILE"
    songs = read_songs(options.shared)
    vectors = read_vectors(options.shared, songs, options.student)
    own, genres = own_truth(songs, options.shared), genre_truth(songs)
    chosen = songs.corpora == "allmusic"
    for name in options.models:
        held_out = hold_out(songs, vectors, name, own, genres)
        rows = label_figures(held_out, own, genres, chosen)
        result[name] = {
            "mean AUC of listed genres": mean_auc(rows, "style", LISTED),
            "mean AUC of moods": mean_auc(rows, "mood", MOODS),
            "named": named_styles(held_out, own, genres, chosen),
            "voices and instruments named of GTZAN's songs": named_on_gtzan(songs, vectors, name),
            "labels": rows,
        }
        write_atomic(RESULT, (json.dumps(result, indent=1) + "\n").encode())
        print(name, {k: v for k, v in result[name].items() if k != "labels"}, flush=True)


def named_on_gtzan(songs: Songs, vectors: Vectors, model: str) -> dict[str, dict[str, int]]:
    """By genre of GTZAN, how many songs there are, and of how many a voice or instrument is named.

    The fit that ships was fitted to no song's voice or instruments.
    """
    fit = find_fit((*MODELS[model], HEAD))
    if fit is None:
        return {}
    tags = np.concatenate(list(tag_values(vectors, model).values()), axis=1)
    none = np.zeros((len(tags), len(fit.kernel) - tags.shape[1]))  # genres do not count for these
    sure = fit.probabilities(np.concatenate([tags, none], axis=1)) >= fit.thresholds
    free = [i for i, it in enumerate(fit.labels) if it.kind in ("voice", "instrument")]
    free = [i for i in free if fit.labels[i].name != "rap"]
    found = {}
    corpora = zip(songs.corpora.tolist(), songs.labels, strict=True)
    for genre in sorted({labels[0] for corpus, labels in corpora if corpus == "gtzan"}):
        mine = (songs.corpora == "gtzan") & np.array(
            [labels[0] == genre for labels in songs.labels]
        )
        counts = {fit.labels[i].name: int(sure[mine, i].sum()) for i in free}
        found[genre] = {"songs": int(mine.sum())} | {k: n for k, n in counts.items() if n}
    return found


def mean_auc(rows: list[dict[str, Any]], kind: str, names: tuple[str, ...]) -> float:
    """Mean area under the ROC curve of some labels."""
    found = {row["name"]: row["auc"] for row in rows if row["kind"] == kind}
    return round(float(np.mean([found[name] for name in names])), 3)


if __name__ == "__main__":
    main()
