"""The Marsyas timbral vector: test vectors, closed forms, edges and properties."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from timbre_signals import RATE, marsyas_vector_signal, sine

from genrescope.descriptors.marsyas.chroma import chroma, chroma_map, peak_ratios
from genrescope.descriptors.marsyas.mfcc import band_edges, cosine_transform, mel_filterbank
from genrescope.descriptors.marsyas.song import describe_marsyas, marsyas_frames
from genrescope.descriptors.marsyas.spectral import centroid, flux, log_power, rolloff
from genrescope.descriptors.marsyas.texture import song_statistics, texture
from genrescope.errors import AudioError, UsageError
from genrescope.featuresets import FEATURE_SETS

VECTORS = json.loads((Path(__file__).parent / "timbre_vectors.json").read_text())["marsyas"]
ZCR, CENTROID, ROLLOFF, FLUX, RATIOS = 0, 1, 2, 3, slice(29, 31)
MFCC, CHROMA = slice(4, 17), slice(17, 29)
LOG_OF_SILENCE = np.log(np.finfo(float).tiny)
SILENT_FRAME = np.array([1 / 512, 0.5, 1.0, 0.0, *[0.0] * 27])


def noise(count, seed=0):
    return np.random.default_rng(seed).normal(0, 0.1, count)


def test_recipe_of_the_test_vector():
    samples = marsyas_vector_signal()
    assert samples[:8].tolist() == [-292, -353, -325, -447, -186, -280, -28, 326]
    assert samples.sum() == 12030380
    assert (samples**2).sum() == 667850830954


def test_song_of_the_test_vector():
    values = describe_marsyas(marsyas_vector_signal() / 32768, RATE)
    np.testing.assert_array_equal(np.round(values, 6), VECTORS["song"])


@pytest.mark.parametrize("frame", [0, 1])
def test_base_features_of_the_test_vector(frame):
    values = marsyas_frames(marsyas_vector_signal() / 32768, RATE)
    np.testing.assert_allclose(values[frame], VECTORS[f"frame_{frame}"], rtol=1e-8)


def test_vector_has_the_shape_of_its_feature_set():
    assert describe_marsyas(noise(4096), RATE).shape == (FEATURE_SETS["marsyas_timbral"].dims,)


class TestMaps:
    def test_chroma_row_sums(self):
        sums = chroma_map(RATE).sum(axis=1)
        np.testing.assert_allclose(sums, VECTORS["chroma_row_sums"], rtol=1e-7)

    def test_chroma_columns_have_unit_norm(self):
        np.testing.assert_allclose(np.linalg.norm(chroma_map(44100), axis=0), 1.0)

    @pytest.mark.parametrize(
        ("band", "first", "last"),
        [(0, 4, 6), (1, 5, 7), (12, 22, 24), (13, 24, 26), (20, 38, 43), (39, 139, 159)],
    )
    def test_bins_of_mel_filters(self, band, first, last):
        bins = np.nonzero(mel_filterbank(RATE)[band])[0]
        assert (bins[0], bins[-1]) == (first, last)

    def test_sums_of_mel_filters(self):
        sums = mel_filterbank(RATE).sum(axis=1)[[0, 1, 12, 13, 39]]
        expected = [0.0221704, 0.02375978, 0.02323306, 0.02388048, 0.02320301]
        np.testing.assert_allclose(sums, expected, rtol=1e-6)

    def test_edges(self):
        edges = band_edges()
        assert edges.size == 42
        np.testing.assert_allclose(edges[[0, 12, 41]], [133.33330, 933.33318, 6853.84396])

    def test_filters_reach_past_a_low_nyquist_frequency(self):
        # At 8 kHz band 39 lies on 6.0 to 6.9 kHz: seen only in the mirror of 1.1 to 2.0 kHz.
        bins = np.nonzero(mel_filterbank(8000)[39])[0]
        assert bins.min() > 70
        assert bins.max() < 135

    def test_cosine_transform_is_orthonormal(self):
        rows = cosine_transform()
        np.testing.assert_allclose(rows @ rows.T, np.eye(13), atol=1e-14)


class TestSpectral:
    def test_centroid_of_one_bin(self):
        power = np.zeros((1, 257))
        power[0, 100] = 3.0
        np.testing.assert_allclose(centroid(power), 100 / 257)

    def test_rolloff_is_the_last_bin_below_nine_tenths(self):
        power = np.zeros((3, 257))
        power[0, [10, 200]] = 1.0, 1.0  # half of the power before bin 200
        power[1, 1] = 1.0  # 90 % passed in bin 1
        power[2, 256] = 1.0  # all of it in the last bin
        np.testing.assert_allclose(rolloff(power), [199 / 257, 1.0, 255 / 257])

    @given(st.integers(0, 2**32 - 1))
    def test_rolloff_equals_a_full_running_sum(self, seed):
        power = np.random.default_rng(seed).exponential(size=(7, 257)) ** 4
        total = power.cumsum(axis=1)
        below = total < 0.9 * total[:, -1:]
        last = [np.nonzero(row)[0][-1] if row[2:].any() else 257 for row in below]
        np.testing.assert_allclose(rolloff(power), np.array(last) / 257)

    def test_flux_counts_the_largest_change_as_one(self):
        before = np.zeros(256)
        logarithm = np.zeros((2, 256))
        logarithm[0, 5], logarithm[0, 7] = 2.0, 1.0
        np.testing.assert_allclose(flux(logarithm, before), 1.25 / 257)

    def test_flux_of_silence(self):
        silence = log_power(np.zeros((2, 257)))
        np.testing.assert_allclose(silence, LOG_OF_SILENCE)
        np.testing.assert_allclose(flux(silence, np.zeros(256)), [256 / 257, 0.0])


class TestClosedForms:
    @pytest.mark.parametrize("bin_", [20, 64, 200])
    def test_centroid_of_a_tone(self, bin_):
        values = marsyas_frames(sine(bin_ * RATE / 512, 0.5), RATE)
        # Hamming's two neighbours are alike, so the centre stays in the bin.
        np.testing.assert_allclose(values[:21, CENTROID] * 257, bin_, atol=0.02)

    def test_zero_crossings_of_a_sine(self):
        values = marsyas_frames(sine(1000.0, 1.0), RATE)[:43, ZCR]
        np.testing.assert_allclose(values.mean() * 512 - 1, 511 * 2000 / RATE, atol=0.1)

    def test_an_exact_zero_hides_a_crossing(self):
        samples = np.tile([0.5, 0.0, -0.5, -0.5], 128)
        values = marsyas_frames(samples, RATE)[0, ZCR]
        assert values == (1 + 127) / 512  # only from one group's -0.5 to the next one's 0.5

    @pytest.mark.parametrize(("frequency", "pitch"), [(440.0, 0), (523.25, 3), (659.26, 7)])
    def test_chroma_of_a_note(self, frequency, pitch):
        values = marsyas_frames(sine(frequency, 1.0), RATE)[:40, CHROMA].mean(axis=0)
        # Bins are 43 Hz wide: at 440 Hz that is more than a semitone.
        assert min((values.argmax() - pitch) % 12, (pitch - values.argmax()) % 12) <= 1

    @pytest.mark.parametrize("pitch", range(12))
    def test_chroma_of_a_high_note(self, pitch):
        frequency = 3520.0 * 2 ** (pitch / 12)
        values = marsyas_frames(sine(frequency, 0.5), RATE)[:20, CHROMA].mean(axis=0)
        assert values.argmax() == pitch

    def test_peak_ratios(self):
        classes = np.array([[4.0, *[1.0] * 11], [1.0, *[0.0] * 11]])
        np.testing.assert_allclose(peak_ratios(classes), [[4 / 1.25, 4.0], [0.0, 0.0]])

    def test_chroma_is_linear_in_power(self):
        power = np.random.default_rng(0).exponential(size=(3, 257))
        np.testing.assert_allclose(chroma(5 * power, RATE), 5 * chroma(power, RATE))


class TestTexture:
    @given(st.integers(1, 300), st.integers(0, 100))
    @settings(max_examples=25)
    def test_equals_windows_taken_one_by_one(self, count, seed):
        features = np.random.default_rng(seed).normal(size=(count, 3))
        rows = texture(features)
        for t in {0, count // 2, count - 1}:
            window = features[np.maximum(0, t - np.arange(20))]
            expected = np.concatenate([window.mean(axis=0), window.std(axis=0)])
            np.testing.assert_allclose(rows[t], expected, atol=1e-7)

    def test_a_huge_value_leaves_no_trace_once_it_is_forgotten(self):
        features = np.ones((60, 1))
        features[0] = 1e9
        np.testing.assert_array_equal(texture(features)[30:], [[1.0, 0.0]] * 30)

    def test_song_statistics_are_those_of_the_population(self):
        np.testing.assert_allclose(song_statistics(np.array([[1.0], [3.0]])), [2.0, 1.0])


class TestShortAndSilent:
    def test_silence(self):
        values = describe_marsyas(np.zeros(40 * 512), RATE)
        expected = np.zeros(31)
        expected[:3] = SILENT_FRAME[:3]
        np.testing.assert_allclose(np.delete(values[:31], FLUX), np.delete(expected, FLUX))
        # The first flux fills the memory, then leaves it frame by frame.
        texture_means = [(20 - t) / 20 * 256 / 257 for t in range(20)]
        np.testing.assert_allclose(values[FLUX], sum(texture_means) / 40)

    def test_constant_samples(self):
        values = describe_marsyas(np.full(8192, 0.25), RATE)
        assert np.isfinite(values).all()
        assert values[ZCR] == 1 / 512

    def test_impulse(self):
        samples = np.zeros(8192)
        samples[700] = 1.0
        features = marsyas_frames(samples, RATE)
        np.testing.assert_allclose(features[1, CENTROID], 128 / 257)  # a flat spectrum
        assert np.isfinite(describe_marsyas(samples, RATE)).all()

    @pytest.mark.parametrize("count", [1, 511, 512, 513, 1536])
    def test_fewer_than_four_frames_are_filled_up_with_silent_ones(self, count):
        samples = noise(count)
        whole = -(-count // 512)
        features = marsyas_frames(np.pad(samples, (0, 2048 - count)), RATE)
        np.testing.assert_allclose(
            np.delete(features[whole:], FLUX, axis=1),
            np.tile(np.delete(SILENT_FRAME, FLUX), (4 - whole, 1)),
        )
        rows = texture(features[:whole])
        silent = np.concatenate([features[whole:], np.zeros((4 - whole, 31))], axis=1)
        expected = song_statistics(np.concatenate([rows, silent]))
        np.testing.assert_allclose(describe_marsyas(samples, RATE), expected, atol=1e-15)

    def test_no_samples(self):
        with pytest.raises(AudioError, match="no samples"):
            describe_marsyas(np.zeros(0), RATE)

    @pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
    def test_a_sample_that_is_no_number(self, value):
        samples = noise(70_000)
        samples[40_000] = value
        with pytest.raises(AudioError, match="between 0 and 65536 is not a finite number"):
            describe_marsyas(samples, RATE)

    def test_integers_are_not_samples(self):
        with pytest.raises(UsageError, match="int16"):
            describe_marsyas(np.zeros(5000, np.int16), RATE)

    def test_only_the_first_19999_frames_count(self):
        samples = np.zeros(20_003 * 512, np.float32)
        assert len(marsyas_frames(samples, RATE, dtype="float32")) == 19_999


class TestProperties:
    def test_last_frame_is_filled_up_with_zeros(self):
        samples = noise(5000)
        padded = np.pad(samples, (0, 5120 - 5000))
        np.testing.assert_array_equal(marsyas_frames(samples, RATE), marsyas_frames(padded, RATE))

    @given(st.floats(0.01, 10.0))
    @settings(max_examples=20)
    def test_gain(self, gain):
        samples = noise(20 * 512)
        one, other = marsyas_frames(samples, RATE), marsyas_frames(gain * samples, RATE)
        same = [ZCR, CENTROID, ROLLOFF, *range(5, 17), 29, 30]
        np.testing.assert_allclose(other[:, same], one[:, same], rtol=1e-8, atol=1e-8)
        np.testing.assert_allclose(other[:, CHROMA], gain**2 * one[:, CHROMA], rtol=1e-9)
        # MFCC 0 is the sum of 40 decimal logarithms over the root of 40.
        shift = 2 * np.log10(gain) * 40 / np.sqrt(40)
        np.testing.assert_allclose(other[:, 4], one[:, 4] + shift)
        np.testing.assert_allclose(other[1:, FLUX], one[1:, FLUX], atol=1e-9)

    def test_order_of_channels(self):
        channels = np.stack([noise(8192, 1), noise(8192, 2)])
        np.testing.assert_array_equal(
            describe_marsyas(channels, RATE), describe_marsyas(channels[::-1], RATE)
        )

    def test_channels_are_added_and_halved(self):
        mono = noise(8192)
        expected = describe_marsyas(mono, RATE)
        stereo = np.stack([mono, np.zeros_like(mono)])
        np.testing.assert_allclose(describe_marsyas(stereo, RATE), expected, rtol=1e-9, atol=1e-12)
        three = np.stack([mono, mono, mono]) / 3
        np.testing.assert_allclose(describe_marsyas(three, RATE), expected, rtol=1e-8, atol=1e-12)

    def test_single_precision_samples_give_the_same(self):
        samples = noise(8192).astype(np.float32)
        np.testing.assert_array_equal(
            describe_marsyas(samples, RATE), describe_marsyas(samples.astype(np.float64), RATE)
        )
