"""Libraries, planned tags, map, results and events, of a real server."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import mutagen
import pytest
from webserver import opened, waited, write_wav

from genrescope.evaluation.predictions import Predictions
from toymodel import write_toy_model


def test_status_has_what_there_is(client):
    found = client.get("/api/status").json()
    assert found["model"]["name"] == "toy"
    assert sum(found["model"]["prior"]) == pytest.approx(1)
    [library] = found["libraries"]
    assert (library["songs"], library["classified"], library["name"]) == (7, 6, "music")
    assert (found["results"], found["tags"]) == (True, True)


def test_a_library_is_searched_filtered_and_sorted(client):
    def paths(**query):
        return [song["path"] for song in client.get("/api/library", params=query).json()["songs"]]

    everything = paths()
    assert everything == ["broken.mp3", *sorted(p for p in everything if p != "broken.mp3")]
    assert paths(q="FOLDER 1 flac") == [f"folder 1/song {n}.flac" for n in (1, 3, 5)]
    assert paths(folder="folder 0") == [f"folder 0/song {n}.flac" for n in (0, 2, 4)]
    assert (paths(genre="failed"), paths(genre="none")) == (["broken.mp3"], [])
    assert paths(sort="path", descending=True) == everything[::-1]
    assert paths(offset=2, limit=3) == everything[2:5]
    assert paths(q="100%_\\'\";--") == []

    songs = client.get("/api/library", params={"sort": "confidence"}).json()["songs"]
    sure = [song["confidence"] for song in songs]
    assert sure[-1] is None
    assert sure[:-1] == sorted(sure[:-1])
    middle = sure[2]
    kept = client.get("/api/library", params={"confidence_from": middle + 5e-5}).json()
    assert kept["total"] == sum(value > middle for value in sure[:-1])
    unnamed = client.get("/api/library", params={"threshold": 1}).json()["songs"]
    assert {song["genre"] for song in unnamed} == {"unknown", None}
    assert len(paths(genre=["unknown", "failed"], threshold=1)) == 7


def test_counts_and_rows_follow_the_prior(client):
    status = client.get("/api/status").json()["model"]
    new = [0.02] * 10
    new[1] = 0.82
    prior = ",".join(map(str, new))
    rows = client.get("/api/library", params={"prior": prior, "threshold": 0}).json()["songs"]
    for row in (row for row in rows if row["probabilities"]):
        q = [p * b / a for p, a, b in zip(row["probabilities"], status["prior"], new, strict=True)]
        assert row["genre"] == status["genres"][q.index(max(q))]
        assert row["confidence"] == pytest.approx(row["music"] * max(q) / sum(q), abs=1e-3)
    summary = client.get("/api/library/summary", params={"prior": prior, "threshold": 0}).json()
    counts = {item["genre"]: item["songs"] for item in summary["genres"]}
    assert (counts["none"], counts["failed"]) == (0, 1)
    assert sum(counts.values()) == summary["songs"] == 7
    assert counts == counts | {
        genre: [row["genre"] for row in rows].count(genre) for genre in status["genres"]
    }
    for wrong in ("1", "a,b"):
        assert client.get("/api/library", params={"prior": wrong}).status_code == 400
    assert client.get("/api/library").json()["songs"] != rows


def test_folders_have_their_songs(client):
    found = client.get("/api/library/folders").json()
    assert [(item["path"], item["songs"]) for item in found["folders"]] == [
        ("folder 0", 3),
        ("folder 1", 3),
    ]
    assert found["songs"] == 1
    below = client.get("/api/library/folders", params={"path": "folder 0"}).json()
    assert (below["folders"], below["songs"]) == ([], 3)


def test_a_library_song_is_a_song(client, served):
    row = client.get("/api/library", params={"q": "song 2"}).json()["songs"][0]
    address = f"/api/songs/{row['id']}"
    song_row = client.get(address).json()
    assert song_row["path"] == "folder 0/song 2.flac"
    file = served.home / "music" / song_row["path"]
    assert client.get(f"{address}/audio").content == file.read_bytes()
    assert client.get(f"{address}/explanation").json()["genre"] == row["genre"]
    similar = client.get("/api/library/similar", params={"id": row["id"], "count": 3}).json()
    assert similar["song"]["id"] == row["id"]
    values = [item["similarity"] for item in similar["similar"]]
    assert values == sorted(values, reverse=True)
    assert row["id"] not in [item["id"] for item in similar["similar"]]

    picked = waited(client, client.post("/api/songs/pick", json={"ids": [row["id"]]}).json())
    song = client.get(f"/api/songs/{picked['songs'][0]}").json()
    assert (song["library"], song["path"], song["genre"]) == (0, song_row["path"], row["genre"])
    client.delete("/api/songs")
    assert file.exists()
    assert client.post("/api/songs/pick", json={"ids": ["l0-x"]}).status_code == 404


def test_the_map_has_a_point_for_every_classified_song(client):
    found = client.get("/api/map").json()
    assert found["total"] == 6
    columns = [found[name] for name in ("ids", "genre", "confidence", "x", "y")]
    assert [len(column) for column in columns] == [6] * 5
    assert (min(found["x"]), max(found["x"])) == (0, 65535)
    assert all(0 <= value <= 65535 for value in found["y"])
    rows = client.get("/api/library").json()["songs"]
    best = {row["id"]: row["top"][0]["genre"] for row in rows if row["top"]}
    mapped = zip(found["ids"], found["genre"], strict=True)
    assert {name: found["genres"][genre] for name, genre in mapped} == best


def test_results_and_the_songs_of_a_cell(client, served):
    found = client.get("/api/results").json()
    assert [item["learner"] for item in found["results"]] == ["student", "svm"]
    assert [item["path"] for item in found["problems"]] == ["torn.json"]
    first = found["results"][0]
    assert first["seconds"] is None  # what is no number is null
    whole = client.get(f"/api/results/{first['id']}").json()
    assert whole == whole | first
    kept = Predictions.load(served.home / "results" / "toys" / "predictions" / "rp-student.npz")
    best = kept.probabilities.argmax(axis=1)
    for i, genre in enumerate(whole["genres"]):
        for j, predicted in enumerate(whole["genres"]):
            cell = {"genre": genre, "answer": predicted}
            songs = client.get(f"/api/results/{first['id']}/songs", params=cell).json()
            expected = {str(name) for name in kept.ids[(kept.truth == i) & (best == j)]}
            assert {song["id"] for song in songs["songs"]} == expected
            assert songs["total"] == whole["confusion"][i][j] == len(expected)
    assert (
        client.get(f"/api/results/{found['results'][1]['id']}/songs", params=cell).status_code
        == 404
    )
    assert client.get("/api/results/r99").status_code == 404
    wrong = {"genre": "polka", "answer": "jazz"}
    assert client.get(f"/api/results/{first['id']}/songs", params=wrong).status_code == 409


def test_tags_are_planned_written_and_taken_back(tmp_path):
    write_toy_model(tmp_path / "models" / "toy")
    files = [write_wav(tmp_path / "music" / f"{n}.flac", seed=n) for n in range(4)]
    before = [path.read_bytes() for path in files]
    with opened(tmp_path, str(tmp_path / "music")) as client:
        client.post("/api/library/scan", json={})
        waited(client, {"id": "j2"})
        plan = waited(client, client.post("/api/plan", json={}).json())["result"]
        shown = client.get("/api/plan", params={"limit": 2}).json()
        assert (shown["plan"], shown["total"], len(shown["rows"])) == (plan, 4, 2)
        assert [path.read_bytes() for path in files] == before  # nothing is written yet

        wanted = {"plan": plan["id"], "all": True, "except": [3], "edits": {"1": ["jazz", "blues"]}}
        done = waited(client, client.post("/api/plan/apply", json=wanted).json())["result"]
        assert (done["written"], done["refused"]) == (3, 0)
        tags = [mutagen.File(path).get("genre") for path in files]
        assert tags == [shown["rows"][0]["new"], ["jazz", "blues"], tags[2], None]
        tagged = client.get("/api/library").json()["songs"]
        assert [song["tagged"] for song in tagged] == [tag or [] for tag in tags]

        assert client.post("/api/plan/apply", json={"plan": "p0"}).status_code == 409
        far = {"plan": plan["id"], "rows": [4]}
        assert client.post("/api/plan/apply", json=far).status_code == 400

        [run] = client.get("/api/runs").json()["runs"]
        assert (run["run"], run["files"], run["undone"]) == (done["run"], 3, 0)
        rehearsed = client.post(f"/api/runs/{run['run']}/undo", json={"dry_run": True}).json()
        assert waited(client, rehearsed)["result"]["restored"] == 3
        undone = waited(client, client.post(f"/api/runs/{run['run']}/undo", json={}).json())
        assert undone["result"]["restored"] == 3
        assert [path.read_bytes() for path in files] == before
        assert client.post("/api/runs/20200101-000000-000000/undo", json={}).status_code == 404


def test_runs_in_other_libraries_are_not_touched(tmp_path):
    """Neither listed nor taken back: only what is served can be reached."""
    write_toy_model(tmp_path / "models" / "toy")
    own = tmp_path / "music"
    other = write_wav(tmp_path / "other" / "a.flac")
    write_wav(own / "a.flac")
    with opened(tmp_path, str(other.parent)) as client:
        client.post("/api/library/scan", json={})
        waited(client, {"id": "j2"})
        plan = waited(client, client.post("/api/plan", json={}).json())["result"]
        wanted = {"plan": plan["id"], "all": True}
        run = waited(client, client.post("/api/plan/apply", json=wanted).json())["result"]["run"]
    with opened(tmp_path, str(own)) as client:
        assert client.get("/api/runs").json() == {"runs": []}
        assert client.post(f"/api/runs/{run}/undo", json={}).status_code == 404
    assert mutagen.File(other)["genre"]


def test_events_are_of_songs_and_jobs(client, tmp_path):
    wav = write_wav(tmp_path / "a.wav").read_bytes()
    events: list[tuple[str, dict]] = []
    connected, over = threading.Event(), threading.Event()

    def follow():
        with client.stream("GET", "/api/events") as stream:
            assert stream.headers["content-type"].startswith("text/event-stream")
            name = ""
            for line in stream.iter_lines():
                connected.set()
                if line.startswith("event: "):
                    name = line.removeprefix("event: ")
                elif line.startswith("data: "):
                    events.append((name, json.loads(line.removeprefix("data: "))))
                    if name == "job" and events[-1][1]["state"] == "done":
                        over.set()
                        return

    thread = threading.Thread(target=follow)
    thread.start()
    assert connected.wait(60)
    job = client.post("/api/songs", files=[("files", wav), ("files", b"bad")]).json()
    assert over.wait(60)
    thread.join()
    songs = [data for name, data in events if name == "song"]
    jobs = [data for name, data in events if name == "job" and data["id"] == job["id"]]
    assert {song["id"] for song in songs} == set(job["songs"])
    assert [song["state"] for song in songs if song["id"] == job["songs"][0]][-1] == "done"
    assert (jobs[-1]["done"], jobs[-1]["failed"]) == (2, 1)


def test_the_page_and_its_description_are_there(client):
    page = client.get("/")
    assert page.headers["content-type"].startswith("text/html")
    described = client.get("/openapi.json").json()["paths"]
    documented = (Path(__file__).parents[2] / "docs" / "api.md").read_text(encoding="utf-8")
    for path in described:
        assert path in documented or path.replace("{name}", "{id}") in documented, path
    assert client.get("/docs").status_code == 404


def test_models_have_their_cards(client):
    found = client.get("/api/models").json()
    assert found["serving"] == "toy"
    assert "toy" in [item["name"] for item in found["models"] if item["usable"]]
    card = client.get("/api/models/toy").json()
    assert (card["level"], card["inputs"]) == (-20.0, {"ssd": 168, "rh": 60})


def test_filters_by_labels_and_contradictions_and_a_playlist_of_what_is_found(client):
    def total(**query):
        return client.get("/api/library", params=query).json()["total"]

    assert total(label="style:techno") == 0  # the model has no networks
    assert total(label="no label") == 0
    assert total(contradicting=True, threshold=0) <= total()
    assert client.get("/api/library/labels").json() == {"labels": []}
    response = client.get("/api/library/playlist.m3u8", params={"folder": "folder 1"})
    assert response.headers["content-type"] == "audio/x-mpegurl"
    lines = response.text.splitlines()
    assert lines[0] == "#EXTM3U"
    paths = [f"folder 1/song {n}.flac" for n in (1, 3, 5)]
    assert [line for line in lines if not line.startswith("#")] == paths
    [empty] = {tuple(part["songs"]) for part in client.get("/api/map").json()["labels"].values()}
    assert set(empty) <= {-1}
