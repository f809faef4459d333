"""Tensors of a checkpoint that PyTorch wrote, read without PyTorch and without running anything.

Such a file is a zip of `NAME/data.pkl`, a pickle that describes the tensors, and of their values in
`NAME/data/0`, `NAME/data/1` and so on. A pickle is a program: it may name any function and call it.
Of the names in this one only those of ordered mappings, tensors and storages are known here, every
other is refused before anything is called, and nothing is read at all unless the file's checksum is
the expected one.
"""

from __future__ import annotations

import hashlib
import io
import math
import pickle
import zipfile
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genrescope.errors import DataError

_TYPES = {"FloatStorage": "<f4", "LongStorage": "<i8"}
_REMEDY = "fetch the file again from where it is published"


def read_torch_checkpoint(content: bytes, sha256: str) -> dict[str, NDArray[np.generic]]:
    """Every tensor by its name.

    Args:
        content: of the whole file.
        sha256: its expected checksum, hexadecimal.

    Raises:
        DataError: it is another file, a damaged one, or one that holds more than tensors.
    """
    if hashlib.sha256(content).hexdigest() != sha256:
        raise DataError("not the file expected: its checksum differs", remedy=_REMEDY)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            found = _Reader(archive).load()
    except (
        *(zipfile.BadZipFile, pickle.UnpicklingError, EOFError, KeyError, IndexError),
        *(ValueError, TypeError, AttributeError),
    ) as error:
        raise DataError(f"no checkpoint of tensors: {error}", remedy=_REMEDY) from error
    if not isinstance(found, dict) or not all(isinstance(v, np.ndarray) for v in found.values()):
        raise DataError("the checkpoint holds something other than tensors", remedy=_REMEDY)
    return dict(found)


class _Reader(pickle.Unpickler):
    """The pickle of a checkpoint, with four names known and no other."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        described = [name for name in archive.namelist() if name.endswith("/data.pkl")]
        if len(described) != 1:
            raise ValueError(f"{len(described)} files data.pkl in it")
        self._folder = described[0].removesuffix("data.pkl")
        super().__init__(io.BytesIO(archive.read(described[0])))

    def find_class(self, module: str, name: str) -> Callable[..., Any] | str:
        """What a name of the pickle stands for."""
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return _tensor
        if module == "torch" and name in _TYPES:
            return name
        raise pickle.UnpicklingError(f"it names {module}.{name}")

    def persistent_load(self, described: Any) -> NDArray[np.generic]:
        """The values of a storage: ("storage", type, key, device, count)."""
        kind, storage, key, _, count = described
        if kind != "storage" or not isinstance(key, str) or not key.isdecimal():
            raise pickle.UnpicklingError(f"it names a {kind!r}")
        values = np.frombuffer(self._archive.read(f"{self._folder}data/{key}"), _TYPES[storage])
        if len(values) != count:
            raise pickle.UnpicklingError(f"storage {key}: {len(values)} values, not {count}")
        return values


def _tensor(
    storage: NDArray[np.generic],
    offset: int,
    shape: tuple[int, ...],
    stride: tuple[int, ...],
    *_: object,
) -> NDArray[np.generic]:
    """A contiguous stretch of a storage in its shape."""
    steps = [math.prod(shape[axis + 1 :]) for axis in range(len(shape))]
    if any(
        size > 1 and have != want for size, have, want in zip(shape, stride, steps, strict=True)
    ):
        raise ValueError(f"a tensor of shape {shape} with strides {stride}")
    values = storage[offset : offset + math.prod(shape)]
    return values.reshape(shape)
