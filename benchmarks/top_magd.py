"""Top-MAGD on real audio: thirteen genres on AllMusic's clips, by artist, many learners.

    python benchmarks/top_magd.py --shared DIR --work FOLDER

Five folds, no artist on both sides; hit over all songs, macro recall over those with exactly one of
the thirteen genres. Descriptors and musicnn-mtt, which is to be installed, are extracted into
`--work`; vectors of the other pretrained networks are those of `data/embeddings`, made from the
clips before they were coded. What is done is kept in `--work`: the same command goes on from there,
and writes `results/top_magd.json`.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from genrescope.audio.collect import collect
from genrescope.benchmark.audio import (
    CorpusResult,
    corpus_facts,
    corpus_protocol,
    score_songs,
    write_results,
)
from genrescope.benchmark.config import BenchmarkConfig, Task, make_tasks, run_tasks
from genrescope.benchmark.corpus import Corpus
from genrescope.benchmark.corpus_vectors import audio_corpus, named_table
from genrescope.benchmark.ensembles import run_ensembles
from genrescope.benchmark.repeats import find_repeats
from genrescope.benchmark.transfer import geometric_mean
from genrescope.data.song_labels import read_song_labels
from genrescope.data.table import FeatureTable
from genrescope.evaluation.predictions import Predictions
from genrescope.evaluation.record import Record
from genrescope.taxonomy.vocabulary import TOP_MAGD

RESULT = Path(__file__).with_name("results") / "top_magd.json"
COMMAND = "python benchmarks/top_magd.py --shared DIR --work FOLDER"
NETWORKS = {"musicnn": ("musicnn_msd",), "audioset": ("audioset_embedding", "audioset_logits")}
JOINT = "musicnn+audioset"
TAGGER = "musicnn-mtt"
THREE = f"{JOINT}+{TAGGER}"
OURS = ("ssd", "marsyas_timbral", "mel_patches")
EXTRACTED = (*OURS, "descriptors", TAGGER)
Members = tuple[tuple[str, ...], tuple[str, ...]]
# Each way of classifying: sets, then learners.
ROWS: tuple[Members, ...] = (
    (("musicnn", "audioset", JOINT), ("lda", "svm_rbf")),
    ((JOINT,), ("kda",)),
    (OURS, ("lda", "svm_rbf")),
    (("descriptors",), ("svm_linear", "svm_rbf")),
    (("marsyas_timbral",), ("student",)),
    (("musicnn",), ("perceptron",)),
    ((TAGGER, THREE), ("lda", "svm_rbf")),
    ((THREE,), ("kda",)),
)
STACKED: Members = (("musicnn", "audioset", TAGGER), ("lda", "kda"))
# Geometric means of the probabilities of rows: nothing is fitted.
ENSEMBLES = {
    "networks": (0, 1),
    "descriptors": (2, 3),
    "both": (0, 1, 2, 3),
    "three networks": (0, 1, 6, 7),
}
COMPARED = ("ssd", "marsyas_timbral", "mel_patches", "musicnn", "audioset")  # for repeats


def main() -> None:
    """Run what is missing, and write the result."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--shared", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    options = parser.parse_args()
    corpus = clips(options.shared, options.work / "vectors")
    protocol = corpus_protocol(corpus, "kfold")
    config = BenchmarkConfig(corpus.name, corpus.vocabulary, protocol, 0, COMMAND, options.work)
    results: list[CorpusResult] = []
    found: list[list[tuple[Record, Predictions]]] = []
    for of_sets in ROWS:
        chosen = tasks(corpus, *of_sets)
        records = run_tasks(chosen, config)
        files = [options.work / "predictions" / f"{task.key}.npz" for task in chosen]
        found.append(list(zip(records, map(Predictions.load, files), strict=True)))
        results += [score_songs(corpus, *one, config) for one in found[-1]]
        _show(results)
    for name, rows in ENSEMBLES.items():
        members = [one for row in rows for one in found[row]]
        results.append(score_songs(corpus, *mean(name, members), config))
        _show(results)
    for record in run_ensembles(tasks(corpus, *STACKED), config):
        file = options.work / "predictions" / f"ensemble-{record.learner}.npz"
        results.append(score_songs(corpus, record, Predictions.load(file), config))
        _show(results)
    few = replace(corpus, tables=tuple(t for t in corpus.tables if t.feature_set in COMPARED))
    repeats = [item.as_json() for item in find_repeats([few])]
    write_results(RESULT, results, {**corpus_facts(corpus, config), "repeats": repeats})


def mean(name: str, members: Sequence[tuple[Record, Predictions]]) -> tuple[Record, Predictions]:
    """The geometric mean of what the members predict of the same rows."""
    records, predictions = zip(*members, strict=True)
    joint = geometric_mean([item.probabilities for item in predictions])
    sets = dict.fromkeys(part for record in records for part in record.feature_sets)
    record = replace(
        records[0], feature_sets=tuple(sets), learner=f"mean of {name}", kind="ensemble"
    )
    return record, replace(predictions[0], probabilities=joint)


def clips(shared: Path, vectors: Path, sets: Sequence[str] = EXTRACTED) -> Corpus:
    """AllMusic's clips with tables of `sets`, extracted, and of `NETWORKS`, alone and joined."""
    folder = shared / "data/allmusic_clips"
    files = collect([folder / "audio"]).files
    labels = read_song_labels(folder / "songs.csv", files, folder / "audio", "artist")
    corpus = audio_corpus(
        "AllMusic clips",
        files,
        folder / "audio",
        labels,
        sets,
        vectors=vectors,
        vocabulary=TOP_MAGD,
    )
    tables = {table.feature_set: table for table in corpus.tables}
    with np.load(shared / "data/embeddings/embeddings.npz", allow_pickle=False) as archive:
        tables |= {name: embeddings(archive, name, corpus) for name in NETWORKS}
    joint = [JOINT, THREE] if TAGGER in sets else [JOINT]
    return replace(
        corpus, tables=(*tables.values(), *(named_table(name, tables) for name in joint))
    )


def embeddings(archive: np.lib.npyio.NpzFile, name: str, corpus: Corpus) -> FeatureTable:
    """The vectors of a network of the songs of a corpus."""
    place = {str(song): row for row, song in enumerate(archive["ids"])}
    rows = [place[str(song).removesuffix(".opus")] for song in corpus.ids]
    parts = [archive[part][rows].astype(np.float32) for part in NETWORKS[name]]
    source = {"embeddings": list(NETWORKS[name])}
    return FeatureTable(name, corpus.ids, np.concatenate(parts, axis=1), provenance=source)


def tasks(corpus: Corpus, sets: Sequence[str], learners: Sequence[str]) -> list[Task]:
    """These learners on these sets."""
    tables = {table.feature_set: table for table in corpus.tables}
    found = make_tasks([corpus.rows(tables[name]) for name in sets], learners=learners)
    return [task for task in found if task.learner.name in learners]


def _show(results: Sequence[CorpusResult]) -> None:
    """Print the latest result and the best."""
    for item in (results[-1], max(results, key=lambda one: one.record.scores.macro_recall.value)):
        print(
            "+".join(item.record.feature_sets)[:60],
            item.record.learner,
            f"macro recall {item.record.scores.macro_recall.value:.3f}",
            f"hit {item.several.hit.value:.3f}, by shares {item.by_shares.hit.value:.3f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
