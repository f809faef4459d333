"""`genrescope benchmark audio` and `transfer` on small folders of generated sound."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

RATE = 22050


def genrescope(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "genrescope", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8")


def corpus(folder: Path, seed: int) -> Path:
    """Twelve sounds: hisses called jazz, tones called blues, of three artists each."""
    rng = np.random.default_rng(seed)
    time = np.arange(int(6.2 * RATE)) / RATE
    lines = ["song,genre,artist"]
    for number in range(12):
        noise = rng.normal(size=len(time))
        tone = np.sin(2 * np.pi * (200 + 30 * number) * time)
        hisses = number % 2 == 0
        sound = 0.1 * noise if hisses else 0.3 * tone + 0.01 * noise
        folder.mkdir(exist_ok=True)
        soundfile.write(folder / f"{number:02}.wav", sound.astype(np.float32), RATE)
        genre = "Jazz|Blues" if number == 11 else "jazz" if hisses else "blues"
        lines.append(f"{number:02},{genre},artist {number % 6}")
    labels = folder.with_suffix(".csv")
    labels.write_text("\n".join(lines), encoding="utf-8")
    return labels


@pytest.mark.slow
def test_a_benchmark_on_audio_and_the_same_again(tmp_path):
    labels = corpus(tmp_path / "one", 1)
    command = (
        *("benchmark", "audio", tmp_path / "one", "--labels", labels, "--groups", "artist"),
        *("--vocabulary", "topMAGD", "--sets", "ssd", "--learners", "lda", "--no-baselines"),
        *("--least", "2", "--folds", "2", "-o", tmp_path / "out", "-j", "1"),
    )
    done = genrescope(*command)
    assert done.returncode == 0, done.stderr
    assert "one: 12 songs of 2 genres" in done.stdout
    first = json.loads((tmp_path / "out/results.json").read_text())
    (result,) = first["results"]
    assert result["songs"] == 12
    assert result["songs of one genre"] == 11
    assert result["hit"]["value"] > 0.7
    page = (tmp_path / "out/report.html").read_text(encoding="utf-8")
    assert "Songs of one genre or several" in page
    assert "Recordings that are there twice" in page
    again = genrescope(*command)
    assert again.returncode == 0, again.stderr
    assert json.loads((tmp_path / "out/results.json").read_text()) == first


def test_what_is_wrong_is_reported_before_anything_is_trained(tmp_path):
    (tmp_path / "music").mkdir()
    assert "no audio files" in genrescope("benchmark", "audio", tmp_path / "music").stderr
    assert "name two or more" in genrescope("benchmark", "transfer", "gtzan").stderr
    labels = corpus(tmp_path / "one", 1)
    labels.write_text("TRACK_ID\tPATH\n")
    err = genrescope("benchmark", "audio", tmp_path / "one", "--labels", labels).stderr
    assert "one.csv:1" in err
    assert "take a split file of data/splits unchanged" in err
