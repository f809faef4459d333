"""An append-only log of what an extraction has done so far, one checksummed record a file.

A record is a CRC-32 and a length (little-endian, 4 bytes each) and then that many bytes: one line
of JSON and, after it, the float32 values of the sets that the line names, in that order. A process
that is killed while it writes leaves at most one torn record at the end, which the next one cuts
off; everything before it counts.
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from io import FileIO
from pathlib import Path
from typing import Any, BinaryIO, Self

import numpy as np
from numpy.typing import NDArray

from genrescope.engine import Failure
from genrescope.errors import DataError, UsageError
from genrescope.files.lock import lock_beside
from genrescope.files.log import append
from genrescope.sources import find_source

_HEAD = struct.Struct("<II")


@dataclass(frozen=True)
class Entry:
    """What became of one file: vectors and notes, or a failure.

    Attributes:
        id: name of the song in the tables.
        vectors: by feature set, shape (dims,), float32.
        notes: for people, on the vectors, or why a set is missing.
        failure: why there is no vector at all.
    """

    id: str
    vectors: Mapping[str, NDArray[np.float32]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    failure: Failure | None = None


class Journal:
    """The log at `path`; opening it reads what is there and cuts off a torn end.

    Only one process at a time can have it open.

    Attributes:
        plan: the first record: the run's request.
        resumed: whether there was a log.
        failed: the files that gave nothing.
    """

    def __init__(self, path: Path, plan: Mapping[str, Any]) -> None:
        self.path = path
        self.plan: Mapping[str, Any] = plan
        self.failed: set[str] = set()
        self._places: dict[str, int] = {}
        self._lock = lock_beside(path)
        if not self._lock.take():
            raise UsageError(
                "another run is writing here", place=path, remedy="wait until it is done"
            )
        try:
            self._file: FileIO = path.open("a+b", buffering=0)
            end = self._scan()
            self.resumed = end > 0
            self._file.truncate(end)
            if not self.resumed:
                append(self._file, _record(_line({"plan": plan})))
        except BaseException:
            self._lock.release()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
        self._lock.release()

    def __contains__(self, name: str) -> bool:
        return name in self._places

    def __len__(self) -> int:
        return len(self._places)

    def _scan(self) -> int:
        """Note the place of every whole record; where they end."""
        self._file.seek(0)
        end = 0
        while (payload := _read(self._file)) is not None:
            line = json.loads(payload.partition(b"\n")[0])
            if end == 0:
                self.plan = line["plan"]
            else:
                self._note(line, end)
            end = self._file.tell()
        return end

    def _note(self, line: Mapping[str, Any], place: int) -> None:
        self._places[line["id"]] = place
        if "failure" in line:
            self.failed.add(line["id"])

    def append(self, entry: Entry) -> None:
        """Add what became of a file; it survives the death of this process."""
        line: dict[str, Any] = {"id": entry.id}
        if entry.failure is not None:
            line["failure"] = [entry.failure.reason, entry.failure.remedy]
        else:
            line |= {"sets": list(entry.vectors), "notes": list(entry.notes)}
        values = [np.asarray(vector, "<f4").tobytes() for vector in entry.vectors.values()]
        self._note(line, append(self._file, _record(b"".join([_line(line), *values]))))

    def entries(self, names: Iterable[str]) -> Iterator[Entry]:
        """The entries of these files, in the wanted order.

        Raises:
            DataError: a record is no longer what was written.
        """
        with self.path.open("rb") as file:
            for name in names:
                file.seek(self._places[name])
                payload = _read(file)
                if payload is None:
                    raise DataError("the log has changed", place=self.path, remedy="start again")
                yield _entry(payload)


def _line(content: Mapping[str, Any]) -> bytes:
    return json.dumps(content).encode() + b"\n"


def _record(payload: bytes) -> bytes:
    return _HEAD.pack(zlib.crc32(payload), len(payload)) + payload


def _read(file: BinaryIO | FileIO) -> bytes | None:
    """The next record's content; None at the end or where a record is torn."""
    head = file.read(_HEAD.size)
    if len(head) < _HEAD.size:
        return None
    checksum, length = _HEAD.unpack(head)
    payload = file.read(length)
    whole = len(payload) == length and zlib.crc32(payload) == checksum
    return payload if whole and length else None


def _entry(payload: bytes) -> Entry:
    head, _, body = payload.partition(b"\n")
    line = json.loads(head)
    if "failure" in line:
        return Entry(line["id"], failure=Failure(*line["failure"]))
    values = np.frombuffer(body, "<f4")
    ends = np.cumsum([find_source(name).dims for name in line["sets"]])
    vectors = dict(zip(line["sets"], np.split(values, ends[:-1]), strict=True))
    return Entry(line["id"], vectors, tuple(line["notes"]))
