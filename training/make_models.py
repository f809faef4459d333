"""Makes the bundled models again, from audio to `src/genrescope/models`, with one command.

    python training/make_models.py --shared ../shared --musicnn FOLDER --work FOLDER

`--musicnn` is the folder `musicnn` that `genrescope models add musicnn` filled. The steps
(hearing.py, cross_validate.py) keep what they have done in `--work`, so the command can be stopped
and repeated.
"""

from __future__ import annotations

import argparse
import io
import json
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assemble import Projection, assemble
from cards import describe_model
from cross_validate import FOLDS, MUSIC, SEEDS, fit_members, fit_music, training_rows
from ensemble import Ensemble
from genrescope.calibration.coverage import Coverage, choose_threshold
from genrescope.calibration.temperature import Calibration
from genrescope.files.atomic import write_atomic
from genrescope.inference.card import ModelCard
from genrescope.inference.model import GenreModel
from genrescope.learning.backend import keras
from genrescope.similarity.neighbours import FILE as NEIGHBOURS
from genrescope.taxonomy.vocabulary import GTZAN
from hearing import LEVEL, SETTINGS
from rows import GROUPS, INPUTS, SETS, Rows, joined
from scores import Judged, crossfitted, fit_all, refusals, report

ROOT = Path(__file__).parents[1]
MODELS = ROOT / "src/genrescope/models"
RESULT = ROOT / "benchmarks/results/models.json"
COMMAND = "python training/make_models.py --shared DIR --musicnn FOLDER --work FOLDER"
# What a model may hear. The extra sets have been tried: see benchmarks/LOG.md.
CANDIDATES = {"descriptors": SETS, "backbone": (*SETS, "musicnn")}
PLACE = {"descriptors": ("ssd", "rh", "marsyas_timbral", "jmir_mfcc"), "backbone": ("musicnn",)}
TARGET = {"descriptors": 0.85, "backbone": 0.9}  # accuracy that named genres shall have
_LEAST_WEIGHT = 0.02


def main() -> None:
    """Make both models and the file of their scores."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("--shared", "--musicnn", "--work"):
        parser.add_argument(name, type=Path, required=True)
    options = parser.parse_args()
    features, folds = options.work / "features", options.work / "folds"
    shared = ["--shared", str(options.shared)]
    _step("hearing.py", *shared, "--musicnn", str(options.musicnn), "--output", str(features))
    _step("cross_validate.py", *shared, "--features", str(features), "--output", str(folds))
    parts = [_loaded(folds, fold) for fold in range(FOLDS)]
    songs, others, sounds = training_rows(options.shared, features)
    rows = joined([songs, others, sounds])
    members, music = _members(rows, options.work / "members"), fit_music(rows)
    results: dict[str, Any] = {"command": COMMAND}
    for name in MUSIC:
        inputs = list(CANDIDATES[name])
        judged = Judged(parts, inputs, name)
        ensemble, figures = _settle(judged, inputs, name)
        chosen = {key: INPUTS[key] for key in inputs if key in _needed(ensemble, name)}
        clean = songs.take(songs.forms == "clean")
        projection = Projection(members[0], clean.vectors, PLACE[name])
        graph = assemble(members, music[name], chosen, ensemble.weights, projection)
        _write(name, graph, chosen, ensemble, figures)
        _write_neighbours(name, clean)
        results[name] = figures
    write_atomic(RESULT, (json.dumps(results, indent=1) + "\n").encode())


def _step(script: str, *arguments: str) -> None:
    subprocess.run([sys.executable, Path(__file__).with_name(script), *arguments], check=True)


def _members(rows: Rows, folder: Path) -> list[Any]:
    """The networks of all inputs, one model a seed; what is trained is kept in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    heard = {name for inputs in CANDIDATES.values() for name in inputs}
    groups = [_kept_members(rows, group, folder) for group in GROUPS if heard & {*GROUPS[group]}]
    return [
        keras.Model(
            [tensor for part in parts for tensor in part.inputs],
            [tensor for part in parts for tensor in part.outputs],
        )
        for parts in zip(*groups, strict=True)
    ]


