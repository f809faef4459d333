"""Log-mel patches against closed forms and published facts of the scale."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from genrescope.backbones.melpatches import log_mel, mel_filters, mel_patches

HZ_A_BIN = 16000 / 512


def tone(bin_: int, samples: int) -> np.ndarray:
    """A sine of full scale in the middle of a bin of the spectrum."""
    return np.sin(2 * np.pi * bin_ * np.arange(samples) / 512).astype(np.float32)


def test_silence_is_zero():
    np.testing.assert_array_equal(log_mel(np.zeros(2560, np.float32)), np.zeros((11, 96)))


@pytest.mark.parametrize("bin_", [5, 32, 100, 200])
def test_a_tone_is_the_window_s_main_lobe(bin_):
    # The periodic Hann window gives a sine n/4 in its bin and n/8 in the two beside it.
    power = np.zeros(257)
    power[bin_ - 1 : bin_ + 2] = np.square([64.0, 128.0, 64.0])
    expected = np.log10(1e4 * mel_filters() @ power + 1)
    found = log_mel(tone(bin_, 4096))[2:-2]  # frames that reach into the padding left out
    np.testing.assert_allclose(found, np.tile(expected, (len(found), 1)), atol=2e-4)


def test_an_impulse_is_flat_and_as_loud_as_the_window_there():
    samples = np.zeros(2048, np.float32)
    samples[1024] = 1  # the middle of frame 4; frames 3 and 5 have it where their window is 0
    frames = log_mel(samples)
    expected = np.log10(1e4 * mel_filters().sum(axis=1) + 1)
    np.testing.assert_allclose(frames[4], expected, atol=1e-5)
    np.testing.assert_allclose(frames[[0, 1, 2, 3, 5, 6, 7, 8]], 0, atol=1e-5)


def test_bands_are_as_wide_as_slaney_has_them():
    filters = mel_filters()
    assert filters.shape == (96, 257)
    assert filters.min() == 0
    # 8000 Hz are 45.245 mels; 98 edges leave 0.46645 mels, 31.096 Hz, between them below 1 kHz.
    step = (15 + 27 * np.log(8) / np.log(6.4)) / 97 * 200 / 3
    assert step == pytest.approx(31.0964, abs=1e-3)
    centres = filters[:30] @ (np.arange(257) * HZ_A_BIN) / filters[:30].sum(axis=1)
    np.testing.assert_allclose(centres, step * np.arange(1, 31), atol=HZ_A_BIN / 2)
    # Where a triangle covers many bins their sum is its area.
    np.testing.assert_allclose(filters[80:].sum(axis=1) * HZ_A_BIN, 1, atol=0.02)


@given(st.integers(1, 100_000))
def test_patches_are_whole_and_at_least_one(length):
    patches = mel_patches(np.ones(length, np.float32))
    assert patches.shape == (max(1, (1 + length // 256) // 187), 187, 96)


def test_patches_follow_each_other():
    samples = np.random.default_rng(0).standard_normal(16000 * 8).astype(np.float32)
    np.testing.assert_array_equal(mel_patches(samples).reshape(-1, 96), log_mel(samples)[: 2 * 187])


def test_a_short_clip_is_repeated():
    short = np.random.default_rng(0).standard_normal(16000).astype(np.float32)
    np.testing.assert_array_equal(mel_patches(short)[0], log_mel(np.tile(short, 3))[:187])
