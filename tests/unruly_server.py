"""A web server that misbehaves as requested: what a long download over a bad line meets."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit


@dataclass
class Served:
    """One file and how it is served.

    Attributes:
        body: its bytes.
        break_after: for each request in turn, the bytes of the body after which the line is cut;
            None or no entry: not cut.
        ranges: whether Range is honoured.
        strict: whether If-Range is honoured.
        errors: status codes of the first responses.
        change_to: what the body becomes after the first request.
        sized: whether the length is sent.
        tag: whether an ETag is sent; without it a Last-Modified date is, unless `dated` is off.
        hold_after: bytes of the first response after which nothing more comes until `release`.
        requests: the headers of every request so far.
    """

    body: bytes
    break_after: list[int | None] = field(default_factory=list)
    ranges: bool = True
    strict: bool = True
    errors: list[int] = field(default_factory=list)
    change_to: bytes | None = None
    sized: bool = True
    tag: bool = True
    dated: bool = True
    hold_after: int | None = None
    requests: list[dict[str, str]] = field(default_factory=list)

    release: threading.Event = field(default_factory=threading.Event)

    @property
    def validators(self) -> dict[str, str]:
        digest = hashlib.sha256(self.body).hexdigest()
        if self.tag:
            return {"ETag": f'"{digest[:16]}"'}
        second = int(digest[:6], 16) % 60
        date = f"Mon, 02 Jan 2012 03:04:{second:02d} GMT"
        return {"Last-Modified": date} if self.dated else {}


class _Handler(BaseHTTPRequestHandler):
    files: dict[str, Served]

    def do_GET(self) -> None:
        served = self.files.get(urlsplit(self.path).path)
        if served is None:
            self.send_error(404)
            return
        served.requests.append(dict(self.headers.items()))
        if served.errors:
            self.send_error(served.errors.pop(0))
            return
        self._send(served)
        if served.change_to is not None:
            served.body, served.change_to = served.change_to, None

    def _send(self, served: Served) -> None:
        start = self._start(served)
        if start > len(served.body):
            self.send_error(416)
            return
        rest = served.body[start:]
        self.send_response(206 if start else 200)
        for name, value in served.validators.items():
            self.send_header(name, value)
        if start:
            last, size = len(served.body) - 1, len(served.body)
            self.send_header("Content-Range", f"bytes {start}-{last}/{size}")
        if served.sized:
            self.send_header("Content-Length", str(len(rest)))
        self.end_headers()
        cut = served.break_after.pop(0) if served.break_after else None
        rest = rest if cut is None else rest[:cut]
        if served.hold_after is not None:
            held, served.hold_after = served.hold_after, None
            self.wfile.write(rest[:held])
            served.release.wait(30)
            rest = rest[held:]
        self.wfile.write(rest)
        self.close_connection = True

    def _start(self, served: Served) -> int:
        requested = self.headers.get("Range", "")
        if not served.ranges or not requested:
            return 0
        condition = self.headers.get("If-Range")
        if served.strict and condition and condition not in served.validators.values():
            return 0
        return int(requested.removeprefix("bytes=").removesuffix("-"))

    def handle(self) -> None:
        with suppress(ConnectionError):  # the other side was killed
            super().handle()

    def log_message(self, format: str, *args: object) -> None:
        pass


@contextmanager
def serving(files: dict[str, Served]) -> Iterator[str]:
    """Serve `files` (path to file) on this machine; gives the address, ending in a slash."""
    handler = type("Handler", (_Handler,), {"files": files})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