def _kept_members(rows: Rows, group: str, folder: Path) -> list[Any]:
    paths = [folder / f"{group}{seed}.keras" for seed in SEEDS]
    if not all(path.exists() for path in paths):
        for model, path in zip(fit_members(rows, group), paths, strict=True):
            model.save(path)
    return [keras.models.load_model(path, compile=False) for path in paths]


def _loaded(folder: Path, fold: int) -> dict[str, NDArray[Any]]:
    """What the networks of one fold said."""
    found: dict[str, NDArray[Any]] = {}
    for kind in (*GROUPS, "music"):
        path = folder / f"{kind}{fold}.npz"
        with np.load(path, allow_pickle=False) as archive:
            part = dict(archive)
        rows = {"songs", "forms"} & part.keys() & found.keys()
        if not all(np.array_equal(part[name], found[name]) for name in rows):
            raise SystemExit(f"{path}: judges other songs than the files beside it; remove them")
        found |= part
    return found


def _settle(judged: Judged, inputs: list[str], name: str) -> tuple[Ensemble, dict[str, Any]]:
    """The ensemble fitted to all folds, and what the folds say of it, each fitted on the others."""
    ensemble = fit_all(judged, inputs)
    kept = [key for key in inputs if ensemble.weights.get(key, 0.0) >= _LEAST_WEIGHT]
    ensemble = fit_all(judged, kept)
    probabilities = crossfitted(judged, kept)
    figures = report(judged, probabilities)
    clean = judged.forms == "clean"
    confidence = (probabilities.max(axis=1) * judged.music)[clean]
    right = probabilities[clean].argmax(axis=1) == judged.genres[clean]
    threshold = choose_threshold(confidence, right, target=TARGET[name])
    figures |= {"threshold": threshold, "weights": ensemble.weights}
    figures["unknown"] = refusals(judged, probabilities, threshold)
    macro = figures["macro_recall"]["value"]
    print(f"{name}: macro recall {100 * macro:.1f}, threshold {threshold:.2f}, {ensemble.weights}")
    return ensemble, figures


def _needed(ensemble: Ensemble, name: str) -> set[str]:
    """The inputs of the graph: those that count, that tell music, and that give the embedding."""
    return {*ensemble.weights, *MUSIC[name], *PLACE[name]}


def _write(
    name: str,
    graph: bytes,
    inputs: dict[str, int],
    ensemble: Ensemble,
    figures: dict[str, Any],
) -> None:
    folder = MODELS / name
    folder.mkdir(parents=True, exist_ok=True)
    write_atomic(folder / "model.onnx", graph)
    ModelCard(
        name=name,
        genres=GTZAN.genres,
        vocabulary=GTZAN.name,
        inputs=inputs,
        settings=SETTINGS,
        level=LEVEL,
        prior=tuple([1 / len(GTZAN.genres)] * len(GTZAN.genres)),
        calibration=_plain(ensemble.calibration),
        threshold=round(figures["threshold"], 4),
        coverage=tuple(Coverage(**point) for point in figures["coverage"]),
        **describe_model(name, figures, COMMAND),
    ).write(folder)
    GenreModel.load(folder)  # card and graph fit each other


def _plain(calibration: Calibration) -> Calibration:
    values = asdict(calibration)
    bias = tuple(round(value, 5) for value in values["bias"])
    return Calibration(round(values["temperature"], 5), bias)


def _write_neighbours(name: str, clean: Rows) -> None:
    """The songs' embeddings, for telling which of them a song is like."""
    answers = GenreModel.load(MODELS / name).predict(clean.vectors)
    embedding: NDArray[np.float32] = answers.embedding
    buffer = io.BytesIO()
    genres = np.array(GTZAN.genres)[clean.genres]
    np.savez_compressed(
        buffer, ids=clean.songs, genres=genres, embedding=embedding.astype(np.float16)
    )
    write_atomic(MODELS / name / NEIGHBOURS, buffer.getvalue())


if __name__ == "__main__":
    main()
