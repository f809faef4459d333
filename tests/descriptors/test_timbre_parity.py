"""Marsyas and jMIR vectors against what the original tools gave for the reference signals."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
from timbre_signals import gated_sweep

from genrescope.descriptors.jmir.clip import JMIR_SETS, describe_jmir
from genrescope.descriptors.marsyas.song import describe_marsyas

REFERENCE = Path(__file__).parent.parent / "data" / "reference"
SYNTHETIC = np.load(REFERENCE / "synthetic.npz")
CLIPS = np.load(REFERENCE / "clips.npz")
SETS = ("marsyas_timbral", *JMIR_SETS)


def describe(samples, rate, dtype="float64"):
    vectors = {"marsyas_timbral": describe_marsyas(samples, rate, dtype=dtype)}
    return vectors | describe_jmir(samples, rate, dtype=dtype)


def printed(values):
    """Values as jMIR prints them: at most four significant digits, halves to even."""
    return np.array([float(f"{value:.3e}") for value in np.ravel(values)]).reshape(values.shape)


def assert_as_printed_by_marsyas(values, expected):
    # Six decimals; PeakRatio_Minimum reaches 1e9, where the last digits of a double show.
    np.testing.assert_array_less(np.abs(values - expected), 0.5001e-6 + 1e-12 * np.abs(expected))


@pytest.fixture(scope="module")
def clips(shared):
    """All sets of the 50 lossless clips in both precisions: {dtype: {set: (50, d)}}."""
    vectors = {"float64": [], "float32": []}
    for name in CLIPS["files"]:
        samples, rate = soundfile.read(shared / "data" / "gtzan_audio" / str(name))
        for dtype, rows in vectors.items():
            rows.append(describe(samples, rate, dtype))
    return {
        dtype: {name: np.array([row[name] for row in rows]) for name in SETS}
        for dtype, rows in vectors.items()
    }


@pytest.mark.slow
def test_marsyas_of_all_clips_to_the_printed_decimals(clips):
    assert_as_printed_by_marsyas(clips["float64"]["marsyas_timbral"], CLIPS["marsyas_timbral"])


@pytest.mark.slow
@pytest.mark.parametrize("name", JMIR_SETS)
def test_jmir_of_all_clips_to_the_printed_digits(clips, name):
    np.testing.assert_array_equal(printed(clips["float64"][name]), CLIPS[name])


@pytest.mark.slow
@pytest.mark.parametrize("name", SETS)
def test_single_precision_within_a_thousandth_of_the_spread(clips, name):
    exact = clips["float64"][name]
    difference = np.abs(clips["float32"][name] - exact).max(axis=0)
    # The tenth LPC value is always 0, so its spread is, too.
    assert np.all(difference <= 1e-3 * exact.std(axis=0))


# The tools were given the synthetic signals as 32-bit samples cut down to 16 bits, while the FLAC
# files are rounded to 16 bits: up to one unit apart. The sweep is known in closed form.


def test_flac_of_the_sweep_is_the_rounded_closed_form():
    samples, _ = soundfile.read(REFERENCE / "audio" / "sweep_22050_mono_31s.flac", dtype="int16")
    np.testing.assert_array_equal(samples, np.rint(gated_sweep() * 2**15))


@pytest.fixture(scope="module")
def sweep():
    """Vectors of the sweep as the tools decoded it, and the row that they belong to."""
    decoded = np.floor(np.rint(gated_sweep() * 2**31) / 2**16) / 2**15
    row = list(SYNTHETIC["files"]).index("sweep_22050_mono_31s.flac")
    return describe(decoded, 22050), row


def test_marsyas_of_the_sweep_to_the_printed_decimals(sweep):
    vectors, row = sweep
    expected = SYNTHETIC["marsyas_timbral"][row]
    assert_as_printed_by_marsyas(vectors["marsyas_timbral"], expected)


@pytest.mark.parametrize("name", JMIR_SETS)
def test_jmir_of_the_sweep_to_the_printed_digits(sweep, name):
    vectors, row = sweep
    np.testing.assert_array_equal(printed(vectors[name]), SYNTHETIC[name][row])


OTHERS = [str(name) for name in SYNTHETIC["files"] if not name.startswith("sweep")]


@pytest.mark.parametrize("file", OTHERS)
def test_other_signals_are_near_what_the_tools_made_of_the_cut_samples(file):
    """No parity, for the last bit of every other sample is lost: rate, channels and length."""
    samples, rate = soundfile.read(REFERENCE / "audio" / file)
    vectors = describe(samples.T, rate)
    row = list(SYNTHETIC["files"]).index(file)
    for name in SETS:
        spread = CLIPS[name].std(axis=0)
        known = spread > 0
        distance = np.abs(vectors[name] - SYNTHETIC[name][row])[known] / spread[known]
        assert np.median(distance) < 0.04
