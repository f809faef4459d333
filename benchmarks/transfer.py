"""How far genre models hold beyond their corpus: `results/transfer.json` and `docs/transfer.md`.

    python benchmarks/transfer.py --shared DIR --work FOLDER

GTZAN's built-in songs and AllMusic's clips, over the genres of Top-MAGD that both have. Descriptors
of GTZAN are the built-in ones, those of the clips are extracted into `--work` (as by
`top_magd.py`); vectors of the pretrained networks are those of `data/embeddings`.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np

from genrescope.benchmark.corpus import Corpus
from genrescope.benchmark.corpus_vectors import builtin_corpus, named_table
from genrescope.benchmark.repeats import find_repeats
from genrescope.benchmark.transfer import run_transfer, transfer_document
from genrescope.files.atomic import write_atomic, write_json
from genrescope.report.corpora.transfer import transfer_page
from genrescope.taxonomy.vocabulary import TOP_MAGD
from top_magd import JOINT, NETWORKS, clips, embeddings

ROOT = Path(__file__).parents[1]
RESULT = ROOT / "benchmarks/results/transfer.json"
PAGE = ROOT / "docs/transfer.md"
COMMAND = "python benchmarks/transfer.py --shared DIR --work FOLDER"
SETS = ("ssd", "marsyas_timbral")
OURS = "ssd+marsyas_timbral"
LEARNERS = ("lda", "svm_rbf")


def main() -> None:
    """Run everything, write the result and the page."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--shared", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    options = parser.parse_args()
    corpora = [
        _with_networks(builtin_corpus(SETS, TOP_MAGD), options.shared),
        _with_networks(clips(options.shared, options.work / "vectors", SETS), options.shared),
    ]
    single = {*NETWORKS}
    few = [
        replace(corpus, tables=tuple(t for t in corpus.tables if t.feature_set in single))
        for corpus in corpora
    ]
    repeats = find_repeats(few)
    results = run_transfer(
        corpora,
        learners=LEARNERS,
        repeats=repeats,
        progress=lambda done, total, name: print(f"{done} of {total}: {name}", flush=True),
    )
    document = transfer_document(corpora, results, repeats, COMMAND)
    write_json(RESULT, document)
    write_atomic(PAGE, transfer_page(document).encode())


def _with_networks(corpus: Corpus, shared: Path) -> Corpus:
    """The corpus with the tables that both have, networks among them."""
    tables = {table.feature_set: table for table in corpus.tables}
    with np.load(shared / "data/embeddings/embeddings.npz", allow_pickle=False) as archive:
        tables |= {name: embeddings(archive, name, corpus) for name in NETWORKS}
    return replace(
        corpus, tables=tuple(named_table(name, tables) for name in (OURS, *NETWORKS, JOINT))
    )


if __name__ == "__main__":
    main()
