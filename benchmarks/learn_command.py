"""`genrescope learn` as a whole command on 10,000 songs that were classified before: time, memory.

    python benchmarks/learn_command.py --work FOLDER --out benchmarks/results/learn_command.json

The files are made and scanned, which is not measured; of each the index has a made-up prediction of
the model `full`, one of 200 labels and an artist. The model's networks must be installed.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import soundfile

from genrescope.backbones.family import FOLDER_VARIABLE, models_folder
from genrescope.inference.card import DescribedModel
from genrescope.inference.prediction import Prediction
from genrescope.inference.registry import find_model
from genrescope.library.index.database import Index
from genrescope.library.index.models import PREDICTION_COLUMNS, note_model, pack_prediction
from genrescope.library.index.scan import scan
from genrescope.sources import SOURCES
from library import run_command
from provenance import command_line

SONGS, LABELS, ARTISTS = 10_000, 200, 3000
EMBEDDING = 64
_NOISE = 3.0  # beside centres of labels of unit deviation


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/learn_command.json"))
    arguments = parser.parse_args()
    root, index = arguments.work / "music", arguments.work / "index.sqlite"
    write_songs(root)
    fill(root, index)
    install(arguments.work / "models")
    words = ("learn", str(root), "--index", str(index), "-m", "full", "--name", "made-up")
    result = {"command": command_line(), "songs": SONGS, "labels": LABELS}
    result |= run_command(*words)
    arguments.out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(result, indent=1))


def write_songs(root: Path) -> None:
    """Files of a tenth of a second of noise, a hundred in a folder."""
    rng = np.random.default_rng(2)
    for number in range(SONGS):
        path = root / f"{number // 100}" / f"{number}.flac"
        path.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(path, rng.normal(0, 0.1, 2205), 22050)


def install(models: Path) -> None:
    """A folder of models for the learned one, with what is installed."""
    shutil.copytree(models_folder(), models)
    os.environ[FOLDER_VARIABLE] = str(models)


def fill(root: Path, path: Path) -> None:
    """Scan the files, and note a prediction, a label and an artist of each."""
    rng, model = np.random.default_rng(0), DescribedModel.read(find_model("full"))
    labels, artists = rng.integers(LABELS, size=SONGS), rng.integers(ARTISTS, size=SONGS)
    with Index(root, path) as index:
        scan(index)
        number = note_model(index, model.card, model.digest)
        songs = list(index.rows("SELECT path, audio FROM files ORDER BY path"))
        made = predictions(model, labels)
        columns = f"model, audio, {PREDICTION_COLUMNS}, notes"
        with index.transaction():
            for (name, audio), label, artist, prediction in zip(
                songs, labels.tolist(), artists.tolist(), made, strict=True
            ):
                index.database.execute(
                    f"INSERT INTO results ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?, '')",
                    (number, audio, *pack_prediction(prediction)),
                )
                index.database.execute(
                    "UPDATE files SET genres = ?, artist = ? WHERE path = ?",
                    (f"label {label}", f"artist {artist}", name),
                )


def predictions(model: DescribedModel, labels: np.ndarray) -> list[Prediction]:
    """Made up: each value is the label's and noise."""
    rng, card = np.random.default_rng(1), model.card
    tags = {name: SOURCES[name].tag_names for name in card.networks}
    sizes = [len(head.genres) for head in card.all_heads] + [EMBEDDING, *map(len, tags.values())]
    centres = rng.normal(0, 1, (LABELS, sum(sizes)))
    found = []
    for label in labels.tolist():
        values = centres[label] + rng.normal(0, _NOISE, sum(sizes))
        parts = np.split(values, np.cumsum(sizes)[:-1])
        heads = [np.exp(part) / np.exp(part).sum() for part in parts[: len(card.all_heads)]]
        embedding, *odds = parts[len(card.all_heads) :]
        shares = [1 / (1 + np.exp(-part)) for part in odds]
        prediction = Prediction(card.genres, heads[0], card.threshold)
        found.append(
            replace(
                prediction,
                embedding=embedding.astype(np.float32),
                heads=dict(zip(card.heads, heads[1:], strict=True)),
                tags={
                    name: dict(zip(names, part.tolist(), strict=True))
                    for (name, names), part in zip(tags.items(), shares, strict=True)
                },
            )
        )
    return found


if __name__ == "__main__":
    main()
