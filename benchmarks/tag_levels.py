"""Typical levels of the backbone's tags in the ten GTZAN genres, and how far they pull.

    python benchmarks/tag_levels.py --shared DIR [--musicnn FOLDER]

DIR holds `data/gtzan_audio`; the first ten songs of each genre are heard. The levels are what
`genrescope.inference.tag_rules` is built on, those of single tags what
`genrescope.explanation.salient_tags` calls usual. Beside them, by genre: the mean mass that the
evidence takes from songs of that genre, and the songs of which it would take the answer even from a
model that is quite sure of their genre. Songs that are of none of the ten were not at hand.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
from genrescope.inference.tag_rules import EVIDENCE, genre_odds

from genrescope.audio.load import load_audio
from genrescope.backbones.melpatches import RATE
from genrescope.backbones.musicnn import EMBEDDING, TAGS, Musicnn
from genrescope.files.atomic import write_atomic
from genrescope.inference.registry import musicnn_folder
from genrescope.inference.samples import to_level
from genrescope.taxonomy.vocabulary import GTZAN

COMMAND = "python benchmarks/tag_levels.py --shared DIR"
RESULT = Path(__file__).parent / "results" / "tag_levels.json"
SONGS = 10
LEVEL = -18.0  # dB RMS, to which songs are brought, as for the bundled models


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--shared", type=Path, required=True, help="folder of real data")
    parser.add_argument("--musicnn", type=Path, default=musicnn_folder(), help="the backbone")
    asked = parser.parse_args()
    network = Musicnn.load(asked.musicnn)
    heard = {
        genre: [_tags(network, path) for path in _songs(asked.shared, genre)]
        for genre in GTZAN.genres
    }
    result = {
        "command": COMMAND,
        "songs of each genre": SONGS,
        "level dB": LEVEL,
        "typical": {genre: round(_level(heard, genre), 4) for genre in EVIDENCE},
        "in use": {genre: evidence.level for genre, evidence in EVIDENCE.items()},
        "pull": {genre: _pull(songs) for genre, songs in heard.items()},
        "tags": {tag: round(_mean(heard, tag), 4) for tag in TAGS},
    }
    write_atomic(RESULT, (json.dumps(result, indent=1) + "\n").encode())
    print(json.dumps(result, indent=1))


def _songs(shared: Path, genre: str) -> list[Path]:
    return sorted((shared / "data" / "gtzan_audio").glob(f"{genre}.*"))[:SONGS]


def _tags(network: Musicnn, path: Path) -> dict[str, float]:
    samples = to_level(load_audio(path, rate=RATE).samples, LEVEL)
    return dict(zip(TAGS, network.describe(samples)[EMBEDDING:].tolist(), strict=True))


def _level(heard: dict[str, list[dict[str, float]]], genre: str) -> float:
    """Mean over all songs, of which there are as many of each of the ten."""
    tags = EVIDENCE[genre].tags
    return float(np.mean([max(song[tag] for tag in tags) for of in heard.values() for song in of]))


def _mean(heard: dict[str, list[dict[str, float]]], tag: str) -> float:
    return float(np.mean([song[tag] for of in heard.values() for song in of]))


def _pull(songs: list[dict[str, float]]) -> dict[str, object]:
    odds = [genre_odds(song) for song in songs]
    return {
        "mean mass": {
            genre: round(float(np.mean([o[genre] / (1 + sum(o.values())) for o in odds])), 3)
            for genre in EVIDENCE
        },
        "answers": sum(max(o.values()) > 1 for o in odds),
    }


if __name__ == "__main__":
    main()
