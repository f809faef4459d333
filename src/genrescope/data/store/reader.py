"""The store: one feature set's vectors on disk, opened at once however large, never read whole.

A store is a folder with `matrix.npy` (rows x dims, float32), `ids.npy`, `labels.npy` where labels
are known, and `store.json`, which describes them. `store.json` is written last and replaced
in one step, so a folder without it is no store yet.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genrescope.data.table import FeatureTable
from genrescope.errors import DataError
from genrescope.files.atomic import write_json
from genrescope.files.text import parse_json

MANIFEST = "store.json"
JOURNAL = "journal.json"
_FORMAT = "genrescope store 1"


@dataclass(frozen=True)
class StoredArray:
    """One array of a store: its file, the file's size, and the CRC-32 of its values."""

    file: str
    bytes: int
    crc32: int


@dataclass(frozen=True)
class Manifest:
    """The content of `store.json`.

    Attributes:
        feature_set: name of the set.
        rows: number of vectors.
        columns: name of each value of a vector.
        arrays: `matrix`, `ids` and, where labels are known, `labels`.
        duplicates: rows left out because their id had come before.
        provenance: where the values come from, JSON values only.
    """

    feature_set: str
    rows: int
    columns: tuple[str, ...]
    arrays: Mapping[str, StoredArray]
    duplicates: int = 0
    provenance: Mapping[str, Any] = field(default_factory=dict)


def is_store(path: str | Path) -> bool:
    """Whether `path` is a folder that holds a finished store."""
    return (Path(path) / MANIFEST).is_file()


def read_manifest(folder: str | Path) -> Manifest:
    """What is in the store at `folder`.

    Raises:
        DataError: there is no store, an unfinished one, or one this version cannot read.
    """
    place = Path(folder) / MANIFEST
    if not place.is_file():
        raise _no_store(Path(folder))
    try:
        content = parse_json(place.read_text(encoding="utf-8"))
        if content.pop("format") != _FORMAT:
            raise ValueError("another format")
        arrays = {name: StoredArray(**item) for name, item in content.pop("arrays").items()}
        columns = tuple(content.pop("columns"))
        return Manifest(**content, columns=columns, arrays=arrays)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise DataError(
            f"not the description of a store ({error})",
            place=place,
            remedy="import the feature file again",
        ) from None


def _no_store(folder: Path) -> DataError:
    if (folder / JOURNAL).is_file():
        remedy = "an import was interrupted: run it again, it goes on where it stopped"
        return DataError("the store is not finished", place=folder, remedy=remedy)
    remedy = "make one with `genrescope data import`"
    return DataError("no store here", place=folder, remedy=remedy)


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Put `manifest` in place in one step: the store is the old one before, the new one after."""
    write_json(folder / MANIFEST, {"format": _FORMAT, **asdict(manifest)})


def open_store(folder: str | Path) -> FeatureTable:
    """The table in the store at `folder`; its arrays are memory maps.

    Raises:
        DataError: there is no store, or its files are not as described.
    """
    folder = Path(folder)
    manifest = read_manifest(folder)
    dims = len(manifest.columns)
    arrays = {name: _map(folder, item) for name, item in manifest.arrays.items()}
    matrix, ids = arrays.get("matrix"), arrays.get("ids")
    if matrix is None or matrix.shape != (manifest.rows, dims) or matrix.dtype != np.float32:
        raise _broken(folder, f"its matrix is not {manifest.rows} x {dims} float32")
    if ids is None or any(len(array) != manifest.rows for array in arrays.values()):
        raise _broken(folder, f"it has not {manifest.rows} ids")
    return FeatureTable(
        manifest.feature_set,
        ids,
        matrix,
        labels=arrays.get("labels"),
        provenance={**manifest.provenance, "duplicates": manifest.duplicates},
    )


def _map(folder: Path, array: StoredArray) -> NDArray[Any]:
    """Memory map of one array, its size checked."""
    path = folder / array.file
    try:
        size = path.stat().st_size
        if size != array.bytes:
            raise _broken(folder, f"{array.file} has {size} bytes instead of {array.bytes}")
        mapped: NDArray[Any] = np.load(path, mmap_mode="r")
    except (OSError, ValueError) as error:
        raise _broken(folder, f"{array.file} cannot be read ({error})") from None
    return mapped


def _broken(folder: Path, what: str) -> DataError:
    return DataError(
        f"the store is damaged: {what}", place=folder, remedy="import the feature file again"
    )


def wrong_checksums(folder: str | Path) -> list[str]:
    """Files of the store whose values have changed since they were written; reads them whole.

    Raises:
        DataError: the store cannot be opened.
    """
    open_store(folder)
    arrays = read_manifest(folder).arrays.values()
    return [item.file for item in arrays if checksum(Path(folder) / item.file) != item.crc32]


def checksum(path: Path) -> int:
    """CRC-32 of the values in a `.npy` file, its header left out."""
    crc = 0
    with path.open("rb") as file:
        file.seek(np.load(path, mmap_mode="r").offset)
        while piece := file.read(1 << 20):
            crc = zlib.crc32(piece, crc)
    return crc
