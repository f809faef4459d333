"""Learning a person's own labels: songs a label, moods, labels at random, exchanged tags, size.

    python benchmarks/learn.py --shared DIR --out benchmarks/results/learn.json

The AllMusic clips of DIR stand for somebody's library, with the vectors of both networks that lie
beside them. The general model is fitted to the other corpus only, so that these clips are as
strange to it as a person's songs would be. The columns of a song, their weights and the shrinkage
of the discriminant were chosen on these very clips, by folds of artists: what is gained over the
general model is somewhat optimistic.
"""

from __future__ import annotations

import argparse
import csv
import json
import resource
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "training"))

from scipy.special import log_softmax

from fitting import fit
from genrescope.errors import DataError
from genrescope.inference.card import ModelCard
from genrescope.inference.registry import list_models
from genrescope.learning.own.assessing import Assessment, assess, general_recall
from genrescope.learning.own.columns import FLOOR, Columns
from genrescope.learning.own.fitting import fit_labels, macro_recall
from genrescope.learning.own.labelled import LabelledSongs, choose_labels
from graph import Projection
from songs import VOCABULARIES, read_songs

SIZES = (10, 20, 50)
SEEDS = (0, 1)
EXCHANGED = 0.05
QUADRANTS = {
    "happy and lively": "Exciting Joyous Cheerful Happy Fun Lively Energetic Playful Exuberant "
    "Rousing Celebratory Giddy Rollicking Boisterous Party Fiery Confident Humorous Carefree",
    "angry and tense": "Angry Hostile Harsh Fierce Volatile Menacing Tense/Anxious Malevolent "
    "Outraged Aggressive Nihilistic Confrontational Intense Uncompromising Nervous/Jittery "
    "Bitter Rebellious Reckless Ominous",
    "sad": "Gloomy Sad Bleak Somber Melancholy Lonely Weary Wistful Plaintive Brooding Poignant "
    "Autumnal Bittersweet Anguished/Distraught Wintry Yearning Regretful",
    "calm": "Calm/Peaceful Soothing Delicate Gentle Relaxed Dreamy Soft/Quiet Elegant Warm "
    "Laid-Back/Mellow Intimate Refined Light Reverent Spiritual Pastoral Ethereal Smooth Innocent",
}
"""Moods by sign of valence and arousal, as dictionaries have the words."""

Words = Sequence[Sequence[str]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--shared", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/learn.json"))
    parser.add_argument("--only", nargs="*", help="Make these parts anew, and keep the others.")
    arguments = parser.parse_args()
    columns, rows, clips = read_library(arguments.shared)
    genres = [clip["genres"].split("|") for clip in clips]
    given = (columns, rows, genres, clips)
    parts: dict[str, Callable[[], dict[str, Any]]] = {
        "scale": lambda: scale(columns),
        "songs a label": lambda: by_size(*given),
        "all songs": lambda: assessed(*given),
        "moods": lambda: assessed(columns, rows, [moods(clip) for clip in clips], clips),
        "exchanged": lambda: exchanged(*given),
        "labels at random": lambda: at_random(*given),
    }
    out: Path = arguments.out
    result = json.loads(out.read_text(encoding="utf-8")) if out.exists() else {}
    for name in arguments.only or parts:
        result[name] = parts[name]()
        print(name, json.dumps(result[name], indent=1), flush=True)
        out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


