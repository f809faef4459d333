"""Checkpoints that TensorFlow wrote: read as TensorFlow reads them, and refused where damaged."""

from __future__ import annotations

import contextlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from genrescope.backbones.weights.crc32c import masked_crc32c
from genrescope.backbones.weights.tf_checkpoint import read_checkpoint
from genrescope.errors import DataError

pytestmark = pytest.mark.slow  # importing TensorFlow takes seconds


def draw(dtype: str, shape: tuple[int, ...]) -> np.ndarray:
    """Values over the whole range of bits that `dtype` has, NaN left out."""
    rng = np.random.default_rng(4)
    if dtype == "bool":
        return rng.integers(0, 2, shape) == 1
    return (rng.standard_normal(shape) * 100).astype(dtype)


TENSORS = {
    "conv2d/kernel": draw("float32", (7, 3, 1, 2)),
    "conv2d/bias": draw("float32", (2,)),
    "conv2d_1/kernel": draw("float64", (4, 5)),
    "step": np.asarray(41, "int64"),
    "nothing": np.zeros((0, 3), "float32"),
    **{
        f"kinds/{dtype}": draw(dtype, (3,))
        for dtype in ("float16", "int8", "int16", "int32", "complex64", "complex128", "bool")
    },
    "kinds/uint8": np.asarray([0, 255], "uint8"),
    "kinds/uint16": np.asarray([0, 65535], "uint16"),
    "kinds/uint32": np.asarray([0, 2**32 - 1], "uint32"),
    "kinds/uint64": np.asarray([0, 2**64 - 1], "uint64"),
}


def save(folder: Path, tensors: dict[str, object], slices: str = "") -> tuple[bytes, bytes]:
    """(index, data) as TensorFlow writes them for `tensors`."""
    import tensorflow as tf

    tf.raw_ops.SaveV2(
        prefix=str(folder / "model"),
        tensor_names=list(tensors),
        shape_and_slices=[slices] * len(tensors),
        tensors=[tf.constant(tensor) for tensor in tensors.values()],
    )
    data = (folder / "model.data-00000-of-00001").read_bytes()
    return (folder / "model.index").read_bytes(), data


def read_by_tensorflow(prefix: Path) -> dict[str, np.ndarray]:
    """What TensorFlow itself reads."""
    import tensorflow as tf

    reader = tf.train.load_checkpoint(str(prefix))
    return {
        name: np.asarray(reader.get_tensor(name)) for name in reader.get_variable_to_dtype_map()
    }


def read_or_refused(index: bytes, data: bytes) -> dict[str, np.ndarray] | None:
    """The tensors, or None where the checkpoint is refused as it should be."""
    with contextlib.suppress(DataError):
        return read_checkpoint(index, data)
    return None


def assert_same(ours: dict[str, np.ndarray], theirs: dict[str, np.ndarray]) -> None:
    """Same names, types, shapes and values."""
    assert ours.keys() == theirs.keys()
    for name, tensor in ours.items():
        assert tensor.dtype == theirs[name].dtype
        assert tensor.shape == theirs[name].shape
        np.testing.assert_array_equal(tensor, theirs[name])


@pytest.fixture(scope="module")
def small(tmp_path_factory) -> tuple[bytes, bytes]:
    """A small checkpoint with a tensor of each kind."""
    return save(tmp_path_factory.mktemp("small"), TENSORS)


def test_every_kind_of_number_is_read(small):
    assert_same(read_checkpoint(*small), TENSORS)


def test_an_index_of_many_blocks_is_read(tmp_path):
    # TensorFlow starts a new block every 256 kB: names of 3 kB that hardly share a beginning.
    rng = np.random.default_rng(1)
    letters = np.array(list("abcdefghij"))
    tensors = {
        "".join(rng.choice(letters, 3000)): rng.random(2, dtype=np.float32) for _ in range(300)
    }
    index, data = save(tmp_path, tensors)
    assert len(index) > 3 * (1 << 18)
    assert_same(read_checkpoint(index, data), tensors)


