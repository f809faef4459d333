"""Uploaded songs: predictions, bounds, and what a bad file does."""

from __future__ import annotations

import csv
import io
import os
import signal
import time
from pathlib import Path

import httpx
import pytest
import soundfile
from webserver import START, opened, serving, waited, write_wav

from children import is_running, wait_until
from genrescope.inference.model import GenreModel
from genrescope.inference.song import SongClassifier
from toymodel import song, write_toy_model


@pytest.fixture
def wav(tmp_path: Path) -> Path:
    return write_wav(tmp_path / "song.wav", seconds=12)


@pytest.fixture(autouse=True)
def clean(request):
    if "client" in request.fixturenames:
        request.getfixturevalue("client").delete("/api/songs")


def test_a_prediction_is_that_of_the_python_api(client, served, wav):
    found = client.post("/api/classify", files={"file": ("a b.wav", wav.read_bytes())}).json()

    model = GenreModel.load(served.home / "models" / "toy")
    expected = SongClassifier(model).classify(wav)
    assert found["path"] == "a b.wav"
    assert found["genre"] == expected.prediction.genre
    assert found["confidence"] == round(expected.prediction.confidence, 4)
    assert found["probabilities"] == expected.prediction.probabilities.round(5).tolist()
    assert tuple(found["genres"]) == model.card.genres
    assert [item["genre"] for item in found["top"]] == [g for g, _ in expected.prediction.top(3)]
    assert (found["seconds"], found["duration"], found["model"]) == (12.0, 12.0, "toy")


def test_a_prediction_is_under_the_chosen_options(client, wav):
    def post(**options):
        return client.post("/api/classify", files={"file": wav.read_bytes()}, params=options)

    assert post(threshold=1).json()["genre"] == "unknown"
    assert len(post(top=5).json()["top"]) == 5
    assert "Pop_Rock" in post(vocabulary="topmagd").json()["genres"]
    assert post(vocabulary="/etc/passwd").status_code == 400
    assert post(threshold="nan").status_code == 422
    assert post(top=0).status_code == 422


BAD = {
    "text": b"no music " * 100,
    "empty": b"",
    "truncated header": b"RIFF\x00\x00\x00\x00WAVEfmt ",
    "a broken mp3": b"ID3\x04\x00\x00\x00\x00\x00\x00" + b"\xff\xfb\x90\x00" + bytes(9),
}


@pytest.mark.parametrize("kind", BAD)
def test_what_is_no_music_is_marked(client, kind):
    found = client.post("/api/classify", files={"file": ("x.mp3", BAD[kind])})
    assert found.status_code == 422
    assert found.json()["detail"]
    assert "/" not in found.json()["detail"]


def test_songs_become_a_job_with_rows(client, wav):
    sent = [("files", ("A/one.wav", wav.read_bytes())), ("files", ("bad.wav", b"RIFF"))]
    job = client.post("/api/songs", files=sent)
    assert job.status_code == 202
    done = waited(client, job.json())
    assert (done["state"], done["done"], done["failed"], done["total"]) == ("done", 2, 1, 2)

    found = client.get("/api/songs", params={"job": done["id"]}).json()
    assert [item["id"] for item in found["songs"]] == done["songs"]
    one, bad = found["songs"]
    assert (one["path"], one["state"]) == ("A/one.wav", "done")
    assert (
        one["genre"]
        == client.post("/api/classify", files={"file": wav.read_bytes()}).json()["genre"]
    )
    assert (bad["state"], bad["genre"], bool(bad["failure"])) == ("failed", None, True)
    assert client.get("/api/songs", params={"offset": 1, "limit": 1}).json()["songs"] == [bad]
    assert client.get(f"/api/songs/{one['id']}").json() == one


