"""Who may send requests: other hosts, other origins, other paths, and with a token."""

from __future__ import annotations

import http.client
import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
from typer.testing import CliRunner
from webserver import START, Served, opened, serving, waited, write_wav

from genrescope.cli.app import app
from genrescope.errors import UsageError
from genrescope.web.run import run
from genrescope.web.settings import Settings
from toymodel import write_toy_model

CHANGING = [
    ("POST", "/api/songs/pick"),
    ("POST", "/api/classify"),
    ("POST", "/api/library/scan"),
    ("POST", "/api/plan"),
    ("POST", "/api/plan/apply"),
    ("POST", "/api/runs/x/undo"),
    ("POST", "/api/jobs/j1/cancel"),
    ("DELETE", "/api/songs"),
]


def raw(served: Served, *lines: str) -> tuple[int, bytes]:
    """The response to a request that no client library would send."""
    with socket.create_connection(("127.0.0.1", served.port), timeout=START) as line:
        line.sendall("\r\n".join([*lines, "Connection: close", "", ""]).encode("latin-1"))
        response = http.client.HTTPResponse(line)
        response.begin()
        return response.status, response.read()


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:8765",
        "localhost.evil.example",
        "127.0.0.1.nip.io",
        "192.168.0.10",
        "[fe80::1]",
        "0.0.0.0",
        "",
        "localhost@evil.example",
        "evil.example@localhost",
        "evil.example:80@127.0.0.1",
        "localhost:x",
        "localhost/evil.example",
        "localhost\\@evil.example",
        "localhost#",
        "[",
    ],
)
def test_a_foreign_name_is_refused_everywhere(client, host):
    for path in ("/", "/api/status", "/openapi.json"):
        assert client.get(path, headers={"host": host}).status_code == 403


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "LOCALHOST", "[::1]", "127.8.8.8"])
def test_own_names_are_welcome(client, served, host):
    found = client.get("/api/status", headers={"host": f"{host}:{served.port}"})
    assert found.status_code == 200


def test_one_host_header_is_required(served):
    start = "GET /api/status HTTP/1.1"
    assert raw(served, start)[0] in (400, 403)
    assert raw(served, start, "Host: localhost", "Host: evil.example")[0] in (400, 403)
    assert (
        raw(served, "GET http://evil.example/api/status HTTP/1.1", "Host: evil.example")[0] == 403
    )


@pytest.mark.parametrize(("method", "path"), CHANGING)
def test_other_origins_change_nothing(client, served, method, path):
    origins = ["http://evil.example", "null", f"http://localhost:{served.port + 1}", "file://", "x"]
    for origin in [*origins, f"http://127.0.0.1:{served.port}.evil.example"]:
        found = client.request(method, path, headers={"origin": origin})
        assert (found.status_code, "page" in found.json()["detail"]) == (403, True), origin
    for site in ("cross-site", "same-site"):
        found = client.request(method, path, headers={"sec-fetch-site": site})
        assert found.status_code == 403


def test_the_own_page_may(client, served):
    own = {"origin": served.url.rstrip("/"), "sec-fetch-site": "same-origin"}
    assert client.post("/api/plan", json={"top": 0}, headers=own).status_code == 422
    assert client.delete("/api/songs", headers=own).status_code == 200


def test_other_pages_cannot_embed_what_is_read(client):
    for path in ("/api/status", "/api/songs/s1/audio"):
        assert client.get(path, headers={"sec-fetch-site": "cross-site"}).status_code == 403
    followed = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}
    assert client.get("/", headers=followed).status_code == 200  # a link to the page


@pytest.mark.parametrize("path", ["/", "/api/status", "/api/nothing", "/api/songs/x/audio"])
def test_every_response_has_the_headers_of_safety(client, path):
    headers = client.get(path).headers
    policy = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    assert "unsafe" not in headers["content-security-policy"]
    assert policy["frame-ancestors"] == policy["base-uri"] == policy["form-action"] == "'none'"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert "access-control-allow-origin" not in headers
    assert headers["cache-control"] == ("no-store" if path.startswith("/api") else "no-cache")


