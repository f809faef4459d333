"""musicnn on a recording against the output of the original, and graphs that cannot be loaded."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr

from genrescope.backbones.backbone import Network
from genrescope.backbones.melpatches import RATE, log_mel, mel_patches
from genrescope.backbones.musicnn import MUSICNN
from genrescope.errors import DataError

SONG = Path(__file__).parents[1] / "data/reference/audio/band_22050_mono_31s.flac"
GRAPH, WEIGHTS = MUSICNN.graph, MUSICNN.weights
EMBEDDING, TAGS = MUSICNN.embedding, MUSICNN.tag_names
SOME_TAGS = {"electronic": 0.44549, "electronica": 0.14661, "chillout": 0.11971, "jazz": 0.1067}


@pytest.fixture(scope="module")
def samples() -> np.ndarray:
    """The recording at 16,000 Hz, (n,) float32."""
    song, rate = soundfile.read(SONG, dtype="float32")
    return soxr.resample(song, rate, RATE)


@pytest.fixture(scope="module")
def network(musicnn_models) -> Network:
    """The network as it is installed."""
    return Network.load(MUSICNN, musicnn_models / "musicnn")


@pytest.fixture(scope="module")
def original(shared) -> dict[str, object]:
    """What the original predicts of the recording."""
    return json.loads((shared / "reference/musicnn.json").read_text("utf-8"))


def test_there_are_fifty_tags():
    assert len(set(TAGS)) == 50
    assert MUSICNN.dims == EMBEDDING + 50 == len(MUSICNN.columns)


def test_the_front_end_is_the_original_s(samples):
    spectrogram = log_mel(samples)
    assert spectrogram.shape == (1938, 96)
    np.testing.assert_allclose(
        spectrogram[100, :4], [2.08097, 4.05995, 4.81394, 4.34798], atol=2e-5
    )
    assert spectrogram.mean() == pytest.approx(0.884871, abs=2e-6)


@pytest.mark.slow
def test_tags_of_a_recording_are_the_original_s(network, samples):
    tags = dict(zip(TAGS, network.describe(samples)[EMBEDDING:], strict=True))
    assert {name: tags[name] for name in SOME_TAGS} == pytest.approx(SOME_TAGS, abs=1e-4)


@pytest.mark.slow
def test_all_values_of_a_recording_are_the_original_s(network, samples, original):
    vector = network.describe(samples)
    np.testing.assert_allclose(vector[:EMBEDDING], original["penultimate_mean"], atol=1e-4)
    assert list(original["tags_mean"]) == list(TAGS)
    np.testing.assert_allclose(vector[EMBEDDING:], list(original["tags_mean"].values()), atol=1e-4)


@pytest.mark.slow
def test_a_patch_is_computed_for_itself(network, samples):
    patches = mel_patches(samples)[:3]
    together = [network.run(patch[None]) for patch in patches]
    alone = network.run(patches[2:])
    np.testing.assert_array_equal(together[2][0], alone[0])
    np.testing.assert_array_equal(together[2][1], alone[1])
    assert np.abs(together[2][0] - together[0][0]).max() > 0.1


@pytest.mark.slow
@pytest.mark.parametrize("damage", ["graph gone", "weights gone", "graph cut", "weights cut"])
def test_what_cannot_be_loaded_has_a_remedy(damage, musicnn_models, tmp_path):
    folder = shutil.copytree(musicnn_models / "musicnn", tmp_path / "musicnn")
    part, what = damage.split()
    path = folder / (GRAPH if part == "graph" else WEIGHTS)
    path.unlink() if what == "gone" else os.truncate(path, path.stat().st_size // 2)
    with pytest.raises(DataError, match="cannot be loaded") as caught:
        Network.load(MUSICNN, folder)
    assert caught.value.place == str(folder)
    assert "genrescope models add musicnn" in (caught.value.remedy or "")
