"""An append-only log of JSON lines that a killed process leaves readable."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Self

from genrescope.errors import DataError


class AppendLog:
    """The log at `path`; opening it cuts off a torn last line, which a killed process may leave.

    The caller keeps other writers away (`genrescope.files.lock`).

    Attributes:
        path: of the log; it is made where there is none.
        durable: whether each line is on the disk, not only with the system, when `append` returns.
    """

    def __init__(self, path: Path, *, durable: bool = False) -> None:
        self.path = path
        self.durable = durable
        self._file = path.open("a+b", buffering=0)
        self._file.truncate(_whole(path))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def append(self, line: Mapping[str, Any]) -> int:
        """Where a line begins that is written whole or, where it cannot be, not at all.

        Raises:
            OSError: it cannot be written.
        """
        place = self._file.seek(0, os.SEEK_END)
        data = json.dumps(line).encode() + b"\n"
        try:
            while data:
                data = data[self._file.write(data) :]
            if self.durable:
                os.fsync(self._file.fileno())
        except OSError:
            self._file.truncate(place)
            raise
        return place

    def read(self, place: int) -> dict[str, Any]:
        """The line that begins at `place`."""
        with self.path.open("rb") as file:
            file.seek(place)
            return dict(json.loads(file.readline()))

    def lines(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """(place, line) of every line.

        Raises:
            DataError: a line is no JSON object; names the line.
        """
        place = 0
        with self.path.open("rb") as file:
            for number, text in enumerate(file, 1):
                try:
                    line = dict(json.loads(text))
                except (ValueError, TypeError):
                    raise DataError(
                        "the line is damaged", place=f"{self.path}:{number}", remedy="delete it"
                    ) from None
                yield place, line
                place += len(text)


def _whole(path: Path) -> int:
    """Bytes up to the end of the last whole line."""
    with path.open("rb") as file:
        end = file.seek(0, os.SEEK_END)
        while end:
            start = max(0, end - 4096)
            file.seek(start)
            newline = file.read(end - start).rfind(b"\n")
            if newline >= 0:
                return start + newline + 1
            end = start
    return 0