ESCAPES = [
    "../models/toy/model.json",
    "..%2f..%2fmodels/toy/model.json",
    "%2e%2e/%2e%2e/models/toy/model.json",
    "..%5c..%5cmodels",
    "%252e%252e%252fmodels",
    "/etc/passwd",
    "%2fetc%2fpasswd",
    "l0-../../models",
    "l0-%00",
    "s1%00",
    "l0-..%2f..%2f..%2fetc%2fpasswd",
    "l99999999999999999999-x",
    "l-",
    "l0-",
    "l٠-x",
]


@pytest.mark.parametrize("escape", ESCAPES)
def test_no_path_leads_out(served, escape):
    """What a route takes are ids; what is no id is nothing, however it is written."""
    for path in (f"/api/songs/{escape}/audio", f"/api/songs/{escape}", f"/{escape}"):
        line = f"GET {quote(path, safe='/%')} HTTP/1.1"
        status, body = raw(served, line, f"Host: localhost:{served.port}")
        assert status in (400, 404), (path, status)
        assert b"root:" not in body
        assert b"calibration" not in body


@pytest.mark.parametrize("folder", ["..", "../..", "/etc", "folder 0/../..", "\0", "%2e%2e"])
def test_folders_are_those_of_the_index(client, folder):
    found = client.get("/api/library/folders", params={"path": folder}).json()
    assert (found["folders"], found["songs"]) == ([], 0)
    songs = client.get("/api/library", params={"folder": folder.strip("/") or "x"}).json()
    assert songs["total"] == 0


def test_models_are_names_not_folders(client, served):
    folder = str(served.home / "models" / "toy")
    for name in (folder, "../toy", "toy/../toy"):
        assert client.get(f"/api/models/{quote(name, safe='')}").status_code in (404, 409)
        found = client.post("/api/classify", params={"model": name}, files={"file": b"x"})
        assert found.status_code == 400
    assert client.get("/api/models/toy").json()["title"] == "A toy"


@pytest.fixture(scope="module")
def open_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    home = tmp_path_factory.mktemp("open")
    write_toy_model(home / "models" / "toy")
    with serving(home, "--host", "0.0.0.0") as found:
        yield found


def test_another_host_needs_the_token(open_server):
    base = f"http://127.0.0.1:{open_server.port}"
    token = open_server.url.partition("token=")[2]
    assert len(token) > 30
    with httpx.Client(base_url=base, timeout=START) as client:
        for path in ("/", "/api/status", "/openapi.json", "/api/events", "/index.html"):
            assert client.get(path).status_code == 401
        assert client.get("/", params={"token": ""}).status_code == 401
        for wrong in ("x", token[:-1], token + "x", "é"):
            assert client.get("/", params={"token": wrong}).status_code == 401
            bearer = {b"authorization": f"Bearer {wrong}".encode()}
            assert client.get("/api/status", headers=bearer).status_code == 401
        bearer = {"authorization": f"Bearer {token}"}
        assert client.get("/api/status", headers=bearer).status_code == 200
        assert client.delete("/api/songs").status_code == 401

        welcome = client.get("/", params={"token": token, "view": "map"})
        assert (welcome.status_code, welcome.headers["location"]) == (303, "/?view=map")
        cookie = welcome.headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=Strict" in cookie
        assert client.get("/api/status").status_code == 200  # by the cookie
        evil = {"origin": "http://evil.example"}
        assert client.delete("/api/songs", headers=evil).status_code == 403
        for host in ("evil.example", "localhost.evil.example"):  # a name may be rebound
            assert client.get("/api/status", headers={"host": host}).status_code == 403


ODD_PLACES = [
    "/%0d%0aSet-Cookie:%20a=b",
    "/%0a",
    "/%5cevil.example",
    "/%5c%5cevil.example/x",
    "/%00",
]