def read_library(shared: Path) -> tuple[Columns, NDArray[np.float32], list[dict[str, str]]]:
    """Columns of the clips by a general model that was not fitted to them, and what is known."""
    songs = read_songs(shared)
    with np.load(shared / "data/embeddings/embeddings.npz", allow_pickle=False) as archive:
        place = {name: row for row, name in enumerate(archive["ids"].tolist())}
        at = [place[name] for name in songs.ids.tolist()]
        audioset = [archive["audioset_embedding"], archive["audioset_logits"]]
        vectors = {
            "audioset": np.concatenate(audioset, axis=1)[at].astype(np.float32),
            "musicnn": archive["musicnn_msd"][at],
        }
    own = songs.corpora == "allmusic"
    fitted = fit(songs, vectors, ~own)
    scaled = fitted.scaled(vectors)
    embedding = Projection({name: part[~own] for name, part in scaled.items()}).places(scaled)
    columns = Columns(ModelCard.read(list_models()["full"]), embedding.shape[1])
    logs = [
        np.maximum(log_softmax(fitted.logits(vectors, head), axis=1), np.log(FLOOR))
        for head in (columns.card.vocabulary, *columns.card.heads)
        if head in VOCABULARIES
    ]
    most = np.log((1 - FLOOR) / FLOOR)
    tags = vectors["musicnn"][:, 200:].clip(FLOOR, 1 - FLOOR)
    odds = [vectors["audioset"][:, 512:].clip(-most, most), np.log(tags / (1 - tags))]
    rows = np.concatenate([*logs, embedding, *odds], axis=1)[own].astype(np.float32)
    with (shared / "data/allmusic_clips/songs.csv").open(encoding="utf-8", newline="") as file:
        known = {row["id"]: row for row in csv.DictReader(file)}
    return columns, rows, [known[name] for name in songs.ids[own].tolist()]


def choose(words: Words, clips: list[dict[str, str]]) -> LabelledSongs:
    return choose_labels(words, [clip["artist"] for clip in clips], [clip["id"] for clip in clips])


def by_size(
    columns: Columns, rows: NDArray[np.float32], words: Words, clips: list[dict[str, str]]
) -> dict[str, Any]:
    """Macro recall when at most so many songs of each label are learned from, beside the general.

    Labels are those that the general model can name. Folds divide no artist; the songs to learn
    from are drawn from the other folds.
    """
    songs = choose(words, clips)
    _, unnamed = general_recall(rows[songs.positions], songs, columns)
    named = np.array([label not in unnamed for label in songs.labels])
    songs, _ = songs.only(named, "not named by the general model")
    x = rows[songs.positions]
    general, _ = general_recall(x, songs, columns)
    assert general is not None
    found: dict[str, Any] = {
        "labels": songs.labels,
        "songs": len(songs),
        "general model": general.value,
    }
    for size in SIZES:
        recalls = [_limited(columns, x, songs, size, seed) for seed in SEEDS]
        found[str(size)] = {"macro recall": recalls, "mean": float(np.mean(recalls))}
        found[str(size)]["points above the general model"] = 100 * (
            float(np.mean(recalls)) - general.value
        )
    return found


def _limited(
    columns: Columns, x: NDArray[np.float32], songs: LabelledSongs, size: int, seed: int
) -> float:
    scores, rng = np.zeros(songs.has.shape), np.random.default_rng(seed)
    for split in songs.folds(5, seed=seed):
        drawn: set[int] = set()
        for label in range(len(songs.labels)):
            with_it = split.train[songs.has[split.train, label]]
            drawn |= set(rng.permutation(with_it)[:size].tolist())
        train = np.array(sorted(drawn))
        fitted = fit_labels(x[train], songs.take(train), columns.weights)
        scores[split.test] = fitted.logs(x[split.test])
    return macro_recall(scores, songs.has)


def assessed(
    columns: Columns, rows: NDArray[np.float32], words: Words, clips: list[dict[str, str]]
) -> dict[str, Any]:
    """What the package tells of labels."""
    songs = choose(words, clips)
    try:
        found = assess(rows[songs.positions], songs, columns)
    except DataError as error:
        return {"message": error.message}
    return summary(found)


def summary(found: Assessment) -> dict[str, Any]:
    scores, general = found.scores, found.general
    return {
        "songs": len(found.songs),
        "labels": {genre.genre: genre.support for genre in scores.genres},
        "left out": dict(found.songs.left_out),
        "macro recall": [
            scores.macro_recall.value,
            scores.macro_recall.low,
            scores.macro_recall.high,
        ],
        "chance": 1 / len(found.songs.labels),
        "general model": None if general is None else [general.value, general.low, general.high],
        "a right label": found.answers.accuracy.value,
        "always the commonest": found.commonest,
        "calibration error": found.answers.calibration_error.value,
        "learning curve": {str(n): value for n, value in found.curve.items()},
        "recipes": found.recipes,
    }


