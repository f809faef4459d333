"""A model of a person's own labels, served: songs, library, map and labels to give."""

from __future__ import annotations

from pathlib import Path

import httpx
import numpy as np
import pytest
import soundfile
from webserver import START, serving, waited

import genrescope
from toymodel import write_toy_model

pytestmark = pytest.mark.slow

SONGS = 24
LABELS = {"tones": ["Warm-up", "Mellow"], "noises": ["Peak Time"]}


def write_songs(folder: Path) -> list[Path]:
    rng, time = np.random.default_rng(0), np.arange(22050) / 22050
    folder.mkdir()
    files = []
    for number in range(SONGS):
        noise, tone = rng.normal(0, 0.3, len(time)), np.sin(2 * np.pi * (200 + 2.3 * number) * time)
        files.append(folder / f"{number:02} {('noises', 'tones')[number // 2 % 2]}.flac")
        samples = tone if "tones" in files[-1].name else noise
        soundfile.write(files[-1], 0.3 * samples + 0.01 * noise, 22050)
    return files


def test_it_is_served_like_any_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("GENRESCOPE_MODELS", str(tmp_path / "models"))
    write_toy_model(tmp_path / "models" / "toy", inputs=("ssd",))
    files = write_songs(tmp_path / "music")
    labels = [LABELS[file.stem.split()[1]] for file in files]
    artists = [f"artist {number // 2}" for number in range(SONGS)]
    genrescope.learn(files, labels, artists, name="mine", model="toy", jobs=1)
    with (
        serving(tmp_path, str(tmp_path / "music"), "--model", "mine") as served,
        httpx.Client(base_url=served.url, timeout=START) as client,
    ):
        status = client.get("/api/status").json()
        assert status["model"]["genres"][-1] == "unknown"
        with files[2].open("rb") as file:
            song = client.post("/api/classify", files={"file": file}).json()
        assert song["genre"] in LABELS["tones"]
        client.post("/api/library/scan", json={"library": 0}).raise_for_status()
        waited(client, {"id": "j2"})
        page = client.get("/api/library").json()
        assert page["model"] == "mine"
        right = [song["genre"] in LABELS[song["path"].split()[1][:-5]] for song in page["songs"]]
        assert np.mean(right) > 0.9
        assert client.get("/api/map").json()["total"] == SONGS
        first = page["songs"][2]["id"]
        assert client.get(f"/api/songs/{first}/explanation").status_code == 200
        assert len(client.get("/api/library/suggestions").json()["songs"]) == 10
