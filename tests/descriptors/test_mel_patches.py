"""Similarity to learnt patches: closed forms, invariances, edges."""

from __future__ import annotations

import numpy as np
import pytest
import soxr

from genrescope.descriptors.extra.mel_patches import (
    BANDS,
    PATCH,
    PatchAtoms,
    log_mel,
    mel_patches,
    needed_samples,
    patches,
    shipped_atoms,
)
from genrescope.errors import AudioError
from genrescope.featuresets import KNOWN_SETS

RATE = 22050
TIME = np.arange(6 * RATE) / RATE


def song(seed: int = 0) -> np.ndarray:
    """Tones and noise that come and go, at about -18 dB."""
    rng = np.random.default_rng(seed)
    swell = 1 + np.sin(2 * np.pi * 2 * TIME)
    sound = swell * sum(np.sin(2 * np.pi * f * TIME) for f in rng.uniform(100, 3000, 8))
    sound += (1 - np.cos(2 * np.pi * 3 * TIME)) * rng.standard_normal(len(TIME))
    return 0.126 * sound / np.sqrt(np.mean(np.square(sound)))


def test_a_tone_of_full_scale_has_the_power_of_its_window() -> None:
    levels = log_mel(np.sin(2 * np.pi * 1000 * TIME), RATE)
    # A Hann window of 1024 adds up to 512, half of it for each sign of the frequency: 256^2.
    total = 10 * np.log10((10 ** (levels / 10)).sum(axis=1))
    np.testing.assert_allclose(total, 10 * np.log10(1.5 * 256**2), atol=0.3)
    assert levels.shape[1] == BANDS


def test_another_rate_gives_the_same_values() -> None:
    low = song().astype(np.float32)
    high = soxr.resample(low, RATE, 2 * RATE)
    np.testing.assert_allclose(mel_patches(high, 2 * RATE), mel_patches(low, RATE), atol=0.02)


def test_an_equaliser_changes_little() -> None:
    spectrum = np.fft.rfft(song())
    tilt = 10 ** (np.linspace(6, -6, len(spectrum)) / 20)
    tilted = np.fft.irfft(spectrum * tilt)
    own, other = (mel_patches(x, RATE) for x in (song(), song(1)))
    change = np.linalg.norm(mel_patches(tilted, RATE) - own)
    assert change < 0.2 * np.linalg.norm(other - own)


def test_patches_are_bands_by_frames_less_their_mean() -> None:
    levels = np.random.default_rng(0).normal(0, 5, (20, BANDS)).astype(np.float32)
    found = patches(levels, 3)
    relative = levels - levels.mean(axis=0)
    assert found.shape == ((20 - PATCH) // 3 + 1, PATCH * BANDS)
    np.testing.assert_allclose(found[2].reshape(BANDS, PATCH), relative[6 : 6 + PATCH].T, rtol=1e-5)


def test_statistics_of_a_patch_that_is_an_atom() -> None:
    width = PATCH * BANDS
    atoms = PatchAtoms(
        np.zeros(width, np.float32), np.eye(width, dtype=np.float32), np.eye(width)[:, :2]
    )
    levels = np.zeros((200, BANDS), np.float32)
    still = atoms.describe(levels)
    np.testing.assert_array_equal(still, np.zeros(6))
    levels[:, 0] = np.where(np.arange(200) % 20 < 10, 5, -5)
    moving = atoms.describe(levels)
    # The first atom is the first frame of band 0, one of eight equal ones: a cosine of up to 0.35.
    assert 0 < moving[0] < 0.5 * (1 / np.sqrt(PATCH) - 0.1) + 0.02
    assert moving[2] > 0.1


def test_a_clip_shorter_than_a_second_or_of_a_low_rate_is_refused() -> None:
    least = needed_samples(RATE)
    assert least == 1024 + 39 * 512
    assert mel_patches(song()[:least], RATE).shape == (KNOWN_SETS["mel_patches"].dims,)
    with pytest.raises(AudioError, match=r"0\.95 s is too short for mel patches: 0\.95 s needed"):
        mel_patches(song()[: least - 1], RATE)
    with pytest.raises(AudioError, match="does not reach 10000 Hz"):
        mel_patches(song(), 16000)


def test_silence_is_like_no_atom_more_than_the_mean_patch_is() -> None:
    values = mel_patches(np.zeros(RATE), RATE).reshape(3, -1)
    np.testing.assert_allclose(values[1:], 0, atol=1e-6)
    assert np.isfinite(values).all()


def test_shipped_atoms_have_length_1() -> None:
    atoms = shipped_atoms()
    np.testing.assert_allclose(np.linalg.norm(atoms.atoms, axis=0), 1, atol=2e-3)
    assert atoms.whitening.shape[0] == PATCH * BANDS
