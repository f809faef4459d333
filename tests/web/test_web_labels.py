"""Labels by hand, over the API of a real server."""

from __future__ import annotations

import pytest


def songs(client) -> list[dict]:
    return client.get("/api/library").json()["songs"]


def test_the_songs_to_label_are_those_that_are_classified_and_not_labelled(client):
    found = client.get("/api/library/suggestions").json()
    classified = [song["id"] for song in songs(client) if song["genre"]]
    assert found["labelled"] == 0
    assert sorted(song["id"] for song in found["songs"]) == sorted(classified)
    first = client.get("/api/library/suggestions", params={"count": 2}).json()["songs"]
    assert [song["id"] for song in first] == [song["id"] for song in found["songs"][:2]]

    name = first[0]["id"]
    wanted = {"id": name, "labels": ["Warm-up", " slow ", "slow"]}
    kept = client.post("/api/library/corrections", json=wanted)
    assert kept.json() == {"id": name, "labels": ["Warm-up", "slow"]}
    again = client.get("/api/library/corrections", params={"id": name}).json()
    assert sorted(again["labels"]) == ["Warm-up", "slow"]
    later = client.get("/api/library/suggestions").json()
    assert (later["labelled"], len(later["songs"])) == (1, len(classified) - 1)
    assert name not in {song["id"] for song in later["songs"]}

    client.post("/api/library/corrections", json={"id": name, "labels": []})
    assert client.get("/api/library/corrections", params={"id": name}).json()["labels"] == []
    assert client.get("/api/library/suggestions").json()["labelled"] == 0


@pytest.mark.parametrize("labels", [[""], [" "], ["x" * 201], ["x"] * 51])
def test_labels_that_cannot_be_are_refused(client, labels: list[str]):
    name = songs(client)[1]["id"]
    wanted = {"id": name, "labels": labels}
    assert client.post("/api/library/corrections", json=wanted).status_code == 422


def test_songs_that_are_not_there(client):
    for name in ("l0-nothing", "l9-nothing", "s1"):
        body = {"id": name, "labels": ["x"]}
        assert client.post("/api/library/corrections", json=body).status_code == 404
        assert client.get("/api/library/corrections", params={"id": name}).status_code == 404
