"""The results file: what a model predicted of files so far, so that nothing is classified twice.

JSON lines. The first names the model and the excerpt; each further one is what became of a
file, which its path, size and time of change identify. Probabilities are kept as the model gave
them, before any prior, threshold or mapping. A line is written in one piece; a process that is
killed leaves at most a torn last line, which the next one cuts off.
"""

from __future__ import annotations

import json
import os
from base64 import b64decode, b64encode
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from genrescope.audio.excerpt import Excerpt
from genrescope.errors import DataError, UsageError
from genrescope.files.atomic import write_errors
from genrescope.files.lock import ProcessLock, lock_beside
from genrescope.files.log import append
from genrescope.inference.card import DescribedModel
from genrescope.inference.classified import ClassifiedSong
from genrescope.inference.prediction import Prediction
from genrescope.inference.storage.packing import (
    FIRST_NETWORK,
    name_tags,
    pack,
    pack_tags,
    unpack,
    unpack_tags,
)

_START = b'{"genrescope results": 1, '
_LONGEST_HEADER = 1 << 16  # bytes
_REMEDY = "make room or name another file; the same command goes on from here"


@dataclass(frozen=True)
class FailedSong:
    """Why a file has no genre.

    Attributes:
        path: the file.
        reason: what is wrong.
        remedy: what a person can do about it.
    """

    path: Path
    reason: str
    remedy: str | None = None

    def as_json(self) -> dict[str, Any]:
        """The row as JSON values."""
        return {"path": str(self.path), "failure": self.reason, "remedy": self.remedy}


Row = ClassifiedSong | FailedSong


class ResultsFile:
    """The results at `path`, open for one process at a time; without a path, none.

    Raises:
        UsageError: they are of another model or excerpt, another process has them open, or the
            file is something else.
        DataError: a line is damaged, or the file cannot be written.
    """

    def __init__(self, path: Path | None, model: DescribedModel, excerpt: Excerpt) -> None:
        self.path = path
        self._model = model
        self._places: dict[str, int] = {}
        self._file: FileIO | None = None
        self._lock: ProcessLock | None = None
        if path is not None:
            if path.exists() and not (path.is_file() or path.is_dir()):
                raise UsageError("not a regular file", place=path, remedy="name another file")
            with write_errors(path, _REMEDY):
                path.parent.mkdir(parents=True, exist_ok=True)
                self._file = self._open(path, _header(model, excerpt))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()
        if self._lock is not None:
            self._lock.release()

    def __len__(self) -> int:
        return len(self._places)

    def find(self, path: Path) -> ClassifiedSong | None:
        """What is known of the file at `path`, unless it failed or has changed since."""
        place = self._places.get(_key(path))
        if place is None or self._file is None:
            return None
        self._file.seek(place)
        line = json.loads(self._file.readline())
        if "failure" in line or line["file"] != _identity(path):
            return None
        return self._song(path, line)

    def append(self, row: Row) -> None:
        """Add what became of a file; it survives the death of this process."""
        if self._file is None or self.path is None:
            return
        line = {"path": _key(row.path), "file": _identity(row.path), **_content(row)}
        with write_errors(self.path, _REMEDY):
            self._places[line["path"]] = append(self._file, _line(line))

    def _open(self, path: Path, header: bytes) -> FileIO:
        lock = lock_beside(path)
        if not lock.take():
            raise UsageError(
                "another run is writing here", place=path, remedy="wait until it is done"
            )
        try:
            with ExitStack() as opened:
                file = opened.enter_context(path.open("a+b", buffering=0))
                end = self._scan(path, header)
                file.truncate(end)
                if end == 0:
                    append(file, header)
                opened.pop_all()
        except BaseException:
            lock.release()
            raise
        self._lock = lock
        return file

    def _scan(self, path: Path, header: bytes) -> int:
        """Note the place of each whole line; where they end."""
        end = 0
        with path.open("rb") as file:
            _check_header(file.readline(_LONGEST_HEADER), header, path)
            file.seek(0)
            for number, line in enumerate(file, 1):
                if not line.endswith(b"\n"):
                    break
                if number > 1:
                    self._places[_path_of(line, f"{path}:{number}")] = end
                end += len(line)
        return end

    def _song(self, path: Path, line: Mapping[str, Any]) -> ClassifiedSong:
        card = self._model.card
        prediction = Prediction(
            card.genres,
            np.array(line["probabilities"]),
            card.threshold,
            line["music"],
            _embedding(line["embedding"]),
            tags=_tags(line["tags"]),
            heads={name: np.array(values) for name, values in line.get("heads", {}).items()},
        )
        notes = tuple(line["notes"])
        return ClassifiedSong(
            path, prediction, line["seconds"], line["duration"], line["took"], notes
        )


def _header(model: DescribedModel, excerpt: Excerpt) -> bytes:
    content = {"model": model.card.name, "digest": model.digest, "excerpt": str(excerpt)}
    return _START + _line(content).removeprefix(b"{")


def _check_header(line: bytes, header: bytes, path: Path) -> None:
    """Raises: UsageError where a file's first line is not `header`, nor the torn start of one."""
    if line == header or not line:
        return
    if not line.endswith(b"\n") and header.startswith(line):
        return
    if not (line.startswith(_START) and line.endswith(b"\n")):
        raise UsageError("not a results file", place=path, remedy="name another file")
    found, wanted = json.loads(line), json.loads(header)
    differences = [
        f"{name} is {found.get(name)} there and {value} here"
        for name, value in wanted.items()
        if found.get(name) != value
    ]
    raise UsageError(
        f"the results are of another run: {'; '.join(differences)}",
        place=path,
        remedy="name another file, or delete this one to start again",
    )


def _path_of(line: bytes, place: str) -> str:
    try:
        return str(json.loads(line)["path"])
    except (ValueError, KeyError, TypeError):
        raise DataError("the line is damaged", place=place, remedy="delete the line") from None


def _content(row: Row) -> dict[str, Any]:
    if isinstance(row, FailedSong):
        return {"failure": row.reason, "remedy": row.remedy}
    return {
        "genre": row.prediction.best,
        "probabilities": row.prediction.probabilities.tolist(),
        "music": row.prediction.music,
        "embedding": None
        if row.prediction.embedding is None
        else _text(pack(row.prediction.embedding)),
        "tags": {name: _text(part) for name, part in pack_tags(row.prediction.tags).items()},
        "heads": {name: values.tolist() for name, values in row.prediction.heads.items()},
        "seconds": row.analysed_s,
        "duration": row.duration,
        "took": row.elapsed_s,
        "notes": list(row.notes),
    }


def _text(content: bytes) -> str:
    return b64encode(content).decode()


def _embedding(text: str | None) -> NDArray[np.float32] | None:
    return None if text is None else unpack(b64decode(text))


def _tags(content: Any) -> dict[str, dict[str, float]]:
    """The tags of a line, by network and tag; lines of earlier versions have but one network's."""
    if isinstance(content, list):
        return name_tags(FIRST_NETWORK, content)
    return unpack_tags({name: b64decode(text) for name, text in content.items()})


def _line(content: Mapping[str, Any]) -> bytes:
    return json.dumps(content).encode() + b"\n"


def _key(path: Path) -> str:
    """The absolute path, by the links that it names."""
    return os.path.normpath(path.absolute())


def _identity(path: Path) -> list[int] | None:
    """Size in bytes and time of change in nanoseconds; None where there is no file."""
    try:
        status = path.stat()
    except OSError:
        return None
    return [status.st_size, status.st_mtime_ns]
