"""Learning a person's own labels: songs a label, moods, labels at random, exchanged tags, size.

    python benchmarks/learn.py --shared DIR --out benchmarks/results/learn.json

The clips of a corpus of DIR stand for somebody's library (`learn_library.py`), with the vectors of
both networks that lie beside them. The general model is fitted to the other corpus only, so that
the clips are as strange to it as a person's songs would be. The columns of a song, their weights
and the shrinkage of the discriminant were chosen on AllMusic's clips, by folds of artists: what is
gained there over the general model is somewhat optimistic. How suspects are ranked, how songs to
label are chosen and how several labels are predicted was chosen with other seeds than these.
"""

from __future__ import annotations

import argparse
import json
import resource
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genrescope.errors import DataError
from genrescope.evaluation.scores import Interval
from genrescope.learning.own.assessing import Assessment, assess, general_recall
from genrescope.learning.own.columns import Columns
from genrescope.learning.own.fitting import fit_labels, macro_recall
from genrescope.learning.own.labelled import LabelledSongs, choose_labels
from genrescope.similarity.covering import covering
from genrescope.similarity.nearest import SongIndex
from learn_library import Library, read_library
from provenance import command_line

SIZES = (10, 20, 50)
SEEDS = tuple(range(5))
EXCHANGED = 0.05
LABELLED = (20, 40, 80)

Words = Sequence[Sequence[str]]
Exchange = tuple[list[list[str]], set[tuple[int, str]]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--shared", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/learn.json"))
    arguments = parser.parse_args()
    start, cpu = time.perf_counter(), time.process_time()
    allmusic = read_library(arguments.shared, "allmusic")
    gtzan = read_library(arguments.shared, "gtzan")
    parts: dict[str, Callable[[], dict[str, Any]]] = {
        "scale": lambda: scale(allmusic.columns),
        "songs a label": lambda: by_size(allmusic),
        "all songs": lambda: assessed(allmusic, allmusic.genres),
        "moods": lambda: assessed(allmusic, allmusic.moods),
        "labels at random": lambda: at_random(allmusic),
        "exchanged": lambda: exchanged(allmusic),
        "exchanged, GTZAN": lambda: exchanged(gtzan),
        "suggested": lambda: suggested(allmusic),
        "suggested, GTZAN": lambda: suggested(gtzan),
    }
    result: dict[str, Any] = {"command": command_line()}
    for name, part in parts.items():
        result[name] = part()
        print(name, json.dumps(result[name], indent=1), flush=True)
    result["seconds"] = time.perf_counter() - start
    result["processor seconds"] = time.process_time() - cpu
    arguments.out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


def choose(words: Words, library: Library) -> LabelledSongs:
    return choose_labels(words, library.artists, library.ids)


def by_size(library: Library) -> dict[str, Any]:
    """Macro recall when at most so many songs of each label are learned from, beside the general.

    Labels are those that the general model can name. Folds divide no artist; the songs to learn
    from are drawn from the other folds.
    """
    songs = choose(library.genres, library)
    _, unnamed = general_recall(library.rows[songs.positions], songs, library.columns)
    named = np.array([label not in unnamed for label in songs.labels])
    songs, _ = songs.only(named, "not named by the general model")
    x = library.rows[songs.positions]
    general, _ = general_recall(x, songs, library.columns)
    assert general is not None
    found: dict[str, Any] = {
        "labels": songs.labels,
        "songs": len(songs),
        "general model": _interval(general),
    }
    for size in SIZES:
        recalls = [_limited(library.columns, x, songs, size, seed) for seed in SEEDS]
        mean = float(np.mean(recalls))
        found[str(size)] = {
            "macro recall": recalls,
            "mean": mean,
            "points above the general model": 100 * (mean - general.value),
        }
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


def assessed(library: Library, words: Words) -> dict[str, Any]:
    """What the package finds of labels."""
    songs = choose(words, library)
    try:
        return summary(assess(library.rows[songs.positions], songs, library.columns))
    except DataError as error:
        return {"message": error.message}


def summary(found: Assessment) -> dict[str, Any]:
    scores = found.scores
    several = None if found.several is None else asdict(found.several) | {"coverage": None}
    return {
        "songs": len(found.songs),
        "labels": {genre.genre: genre.support for genre in scores.genres},
        "left out": dict(found.songs.left_out),
        "macro recall": _interval(scores.macro_recall),
        "chance": 1 / len(found.songs.labels),
        "general model": None if found.general is None else _interval(found.general),
        "a right label": found.accuracy_scores.accuracy.value,
        "always the commonest": found.commonest,
        "calibration error": found.accuracy_scores.calibration_error.value,
        "several labels": several,
        "learning curve": {str(n): value for n, value in found.curve.items()},
        "recipes": found.recipes,
    }


