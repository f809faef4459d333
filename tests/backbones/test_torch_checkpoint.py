"""Checkpoints of PyTorch: the real file, files written by hand, and programs in their place."""

from __future__ import annotations

import hashlib
import io
import pickle
import zipfile
from collections import OrderedDict

import numpy as np
import pytest

from genrescope.backbones.audioset import AUDIOSET
from genrescope.backbones.weights.torch_checkpoint import read_torch_checkpoint
from genrescope.errors import DataError

VALUES = np.arange(12, dtype="<f4")


class Storage:
    """A storage, as PyTorch's pickler names it."""

    def __init__(self, kind: str = "FloatStorage", key: str = "0", count: int = 12) -> None:
        self.described = ("storage", _Global("torch", kind), key, "cpu", count)


class _Global:
    """A name that is pickled as a global and need not exist here."""

    def __init__(self, module: str, name: str) -> None:
        self.module, self.name = module, name


class _Pickler(pickle._Pickler):  # the one in Python, whose way with objects can be extended
    def persistent_id(self, value: object) -> object:
        return value.described if isinstance(value, Storage) else None

    def save(self, value: object, save_persistent_id: bool = True) -> None:
        if isinstance(value, _Global):
            self.write(f"c{value.module}\n{value.name}\n".encode())
        elif isinstance(value, _Call):
            self.save(value.function)
            self.save(value.arguments)
            self.write(b"R")
        else:
            super().save(value, save_persistent_id)


class _Call:
    """A call that is made when it is read."""

    def __init__(self, function: _Global, *arguments: object) -> None:
        self.function, self.arguments = function, arguments


def tensor(shape: tuple, stride: tuple, offset: int = 0, storage: Storage | None = None) -> _Call:
    rebuild = _Global("torch._utils", "_rebuild_tensor_v2")
    return _Call(rebuild, storage or Storage(), offset, shape, stride, False, OrderedDict())


def written(content: object) -> bytes:
    """A checkpoint of the content, one storage of `VALUES` in it."""
    described, whole = io.BytesIO(), io.BytesIO()
    _Pickler(described, 2).dump(content)
    with zipfile.ZipFile(whole, "w") as archive:
        archive.writestr("net/data.pkl", described.getvalue())
        archive.writestr("net/data/0", VALUES.tobytes())
    return whole.getvalue()


def read(content: bytes) -> dict[str, np.ndarray]:
    return read_torch_checkpoint(content, hashlib.sha256(content).hexdigest())


def test_tensors_are_stretches_of_their_storage():
    found = read(written({"a": tensor((2, 3), (3, 1), 6), "b": tensor((), (), 5)}))
    np.testing.assert_array_equal(found["a"], [[6, 7, 8], [9, 10, 11]])
    assert found["b"].shape == ()
    assert found["b"] == 5


def test_a_wrong_checksum_is_refused_before_anything_is_read():
    with pytest.raises(DataError, match="checksum"):
        read_torch_checkpoint(b"not even a zip", AUDIOSET.origin.sha256)


@pytest.mark.parametrize("module", ["os", "posix", "builtins"])
def test_a_pickle_that_wants_to_run_something_is_refused(module, tmp_path):
    name = "exec" if module == "builtins" else "system"
    command = "raise SystemExit" if module == "builtins" else f"touch {tmp_path}/run"
    with pytest.raises(DataError, match=f"it names {module}.{name}"):
        read(written({"a": _Call(_Global(module, name), command)}))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "content",
    [
        {"a": tensor((2, 3), (1, 2))},  # not contiguous
        {"a": tensor((4, 4), (4, 1))},  # more than there is
        {"a": tensor((12,), (1,), 0, Storage(count=13))},
        {"a": tensor((12,), (1,), 0, Storage(key="../0"))},
        {"a": tensor((12,), (1,), 0, Storage(key="7"))},
        {"a": tensor((12,), (1,), 0, Storage(kind="HalfStorage"))},
        {"a": 3},
        [tensor((12,), (1,))],
    ],
)
def test_what_is_no_mapping_of_tensors_is_refused(content):
    with pytest.raises(DataError):
        read(written(content))


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", written({})[:-30]])
def test_what_is_cut_is_refused(content):
    with pytest.raises(DataError):
        read(content)


def test_the_published_file(shared):
    content = (shared / "data/weights/mn04_as_mAP_432.pt").read_bytes()
    found = read_torch_checkpoint(content, AUDIOSET.origin.sha256)
    assert found["classifier.5.weight"].shape == (527, 512)
    assert sum(value.size for name, value in found.items() if "running" not in name) > 970_000
    flipped = bytearray(content)
    flipped[2_000_000] ^= 1
    with pytest.raises(DataError, match="checksum"):
        read_torch_checkpoint(bytes(flipped), AUDIOSET.origin.sha256)
