"""Makes the bundled models again, from audio to `src/genrescope/models`, with one command.

    python training/make_models.py --shared ../shared --networks FOLDER --work FOLDER --music FOLDER

`--networks` is the folder of models that `genrescope models add` filled, `--music` that of
`free_music.py`, of which only `descriptors` makes use. What is extracted is kept in `--work`, so
the command can be stopped and goes on where it was. Scores of songs whose corpus the heads did not
see go to `benchmarks/results/models.json` and onto the cards. `--models` makes some of the models
only; without `descriptors` no student is distilled.
"""

from __future__ import annotations

import argparse
import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import onnx

from cards import COMMAND, describe_model
from extract import LEVEL, SETTINGS
from figures import choose_threshold, head_figures, right_of, shared_figures
from fitting import Fitted, fit
from genrescope.audio.excerpt import Excerpt
from genrescope.calibration.coverage import coverage_curve
from genrescope.calibration.temperature import Calibration
from genrescope.files.atomic import write_atomic
from genrescope.inference.card import ModelCard
from genrescope.inference.heads import Head
from genrescope.inference.model import GenreModel
from genrescope.similarity.neighbours import FILE as NEIGHBOURS
from graph import Projection, build
from left_out import LeftOut, predict_left_out
from songs import VOCABULARIES, Songs, read_songs, spelled
from student_graph import join_student
from vectors import Data, fit_music_head, read_networks, read_student

ROOT = Path(__file__).parents[1]
MODELS = ROOT / "src/genrescope/models"
RESULT = ROOT / "benchmarks/results/models.json"
STUDENT = "descriptors"
NETWORKS = {
    "audioset": ("audioset",),
    "musicnn": ("musicnn",),
    "full": ("audioset", "musicnn"),
}
FIRST = "library"
EXCERPT = Excerpt.windows(5, 6.0)  # `benchmarks/excerpts.py`: nearer to the whole than 30 s in one
TARGET = 0.85  # of the named songs that are to be right, on corpora that the heads did not see


def main() -> None:
    """Make the models and the file of their scores."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("--shared", "--networks", "--work"):
        parser.add_argument(name, type=Path, required=True)
    parser.add_argument("--music", type=Path)
    parser.add_argument("--models", nargs="*", default=[STUDENT, *NETWORKS])
    options = parser.parse_args()
    extract, distil = (Path(__file__).with_name(name) for name in ("extract.py", "distil.py"))
    shared = ["--shared", options.shared]
    networks = ["--networks", options.networks, "--output", options.work]
    subprocess.run([sys.executable, extract, *shared, *networks], check=True)
    if STUDENT in options.models:
        if options.music is None:
            parser.error(f"{STUDENT} needs --music, the folder that free_music.py filled")
        student = ["--networks", options.networks, "--music", options.music]
        student += ["--work", options.work / "distil"]
        subprocess.run([sys.executable, distil, *shared, *student], check=True)
    songs = read_songs(options.shared)
    results = json.loads(RESULT.read_text()) | {"command": COMMAND}
    for name in options.models:
        data = read_vectors(name, options.work, songs)
        results[name] = make(name, songs, data, options.work)
        print(f"{name}: {json.dumps(results[name])}", flush=True)
    write_atomic(RESULT, (json.dumps(results, indent=1) + "\n").encode())


def read_vectors(name: str, work: Path, songs: Songs) -> Data:
    """What a model is fitted on."""
    if name in NETWORKS:
        return read_networks(work, NETWORKS[name], songs)
    return read_student(work, songs)


def make(name: str, songs: Songs, data: Data, work: Path) -> dict[str, Any]:
    """Write a model's folder; its figures."""
    predicted = predict_left_out(songs, data.left_out)
    fitted = fit(songs, data.clips, np.ones(len(songs), bool))
    music = fit_music_head(fitted, songs, data)
    heads = {vocabulary: _head(vocabulary, found) for vocabulary, found in predicted.items()}
    figures = _figures(predicted, heads)
    folder = MODELS / name
    folder.mkdir(parents=True, exist_ok=True)
    graph = build(fitted, music, Projection(fitted.scaled(data.clips)), FIRST)
    if name == STUDENT:
        graph = join_student(graph, (work / "distil/student.onnx").read_bytes())
    write_atomic(folder / "model.onnx", graph)
    first = heads.pop(FIRST)
    ModelCard(
        name=name,
        genres=first.genres,
        vocabulary=FIRST,
        inputs=_inputs(graph),
        settings=SETTINGS,
        level=LEVEL,
        excerpt_seconds=EXCERPT.seconds,
        excerpt_windows=EXCERPT.count,
        prior=first.prior,
        calibration=first.calibration,
        threshold=first.threshold,
        coverage=first.coverage,
        heads=heads,
        members=dict.fromkeys(fitted.scalings, 1.0),
        predicted=NETWORKS["full"] if name == STUDENT else (),
        **describe_model(name, figures),
    ).write(folder)
    _write_neighbours(folder, songs, fitted, data)
    return figures


def _head(vocabulary: str, predicted: LeftOut) -> Head:
    """Temperature and threshold that suit songs of corpora that the heads did not see."""
    genres, temperature = VOCABULARIES[vocabulary], round(predicted.temperature, 4)
    probabilities = predicted.probabilities(temperature)
    rows = predicted.known.known
    confidence, right = (
        probabilities.max(axis=1)[rows],
        right_of(predicted.known, probabilities)[rows],
    )
    threshold = choose_threshold(predicted.songs, predicted.known, probabilities, TARGET)
    return Head(
        genres,
        tuple([1 / len(genres)] * len(genres)),
        Calibration(temperature, tuple([0.0] * len(genres))),
        threshold,
        coverage_curve(confidence, right),
        vocabulary,
    )


def _figures(predicted: dict[str, LeftOut], heads: dict[str, Head]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, part in predicted.items():
        temperature, threshold = heads[name].calibration.temperature, heads[name].threshold
        probabilities, shipped = part.probabilities(), part.probabilities(temperature)
        found[name] = {
            "temperature": temperature,
            "threshold": threshold,
            "corpus left out": head_figures(
                part.songs, part.known, probabilities, shipped, threshold
            ),
        }
        if name == FIRST:
            found["shared genres, corpus left out"] = shared_figures(
                part.songs, part.known, probabilities, VOCABULARIES[FIRST]
            )
    return found


def _inputs(graph: bytes) -> dict[str, int]:
    """Values in each input of a graph."""
    given = onnx.load_from_string(graph).graph.input
    return {item.name: item.type.tensor_type.shape.dim[1].dim_value for item in given}


def _write_neighbours(folder: Path, songs: Songs, fitted: Fitted, data: Data) -> None:
    """The songs' embeddings, by which those like a song are found."""
    embedding = Projection(fitted.scaled(data.clips)).places(fitted.scaled(data.clips))
    buffer = io.BytesIO()
    half = embedding.astype(np.float16)
    np.savez_compressed(buffer, ids=songs.ids, genres=spelled(songs), embedding=half)
    write_atomic(folder / NEIGHBOURS, buffer.getvalue())
    GenreModel.load(folder)  # card and graph fit each other


if __name__ == "__main__":
    main()
