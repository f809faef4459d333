"""Fits the labels to songs: `fits.npz` and `fits.json` in `inference/labels`.

    python training/labels.py --shared ../shared [--student FILE]

The networks' vectors are those of `data/embeddings`; `--student` is `students/both.npz` of
`distil.py`: what descriptors predict of clips that were not learnt. Without it the labels from
descriptors stay as they are.
"""

from __future__ import annotations

import argparse
import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from evidence import SOURCES
from fitting import fit
from genrescope.backbones.family import BACKBONES
from genrescope.files.atomic import write_atomic
from genrescope.inference.card import ModelCard
from genrescope.inference.labels.fits import tag_logits
from genrescope.inference.labels.label import label_names
from genrescope.taxonomy.tables import read_table
from genrescope.taxonomy.vocabulary import TOP_MAGD
from label_fit import FittedLabels, Floats, Folds, Tagged, fit_labels, split_artists
from label_songs import genre_truth, own_truth
from songs import Songs, read_songs
from vectors import read_predictions, song_embeddings

MODELS = {
    "full": ("audioset", "musicnn"),
    "audioset": ("audioset",),
    "musicnn": ("musicnn",),
    "descriptors": ("student_audioset", "student_musicnn"),
}
HEAD = TOP_MAGD.name
HEAD_FREE = 2.0  # how much freer the weights of genres are than those of tags
ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "src/genrescope/inference/labels"
RESULT = ROOT / "benchmarks/results/styles.json"
Vectors = dict[str, NDArray[np.float32]]


def read_vectors(shared: Path, songs: Songs, student: Path | None) -> Vectors:
    """(n, dims) raw vectors of the songs, by source of `evidence.SOURCES`."""
    found = song_embeddings(shared, songs)
    if student is not None:
        predictions, _, _ = read_predictions(student, songs)
        found |= {name: values.astype(np.float32) for name, values in predictions.items()}
    return found


def sources_of(model: str) -> tuple[str, ...]:
    """The sources of the vectors of a model."""
    return (*MODELS[model], "student_codes") if model == "descriptors" else MODELS[model]


def head_logits(
    songs: Songs, vectors: Vectors, model: str, chosen: NDArray[np.bool_], wanted: NDArray[np.bool_]
) -> Floats:
    """(wanted, genres) logits of the probabilities of Top-MAGD's genres by a head of some songs."""
    calibration = ModelCard.read(ROOT / "src/genrescope/models" / model).heads[HEAD].calibration
    mine = {name: vectors[name] for name in sources_of(model)}
    found = fit(songs, mine, chosen, (HEAD,)).logits(
        {name: values[wanted] for name, values in mine.items()}, HEAD
    )
    return tag_logits(calibration.apply(found))


def held_out_heads(
    songs: Songs, vectors: Vectors, model: str, chosen: NDArray[np.int64], folds: Folds
) -> Floats:
    """(chosen, genres) the same of some songs, each by a head of the others' folds."""
    found = np.zeros((len(chosen), len(TOP_MAGD)))
    for train, test in folds:
        fitted, new = (np.isin(np.arange(len(songs)), chosen[part]) for part in (train, test))
        order = np.argsort(np.argsort(chosen[test]))
        found[test] = head_logits(songs, vectors, model, fitted, new)[order]
    return found


def tag_values(vectors: Vectors, model: str) -> dict[str, Floats]:
    """(n, tags) logits of the tags of a model's networks, or of those predicted in their place."""
    found = {}
    for name in MODELS[model]:
        kind = SOURCES[name]
        tags = vectors[name][:, kind.first_tag :].astype(np.float64)
        found[name] = tag_logits(tags if kind.probabilities else expit(tags))
    return found


