"""`Predictions`: a learner's probabilities of every tested song, and its files (npz or CSV)."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from genrescope.data.table import Strings
from genrescope.errors import DataError, UsageError
from genrescope.files.atomic import write_atomic
from genrescope.files.compressed import DAMAGES

_ARRAYS = ("ids", "truth", "probabilities", "split", "split_names", "genres")


@dataclass(frozen=True, eq=False)
class Predictions:
    """Out-of-fold predictions of one learner under one protocol, in the order of its splits.

    Attributes:
        ids: (n,) songs; with repeats a song is there once per repeat.
        truth: (n,) index of the true genre.
        probabilities: (n, genres), rows sum to 1.
        split: (n,) index into `split_names`.
        split_names: names of the protocol's splits.
        genres: the order of the columns.
    """

    ids: Strings
    truth: NDArray[np.int64]
    probabilities: NDArray[np.float64]
    split: NDArray[np.int64]
    split_names: tuple[str, ...]
    genres: tuple[str, ...]

    def save(self, path: Path) -> None:
        """Write a `.npz` or `.csv` file, whole or not at all; both keep every digit.

        Raises:
            UsageError: neither suffix.
        """
        write_atomic(path, self._csv() if _is_csv(path) else self._npz())

    @classmethod
    def load(cls, path: Path) -> Predictions:
        """Read what `save` wrote.

        Raises:
            UsageError: neither `.npz` nor `.csv`.
            DataError: the file is missing or is not what `save` writes.
        """
        try:
            return _from_csv(path) if _is_csv(path) else _from_npz(path)
        except OSError as error:
            raise DataError(f"cannot read predictions: {error.strerror}", place=path) from error
        except (ValueError, KeyError, IndexError, MemoryError, *DAMAGES) as error:
            raise DataError(f"not a file of predictions: {error}", place=path) from error

    def _npz(self) -> bytes:
        buffer = io.BytesIO()
        np.savez_compressed(
            buffer,
            allow_pickle=False,
            **{name: np.asarray(getattr(self, name)) for name in _ARRAYS},
        )
        return buffer.getvalue()

    def _csv(self) -> bytes:
        text = io.StringIO(newline="")
        writer = csv.writer(text)
        writer.writerow(["id", "split", "truth", *self.genres])
        for name, split, truth, row in zip(
            self.ids, self.split, self.truth, self.probabilities.tolist(), strict=True
        ):
            writer.writerow([name, self.split_names[split], self.genres[truth], *row])
        return text.getvalue().encode()


def _is_csv(path: Path) -> bool:
    if path.suffix not in (".npz", ".csv"):
        raise UsageError("predictions are kept as .npz or .csv", place=path)
    return path.suffix == ".csv"


def _from_npz(path: Path) -> Predictions:
    with np.load(path, allow_pickle=False) as file:
        ids, truth, probabilities, split, split_names, genres = (file[name] for name in _ARRAYS)
    return Predictions(
        ids, truth, probabilities, split, tuple(split_names.tolist()), tuple(genres.tolist())
    )


def _from_csv(path: Path) -> Predictions:
    with path.open(encoding="utf-8", newline="") as stream:
        header, *rows = csv.reader(stream)
    if header[:3] != ["id", "split", "truth"] or not rows:
        raise ValueError("no rows, or the header is not id, split, truth and the genres")
    genres, split_names = tuple(header[3:]), tuple(dict.fromkeys(row[1] for row in rows))
    return Predictions(
        np.array([row[0] for row in rows]),
        np.array([genres.index(row[2]) for row in rows], dtype=np.int64),
        np.array([row[3:] for row in rows], dtype=np.float64).reshape(len(rows), len(genres)),
        np.array([split_names.index(row[1]) for row in rows], dtype=np.int64),
        split_names,
        genres,
    )
