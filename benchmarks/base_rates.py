"""Base rates of the pretrained networks' tags: how likely each is in songs of many genres.

    python benchmarks/base_rates.py --shared DIR [--networks FOLDER] [--only NAME] [--write]

DIR holds `data/gtzan_audio`; of the first ten songs of each genre the middle 30 s are taken. FOLDER
is where `genrescope models add` has put the networks. `--write` puts the rates into the tables of
`genrescope.backbones`, which `genrescope.inference.salient_tags` compares a song's tags with.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
from pathlib import Path

import numpy as np

import genrescope.backbones
from genrescope.audio.load import load_audio
from genrescope.backbones.backbone import Backbone, Network
from genrescope.backbones.family import BACKBONES, models_folder
from genrescope.files.atomic import write_atomic
from genrescope.inference.samples import to_level
from genrescope.taxonomy.vocabulary import GTZAN

COMMAND = "python benchmarks/base_rates.py --shared DIR"
RESULT = Path(__file__).parent / "results" / "base_rates.json"
TABLES = Path(genrescope.backbones.__file__).parent
SONGS = 10
LEVEL = -18.0  # dB RMS, to which songs are brought, as for the bundled models


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--shared", type=Path, required=True, help="folder of real data")
    parser.add_argument("--networks", type=Path, default=models_folder(), help="the networks")
    parser.add_argument("--only", choices=list(BACKBONES), help="one of them")
    parser.add_argument("--write", action="store_true", help="write the tables too")
    options = parser.parse_args()
    result = json.loads(RESULT.read_text()) if RESULT.exists() else {}
    result = {"command": COMMAND, "songs of each genre": SONGS, "level dB": LEVEL} | {
        name: rates for name, rates in result.items() if name in BACKBONES
    }
    for name, backbone in BACKBONES.items():
        if options.only in (None, name) and (options.networks / name).is_dir():
            network = Network.load(backbone, options.networks / name)
            result[name] = _base_rates(network, options.shared)
            if options.write:
                _write_table(backbone, result[name])
    write_atomic(RESULT, (json.dumps(result, indent=1) + "\n").encode())


def _base_rates(network: Network, shared: Path) -> dict[str, float]:
    """Mean probability of each tag over all songs, as many of each genre."""
    paths = [
        path
        for genre in GTZAN.genres
        for path in sorted((shared / "data" / "gtzan_audio").glob(f"{genre}.*"))[:SONGS]
    ]
    backbone = network.backbone
    songs = [
        to_level(load_audio(path, rate=backbone.rate).samples, LEVEL).astype(np.float32)
        for path in paths
    ]
    means = np.mean([backbone.tag_probabilities(network.describe(song)) for song in songs], axis=0)
    return dict(zip(backbone.tag_names, means.round(6).tolist(), strict=True))


def _write_table(backbone: Backbone, rates: dict[str, float]) -> None:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("name", "base_rate", "genre"))
    writer.writerows((tag.name, f"{rates[tag.name]:.4g}", tag.genre) for tag in backbone.tags)
    write_atomic(TABLES / backbone.tag_table, text.getvalue().encode())


if __name__ == "__main__":
    main()
