"""Makes the bundled models again, from audio to `src/genrescope/models`, with one command.

    python training/make_models.py --shared ../shared --networks FOLDER --work FOLDER

`--networks` is the folder of models that `genrescope models add` filled. What is extracted is kept
in `--work`, so the command can be stopped and goes on where it was. Scores of songs whose corpus
the heads did not see go to `benchmarks/results/models.json` and onto the cards.
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
from numpy.typing import NDArray

from cards import COMMAND, describe_model
from figures import choose_threshold, head_figures, right_of, shared_figures
from fitting import Fitted, fit
from genrescope.calibration.coverage import coverage_curve
from genrescope.calibration.temperature import Calibration
from genrescope.files.atomic import write_whole
from genrescope.inference.card import ModelCard
from genrescope.inference.heads import Head
from genrescope.inference.model import GenreModel
from genrescope.similarity.neighbours import FILE as NEIGHBOURS
from graph import Projection, build
from left_out import Judged, judge_left_out
from music import MusicHead, fit_music
from songs import VOCABULARIES, Songs, read_songs

ROOT = Path(__file__).parents[1]
MODELS = ROOT / "src/genrescope/models"
RESULT = ROOT / "benchmarks/results/models.json"
LEVEL = -18.0  # dB
SOURCES = {
    "audioset": ("audioset",),
    "musicnn": ("musicnn",),
    "full": ("audioset", "musicnn"),
}
FIRST = "library"
TARGET = 0.85  # of the named songs that are to be right, on corpora that the heads did not see


def main() -> None:
    """Make the models and the file of their scores."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("--shared", "--networks", "--work"):
        parser.add_argument(name, type=Path, required=True)
    options = parser.parse_args()
    arguments = ["--shared", options.shared, "--networks", options.networks, "--output"]
    extract = Path(__file__).with_name("extract.py")
    subprocess.run([sys.executable, extract, *arguments, options.work], check=True)
    songs = read_songs(options.shared)
    results: dict[str, Any] = {"command": COMMAND}
    for name, sources in SOURCES.items():
        clips = {source: read_clips(options.work, source, songs) for source in sources}
        sounds = {source: read_sounds(options.work, source)[1] for source in sources}
        kinds = read_sounds(options.work, sources[0])[0]
        results[name] = make(name, songs, clips, sounds, kinds)
        print(f"{name}: {json.dumps(results[name])}", flush=True)
    write_whole(RESULT, (json.dumps(results, indent=1) + "\n").encode())


def read_clips(work: Path, source: str, songs: Songs) -> NDArray[np.float32]:
    """(n, dims) raw vectors of the songs."""
    with np.load(work / f"clips_{source}.npz", allow_pickle=False) as archive:
        place = {name: row for row, name in enumerate(archive["ids"].tolist())}
        return np.asarray(archive["vectors"][[place[name] for name in songs.ids.tolist()]])


def read_sounds(work: Path, source: str) -> tuple[NDArray[np.str_], NDArray[np.float32]]:
    """Kinds (n,) and raw vectors (n, dims) of sounds that are no music."""
    with np.load(work / f"sounds_{source}.npz", allow_pickle=False) as archive:
        return archive["kinds"], archive["vectors"]


def make(
    name: str,
    songs: Songs,
    clips: dict[str, NDArray[np.float32]],
    sounds: dict[str, NDArray[np.float32]],
    kinds: NDArray[np.str_],
) -> dict[str, Any]:
    """Write a model's folder; its figures."""
    judged = judge_left_out(songs, clips)
    fitted = fit(songs, clips, np.ones(len(songs), bool))
    music = _music(fitted, songs, clips, sounds, kinds)
    heads = {vocabulary: _head(vocabulary, found) for vocabulary, found in judged.items()}
    figures = _figures(judged, heads)
    folder = MODELS / name
    folder.mkdir(parents=True, exist_ok=True)
    graph = build(fitted, music, Projection(fitted.scaled(clips)), FIRST)
    write_whole(folder / "model.onnx", graph)
    first = heads.pop(FIRST)
    ModelCard(
        name=name,
        genres=first.genres,
        vocabulary=FIRST,
        inputs={source: values.shape[1] for source, values in clips.items()},
        level=LEVEL,
        prior=first.prior,
        calibration=first.calibration,
        threshold=first.threshold,
        coverage=first.coverage,
        heads=heads,
        members=_member_weights(fitted, clips),
        **describe_model(name, figures),
    ).write(folder)
    _write_neighbours(folder, songs, clips)
    return figures


def _music(
    fitted: Fitted,
    songs: Songs,
    clips: dict[str, NDArray[np.float32]],
    sounds: dict[str, NDArray[np.float32]],
    kinds: NDArray[np.str_],
) -> MusicHead:
    both = {name: np.concatenate([clips[name], sounds[name]]) for name in clips}
    is_music = np.arange(len(songs) + len(kinds)) < len(songs)
    return fit_music(fitted.scaled(both), is_music, np.concatenate([songs.corpora, kinds]))


def _head(vocabulary: str, judged: Judged) -> Head:
    """Temperature and threshold that suit songs of corpora that the heads did not see."""
    genres, temperature = VOCABULARIES[vocabulary], round(judged.temperature, 4)
    probabilities = judged.probabilities(temperature)
    rows = judged.known.known
    confidence, right = probabilities.max(axis=1)[rows], right_of(judged.known, probabilities)[rows]
    threshold = choose_threshold(judged.songs, judged.known, probabilities, TARGET)
    return Head(
        genres,
        tuple([1 / len(genres)] * len(genres)),
        Calibration(temperature, tuple([0.0] * len(genres))),
        threshold,
        coverage_curve(confidence, right),
        vocabulary,
    )


def _figures(judged: dict[str, Judged], heads: dict[str, Head]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, part in judged.items():
        probabilities = part.probabilities()
        found[name] = {
            "temperature": heads[name].calibration.temperature,
            "threshold": heads[name].threshold,
            "corpus left out": head_figures(
                part.songs, part.known, probabilities, heads[name].threshold
            ),
        }
        if name == FIRST:
            found["shared genres, corpus left out"] = shared_figures(
                part.songs, part.known, probabilities, VOCABULARIES[FIRST]
            )
    return found


def _member_weights(fitted: Fitted, clips: dict[str, NDArray[np.float32]]) -> dict[str, float]:
    """Share of each source in the spread of the logits."""
    scaled, kernels = fitted.scaled(clips), fitted.heads[FIRST].kernels
    spread = {name: float((scaled[name] @ kernel).std()) for name, kernel in kernels.items()}
    total = sum(spread.values())
    return {name: round(value / total, 4) for name, value in spread.items()}


def _write_neighbours(folder: Path, songs: Songs, clips: dict[str, NDArray[np.float32]]) -> None:
    """The songs' embeddings, for telling which of them a song is like."""
    embedding = GenreModel.load(folder).predict(clips).embedding
    buffer = io.BytesIO()
    genres = np.array([", ".join(labels) for labels in songs.labels])
    np.savez_compressed(
        buffer, ids=songs.ids, genres=genres, embedding=embedding.astype(np.float16)
    )
    write_whole(folder / NEIGHBOURS, buffer.getvalue())


if __name__ == "__main__":
    main()
