"""What is no music, or of no genre that a model knows: how often the answer is `unknown`.

    python benchmarks/unknown.py --work FOLDER --shared DIR

1. Sounds through the bundled models: silence, and speech read by espeak-ng in ten languages, which
   no model was taught (needs `espeak-ng` on the PATH).
2. Sounds made up for training, and songs: told in `models.json` by networks that never heard them.
3. Unknown genres: networks trained without a genre judge its songs. `--work` is the folder of
   `training/make_models.py`, for the vectors of all songs.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from genrescope.evaluation.record import write_whole
from genrescope.inference.find import has_musicnn
from genrescope.inference.model import GenreModel
from genrescope.inference.prediction import UNKNOWN
from genrescope.inference.song import SongClassifier

sys.path.insert(0, str(Path(__file__).parents[1] / "training"))

ROOT = Path(__file__).parents[1]
RESULT = ROOT / "benchmarks/results/unknown.json"
LANGUAGES = ("en-gb", "en-us", "de", "fr-fr", "es", "it", "sv", "pl", "cs", "hi")
LINES = (ROOT / "README.md", ROOT / "CHANGELOG.md")  # what is read aloud


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--shared", type=Path, required=True)
    options = parser.parse_args()
    from unknown_genres import without_each_genre  # after the path is set

    models = ["descriptors", *(["backbone"] if has_musicnn() else [])]
    with tempfile.TemporaryDirectory() as folder:
        sounds = make_sounds(Path(folder))
        heard = {name: hear(name, sounds) for name in models}
    settled = json.loads((RESULT.parent / "models.json").read_text())
    result = {
        "command": "python benchmarks/unknown.py --work FOLDER --shared DIR",
        "share of unknown": heard,
        "cross-validated": {name: settled[name]["unknown"] for name in models},
        "without each genre": without_each_genre(options.shared, options.work / "features"),
    }
    write_whole(RESULT, (json.dumps(result, indent=1) + "\n").encode())
    print(json.dumps(result, indent=1))


def make_sounds(folder: Path) -> dict[str, list[Path]]:
    """Files by kind."""
    silence = folder / "silence.wav"
    soundfile.write(silence, np.zeros(30 * 22050, np.float32), 22050)
    speech = []
    if shutil.which("espeak-ng"):
        for number, language in enumerate(LANGUAGES):
            for line, text in enumerate(LINES):
                path = folder / f"{language}-{line}.wav"
                words = " ".join(text.read_text(encoding="utf-8").split()[30 * number :][:120])
                command = ["espeak-ng", "-v", language, "-s", str(130 + 10 * number), "-w", path]
                subprocess.run([*command, words], check=True)
                speech.append(path)
    return {"silence": [silence], "speech": speech}


def hear(model: str, sounds: dict[str, list[Path]]) -> dict[str, Any]:
    """Share of `unknown`, and what was answered otherwise."""
    classifier = SongClassifier(GenreModel.load(model))
    found = {}
    for kind, paths in sounds.items():
        answers = [classifier.classify(path).prediction.genre for path in paths]
        named = [answer for answer in answers if answer != UNKNOWN]
        found[kind] = {"files": len(paths), "unknown": 1 - len(named) / len(paths), "named": named}
    return found


if __name__ == "__main__":
    main()