@pytest.mark.parametrize("place", ODD_PLACES)
def test_a_link_with_the_token_leads_nowhere_odd(open_server, place):
    token = open_server.url.partition("token=")[2]
    host = f"Host: localhost:{open_server.port}"
    assert raw(open_server, f"GET {place}?token={token} HTTP/1.1", host)[0] == 400


@pytest.mark.parametrize(
    ("place", "target"),
    [
        ("//evil.example/x", "/evil.example/x"),
        ("///evil.example/x", "/evil.example/x"),
        ("/Björk & 日本", f"/{quote('Björk & 日本')}"),
    ],
)
def test_a_link_with_the_token_stays_here(open_server, place, target):
    token = open_server.url.partition("token=")[2]
    address = f"http://127.0.0.1:{open_server.port}{place}"
    found = httpx.get(address, params={"token": token}, timeout=START)
    assert (found.status_code, found.headers["location"]) == (303, target)


def test_links_out_of_the_library_are_not_followed(tmp_path):
    """Neither played nor written, wherever in the path the link is."""
    write_toy_model(tmp_path / "models" / "toy")
    secret = write_wav(tmp_path / "elsewhere" / "secret.wav")
    before = secret.read_bytes()
    music = tmp_path / "music"
    write_wav(music / "own.wav", seed=5)
    (music / "link.wav").symlink_to(secret)
    (music / "linked folder").symlink_to(tmp_path / "elsewhere")
    (music / "inside.flac").symlink_to(music / "own.wav")
    with opened(tmp_path, str(music)) as client:
        assert _audio_of(client) == {"own.wav": 200}
        job = client.post("/api/plan", json={"mode": "replace"}).json()
        plan = waited(client, job)["result"]
        wanted = {"plan": plan["id"], "all": True}
        done = waited(client, client.post("/api/plan/apply", json=wanted).json())["result"]
        assert (done["written"], done["refused"]) == (1, plan["rows"] - 1)
    assert secret.read_bytes() == before


def _audio_of(client: httpx.Client) -> dict[str, int]:
    """Status of the sound of each song, of those that are there."""
    client.post("/api/library/scan", json={}).raise_for_status()
    waited(client, {"id": "j2"})
    songs = client.get("/api/library").json()["songs"]
    found = {
        song["path"]: client.get(f"/api/songs/{song['id']}/audio").status_code for song in songs
    }
    assert all(status in (200, 404) for status in found.values())
    return {path: status for path, status in found.items() if status == 200}


def test_a_song_that_becomes_a_link_is_not_followed(tmp_path):
    write_toy_model(tmp_path / "models" / "toy")
    song = write_wav(tmp_path / "music" / "a.wav")
    secret = tmp_path / "secret.wav"
    secret.write_bytes(song.read_bytes())
    with opened(tmp_path, str(tmp_path / "music")) as client:
        assert _audio_of(client) == {"a.wav": 200}
        name = client.get("/api/library").json()["songs"][0]["id"]
        song.unlink()
        song.symlink_to(secret)
        for what in ("audio", "waveform", "timeline", "explanation", "why", "sonogram.png"):
            assert client.get(f"/api/songs/{name}/{what}").status_code == 404
        song.unlink()
        Path(song).mkdir()
        assert client.get(f"/api/songs/{name}/audio").status_code == 404
        assert client.get(f"/api/songs/{name}").json()["path"] == "a.wav"  # that much is known


@pytest.mark.parametrize("token", ["", "short", "sixteen or more?", "sixteen-or-more;"])
def test_a_weak_token_is_refused(tmp_path, token):
    with pytest.raises(UsageError, match="token"):
        run(Settings(host="127.0.0.1", port=0, token=token), report=print)


def test_the_environment_may_name_the_token(tmp_path, monkeypatch):
    monkeypatch.setattr("genrescope.web.run.run", lambda settings, **_: tokens.append(settings))
    tokens: list[Settings] = []
    found = CliRunner().invoke(app, ["serve"], env={"GENRESCOPE_TOKEN": "0123456789abcdef"})
    assert found.exit_code == 0
    assert [settings.token for settings in tokens] == ["0123456789abcdef"]
