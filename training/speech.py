"""People speaking: what a genre model takes for rap unless it is trained on speech.

Two kinds to learn from: texts read by espeak-ng, and the recorded voices of a telephone exchange
(Debian's packages espeak-ng, asterisk-core-sounds-en-wav and asterisk-core-sounds-it-wav). Other
voices and another synthesiser judge what was learnt: see `benchmarks/unknown.py`.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from augment import augment

Samples = NDArray[np.float32]
RATE = 22050
SECONDS = 20.0
KINDS = ("speech_synthetic", "speech_recorded")
CLIPS = 96
PROMPTS = Path("/usr/share/asterisk/sounds")
SPEAKERS = ("en_US_f_Allison", "it_IT_m_Carlo")
_TEXT = (Path(__file__).parents[1] / "README.md", Path(__file__).parents[1] / "CHANGELOG.md")
_LANGUAGES = (
    *("en-gb", "en-us", "de", "fr-fr", "es", "it", "sv", "pl", "cs", "hi", "nl", "pt", "ru", "tr"),
    *("fi", "el", "hu", "ro", "da", "id", "sw", "vi"),
)
_VARIANTS = (*(f"m{n}" for n in range(1, 8)), *(f"f{n}" for n in range(1, 5)), "whisper", "croak")


def make_speech(kind: str, rng: np.random.Generator) -> Samples:
    """20 seconds at 22,050 Hz, every other time changed as songs are."""
    if kind == "speech_synthetic":
        clip = _read_aloud(rng)
    else:
        clip = joined_prompts(PROMPTS / str(rng.choice(SPEAKERS)), rng)
    return augment(clip, RATE, rng) if rng.random() < 0.5 else clip


def joined_prompts(speaker: Path, rng: np.random.Generator) -> Samples:
    """A speaker's recorded sentences in a row, with pauses, until 20 seconds are full."""
    files = sorted(path for path in speaker.rglob("*.wav") if "silence" not in path.parts)
    parts: list[Samples] = []
    while sum(map(len, parts)) < SECONDS * RATE:
        samples, rate = soundfile.read(files[rng.integers(len(files))], dtype="float32")
        parts.append(soxr.resample(samples, rate, RATE))
        parts.append(np.zeros(int(rng.uniform(0.1, 0.8) * RATE), np.float32))
    return np.concatenate(parts)[: int(SECONDS * RATE)]


def check_tools() -> None:
    """Raises: SystemExit where the voices are not installed."""
    if not shutil.which("espeak-ng") or not all((PROMPTS / name).is_dir() for name in SPEAKERS):
        raise SystemExit("install espeak-ng, asterisk-core-sounds-en-wav and -it-wav")


def _read_aloud(rng: np.random.Generator) -> Samples:
    """Words of the project's own texts, in one of many voices."""
    words = " ".join(path.read_text(encoding="utf-8") for path in _TEXT).split()
    start = rng.integers(0, max(1, len(words) - 150))
    voice = f"{rng.choice(_LANGUAGES)}+{rng.choice(_VARIANTS)}"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "speech.wav"
        options = ["-s", str(rng.integers(110, 230)), "-p", str(rng.integers(15, 85))]
        text = " ".join(words[start : start + 150])
        command = ["espeak-ng", "-v", voice, *options, "-w", str(path)]
        subprocess.run(command, input=text, text=True, check=True)
        samples, rate = soundfile.read(path, dtype="float32")
    return np.resize(soxr.resample(samples, rate, RATE), int(SECONDS * RATE))