def test_export_follows_threshold_and_prior(client, wav):
    job = client.post("/api/songs", files={"files": ("=one.wav", wav.read_bytes())}).json()
    waited(client, job)
    song = client.get("/api/songs").json()["songs"][0]
    genres = client.get("/api/status").json()["model"]["genres"]
    p = song["probabilities"]
    new = [0.01] * 10
    new[3] = 0.91
    q = [a * b for a, b in zip(p, new, strict=True)]  # the old shares are all alike
    best = q.index(max(q))

    prior = ",".join(map(str, new))
    exported = client.get("/api/songs/export.json", params={"prior": prior, "threshold": 0}).json()[
        0
    ]
    assert exported["genre"] == genres[best]
    assert exported["confidence"] == pytest.approx(song["music"] * max(q) / sum(q), abs=1e-3)

    response = client.get("/api/songs/export.csv", params={"threshold": 1})
    [row] = csv.DictReader(io.StringIO(response.text))
    assert (row["path"], row["genre"]) == ("=one.wav", "unknown")
    assert float(row["confidence"]) == song["confidence"]
    assert "attachment" in response.headers["content-disposition"]
    for wrong in ("1,2", "x", "nan" + ",0" * 9, "0" + ",0" * 9, "-1" + ",1" * 9):
        assert client.get("/api/songs/export.csv", params={"prior": wrong}).status_code == 400


def test_a_song_can_be_seen_and_played(client, tmp_path):
    path = write_wav(tmp_path / "a.flac", seconds=45)
    job = client.post("/api/songs", files={"files": ("a.flac", path.read_bytes())}).json()
    name = waited(client, job)["songs"][0]
    address = f"/api/songs/{name}"

    whole = client.get(f"{address}/audio")
    assert (whole.content, whole.headers["content-type"]) == (path.read_bytes(), "audio/flac")
    part = client.get(f"{address}/audio", headers={"range": "bytes=100-199"})
    assert (part.status_code, part.content) == (206, path.read_bytes()[100:200])
    beyond = client.get(f"{address}/audio", headers={"range": "bytes=99999999-"})
    assert beyond.status_code == 416

    line = client.get(f"{address}/timeline").json()
    assert [moment["start"] for moment in line["moments"]] == [0, 10]
    assert (line["duration"], len(line["genres"])) == (40.0, 10)
    assert client.get(f"{address}/timeline", params={"hop": 0}).status_code == 422

    found = client.get(f"{address}/explanation").json()
    assert found["answer"]
    assert found["why"]["genre"] == found["top"][0]["genre"]
    assert {item["name"] for item in found["why"]["inputs"]} == {"ssd", "rh"}
    earlier = client.get(f"{address}/why").json()  # the earlier name
    times = {"took", "elapsed_s"}
    assert {key: earlier[key] for key in earlier.keys() - times} == {
        key: found[key] for key in found.keys() - times
    }
    for picture in ("sonogram.png", "rhythm_pattern.png"):
        drawn = client.get(f"{address}/{picture}")
        assert drawn.content.startswith(b"\x89PNG"), drawn.text
    assert client.get(f"{address}/nothing").status_code == 404


def test_the_outline_is_the_extremes(client, tmp_path):
    samples = song(5, seed=8)[:, 0]
    soundfile.write(tmp_path / "a.wav", samples, 22050, subtype="FLOAT")
    sent = {"files": ("a.wav", (tmp_path / "a.wav").read_bytes())}
    name = waited(client, client.post("/api/songs", files=sent).json())["songs"][0]
    found = client.get(f"/api/songs/{name}/waveform", params={"points": 100}).json()
    assert found["duration"] == 5.0
    assert len(found["low"]) == len(found["high"]) == 100
    assert min(found["low"]) == pytest.approx(samples.min(), abs=1e-3)
    assert max(found["high"]) == pytest.approx(samples.max(), abs=1e-3)
    third = samples[: round(len(samples) * 0.3)]
    assert max(found["high"][:30]) == pytest.approx(third.max(), abs=0.05)


