"""Fetching one file over HTTP so that a broken connection costs nothing but time.

What has come stays in `NAME.part`, with a note beside it of which version of the file it belongs
to; the next attempt, or the next run, requests the rest with `Range` and `If-Range` (RFC 9110,
sections 13.1.5 and 14). A file gets its own name only once it is whole.
"""

from __future__ import annotations

import http.client
import json
import os
import time
import urllib.request
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.error import HTTPError, URLError

from genrescope.errors import DataError, GenrescopeError
from genrescope.progress import Progress, Report

_CHUNK = 1 << 18
_TRANSIENT = frozenset({408, 416, 425, 429, 500, 502, 503, 504})
_BROKEN = (ConnectionError, TimeoutError, URLError, http.client.HTTPException)


class UnreachableError(GenrescopeError):
    """A server does not respond at all."""


class _InterruptedError(Exception):
    """This attempt failed, another may not."""


@dataclass(frozen=True)
class _Version:
    """Which file a part belongs to: its address, validator for `If-Range`, and size."""

    url: str
    validator: str
    size: int | None


class _Part:
    """What has come of a file so far."""

    def __init__(self, target: Path, url: str) -> None:
        self.url = url
        self.path = target.with_name(f"{target.name}.part")
        self.note = target.with_name(f"{target.name}.part.json")
        self.version = self._noted()
        keep = self.version.url == url and self.path.exists()
        self.offset = self.path.stat().st_size if keep else 0

    def _noted(self) -> _Version:
        try:
            return _Version(**json.loads(self.note.read_text("utf-8")))
        except (OSError, ValueError, TypeError):
            return _Version(self.url, "", None)

    @property
    def whole(self) -> bool:
        """Whether all of it has come, as far as its size is known."""
        return self.offset > 0 and self.offset == self.version.size

    def headers(self) -> dict[str, str]:
        """Headers that request what is still to come."""
        if not self.version.validator:
            self.restart()  # it is unknown whether the rest belongs to the same file
        common = {"User-Agent": "genrescope", "Accept-Encoding": "identity"}
        if not self.offset:
            return common
        return common | {"Range": f"bytes={self.offset}-", "If-Range": self.version.validator}

    def restart(self) -> None:
        """Forget what has come."""
        self.offset = 0
        self.path.unlink(missing_ok=True)

    def accept(self, response: http.client.HTTPResponse) -> None:
        """Make ready for the body of `response`: the rest of the file, or all of it."""
        if response.status != 206:
            self.restart()
            length = response.headers.get("Content-Length")
            size = int(length) if length and length.isdigit() else None
            self.version = _Version(self.url, _validator(response), size)
            self.note.write_text(json.dumps(asdict(self.version)), "utf-8")
            return
        expected = f"bytes {self.offset}-"
        span, _, size_text = response.headers.get("Content-Range", "").partition("/")
        same = _validator(response) in ("", self.version.validator)
        if not (same and span.startswith(expected) and size_text in ("*", str(self.version.size))):
            self.restart()
            raise _InterruptedError("the file changed on the server")

    def append(self, response: http.client.HTTPResponse, progress: Report | None) -> None:
        """Write the body of `response` behind what has come."""
        with self.path.open("ab") as handle:
            while chunk := response.read(_CHUNK):
                handle.write(chunk)
                self.offset += len(chunk)
                if progress:
                    progress(Progress(self.offset, self.version.size))
            handle.flush()
            os.fsync(handle.fileno())

    def finish(self, target: Path) -> None:
        """Give the file its own name."""
        self.path.replace(target)
        self.note.unlink(missing_ok=True)


def _validator(response: http.client.HTTPResponse) -> str:
    """A strong entity tag, else the date of the last change, else ""."""
    tag = response.headers.get("ETag", "")
    return tag if tag and not tag.startswith("W/") else response.headers.get("Last-Modified", "")


def fetch(
    url: str,
    target: Path,
    *,
    progress: Report | None = None,
    attempts: int = 4,
    pause: float = 1.0,
    timeout: float = 60.0,
) -> int:
    """Fetch `url` into `target`, going on where an earlier attempt or run broke off.

    Args:
        url: an http or https address.
        target: the file to write; its folder exists.
        progress: called with the bytes here, and those in all where the server states it.
        attempts: failures in a row, without a further byte, after which to give up.
        pause: seconds to wait after the first failure, doubled after each further one.
        timeout: seconds without a response that count as a failure.

    Returns:
        The size of the file in bytes.

    Raises:
        DataError: the server refuses, or breaks off every time.
        UnreachableError: the server does not respond.
    """
    part = _Part(target, url)
    furthest, failures = part.offset, 0
    while not part.whole:
        try:
            _attempt(url, part, progress, timeout)
            break
        except _InterruptedError as error:
            failures = 1 if part.offset > furthest else failures + 1
            furthest = max(furthest, part.offset)
            if failures >= attempts:
                raise _given_up(url, part, error) from error.__cause__
            time.sleep(pause * 2 ** (failures - 1))
    part.finish(target)
    return part.offset


def _attempt(url: str, part: _Part, progress: Report | None, timeout: float) -> None:
    """One request; afterwards the part is whole.

    Raises:
        _InterruptedError: it is not, and another request may help.
    """
    request = urllib.request.Request(url, headers=part.headers())
    try:
        with urllib.request.urlopen(request, timeout=timeout) as response:
            part.accept(response)
            part.append(response, progress)
    except HTTPError as error:
        if error.code == 416:  # the part is longer than the file
            part.restart()
        if error.code in _TRANSIENT:
            raise _InterruptedError(f"the server responded {error.code} {error.reason}") from error
        remedy = "see --base-url and --from for other places to take the files from"
        message = f"the server responded {error.code} {error.reason}"
        raise DataError(message, place=url, remedy=remedy) from error
    except _BROKEN as error:
        reason = getattr(error, "reason", error)
        raise _InterruptedError(f"the connection failed: {reason}") from error
    if part.version.size is not None and part.offset != part.version.size:
        message = f"the connection broke off after {part.offset:,} of {part.version.size:,} bytes"
        raise _InterruptedError(message)


def _given_up(url: str, part: _Part, error: _InterruptedError) -> GenrescopeError:
    if isinstance(error.__cause__, URLError) and not isinstance(error.__cause__, HTTPError):
        remedy = "check the connection, or see --base-url and --from"
        return UnreachableError(str(error), place=url, remedy=remedy)
    kept = f"; {part.offset:,} bytes are kept" if part.offset else ""
    return DataError(f"{error}{kept}", place=url, remedy="run the same command again to go on")
