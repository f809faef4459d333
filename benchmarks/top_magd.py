"""Top-MAGD on real audio: thirteen genres on AllMusic's clips, by artist, many learners.

    python benchmarks/top_magd.py --shared DIR --work FOLDER

Five folds, no artist on both sides; hit over all songs, macro recall over those with exactly one of
the thirteen genres. Descriptors are extracted into `--work`; vectors of the pretrained networks are
those of `data/embeddings`, made from the clips before they were coded. What is done is kept in
`--work`: the same command goes on from there, and writes `results/top_magd.json`.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from genrescope.audio.collect import collect
from genrescope.benchmark.audio import (
    CorpusResult,
    corpus_facts,
    corpus_protocol,
    judge,
    write_results,
)
from genrescope.benchmark.config import BenchmarkConfig, Task, make_tasks, run_tasks
from genrescope.benchmark.corpus import Corpus
from genrescope.benchmark.corpus_vectors import audio_corpus, named_table
from genrescope.benchmark.ensembles import ensemble_records, fit_base_learners
from genrescope.benchmark.out_of_fold import InnerFolds
from genrescope.benchmark.repeats import find_repeats
from genrescope.data.song_labels import read_song_labels
from genrescope.data.table import FeatureTable
from genrescope.evaluation.predictions import Predictions
from genrescope.evaluation.record import Record
from genrescope.learning.ensembles.stacking import COMBINERS
from genrescope.taxonomy.vocabulary import TOP_MAGD

RESULT = Path(__file__).with_name("results") / "top_magd.json"
COMMAND = "python benchmarks/top_magd.py --shared DIR --work FOLDER"
NETWORKS = {"musicnn": ("musicnn_msd",), "audioset": ("audioset_embedding", "audioset_logits")}
JOINT = "musicnn+audioset"
OURS = ("ssd", "marsyas_timbral", "mel_patches")
Members = tuple[tuple[str, ...], tuple[str, ...]]
# Each way of classifying: sets, then learners.
ROWS: tuple[Members, ...] = (
    (("musicnn", "audioset", JOINT), ("lda", "svm_rbf")),
    ((JOINT,), ("kda",)),
    (OURS, ("lda", "svm_rbf")),
    (("descriptors",), ("svm_linear", "svm_rbf")),
    (("marsyas_timbral", "ssd", "jmir_mfcc", "rh"), ("student",)),
    (("marsyas_timbral", "ssd", "musicnn"), ("perceptron",)),
)
ENSEMBLES: dict[str, tuple[Members, ...]] = {
    "networks": ROWS[:1],
    "descriptors": ROWS[2:3],
    "both": (ROWS[0], ROWS[2]),
}
INNER = InnerFolds(3)
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
    for of_sets in ROWS:
        for task in tasks(corpus, *of_sets):
            (record,) = run_tasks([task], config)
            results.append(_judged(corpus, record, task.key, config))
            _write(corpus, config, results)
    for name, members in ENSEMBLES.items():
        chosen = [task for of_sets in members for task in tasks(corpus, *of_sets)]
        of_ensemble = replace(config, output=options.work / "ensembles")
        base = fit_base_learners(chosen, of_ensemble, INNER)
        for record in ensemble_records(base, COMBINERS):
            key = f"ensemble-{record.learner}"
            named = replace(record, learner=f"{record.learner} of {name}")
            results.append(_judged(corpus, named, key, of_ensemble))
        _write(corpus, config, results)
    few = replace(corpus, tables=tuple(t for t in corpus.tables if t.feature_set in COMPARED))
    _write(corpus, config, results, [item.as_json() for item in find_repeats([few])])


def clips(shared: Path, vectors: Path) -> Corpus:
    """AllMusic's clips with all tables."""
    folder = shared / "data/allmusic_clips"
    files = collect([folder / "audio"]).files
    labels = read_song_labels(folder / "songs.csv", files, folder / "audio", "artist")
    sets = [name for sets, _ in ROWS for name in sets if not name.startswith(tuple(NETWORKS))]
    corpus = audio_corpus(
        "AllMusic clips",
        files,
        folder / "audio",
        labels,
        list(dict.fromkeys(sets)),
        vectors=vectors,
        vocabulary=TOP_MAGD,
    )
    with np.load(shared / "data/embeddings/embeddings.npz", allow_pickle=False) as archive:
        tables = {name: embeddings(archive, name, corpus) for name in NETWORKS}
    joint = named_table(JOINT, tables)
    return replace(corpus, tables=(*corpus.tables, *tables.values(), joint))


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


def _judged(corpus: Corpus, record: Record, key: str, config: BenchmarkConfig) -> CorpusResult:
    found = Predictions.load(config.output / "predictions" / f"{key}.npz")
    return judge(corpus, record, found, config)


def _write(
    corpus: Corpus,
    config: BenchmarkConfig,
    results: Sequence[CorpusResult],
    repeats: Sequence[dict[str, Any]] = (),
) -> None:
    write_results(RESULT, results, {**corpus_facts(corpus, config), "repeats": repeats})
    best = max(results, key=lambda item: item.record.scores.macro_recall.value)
    last = results[-1]
    for item in (last, best):
        print(
            "+".join(item.record.feature_sets)[:60],
            item.record.learner,
            f"macro recall {item.record.scores.macro_recall.value:.3f}",
            f"hit {item.several.hit.value:.3f}, by shares {item.by_shares.hit.value:.3f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