def moods(clip: dict[str, str]) -> list[str]:
    """The quadrant that most of a clip's moods are of; none where two have as many."""
    words = set(clip["moods"].split("; "))
    counts = {name: len(words & set(each.split())) for name, each in QUADRANTS.items()}
    best = max(counts.values())
    return [name for name, n in counts.items() if n == best] if _single(counts, best) else []


def _single(counts: dict[str, int], best: int) -> bool:
    return best > 0 and list(counts.values()).count(best) == 1


def at_random(
    columns: Columns, rows: NDArray[np.float32], words: Words, clips: list[dict[str, str]]
) -> dict[str, Any]:
    """How often it is said that nothing was learned where labels are shuffled between songs."""
    learned, runs = [], 10
    for seed in range(runs):
        order = np.random.default_rng(seed).permutation(len(words))
        songs = choose([words[at] for at in order.tolist()], clips)
        try:
            found = assess(rows[songs.positions], songs, columns, curve=False)
            learned.append(found.songs.labels)
        except DataError as error:
            print(error.message)
    return {"runs": runs, "nothing was learned": runs - len(learned), "labels learned": learned}


def exchanged(
    columns: Columns, rows: NDArray[np.float32], words: Words, clips: list[dict[str, str]]
) -> dict[str, Any]:
    """Which share of exchanged tags is among the first tenth of the suspects.

    The tags of one song in twenty become those of another song that shares none with it.
    """
    shares = []
    for seed in SEEDS:
        rng, given = np.random.default_rng(seed), list(words)
        order = rng.permutation(len(words)).tolist()
        wrong: set[int] = set()
        for row in order:
            if len(wrong) >= EXCHANGED * len(words):
                break
            other = next(
                (
                    at
                    for at in order
                    if at not in wrong and at != row and not set(words[at]) & set(words[row])
                ),
                None,
            )
            if row not in wrong and other is not None:
                given[row], given[other] = given[other], given[row]
                wrong |= {row, other}
        songs = choose(given, clips)
        found = assess(rows[songs.positions], songs, columns, curve=False)
        shares.append(_in_first_tenth(found, {clips[row]["id"] for row in wrong}))
    return {"share among the first tenth": shares, "mean": float(np.mean(shares))}


def _in_first_tenth(found: Assessment, wrong: Iterable[str]) -> float:
    """Of the exchanged songs that have a label that was learned."""
    listed = list(dict.fromkeys(item.song for item in found.suspects))
    there = set(wrong) & set(listed)
    first = set(listed[: round(len(listed) / 10)])
    return len(there & first) / len(there)


def scale(columns: Columns) -> dict[str, Any]:
    """Time and memory for 10,000 songs of 200 labels that were classified before."""
    rng = np.random.default_rng(0)
    count, labels = 10_000, 200
    truth = rng.integers(labels, size=count)
    centres = rng.normal(0, 1, (labels, len(columns.names))).astype(np.float32)
    rows = centres[truth] + rng.normal(0, 3, (count, len(columns.names))).astype(np.float32)
    words = [[f"label {label}"] for label in truth.tolist()]
    artists = [f"artist {number}" for number in rng.integers(3000, size=count).tolist()]
    start, cpu = time.perf_counter(), time.process_time()
    songs = choose_labels(words, artists)
    found = assess(rows[songs.positions], songs, columns)
    fit_labels(rows[found.rows], found.songs, columns.weights)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return {
        "songs": count,
        "labels": labels,
        "columns": len(columns.names),
        "seconds": time.perf_counter() - start,
        "processor seconds": time.process_time() - cpu,
        "peak MiB": peak / 2**20,
        "macro recall": found.scores.macro_recall.value,
    }


if __name__ == "__main__":
    main()