def test_what_browsers_do_not_play_comes_as_wav(client, tmp_path):
    samples = song(3, 44100, channels=2)
    soundfile.write(tmp_path / "a.aiff", samples, 44100)
    sent = {"files": ("a.aiff", (tmp_path / "a.aiff").read_bytes())}
    name = waited(client, client.post("/api/songs", files=sent).json())["songs"][0]
    found = client.get(f"/api/songs/{name}/audio")
    assert found.headers["content-type"] == "audio/wav"
    played, rate = soundfile.read(io.BytesIO(found.content))
    assert rate == 44100
    assert abs(played - samples).max() < 2 / 32768
    part = client.get(f"/api/songs/{name}/audio", headers={"range": "bytes=0-3"})
    assert (part.status_code, part.content) == (206, b"RIFF")


def test_songs_go_and_their_files_with_them(client, served, wav):
    sent = [("files", ("one.wav", wav.read_bytes()))] * 2
    waited(client, client.post("/api/songs", files=sent).json())
    place = next((served.home / "temporary").glob("genrescope-web-*"))
    kept = {path for path in place.iterdir() if path.name != "lock"}
    first = client.get("/api/songs").json()["songs"][0]["id"]
    assert client.delete(f"/api/songs/{first}").json() == {"removed": 1}
    assert client.delete(f"/api/songs/{first}").status_code == 404
    assert client.get(f"/api/songs/{first}/audio").status_code == 404
    assert client.delete("/api/songs").json() == {"removed": 1}
    left = {path for path in place.iterdir() if path.name != "lock"}
    assert len(kept - left) >= 2
    assert client.get("/api/songs").json()["total"] == 0


def test_cancelled_songs_leave_the_line(client, wav):
    sent = [("files", (f"{n}.wav", wav.read_bytes())) for n in range(40)]
    job = client.post("/api/songs", files=sent).json()
    client.post(f"/api/jobs/{job['id']}/cancel")
    done = waited(client, job)
    states = [song["state"] for song in client.get("/api/songs").json()["songs"]]
    assert done["state"] == "cancelled"
    assert states.count("cancelled") > 20
    assert set(states) <= {"cancelled", "done"}


def test_a_worker_that_dies_costs_one_song_at_most(client, served, wav):
    """Workers are killed while they work; the server goes on."""
    sent = [("files", (f"{n}.wav", wav.read_bytes())) for n in range(12)]
    job = client.post("/api/songs", files=sent).json()
    time.sleep(0.3)
    killed = _children(served.process.pid)
    for worker in killed:
        os.kill(worker, signal.SIGKILL)
    # A process that has lost its memory, and with it its command line, still counts as alive for a
    # moment: an item that it is given then is lost with it.
    wait_until(lambda: not any(map(is_running, killed)))
    done = waited(client, job)
    songs = client.get("/api/songs").json()["songs"]
    assert done["done"] == 12
    assert done["failed"] <= 2
    assert all("killed" in song["failure"] for song in songs if song["state"] == "failed")
    assert client.post("/api/classify", files={"file": wav.read_bytes()}).status_code == 200


def _children(parent: int) -> list[int]:
    """Worker processes of a server."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            status = (folder / "stat").read_text().rpartition(")")[2].split()
            line = (folder / "cmdline").read_bytes()
        except OSError:
            continue
        if int(status[1]) == parent and b"spawn_main" in line:
            found.append(int(folder.name))
    return found


def test_nothing_is_left_behind(tmp_path):
    write_toy_model(tmp_path / "models" / "toy")
    wav = write_wav(tmp_path / "song.wav")
    with serving(tmp_path) as found, httpx.Client(base_url=found.url, timeout=START) as client:
        waited(client, client.post("/api/songs", files={"files": wav.read_bytes()}).json())
        assert list((tmp_path / "temporary").glob("genrescope-web-*/1"))
    assert list((tmp_path / "temporary").iterdir()) == []


@pytest.mark.slow
def test_what_a_killed_server_left_goes_with_the_next(tmp_path):
    write_toy_model(tmp_path / "models" / "toy")
    with serving(tmp_path) as found:
        with httpx.Client(base_url=found.url, timeout=START) as client:
            client.get("/api/status")
        found.process.kill()
        found.process.wait()
    [left] = (tmp_path / "temporary").glob("genrescope-web-*")
    with opened(tmp_path) as client:
        client.get("/api/status")
        assert not left.exists()