def _interval(score: Interval) -> list[float]:
    return [score.value, score.low, score.high]


def at_random(library: Library) -> dict[str, Any]:
    """How often nothing is learned where labels are shuffled between songs."""
    learned, runs = [], 10
    for seed in range(runs):
        order = np.random.default_rng(seed).permutation(len(library.genres))
        songs = choose([library.genres[at] for at in order.tolist()], library)
        try:
            found = assess(library.rows[songs.positions], songs, library.columns, curve=False)
            learned.append(found.songs.labels)
        except DataError as error:
            print(error.message)
    return {"runs": runs, "nothing was learned": runs - len(learned), "labels learned": learned}


def exchanged(library: Library) -> dict[str, Any]:
    """Which share of exchanged tags is among the first tenth of the suspects.

    Either all tags of one song in twenty become those of another song that shares none with it, or
    one tag in twenty changes places with one of another song.
    """
    ways = {"all tags of a song": exchange_songs, "single tags": exchange_tags}
    return {name: _found(library, way) for name, way in ways.items()}


def _found(library: Library, way: Callable[[Words, int], Exchange]) -> dict[str, Any]:
    of_songs, of_tags = [], []
    for seed in SEEDS:
        given, wrong = way(library.genres, seed)
        songs = choose(given, library)
        found = assess(library.rows[songs.positions], songs, library.columns, curve=False)
        tags = {(library.ids[row], label) for row, label in wrong}
        listed = [(item.song, item.label) for item in found.suspects]
        of_tags.append(_in_first_tenth(listed, tags))
        of_songs.append(_in_first_tenth([song for song, _ in listed], {song for song, _ in tags}))
    return {
        "share of the songs": of_songs,
        "mean of the songs": float(np.mean(of_songs)),
        "share of the tags": of_tags,
        "mean of the tags": float(np.mean(of_tags)),
    }


def _in_first_tenth(listed: Iterable[Any], wrong: set[Any]) -> float:
    """Of what is wrong and was learned."""
    order = list(dict.fromkeys(listed))
    there = wrong & set(order)
    return len(there & set(order[: round(len(order) / 10)])) / len(there)


def exchange_songs(words: Words, seed: int) -> Exchange:
    given, wrong = [list(each) for each in words], set[int]()
    order = np.random.default_rng(seed).permutation(len(words)).tolist()
    for row in order:
        if len(wrong) >= EXCHANGED * len(words):
            break
        free = (at for at in order if at not in wrong | {row} and not {*words[at]} & {*words[row]})
        if row not in wrong and (other := next(free, None)) is not None:
            given[row], given[other] = given[other], given[row]
            wrong |= {row, other}
    return given, {(row, label) for row in wrong for label in given[row]}


def exchange_tags(words: Words, seed: int) -> Exchange:
    given, wrong, used = [list(each) for each in words], set[tuple[int, str]](), set[int]()
    tags = [(row, label) for row, each in enumerate(words) for label in each]
    order = [tags[at] for at in np.random.default_rng(seed).permutation(len(tags)).tolist()]
    for row, label in order:
        if len(wrong) >= EXCHANGED * len(tags):
            break
        free = ((at, tag) for at, tag in order if at not in used | {row})
        fits = ((at, tag) for at, tag in free if tag not in words[row] and label not in words[at])
        if row not in used and (found := next(fits, None)) is not None:
            other, tag = found
            given[row][given[row].index(label)] = tag
            given[other][given[other].index(tag)] = label
            wrong |= {(row, tag), (other, label)}
            used |= {row, other}
    return given, wrong


def suggested(library: Library) -> dict[str, Any]:
    """Macro recall on other artists when so many songs are labelled, suggested ones or drawn."""
    songs = choose(library.genres, library)
    x, found = library.rows[songs.positions], dict[str, Any]()
    units = SongIndex.build(songs.names, library.embedding[songs.positions]).units
    for count in LABELLED:
        ways: dict[str, list[float]] = {"suggested": [], "drawn": []}
        for seed in SEEDS:
            split = songs.folds(3, seed=seed)[0]
            drawn = np.random.default_rng(seed).permutation(split.train)[:count]
            chosen = {"suggested": split.train[covering(units[split.train], count)], "drawn": drawn}
            for way, rows in chosen.items():
                fitted = fit_labels(x[rows], songs.take(rows), library.columns.weights)
                scores = fitted.logs(x[split.test])
                ways[way].append(macro_recall(scores, songs.has[split.test]))
        found[str(count)] = {way: float(np.mean(values)) for way, values in ways.items()}
    return found


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
