"""Descriptors beyond the thirteen sets: closed forms, invariances, edges."""

from __future__ import annotations

import numpy as np
import pytest

from genrescope.descriptors.extra import (
    band_correlation,
    loudness_fluctuation,
    spectral_contrast,
    tonality,
)
from genrescope.descriptors.extra.band_correlation import PAIRS, correlation, mel_bands
from genrescope.descriptors.extra.fluctuation import BANDS
from genrescope.descriptors.extra.magnitudes import magnitudes
from genrescope.descriptors.extra.spectral_contrast import LIMITS
from genrescope.descriptors.tuwien import sonogram
from genrescope.errors import AudioError, UsageError

RATE = 22050
TIME = np.arange(6 * RATE) / RATE + 1e-3
AGREEMENT, OFFSET, PEAK, LEAD, CHANGE = 21, 22, 23, 24, 25


def tone(hertz, amplitude=0.1):
    return amplitude * np.sin(2 * np.pi * hertz * TIME)


def chord(*semitones, tuning=0.0):
    return sum(tone(440 * 2 ** ((s + tuning) / 12)) for s in semitones)


def noise(seed=0):
    return np.random.default_rng(seed).normal(0, 0.1, len(TIME))


class TestMagnitudes:
    def test_sine_at_a_bin_has_its_amplitude_and_half_beside(self):
        spectra, hertz = magnitudes(tone(100 * RATE / 2048, 0.3), RATE, 0.093)
        assert hertz[100] == pytest.approx(100 * RATE / 2048)
        np.testing.assert_allclose(spectra[:, 99:102], [[0.15, 0.3, 0.15]] * len(spectra))
        assert spectra[:, 110:].max() < 1e-9

    @pytest.mark.parametrize(("rate", "bins"), [(11025, 513), (22050, 1025), (44100, 2049)])
    def test_frames_last_as_long_at_each_rate(self, rate, bins):
        spectra, _ = magnitudes(np.ones(rate), rate, 0.093)
        assert spectra.shape == ((rate - 2 * (bins - 1)) // (bins - 1) + 1, bins)

    def test_single_precision_stays(self):
        assert magnitudes(noise().astype(np.float32), RATE, 0.093)[0].dtype == np.float32


class TestSpectralContrast:
    def test_sine(self):
        values = spectral_contrast(tone(180 * RATE / 2048, 0.1), RATE).reshape(2, 2, 13)
        hertz = np.fft.rfftfreq(2048, 1 / RATE)
        band = int(np.searchsorted(LIMITS, hertz[180]) - 1)
        strongest = round(0.1 * ((hertz >= LIMITS[band]) & (hertz < LIMITS[band + 1])).sum())
        peak = np.log(0.2 / strongest + 1e-6)  # the sine's bin and half of it on either side
        assert strongest >= 3
        assert values[0, 0, band] == pytest.approx(peak - np.log(1e-6), abs=1e-3)
        assert values[0, 1, band] == pytest.approx(np.log(1e-6), abs=1e-3)
        assert values[0, 0].argmax() == band
        np.testing.assert_allclose(values[1], 0, atol=1e-3)

    def test_louder_moves_the_valleys_alone(self):
        soft, loud = (spectral_contrast(g * noise(), RATE).reshape(2, 2, 13) for g in (1, 4))
        np.testing.assert_allclose(loud[0, 0], soft[0, 0], atol=0.05)  # but for the floor
        np.testing.assert_allclose(loud[0, 1] - soft[0, 1], np.log(4), atol=0.05)

    def test_tones_have_more_than_noise(self):
        both = spectral_contrast(noise() / 100 + chord(0, 4, 7), RATE)
        assert (both[:13] >= spectral_contrast(noise() / 100, RATE)[:13] - 0.1).all()
        assert both[:13].max() > 4

    def test_silence_has_none(self):
        values = spectral_contrast(np.zeros(RATE), RATE)
        expected = np.repeat([0, np.log(1e-6), 0, 0], 13)
        np.testing.assert_allclose(values, expected, atol=1e-12)

    def test_rate_too_low(self):
        with pytest.raises(AudioError, match="does not reach 6400 Hz"):
            spectral_contrast(noise(), 8000)


class TestTonality:
    def test_tone_is_one_class(self):
        values = tonality(tone(440), RATE)
        expected = np.array([11 / 12, *[-1 / 12] * 6])
        np.testing.assert_allclose(values[:7], expected, atol=1e-6)
        np.testing.assert_allclose(values[7:14], expected, atol=1e-6)
        np.testing.assert_allclose(values[14:21], 0, atol=1e-6)
        assert values[AGREEMENT] == pytest.approx(1, abs=1e-3)
        assert values[OFFSET] == pytest.approx(0, abs=0.01)
        assert values[PEAK] == pytest.approx(12, abs=1e-6)
        assert values[LEAD] == pytest.approx(1, abs=1e-6)
        np.testing.assert_allclose(values[CHANGE:], 0, atol=1e-6)

    @pytest.mark.parametrize("tuning", [-0.3, 0.2, 0.4])
    def test_tuning_is_found_and_taken_away(self, tuning):
        values, tuned = (
            tonality(chord(0, 4, 7, tuning=tuning), RATE),
            tonality(chord(0, 4, 7), RATE),
        )
        assert values[OFFSET] == pytest.approx(abs(tuning), abs=0.02)
        np.testing.assert_allclose(values[:21], tuned[:21], atol=0.02)

    @pytest.mark.parametrize("key", [1, 5, 11])
    def test_key_does_not_matter(self, key):
        moved = tonality(chord(key, 4 + key, 7 + key), RATE)
        # Bins are not semitones: a peak between two bins is up to an eighth lower.
        np.testing.assert_allclose(moved, tonality(chord(0, 4, 7), RATE), rtol=0.03, atol=0.02)

    def test_fifth_shows_at_five_semitones(self):
        lags = tonality(chord(0, 7), RATE)[:7]
        # Two classes of one half: 1/4 where they meet, less the mean's 1/12.
        np.testing.assert_allclose(lags[5], 1 / 4 - 1 / 12, atol=0.01)
        assert lags[1:].argmax() + 1 == 5

    def test_two_notes_in_turn_change_once(self):
        half = len(TIME) // 2
        values = tonality(np.concatenate([tone(440)[:half], tone(660)[half:]]), RATE)
        frames = (len(TIME) - 4096) // 2048 + 1
        assert values[CHANGE] == pytest.approx(2 / (frames - 1), rel=0.1)

    def test_noise_agrees_on_no_tuning(self):
        assert tonality(noise(), RATE)[AGREEMENT] < 0.1

    def test_silence_is_even(self):
        values = tonality(np.zeros(RATE), RATE)
        np.testing.assert_allclose(values[:23], 0, atol=1e-12)
        assert values[PEAK] == pytest.approx(1)
        assert values[-1] == pytest.approx(np.log(12), abs=1e-6)


class TestLoudnessFluctuation:
    def test_constant_loudness(self):
        values = loudness_fluctuation(np.full((3, 24, 511), 2.0)).reshape(6, BANDS)
        np.testing.assert_allclose(values[0], np.log(2.05))
        np.testing.assert_array_equal(values[1:], 0)

    def test_square_wave(self):
        sones = np.zeros((2, 24, 512))
        sones[..., 1::2] = 2.0  # mean 1, deviation 1, 511 steps of 2 up and down in turn
        values = loudness_fluctuation(sones).reshape(6, BANDS)
        abrupt = np.sqrt(4 - (2 / 511) ** 2)
        expected = [np.log(1.05), 20, 1 / 1.01, abrupt / 1.001, 2 / 1.01, 2 / (abrupt + 1e-4)]
        expected[1] = (2.0 - 1.0) / (1.0 - 0.0 + 0.05)
        np.testing.assert_allclose(values, np.repeat(expected, BANDS).reshape(6, BANDS))

    def test_segments_are_not_joined(self):
        sones = np.repeat([[[1.0]], [[9.0]]], 24, axis=1) * np.ones(511)
        values = loudness_fluctuation(sones).reshape(6, BANDS)
        np.testing.assert_array_equal(values[3:], 0)  # the leap lies between two segments

    def test_upper_two_bands_are_left_out(self):
        sones = np.ones((1, 24, 511))
        sones[:, BANDS:] = noise()[:511]
        np.testing.assert_array_equal(
            loudness_fluctuation(sones), loudness_fluctuation(np.ones((1, 24, 511)))
        )

    def test_tremolo_fluctuates(self):
        still = loudness_fluctuation(sonogram(tone(1000), RATE)).reshape(6, BANDS)
        moving = tone(1000) * (1 + 0.9 * np.sin(2 * np.pi * 4 * TIME))
        shaken = loudness_fluctuation(sonogram(moving, RATE)).reshape(6, BANDS)
        band = 8  # 920 to 1080 Hz
        assert shaken[2, band] > 0.2 > 0.02 > still[2, band]
        assert shaken[4, band] > 10 * still[4, band]


class TestBandCorrelation:
    def test_noise_that_swells_moves_all_bands_alike(self):
        swelling = noise() * 10 ** np.sin(2 * np.pi * 0.5 * TIME)
        assert band_correlation(swelling, RATE).min() > 0.9

    def test_bands_of_steady_noise_are_not_correlated(self):
        long = np.random.default_rng(0).normal(0, 0.1, 60 * RATE)
        apart = PAIRS[1] - PAIRS[0] > 1  # neighbours share bins
        assert np.abs(band_correlation(long, RATE)[apart]).max() < 0.2

    def test_two_tones_in_turn_are_opposed(self):
        phase = np.sin(2 * np.pi * 0.5 * TIME)
        samples = tone(300) * (1 + 0.8 * phase) + tone(3000) * (1 - 0.8 * phase) + noise() / 1e4
        low, high = (
            int(mel_bands(RATE, 1025)[round(f * 2048 / RATE)].argmax()) for f in (300, 3000)
        )
        value = band_correlation(samples, RATE)[(PAIRS[0] == low) & (PAIRS[1] == high)]
        assert value < -0.8

    def test_loudness_does_not_matter(self):
        soft, loud = (band_correlation(g * noise(), RATE) for g in (0.5, 2))
        np.testing.assert_allclose(soft, loud, atol=1e-9)

    def test_median_over_blocks(self):
        steady, length = noise()[: 64 * 1024], 64 * 1024
        swelling = np.tile(steady, 6) * np.repeat([1.0, 8.0, 1.0, 8.0, 1.0, 8.0], length)
        one_odd = np.concatenate([swelling, np.tile(steady, 3)])
        assert np.median(band_correlation(one_odd, RATE)) > 0.8

    def test_silence(self):
        np.testing.assert_array_equal(band_correlation(np.zeros(RATE), RATE), 0)

    def test_rate_too_low(self):
        with pytest.raises(AudioError, match="does not reach 8000 Hz"):
            band_correlation(noise(), 11025)

    def test_equals_corrcoef_and_leaves_out_what_is_still(self):
        level = np.random.default_rng(1).normal(size=(128, 24))
        np.testing.assert_allclose(correlation(level), np.corrcoef(level.T), atol=1e-12)
        level[:, 3] = -100.0
        assert not correlation(level)[3].any()
        assert not correlation(level)[:, 3].any()

    def test_columns_sum_to_one_and_peak_in_order(self):
        bands = mel_bands(RATE, 1025)
        np.testing.assert_allclose(bands.sum(axis=0), 1)
        assert (np.diff(bands.argmax(axis=0)) > 0).all()
        assert not bands[round(8000 * 2048 / RATE) + 1 :].any()


@pytest.mark.parametrize("describe", [spectral_contrast, tonality, band_correlation])
class TestEdges:
    def test_too_short(self, describe):
        with pytest.raises(AudioError, match="too short"):
            describe(np.zeros(1000), RATE)

    def test_not_finite(self, describe):
        samples = noise()
        samples[30000] = np.nan
        with pytest.raises(AudioError, match="not a finite number"):
            describe(samples, RATE)

    @pytest.mark.parametrize("samples", [np.zeros((2, RATE)), np.zeros(RATE, np.int16)])
    def test_not_samples(self, describe, samples):
        with pytest.raises(UsageError, match="cannot be described"):
            describe(samples, RATE)

    def test_single_precision_is_close(self, describe):
        samples = noise() + chord(0, 4, 7)
        single = describe(samples.astype(np.float32), RATE)
        assert single.dtype == np.float64
        np.testing.assert_allclose(single, describe(samples, RATE), atol=2e-3)