def tagged(values: Mapping[str, Floats]) -> Tagged:
    """Tags of some sources, and the labels that rest on them."""
    order = [(name, tag) for name in values for tag in tags_of(name)]
    place = {key: row for row, key in enumerate(order)}
    labels = label_names()
    column = {label[:2]: number for number, label in enumerate(labels)}
    parts = {name: np.zeros((len(order), len(labels))) for name in values}
    for kind, label, source, tag, weight in read_table("label_tags"):
        for name in (source, f"student_{source}"):
            if name in parts:
                parts[name][place[name, tag], column[kind, label]] = float(weight)
    sizes = np.asarray(sum(np.abs(part).sum(axis=0) for part in parts.values()))
    moods = np.array([label.kind == "mood" for label in labels])  # their songs are known
    kept = np.flatnonzero((sizes > 0) | moods)
    means = [
        part[:, kept] / np.maximum(np.abs(part[:, kept]).sum(axis=0), 1e-9)
        for part in parts.values()
    ]
    logits = np.concatenate(list(values.values()), axis=1)
    free = np.array([_free(name, tag) for name, tag in order])
    return Tagged(logits, tuple(labels[i] for i in kept), tuple(means), free)


def tags_of(source: str) -> tuple[str, ...]:
    """Names of the values of a source."""
    if source == HEAD:
        return TOP_MAGD.genres
    return BACKBONES[source.removeprefix("student_")].tag_names


def _free(source: str, tag: str) -> float:
    if source == HEAD:
        return HEAD_FREE
    if not source.endswith("audioset"):
        return 1.0
    names = tags_of(source)
    voices, music = (("Singing", "Humming"), ("Music", "Scary music"))
    return float(
        any(names.index(a) <= names.index(tag) <= names.index(b) for a, b in (voices, music))
    )


def read_fits() -> tuple[dict[str, NDArray[np.float16]], dict[str, Any]]:
    """Weights and the rest of the fits that are there, by name."""
    if not (FOLDER / "fits.npz").exists():
        return {}, {}
    with np.load(FOLDER / "fits.npz", allow_pickle=False) as archive:
        kernels = dict(archive)
    content = json.loads((FOLDER / "fits.json").read_text(encoding="utf-8"))
    return kernels, {part["weights"]: part for part in content["fits"]}


def document(
    name: str, sources: tuple[str, ...], found: FittedLabels, figures: Mapping[str, Any]
) -> dict[str, Any]:
    """A fit as `fits.json` has it; `figures` as `benchmarks/styles.py` writes them."""
    checked = {(row["kind"], row["name"]): row for row in figures.get("labels", ())}
    shown = ("on", "songs", "right", "auc", "named", "named right")
    rows = []
    for label, bias, least in zip(found.labels, found.bias, found.thresholds, strict=True):
        row = checked.get(label[:2], {})
        rows.append(
            {
                "kind": label.kind,
                "name": label.name,
                "bias": round(float(bias), 4),
                "threshold": round(float(least), 4),
                "checked": {key: row[key] for key in shown if key in row},
            }
        )
    return {"weights": name, "sources": list(sources), "labels": rows}


def main() -> None:
    """Fit the labels of every model; of networks also without the probabilities of genres."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--shared", type=Path, required=True)
    parser.add_argument("--student", type=Path)
    options = parser.parse_args()
    songs = read_songs(options.shared)
    vectors = read_vectors(options.shared, songs, options.student)
    own, genres = own_truth(songs, options.shared), genre_truth(songs)
    folds, everything = split_artists(songs.artists), np.arange(len(songs))
    figures = json.loads(RESULT.read_text(encoding="utf-8"))
    kernels, fits = read_fits()
    for head in (True, False):
        for model in MODELS if head and options.student else tuple(MODELS)[:-1]:
            values = tag_values(vectors, model)
            if head:
                values[HEAD] = held_out_heads(songs, vectors, model, everything, folds)
            tags = tagged(values)
            name = model if head else f"{model} tags"
            found = fit_labels(tags, own, genres, folds)
            kernels[name] = found.kernel.astype(np.float16)
            fits[name] = document(name, tuple(values), found, figures.get(name, {}))
            print(name, flush=True)
    order = [name for name in (*MODELS, *(f"{model} tags" for model in MODELS)) if name in fits]
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **{name: kernels[name] for name in order})
    write_atomic(FOLDER / "fits.npz", buffer.getvalue())
    text = json.dumps({"fits": [fits[name] for name in order]}, indent=0)
    write_atomic(FOLDER / "fits.json", f"{text}\n".encode())


if __name__ == "__main__":
    main()
