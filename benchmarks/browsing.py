"""What the page reads of a library of 100,000 songs: making its table, filters, counts, the map.

    python benchmarks/browsing.py

The index is made up: no file is there. Tags of the networks are drawn so that a song has about as
many labels as real ones have; each query runs on a table where it has not run before.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from genrescope.calibration.temperature import Calibration
from genrescope.files.atomic import write_json
from genrescope.inference.card import ModelCard
from genrescope.library.browsing.browser import Browser
from genrescope.library.browsing.labelled import label_counts, label_number, likeliest_labels
from genrescope.library.browsing.query import Filter
from genrescope.library.index.database import FileFacts, FileState, Index
from genrescope.library.index.models import note_model
from genrescope.sources import networks_among
from genrescope.taxonomy.vocabulary import VOCABULARIES
from provenance import command_line, machine

RESULT = Path(__file__).parent / "results" / "browsing.json"
INPUTS = {"audioset": 1039, "musicnn": 250}
GENRES = VOCABULARIES["library"].genres
EMBEDDING = 64
ALBUM, ARTIST = 12, 96  # songs
COLUMNS = "model, audio, probabilities, music, embedding, tags, notes"


def fill(index: Index, songs: int) -> None:
    """Files, and random results of a model with two networks."""
    facts = (
        FileFacts(
            FileState(b"%d/%d/%d.mp3" % (n // ARTIST, n // ALBUM, n), 1, 2, 3),
            n.to_bytes(16, "big"),
            GENRES[n // ALBUM % len(GENRES)].title() if n % 3 else "",
            f"Album {n // ALBUM}",
            f"Artist {n // ARTIST}",
            f"Title {n}",
        )
        for n in range(songs)
    )
    index.add(facts)
    shares = (1 / len(GENRES),) * len(GENRES)
    plain = Calibration(1.0, (0.0,) * len(GENRES))
    card = ModelCard("random", "", GENRES, INPUTS, shares, plain, threshold=0.5)
    model = note_model(index, card, "random")
    rng = np.random.default_rng(0)
    tags = sum(len(network.tag_names) for network in networks_among(INPUTS))
    with index.transaction():
        for number in range(songs):
            best = number // ALBUM % len(GENRES)
            values = rng.dirichlet(np.full(len(GENRES), 0.05))
            values[best] += 2 * rng.random()
            row = (
                (values / values.sum()).astype("f4").tobytes(),
                1.0,
                rng.standard_normal(EMBEDDING).astype("f2").tobytes(),
                (rng.random(tags) ** 12).astype("f2").tobytes(),
                "",
            )
            index.database.execute(
                f"INSERT INTO results ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)",
                (model, number.to_bytes(16, "big"), *row),
            )


def milliseconds(act: Callable[[], object]) -> float:
    start = time.perf_counter()
    act()
    return round(1000 * (time.perf_counter() - start), 1)


def measure(index: Index) -> dict[str, object]:
    """Milliseconds of each question."""
    browser = Browser(index)
    made = milliseconds(browser.refresh)
    first = milliseconds(lambda: browser.page(Filter()))
    labelled = milliseconds(browser.make_label_table)
    counts = sorted(label_counts(index), key=lambda row: -row[2])
    styles = [row for row in counts if row[0] == "style"]
    moods = [row for row in counts if row[0] == "mood"]
    style, mood = (label_number(f"{kind}:{name}") for kind, name, _ in (styles[0], moods[0]))
    rare = label_number(f"style:{styles[-1][1]}")
    queries: dict[str, Callable[[], object]] = {
        "a page": lambda: browser.page(Filter(), offset=500),
        "filter by the commonest style": lambda: browser.page(Filter(labels=(style,))),
        "filter by the rarest style": lambda: browser.page(Filter(labels=(rare,))),
        "filter by style and mood": lambda: browser.page(Filter(labels=(style, mood))),
        "the same, sorted by artist": lambda: browser.page(
            Filter(labels=(style, mood)), sort="artist"
        ),
        "songs of each label": lambda: label_counts(index),
        "playlist of the commonest style": lambda: browser.playlist(Filter(labels=(style,))),
        "likeliest style of each song": lambda: likeliest_labels(index, "style"),
        "songs that contradict, first": lambda: browser.page(Filter(contradicting=True)),
        "songs that contradict, again": lambda: browser.page(
            Filter(contradicting=True), sort="artist"
        ),
    }
    return {
        "labels of a song": round(sum(row[2] for row in counts) / browser.totals()["songs"], 2),
        "songs of the commonest style": styles[0][2],
        "milliseconds": {
            "making the table": made,
            "the first page": first,
            "labels of all": labelled,
        }
        | {name: milliseconds(act) for name, act in queries.items()},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--songs", type=int, default=100_000)
    parser.add_argument("--output", type=Path, default=RESULT)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        (Path(name) / "music").mkdir()
        with Index(Path(name) / "music", Path(name) / "index.sqlite") as index:
            fill(index, options.songs)
            found = measure(index)
    result = {
        "command": command_line(),
        "machine": machine(),
        "load_average": os.getloadavg()[0],
        "songs": options.songs,
        **found,
    }
    write_json(options.output, result)
    print(options.output.read_text())


if __name__ == "__main__":
    main()
