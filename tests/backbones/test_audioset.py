"""The AudioSet network: front end and outputs for synthetic signals against reference values."""

from __future__ import annotations

import csv
import json

import numpy as np
import pytest

from genrescope.backbones.audioset import AUDIOSET, log_mel, mel_filters
from genrescope.backbones.backbone import Network
from genrescope.backbones.install import add_backbone
from genrescope.errors import DataError

N = np.arange(320_000)
T = N / 32_000
SIGNALS = {
    "sine_440": lambda: 0.5 * np.sin(2 * np.pi * 440 * T),
    "noise_uniform": lambda: (np.random.RandomState(7).random_sample(320_000) - 0.5) * 0.5,
    "sweep_20_16000": lambda: 0.5 * np.sin(2 * np.pi * (20 * T + 799 * T**2)),
    "clicks_2hz": lambda: np.where(N % 16_000 < 32, 0.9, 0.0),
    "tremolo_220_4hz": lambda: (
        0.4 * np.sin(2 * np.pi * 220 * T) * (1 + np.sin(2 * np.pi * 4 * T)) / 2
    ),
}


@pytest.fixture(scope="module")
def network(shared, tmp_path_factory) -> Network:
    """The network, added from the published file."""
    folder = tmp_path_factory.mktemp("models")
    assert add_backbone(AUDIOSET, folder, shared / "data/weights/mn04_as_mAP_432.pt")
    return Network.load(AUDIOSET, folder / "audioset")


@pytest.fixture(scope="module")
def reference(shared) -> dict[str, dict]:
    """What the original gives."""
    return json.loads((shared / "reference/audioset.json").read_text("utf-8"))["signals"]


@pytest.mark.parametrize("name", SIGNALS)
def test_the_front_end_is_the_original_s(name, reference):
    mel, expected = log_mel(SIGNALS[name]().astype(np.float32)), reference[name]
    assert list(mel.shape) == expected["logmel_shape"]
    assert mel.mean() == pytest.approx(expected["logmel_mean"], abs=2e-5)
    assert mel.std() == pytest.approx(expected["logmel_std"], abs=2e-5)


@pytest.mark.parametrize("name", SIGNALS)
def test_the_network_gives_the_original_s_values(name, network, reference):
    samples, expected = SIGNALS[name]().astype(np.float32), reference[name]
    found = network.run(log_mel(samples)[None, None])
    for (part,), key in zip(found, ("embedding", "logits"), strict=True):
        np.testing.assert_allclose(part, expected[key], atol=2e-3)
    np.testing.assert_array_equal(network.describe(samples), np.concatenate(found, axis=1)[0])


def test_a_clip_is_the_mean_of_windows(network):
    first, second = (SIGNALS[name]().astype(np.float32) for name in ("sine_440", "clicks_2hz"))
    both = network.describe(np.concatenate([first, second]))
    halves = network.describe(first) + network.describe(second)
    np.testing.assert_allclose(both, halves / 2, atol=1e-4)


@pytest.mark.parametrize("count", [1, 600, 31_999, 32_001, 500_000])
def test_any_length_is_described(count, network):
    vector = network.describe(np.resize(SIGNALS["sine_440"]().astype(np.float32), count))
    assert vector.shape == (AUDIOSET.dims,)
    assert np.isfinite(vector).all()


def test_filters_are_triangles_of_height_one():
    filters = mel_filters()
    assert filters.shape == (128, 513)
    assert filters.max() <= 1
    between = filters.sum(axis=0)[4:460]  # neighbours add up to one
    np.testing.assert_allclose(between, 1, atol=1e-5)
    assert not filters[:, 481:].any()  # 15,000 Hz


def test_names_are_audioset_s(shared):
    with (shared / "reference/audioset_labels.csv").open(encoding="utf-8", newline="") as file:
        assert AUDIOSET.tag_names == tuple(row["name"] for row in csv.DictReader(file))
    assert AUDIOSET.tag_names.index("Music") == 137


def test_no_network_is_an_error_with_a_remedy(tmp_path):
    with pytest.raises(DataError) as caught:
        Network.load(AUDIOSET, tmp_path)
    assert "models add audioset" in str(caught.value.remedy)


def test_probabilities_are_those_of_the_logits(network):
    vector = network.describe(SIGNALS["sine_440"]().astype(np.float32))
    found = AUDIOSET.tag_probabilities(vector)
    np.testing.assert_allclose(found, 1 / (1 + np.exp(-vector[512:].astype(np.float64))))
    assert AUDIOSET.columns[512:] == AUDIOSET.tag_names