def test_variables_of_keras_and_their_text_are_read(tmp_path):
    import tensorflow as tf

    saved = tf.train.Checkpoint(
        kernel=tf.Variable(draw("float32", (3, 4))), step=tf.Variable(3, dtype=tf.int64)
    )
    prefix = Path(saved.write(str(tmp_path / "model")))
    theirs = read_by_tensorflow(prefix)
    text = {name: theirs.pop(name) for name in list(theirs) if theirs[name].dtype.kind in "OS"}
    assert text  # the graph of objects, which has no numbers in it
    index = prefix.with_suffix(".index").read_bytes()
    data = prefix.with_suffix(".data-00000-of-00001").read_bytes()
    assert_same(read_checkpoint(index, data), theirs)


def test_an_empty_checkpoint_has_no_tensors(tmp_path):
    index, data = save(tmp_path, {"text": np.asarray(["some", "text"])})
    assert read_checkpoint(index, data) == {}


@pytest.mark.parametrize(
    ("tensors", "slices"),
    [({"part": np.zeros((2, 2), "float32")}, "4 2 0,2:-"), ({"brain": "bfloat16"}, "")],
)
def test_slices_and_odd_types_are_refused(tensors, slices, tmp_path):
    import tensorflow as tf

    if tensors.get("brain") is not None:
        tensors = {"brain": tf.cast([1.0], tf.bfloat16)}
    index, data = save(tmp_path, tensors, slices)
    with pytest.raises(DataError, match=r"checkpoint index, byte \d+: '.*' is in slices or of a"):
        read_checkpoint(index, data)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300)
@given(st.data())
def test_a_changed_byte_of_the_index_is_found(small, drawn):
    index, data = small
    place = drawn.draw(st.integers(0, len(index) - 1))
    other = index[place] ^ drawn.draw(st.integers(1, 255))
    tensors = read_or_refused(index[:place] + bytes([other]) + index[place + 1 :], data)
    if tensors is not None:  # a byte that nobody reads, such as the padding of the footer
        assert_same(tensors, TENSORS)


@given(st.integers(0, 400))
def test_an_index_that_breaks_off_is_refused(small, kept):
    index, data = small
    with pytest.raises(DataError, match="not the index of a TensorFlow checkpoint"):
        read_checkpoint(index[: min(kept, len(index) - 1)], data)


@given(st.binary(max_size=200))
def test_any_bytes_before_the_right_ending_are_refused_or_read(noise):
    magic = bytes.fromhex("57fb808b247547db")
    assert not read_or_refused(noise + magic, b"")


@pytest.mark.parametrize("cut", [0, 1, 100])
def test_data_that_break_off_are_refused(small, cut):
    index, data = small
    with pytest.raises(DataError, match=r"checkpoint data, '.*': wrong checksum"):
        read_checkpoint(index, data[:cut])


def test_a_changed_bit_of_a_tensor_is_found(small):
    index, data = small
    damaged = bytearray(data)
    damaged[0] ^= 1
    with pytest.raises(DataError, match="checkpoint data, 'conv2d/kernel': wrong checksum"):
        read_checkpoint(index, bytes(damaged))


def test_a_compressed_block_is_an_error(tmp_path):
    index, data = save(tmp_path, {"a": np.zeros(1, "float32")})
    # The first block starts the file; its length is that of the entries, found by its checksum.
    for end in range(1, len(index) - 5):
        checksum = masked_crc32c(index[:end]).to_bytes(4, "little")
        if index[end - 1] == 0 and index[end : end + 4] == checksum:
            break
    snappy = index[: end - 1] + b"\x01"
    snappy += masked_crc32c(snappy).to_bytes(4, "little") + index[end + 4 :]
    with pytest.raises(DataError, match="compressed index"):
        read_checkpoint(snappy, data)
