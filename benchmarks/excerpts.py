"""Which part of a song should be analysed: its middle, or windows from all over it.

    python benchmarks/excerpts.py --shared DIR --networks FOLDER --music FOLDER --work FOLDER

1. With labels, in small: clips of 30 s, each corpus predicted by heads of AudioSet's network and
   musicnn fitted to whole clips of the other; of a clip 9 s of its middle, three windows of 3 s
   from all over it, or all.
2. Without labels, in full: recordings of two minutes or more of `training/free_music.py`: how often
   the model predicts of an excerpt the genre that it predicts of the whole recording, the mean
   distance of the probabilities (half the sum of differences), and processor time. Single
   recordings go through the program as any file does.

Vectors of the clips are kept in `--work`.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from numpy.typing import NDArray

from provenance import command_line

sys.path.insert(0, str(Path(__file__).parents[1] / "training"))

from distil_rows import clips
from extract import network_vector
from figures import right_of, shared_figures
from free_music import recordings
from genrescope.audio.excerpt import Excerpt
from genrescope.audio.load import load_windows
from genrescope.backbones.family import BACKBONES
from genrescope.engine import Failure, map_files
from genrescope.files.atomic import write_atomic
from genrescope.inference.song import song_classifier
from left_out import predict_left_out
from make_models import MODELS, NETWORKS, STUDENT
from nonmusic import RATE
from songs import CORPORA, VOCABULARIES, Songs, read_songs
from vectors import song_embeddings

RESULT = Path(__file__).with_name("results") / "excerpts.json"
PARTS = {"middle 9 s": Excerpt.middle(9), "3 windows of 3 s": Excerpt.windows(3, 3)}
WHOLE = Excerpt.whole()
EXCERPTS = (
    *(Excerpt.middle(30), Excerpt.windows(3, 10), Excerpt.windows(5, 6), Excerpt.windows(6, 5)),
    *(Excerpt.middle(60), Excerpt.windows(3, 20), Excerpt.windows(6, 10)),
)
RECORDINGS, SHORTEST = 100, 120.0  # how many, of at least how many seconds
_SEED = 0


def main() -> None:
    """Measure both; see the module."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("--shared", "--networks", "--music", "--work"):
        parser.add_argument(name, type=Path, required=True)
    options = parser.parse_args()
    songs = read_songs(options.shared)
    result: dict[str, Any] = {"command": command_line()}
    result["clips of 30 s, corpus left out"] = with_labels(songs, options)
    chosen = chosen_recordings(options.music)
    result["recordings"] = len(chosen)
    for name in (STUDENT, "full"):
        result[name] = without_labels(name, chosen)
    write_atomic(RESULT, (json.dumps(result, indent=1) + "\n").encode())
    print(json.dumps(result, indent=1))


def with_labels(songs: Songs, options: argparse.Namespace) -> dict[str, Any]:
    """By part of a clip, what heads of the other corpus predict of it."""
    whole = song_embeddings(options.shared, songs)
    taken = {"all 30 s": whole} | part_vectors(songs, options)
    found = {}
    for part, vectors in taken.items():
        mixed = {
            corpus: {
                name: np.where((songs.corpora == corpus)[:, None], vectors[name], whole[name])
                for name in whole
            }
            for corpus in CORPORA
        }
        predicted = predict_left_out(songs, mixed, ("library",))["library"]
        known, probabilities = predicted.known, predicted.probabilities()
        right = right_of(known, probabilities)
        shared = shared_figures(songs, known, probabilities, VOCABULARIES["library"])
        found[part] = {
            corpus: {
                "right of 17": round(
                    float(right[known.known & (songs.corpora == corpus)].mean()), 4
                ),
                "macro recall of six": round(shared[corpus]["macro recall"], 4),
            }
            for corpus in CORPORA
        }
    return found


def part_vectors(
    songs: Songs, options: argparse.Namespace
) -> dict[str, dict[str, NDArray[np.float32]]]:
    """By part and network, (n, dims) vectors of the songs."""
    path = options.work / "excerpts.npz"
    if not path.exists():
        files = [path for path in clips(options.shared) if path.stem in set(songs.ids.tolist())]
        rows: dict[str, NDArray[np.float32]] = {}
        for file, row in map_files(partial(_vectors, networks=options.networks), files):
            if isinstance(row, Failure):
                raise SystemExit(f"{file}: {row}")
            rows[Path(str(file)).stem] = row
            print(f"{len(rows)} of {len(files)} clips", flush=True)
        np.savez(path, vectors=np.stack([rows[name] for name in songs.ids.tolist()]))
    vectors = np.load(path)["vectors"]
    ends = np.cumsum([BACKBONES[name].dims for name in NETWORKS["full"]])[:-1]
    return {
        part: dict(zip(NETWORKS["full"], np.split(vectors[:, number], ends, axis=1), strict=True))
        for number, part in enumerate(PARTS)
    }


def _vectors(path: Path, *, networks: Path) -> NDArray[np.float32]:
    """(parts, dims) of both networks side by side."""
    return np.stack([_of_part(path, excerpt, networks) for excerpt in PARTS.values()])


def _of_part(path: Path, excerpt: Excerpt, networks: Path) -> NDArray[np.float32]:
    windows = load_windows(path, excerpt=excerpt, rate=RATE)
    samples = np.concatenate([window.samples for window in windows])
    return np.concatenate([network_vector(samples, name, networks) for name in NETWORKS["full"]])


def chosen_recordings(folder: Path) -> list[Path]:
    """Some long ones, drawn."""
    long = [path for path in recordings(folder) if soundfile.info(str(path)).duration >= SHORTEST]
    drawn = np.random.default_rng(_SEED).permutation(len(long))[:RECORDINGS]
    return [long[number] for number in sorted(drawn.tolist())]


def without_labels(model: str, files: list[Path]) -> dict[str, dict[str, float]]:
    """By excerpt, how a model's predictions differ from those of whole recordings."""
    rows = []
    for path, row in map_files(partial(_predicted, model=model), files):
        if isinstance(row, Failure):
            raise SystemExit(f"{path}: {row}")
        rows.append(row)
        print(f"{model}: {len(rows)} of {len(files)} recordings", flush=True)
    values = np.stack(rows)  # (recordings, excerpts with the whole first, genres and seconds)
    probabilities, seconds = values[..., :-1], values[..., -1]
    genre, whole = probabilities.argmax(axis=-1), probabilities[:, :1]
    distance = np.abs(probabilities - whole).sum(axis=-1) / 2
    return {
        str(excerpt): {
            "same genre as the whole": round(float((genre[:, i] == genre[:, 0]).mean()), 4),
            "distance": round(float(distance[:, i].mean()), 4),
            "processor seconds": round(float(np.median(seconds[:, i])), 3),
        }
        for i, excerpt in enumerate((WHOLE, *EXCERPTS))
    }


def _predicted(path: Path, *, model: str) -> NDArray[np.float64]:
    """(excerpts, genres + 1) probabilities, and processor seconds."""
    rows = []
    for excerpt in (WHOLE, *EXCERPTS):
        start = time.process_time()
        prediction = song_classifier(MODELS / model, excerpt).classify(path).prediction
        spent = time.process_time() - start
        rows.append([*prediction.probabilities.tolist(), spent])
    return np.array(rows)


if __name__ == "__main__":
    main()
