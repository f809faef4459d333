"""What is no music, or of no genre that a model has: how often it predicts `unknown`.

    python benchmarks/unknown.py

Sounds through the bundled models: silence, and speech that no model was fitted to: two women's
recorded prompts, French and Russian, and four voices of another synthesiser (Debian's packages
asterisk-core-sounds-fr-wav, asterisk-core-sounds-ru-wav and flite). Other kinds of sound that were
not fitted to are in `abroad.py`.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from genrescope.backbones.family import missing_networks
from genrescope.files.atomic import write_atomic
from genrescope.inference.model import GenreModel
from genrescope.inference.prediction import UNKNOWN
from genrescope.inference.song import SongClassifier

sys.path.insert(0, str(Path(__file__).parents[1] / "training"))

ROOT = Path(__file__).parents[1]
RESULT = ROOT / "benchmarks/results/unknown.json"
SPEAKERS = ("fr_CA_f_June", "ru_RU_f_IvrvoiceRU")
VOICES = ("kal16", "awb", "rms", "slt")
TEXT = ROOT / "README.md"  # is read aloud
CLIPS = 20  # of each speaker


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.parse_args()
    networks = {"descriptors": (), "audioset": ("audioset",), "musicnn": ("musicnn",)}
    networks["full"] = ("audioset", "musicnn")
    models = [name for name, needed in networks.items() if not missing_networks(needed)]
    with tempfile.TemporaryDirectory() as folder:
        sounds = make_sounds(Path(folder))
        shares = {name: unknown_shares(name, sounds) for name in models}
    result = {
        "command": "python benchmarks/unknown.py",
        "share of unknown": shares,
    }
    write_atomic(RESULT, (json.dumps(result, indent=1) + "\n").encode())
    print(json.dumps(result, indent=1))


def make_sounds(folder: Path) -> dict[str, list[Path]]:
    """Files by kind."""
    silence = folder / "silence.wav"
    soundfile.write(silence, np.zeros(30 * 22050, np.float32), 22050)
    sounds = {"silence": [silence]}
    for speaker in SPEAKERS:
        sounds[f"speech, {speaker}"] = [
            _clip(folder / f"{speaker}{number}.wav", speaker, number) for number in range(CLIPS)
        ]
    words = TEXT.read_text(encoding="utf-8").split()
    for voice in VOICES:
        sounds[f"speech, flite {voice}"] = []
        for start in range(0, 80 * 5, 80):
            path = folder / f"{voice}{start}.wav"
            text = " ".join(words[start : start + 80])
            subprocess.run(["flite", "-voice", voice, "-t", text, "-o", str(path)], check=True)
            sounds[f"speech, flite {voice}"].append(path)
    return sounds


def _clip(path: Path, speaker: str, number: int) -> Path:
    from speech import PROMPTS, RATE, joined_prompts  # after the path is set

    rng = np.random.default_rng([number, *speaker.encode()])
    soundfile.write(path, joined_prompts(PROMPTS / speaker, rng), RATE)
    return path


def unknown_shares(model: str, sounds: dict[str, list[Path]]) -> dict[str, Any]:
    """Share of `unknown`, and what was predicted otherwise."""
    classifier = SongClassifier(GenreModel.load(model))
    found = {}
    for kind, paths in sounds.items():
        genres = [classifier.classify(path).prediction.genre for path in paths]
        named = [genre for genre in genres if genre != UNKNOWN]
        found[kind] = {"files": len(paths), "unknown": 1 - len(named) / len(paths), "named": named}
    return found


if __name__ == "__main__":
    main()
