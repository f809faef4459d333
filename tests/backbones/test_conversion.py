"""The converted network against the original graph run by TensorFlow, and wrong conversions."""

from __future__ import annotations

import itertools
import math
import shutil
import zipfile
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from genrescope.backbones.backbone import Network
from genrescope.backbones.check import check_network, noise
from genrescope.backbones.musicnn import MUSICNN
from genrescope.backbones.weights.musicnn import graph_tensors
from genrescope.backbones.weights.tf_checkpoint import read_checkpoint
from genrescope.errors import DataError

FOLDER = "musicnn/MSD_musicnn/"

GRAPH, WEIGHTS = MUSICNN.graph, MUSICNN.weights


@pytest.fixture(scope="module")
def variables(musicnn_wheel) -> dict[str, np.ndarray]:
    """The trained variables, by name."""
    with zipfile.ZipFile(musicnn_wheel) as wheel:
        return read_checkpoint(
            wheel.read(f"{FOLDER}.index"), wheel.read(f"{FOLDER}.data-00000-of-00001")
        )


def original(wheel: Path, patches: np.ndarray, folder: Path) -> tuple[np.ndarray, np.ndarray]:
    """(embedding, tags) by the graph that the authors saved, with TensorFlow's own reader."""
    import tensorflow as tf

    v1 = tf.compat.v1
    with zipfile.ZipFile(wheel) as archive:
        for suffix in ("index", "data-00000-of-00001", "meta"):
            (folder / f"model.{suffix}").write_bytes(archive.read(f"{FOLDER}.{suffix}"))
    meta = v1.MetaGraphDef.FromString((folder / "model.meta").read_bytes())
    for node in meta.graph_def.node:
        node.attr.pop(
            "_output_shapes", None
        )  # of gradients; today's TensorFlow sees them otherwise
    wanted = ["model/batch_normalization_10/batchnorm/add_1", "model/Sigmoid"]
    graph_def = v1.graph_util.extract_sub_graph(meta.graph_def, wanted)
    reader = tf.train.load_checkpoint(str(folder / "model"))
    with v1.Graph().as_default() as graph, v1.Session() as session:
        v1.import_graph_def(graph_def, name="")
        for node in graph_def.node:
            if node.op == "VariableV2":
                variable = graph.get_tensor_by_name(f"{node.name}:0")
                session.run(v1.raw_ops.Assign(ref=variable, value=reader.get_tensor(node.name)))
        inputs: dict[str, Any] = {"model/Placeholder:0": patches, "model/Placeholder_2:0": False}
        embedding, tags = session.run([f"{name}:0" for name in wanted], inputs)
    return embedding, tags


def outside() -> list[Any]:
    """The initialisers that the shipped graph looks for in the file of weights."""
    import onnx

    model = onnx.load(str(files("genrescope.backbones") / GRAPH), load_external_data=False)
    return [tensor for tensor in model.graph.initializer if tensor.external_data]


def test_the_graph_finds_each_initialiser_where_the_weights_have_it():
    places = [{item.key: item.value for item in tensor.external_data} for tensor in outside()]
    sizes = [4 * math.prod(tensor.dims) for tensor in outside()]
    offsets = [0, *itertools.accumulate(sizes)]
    assert [int(place["length"]) for place in places] == sizes
    assert [int(place["offset"]) for place in places] == offsets[:-1]
    assert {place["location"] for place in places} == {WEIGHTS}
    assert offsets[-1] == 3_150_880


@pytest.mark.slow
def test_the_weights_have_the_names_and_shapes_of_the_graph(variables):
    wanted = [(tensor.name, tuple(tensor.dims)) for tensor in outside()]
    assert [(name, value.shape) for name, value in graph_tensors(variables).items()] == wanted


@pytest.mark.slow
@pytest.mark.parametrize("highest", [1, 4])  # log-mel values go to about 4
def test_the_original_graph_gives_the_same(highest, musicnn_wheel, musicnn_models, tmp_path):
    patches = np.random.default_rng(highest).uniform(0, highest, (3, 187, 96)).astype(np.float32)
    ours = Network.load(MUSICNN, musicnn_models / "musicnn").run(patches)
    theirs = original(musicnn_wheel, patches, tmp_path)
    np.testing.assert_allclose(ours[0], theirs[0], atol=2e-5)
    np.testing.assert_allclose(ours[1], theirs[1], atol=2e-6)


@pytest.mark.slow
def test_the_known_values_are_those_of_the_original_graph(musicnn_wheel, tmp_path):
    class Original(Network):
        def run(self, patches):
            return original(musicnn_wheel, patches, tmp_path)

    check_network(Original(MUSICNN, None))


def test_the_known_noise_is_what_it_was():
    patch = noise((1, 187, 96))
    assert patch.shape == (1, 187, 96)
    np.testing.assert_array_equal(
        patch[0, 0, :3], np.float32([0.8444218515250481, 0.7579544029403025, 0.420571580830845])
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("conv2d/kernel", lambda kernel: kernel[::-1]),
        ("conv2d_1/kernel", lambda kernel: kernel[:, ::-1]),
        ("conv2d_4/kernel", lambda kernel: kernel[::-1]),
        ("conv2d_7/kernel", lambda kernel: kernel[::-1]),
        ("conv2d_5/bias", lambda bias: bias[::-1]),
        ("batch_normalization/moving_mean", lambda mean: -mean),
        ("batch_normalization_3/gamma", lambda gamma: -gamma),
        ("batch_normalization_9/moving_variance", lambda variance: variance**0.5),
        ("dense_1/kernel", lambda kernel: kernel[::-1]),
        ("dense_1/bias", lambda bias: bias * np.float32("nan")),
    ],
)
def test_a_wrong_conversion_is_refused(name, change, variables, musicnn_models, tmp_path):
    shutil.copy(musicnn_models / "musicnn" / GRAPH, tmp_path)
    wrong = graph_tensors(variables | {name: change(variables[name])})
    (tmp_path / WEIGHTS).write_bytes(b"".join(value.tobytes() for value in wrong.values()))
    with pytest.raises(DataError, match="does not give its known values"):
        check_network(Network.load(MUSICNN, tmp_path))
