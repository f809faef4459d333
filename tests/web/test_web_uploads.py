"""Bounds of uploads: bytes, files, pauses, and the line."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
import uvicorn
from webserver import write_wav

from genrescope.backbones.family import FOLDER_VARIABLE
from genrescope.web.app import create_app
from genrescope.web.settings import Limits, Settings
from toymodel import write_toy_model

LIMITS = Limits(
    file_bytes=2 << 20,
    request_bytes=3 << 20,
    files=3,
    songs=4,
    session_bytes=3 << 20,
    waiting=2,
    idle_seconds=0.5,
    upload_seconds=2.0,
    song_seconds=20.0,
    subscribers=2,
)


@pytest.fixture
def narrow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Runs a coroutine that is given a client of a server with little room."""
    write_toy_model(tmp_path / "models" / "toy")
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path / "models"))
    settings = Settings(model="toy", jobs=1, limits=LIMITS)

    async def serve(work):
        config = uvicorn.Config(create_app(settings), port=0, log_level="warning")
        config.timeout_graceful_shutdown = 1
        server = uvicorn.Server(config)
        running = asyncio.create_task(server.serve())
        while not server.started:
            await asyncio.sleep(0.02)
        port = server.servers[0].sockets[0].getsockname()[1]
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=120) as client:
            await work(client)
        server.should_exit = True
        await running

    def run(work):
        # In a thread of its own: in this one the browser's driver may already run a loop.
        with ThreadPoolExecutor(1) as thread:
            return thread.submit(asyncio.run, serve(work)).result()

    return run


def test_files_and_requests_have_a_size(narrow, tmp_path):
    song = write_wav(tmp_path / "a.wav", 6).read_bytes()
    large = bytes((2 << 20) + 1)

    async def work(client):
        assert (await client.post("/api/classify", files={"file": large})).status_code == 413
        assert (await client.post("/api/songs", files={"files": large})).status_code == 413
        many = [("files", song)] * 4
        assert (await client.post("/api/songs", files=many)).status_code == 413
        assert (await client.post("/api/plan", content=bytes(2 << 20))).status_code == 413
        for sent in ({"file": bytes(4 << 20)}, {"file": large, "more": large}):
            try:
                response = await client.post("/api/classify", files=sent)
            except (httpx.WriteError, httpx.ReadError):  # hung up on while it was sending
                continue
            assert response.status_code == 413
        assert (await client.post("/api/classify", files={"file": song})).status_code == 200

    narrow(work)


def test_a_body_without_length_is_counted(narrow):
    sent = 0

    async def endless():
        nonlocal sent
        yield b'--x\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\n'
        while sent < 2000:
            sent += 1
            yield bytes(1 << 16)

    async def work(client):
        kind = {"content-type": "multipart/form-data; boundary=x"}
        try:
            response = await client.post("/api/classify", content=endless(), headers=kind)
            assert response.status_code == 413
        except (httpx.WriteError, httpx.ReadError):
            pass
        assert sent < 2000

    narrow(work)


def test_an_upload_that_pauses_is_given_up(narrow):
    async def slow(pause, count):
        yield b'--x\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\n'
        for _ in range(count):
            await asyncio.sleep(pause)
            yield b"x"

    async def work(client):
        kind = {"content-type": "multipart/form-data; boundary=x"}
        for body in (slow(2 * LIMITS.idle_seconds, 1), slow(0.2, 100)):
            try:
                response = await client.post("/api/classify", content=body, headers=kind)
                assert response.status_code == 408
            except (httpx.WriteError, httpx.ReadError, httpx.RemoteProtocolError):
                pass

    narrow(work)


def test_a_session_holds_so_much(narrow, tmp_path):
    song = write_wav(tmp_path / "a.wav", 6).read_bytes()
    padded = song + bytes((2 << 20) - len(song))

    async def work(client):
        assert (await client.post("/api/songs", files=[("files", song)] * 3)).status_code == 202
        more = await client.post("/api/songs", files=[("files", song)] * 2)
        assert (more.status_code, "4 songs" in more.json()["detail"]) == (413, True)
        await client.delete("/api/songs")
        assert (await client.post("/api/songs", files={"files": padded})).status_code == 202
        assert (await client.post("/api/songs", files={"files": padded})).status_code == 413

    narrow(work)


def test_a_full_queue_refuses_with_a_time_to_retry(narrow, tmp_path):
    song = write_wav(tmp_path / "a.wav", 6).read_bytes()

    async def work(client):
        requests = [client.post("/api/classify", files={"file": song}) for _ in range(12)]
        responses = await asyncio.gather(*requests)
        codes = sorted(response.status_code for response in responses)
        assert set(codes) == {200, 429}
        assert codes.count(200) >= LIMITS.waiting
        refused = next(response for response in responses if response.status_code == 429)
        assert int(refused.headers["retry-after"]) > 0
        assert (await client.post("/api/classify", files={"file": song})).status_code == 200

    narrow(work)


def test_a_song_without_end_is_not_decoded_whole(narrow, tmp_path):
    song = write_wav(tmp_path / "a.wav", 30).read_bytes()

    async def work(client):
        job = (await client.post("/api/songs", files={"files": song})).json()
        name = job["songs"][0]
        for what in ("waveform", "timeline", "audio?as=wav"):
            response = await client.get(f"/api/songs/{name}/{what}")
            assert (response.status_code, "longer" in response.json()["detail"]) == (422, True)
        assert (await client.get(f"/api/songs/{name}/audio")).content == song

    narrow(work)
