"""Clients that hold connections, and the end of a server while they do."""

from __future__ import annotations

import contextlib
import http.client
import signal
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from webserver import START, Served, serving, write_wav

from genrescope.web.settings import Limits
from toymodel import write_toy_model

MORE_THAN_FIT = 510
CLIENTS = 40
HEADERS_END = 2.0  # seconds that they may take


@pytest.fixture
def home(tmp_path: Path) -> Path:
    write_toy_model(tmp_path / "models" / "toy")
    return tmp_path


@contextlib.contextmanager
def held(served: Served, count: int, sent: bytes) -> Iterator[list[socket.socket]]:
    """Connections on which so much was sent, and nothing more."""
    with contextlib.ExitStack() as stack:
        lines = []
        for _ in range(count):
            line = stack.enter_context(socket.create_connection(("127.0.0.1", served.port), 30))
            with contextlib.suppress(ConnectionError):  # it may be closed already
                line.sendall(sent)
            lines.append(line)
        yield lines


def is_closed(line: socket.socket, seconds: float) -> bool:
    line.settimeout(seconds)
    try:
        return line.recv(1) == b""
    except ConnectionError:
        return True
    except TimeoutError:
        return False


@pytest.mark.parametrize("sent", [b"", b"GET / HTTP/1.1\r\nHost: localhost\r\nX-More: "])
def test_who_holds_connections_locks_nobody_out(home, sent):
    with serving(home) as served, held(served, MORE_THAN_FIT, sent):
        assert httpx.get(served.url, timeout=START).status_code == 200
        assert httpx.get(f"{served.url}api/status", timeout=START).status_code == 200


@pytest.mark.slow
def test_headers_have_to_end(home):
    """Bytes that drip in do not buy more time; a request that has begun is left alone."""
    assert Limits().header_seconds == 10.0
    limits = {"header_seconds": HEADERS_END}
    start = b"GET / HTTP/1.1\r\nHost: localhost\r\nX-More: "
    with serving(home, limits=limits) as served, held(served, 2, start) as [silent, slow]:
        song = write_wav(home / "a.wav", 6).read_bytes()
        head = b"POST /api/songs HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n"
        kind = b"Content-Type: multipart/form-data; boundary=x\r\n\r\n"
        body = b'--x\r\ncontent-disposition: form-data; name="files"; filename="a"\r\n\r\n'
        body += song + b"\r\n--x--\r\n"
        with held(served, 1, head % len(body) + kind) as [begun]:
            end = time.monotonic() + HEADERS_END + 1
            while time.monotonic() < end:
                with contextlib.suppress(ConnectionError):
                    slow.sendall(b"x")
                time.sleep(0.1)
            assert is_closed(silent, 5)
            assert is_closed(slow, 5)
            begun.sendall(body)
            response = http.client.HTTPResponse(begun)
            response.begin()
            assert response.status == 202


def test_a_connection_may_be_used_again(served):
    line = http.client.HTTPConnection("127.0.0.1", served.port, timeout=START)
    line.connect()
    own = line.sock.getsockname()
    for _ in range(3):
        line.request("GET", "/api/status")
        assert line.getresponse().read().startswith(b"{")
        assert line.sock.getsockname() == own
    line.close()


@pytest.mark.slow
@pytest.mark.parametrize("method", [signal.SIGINT, signal.SIGTERM])
def test_a_server_ends_with_requests_in_flight(home, method):
    """Songs in the line, a listener, an upload that pauses, a client that reads nothing."""
    song = write_wav(home / "a.wav", 60).read_bytes()
    responses: list[httpx.Response | httpx.HTTPError] = []

    def request(url: str) -> None:
        try:
            responses.append(httpx.post(url, files={"file": song}, timeout=START))
        except httpx.HTTPError as error:
            responses.append(error)

    with serving(home) as served:
        url = f"{served.url}api/classify"
        threads = [threading.Thread(target=request, args=(url,)) for _ in range(CLIENTS)]
        for thread in threads:
            thread.start()
        events = b"GET /api/events HTTP/1.1\r\nHost: localhost\r\n\r\n"
        upload = b"POST /api/songs HTTP/1.1\r\nHost: localhost\r\nContent-Length: 999\r\n"
        upload += b"Content-Type: multipart/form-data; boundary=x\r\n\r\n--x\r\n"
        with held(served, 3, events), held(served, 3, upload), held(served, 3, b"GET / HT"):
            while not responses:  # the model is loaded, and songs are being classified
                time.sleep(0.02)
            served.process.send_signal(method)
            served.process.wait(30)
        for thread in threads:
            thread.join()
    log = (home / "log").read_text()
    assert "Traceback" not in log, log
    assert "Error" not in log, log
    codes = {found.status_code for found in responses if isinstance(found, httpx.Response)}
    assert codes == {200, 503}
    assert len(responses) == CLIENTS
    assert list((home / "temporary").iterdir()) == []
