"""The six jMIR sets: test vectors, closed forms, edges and properties."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from timbre_signals import RATE, jmir_vector_signal, sine

from genrescope.descriptors.jmir import spectral
from genrescope.descriptors.jmir.aggregate import aggregate
from genrescope.descriptors.jmir.area_moments import area_method_of_moments
from genrescope.descriptors.jmir.clip import JMIR_SETS, describe_jmir, jmir_windows
from genrescope.descriptors.jmir.lpc import autocorrelation, reflection_coefficients
from genrescope.descriptors.jmir.mfcc import filter_edges
from genrescope.descriptors.jmir.moments import method_of_moments, power_sums
from genrescope.descriptors.jmir.upsample import as_msd, linear_upsample, to_int16
from genrescope.errors import AudioError
from genrescope.featuresets import FEATURE_SETS

VECTORS = json.loads((Path(__file__).parent / "timbre_vectors.json").read_text())["jmir"]
CENTROID, ROLLOFF, FLUX, COMPACTNESS, VARIABILITY, RMS, LOW_ENERGY, ZCR = range(8)


def noise(count, seed=0):
    return np.random.default_rng(seed).normal(0, 0.1, count)


@pytest.fixture(scope="module")
def windows():
    return jmir_windows(jmir_vector_signal() / 32768, RATE)


def test_recipe_of_the_test_vector():
    samples = jmir_vector_signal()
    assert samples[:6].tolist() == [-1921, -1730, -1171, -1092, -512, -156]
    assert (samples.min(), samples.max(), samples.sum()) == (-4047, 4011, -3800521)
    assert (samples**2).sum() == 1284642203711


@pytest.mark.parametrize("name", JMIR_SETS)
def test_clip_of_the_test_vector(windows, name):
    np.testing.assert_allclose(aggregate(windows[name]), VECTORS[name], rtol=6e-9, atol=1e-18)


def test_first_window_of_the_test_vector(windows):
    scalars = windows["jmir_spectral"][0, [CENTROID, ROLLOFF, COMPACTNESS, VARIABILITY, RMS, ZCR]]
    expected = [82.0519861, 0.5546875, 1524.09755, 0.000873761798, 0.035915467, 94]
    np.testing.assert_allclose(scalars, expected, rtol=5e-9)
    mfcc = [-147.983323, -13.2890569, -1.34724877]
    np.testing.assert_allclose(windows["jmir_mfcc"][0, :3], mfcc, rtol=5e-9)
    lpc = [-0.485585787, 0.187839255, 0.221508899]
    np.testing.assert_allclose(windows["jmir_lpc"][0, :3], lpc, rtol=5e-9)
    moments = [0.108741062, 120.1152, 5068.53356, 92928.9109, 46090921.0]
    np.testing.assert_allclose(windows["jmir_moments"][0], moments, rtol=5e-9)


def test_hundredth_window_of_the_test_vector(windows):
    scalars = windows["jmir_spectral"][100, [FLUX, LOW_ENERGY]]
    np.testing.assert_allclose(scalars, [3.38036401e-05, 0.62], rtol=5e-9)
    expected = [
        *(1.59568179, 410.594669, 11141.1611, -165993.412, -4524803.13, -122301051),
        *(135265121, 40811661.5, 1107392110, 2.70516806e12),
    ]
    np.testing.assert_allclose(windows["jmir_area_moments"][100], expected, rtol=5e-9)


@pytest.mark.parametrize("name", JMIR_SETS)
def test_vector_has_the_shape_of_its_feature_set(name):
    assert describe_jmir(noise(8192), RATE, [name])[name].shape == (FEATURE_SETS[name].dims,)


@pytest.mark.parametrize("name", JMIR_SETS)
def test_one_set_alone_is_the_same_as_among_all(name):
    samples = noise(60_000)
    alone = describe_jmir(samples, RATE, [name])
    assert list(alone) == [name]
    np.testing.assert_array_equal(alone[name], describe_jmir(samples, RATE)[name])


class TestScalars:
    @pytest.mark.parametrize("bin_", [20, 64, 200])
    def test_centroid_and_rolloff_of_a_tone(self, bin_):
        values = jmir_windows(sine(bin_ * RATE / 512, 0.5), RATE)["jmir_spectral"][:21]
        np.testing.assert_allclose(values[:, CENTROID], bin_, rtol=1e-6)
        # Hann's side bins hold a sixth of the power each: the middle one passes 85 % of the
        # power only with the upper one.
        assert set(values[:, ROLLOFF] * 256) <= {bin_, bin_ + 1}

    def test_rolloff_reaches_its_share(self):
        power = np.zeros((2, 256))
        power[0, [10, 200]] = 1.0, 1.0
        np.testing.assert_allclose(spectral.rolloff(power), [200 / 256, 0.0])

    def test_root_mean_square_of_a_sine(self):
        values = jmir_windows(sine(8 * RATE / 512, 0.5), RATE)["jmir_spectral"][:21, RMS]
        np.testing.assert_allclose(values, 0.5 / np.sqrt(2))

    def test_zero_crossings_of_a_sine(self):
        values = jmir_windows(sine(1000.0, 1.0), RATE)["jmir_spectral"][:43, ZCR]
        np.testing.assert_allclose(values.mean(), 511 * 2000 / RATE, atol=0.1)

    def test_leaving_zero_is_a_crossing_and_reaching_it_is_none(self):
        samples = np.tile([0.5, 0.0, 0.0, 0.5, -0.5, 0.0, 0.5, 0.5], 64)
        assert jmir_windows(samples, RATE)["jmir_spectral"][0, ZCR] == 3 * 64

    def test_flux_and_what_comes_before_the_first_window(self):
        magnitude = np.array([[3.0, 4.0], [0.0, 0.0]])
        np.testing.assert_array_equal(spectral.flux(magnitude, None), [np.nan, 25.0])
        np.testing.assert_array_equal(spectral.flux(magnitude, np.array([3.0, 3.0])), [1.0, 25.0])

    def test_compactness_of_a_geometric_spectrum_is_zero(self):
        power = 0.9 ** np.arange(256.0)[None]
        np.testing.assert_allclose(spectral.compactness(power), 0.0, atol=1e-9)

    def test_compactness_of_one_peak(self):
        power = np.ones((1, 256))
        power[0, 100] = np.e**2  # ln m is 1 there, 0 elsewhere
        np.testing.assert_allclose(spectral.compactness(power), 20 / 3 * (1 + 2 + 1))

    def test_compactness_leaves_out_what_touches_zero(self):
        power = np.ones((1, 256))
        power[0, [50, 100]] = 0.0, np.e**2
        np.testing.assert_allclose(spectral.compactness(power), 20 / 3 * (1 + 2 + 1))

    def test_variability(self):
        magnitude = np.random.default_rng(0).exponential(size=(3, 256))
        np.testing.assert_allclose(
            spectral.variability(magnitude), magnitude.std(axis=1, ddof=1), rtol=1e-12
        )

    def test_low_energy_fraction(self):
        level = np.ones(150)
        level[120] = 50.0  # now 99 of 100 lie below the average
        fraction = spectral.low_energy_fraction(level)
        assert np.isnan(fraction[:99]).all()
        np.testing.assert_array_equal(fraction[99:120], 0.0)
        np.testing.assert_array_equal(fraction[120:], 0.99)

    @pytest.mark.parametrize("steady", [0.1, 0.3, 1 / 3, 0.7])
    def test_low_energy_fraction_of_a_steady_level_adds_one_by_one(self, steady):
        total = 0.0
        for _ in range(100):
            total += steady
        expected = float(steady < total / 100)
        assert spectral.low_energy_fraction(np.full(100, steady))[-1] == expected


class TestMfcc:
    @pytest.mark.parametrize(
        ("rate", "edges"),
        [
            (
                11025,
                "3 5 7 9 11 13 16 19 22 25 28 32 37 41 46 52 58 64 71 79 87 96 106 116 128",
            ),
            (22050, "2 3 4 5 7 9 11 13 15 18 21 24 28 32 37 42 48 55 62 70 79 90 101 114 128"),
            (44100, "1 1 2 3 4 6 7 9 11 13 15 18 21 25 29 34 40 46 54 62 72 83 96 111 128"),
        ],
    )
    def test_edges(self, rate, edges):
        assert filter_edges(rate).tolist() == [int(edge) for edge in edges.split()]

    def test_silence_is_floored(self):
        values = jmir_windows(np.zeros(512), RATE)["jmir_mfcc"][0]
        np.testing.assert_allclose(values, [-1150.0, *[0.0] * 12], atol=1e-11)


class TestLpc:
    @pytest.mark.parametrize("decay", [-0.9, -0.5, 0.3, 0.8])
    def test_first_reflection_of_an_autoregressive_signal(self, decay):
        samples = noise(200_000)
        for start in range(1, samples.size):
            samples[start] += decay * samples[start - 1]
        values = jmir_windows(samples, RATE)["jmir_lpc"].mean(axis=0)
        np.testing.assert_allclose(values[0], -decay, atol=0.01)
        np.testing.assert_allclose(values[1:9], 0.0, atol=0.03)
        assert values[9] == 0.0

    @given(st.integers(0, 1000))
    @settings(max_examples=20)
    def test_last_coefficient_of_each_predictor_solves_the_normal_equations(self, seed):
        rng = np.random.default_rng(seed)
        lags = autocorrelation(np.cumsum(rng.normal(size=(1, 512)), axis=1))
        expected = []
        for order in range(1, 10):
            rows = np.abs(np.subtract.outer(range(order), range(order)))
            expected.append(-np.linalg.solve(lags[0][rows], lags[0, 1 : order + 1])[-1])
        actual = reflection_coefficients(lags)[0]
        np.testing.assert_allclose(actual[:9], expected, rtol=1e-6, atol=1e-8)

    def test_silence(self):
        np.testing.assert_array_equal(reflection_coefficients(np.zeros((2, 10))), 0.0)

    @given(st.floats(1e-3, 1e3))
    @settings(max_examples=20)
    def test_gain_changes_nothing(self, gain):
        samples = noise(2048)
        np.testing.assert_allclose(
            jmir_windows(gain * samples, RATE, ["jmir_lpc"])["jmir_lpc"],
            jmir_windows(samples, RATE, ["jmir_lpc"])["jmir_lpc"],
            atol=1e-12,
        )


class TestMoments:
    def test_moments_of_two_bins(self):
        magnitude = np.zeros((2, 256))
        magnitude[0, [10, 14]] = 3.0, 1.0  # mean 11; deviations -1 (three times) and 3
        values = method_of_moments(power_sums(magnitude))
        np.testing.assert_allclose(values, [[4.0, 11.0, 3.0, 6.0, 21.0], [0.0] * 5])

    def test_area_moments_follow_their_definition(self):
        magnitude = np.random.default_rng(1).exponential(size=(14, 256))
        age, bin_ = np.meshgrid(np.arange(10.0), np.arange(256.0), indexing="ij")
        running = np.zeros(7)
        values = area_method_of_moments(power_sums(magnitude))
        assert np.isnan(values[:9]).all()
        for window in range(9, 14):
            area = magnitude[window - np.arange(10)]
            weight = area / area.sum()
            powers = (age, bin_, age**2, age * bin_, bin_**2, age**3, bin_**3)
            running += [np.sum(weight * power) for power in powers]
            x, y, xx, xy, yy, xxx, yyy = running
            expected = [
                *(area.sum(), x, y, xx - x**2, xy - x * y, yy - y**2),
                *(2 * x**3 - 3 * x * xx + xxx, 2 * x * xy, 2 * y * xy),
                2 * y**3 - 3 * y * yy + yyy,
            ]
            np.testing.assert_allclose(values[window], expected, rtol=1e-9)

    def test_a_silent_area_is_zero_and_adds_nothing(self):
        sums = power_sums(np.ones((40, 256)))
        sums[15:30] = 0.0
        values = area_method_of_moments(sums)
        assert not values[24:30].any()
        np.testing.assert_allclose(values[30, 1], values[23, 1])  # age 0 only: adds 0


class TestAggregate:
    def test_statistics_of_what_exists(self):
        values = np.array([[1.0, np.nan, np.nan], [3.0, 4.0, np.nan]])
        np.testing.assert_allclose(aggregate(values), [np.sqrt(2), 0, 0, 2, 4, 0])

    def test_derivatives_begin_one_window_later(self):
        values = jmir_windows(noise(102 * 512), RATE)
        start = np.isnan(values["jmir_spectral"]).sum(axis=0)
        assert start.tolist() == [0, 0, 1, 0, 0, 0, 99, 0]
        start = np.isnan(values["jmir_derivatives"]).sum(axis=0)
        assert start.tolist() == [1, 1, 2, 1, 1, 1, 100, 1]

    @pytest.mark.parametrize("count", [1, 512, 513, 9 * 512, 10 * 512, 100 * 512])
    def test_short_clips_have_zeros_for_what_never_exists(self, count):
        vectors = describe_jmir(noise(count), RATE)
        whole = -(-count // 512)
        assert all(np.isfinite(vector).all() for vector in vectors.values())
        assert (vectors["jmir_spectral"][8 + FLUX] == 0) == (whole < 2)
        assert vectors["jmir_spectral"][8 + LOW_ENERGY] == 0 or whole >= 100
        assert vectors["jmir_area_moments"].any() == (whole >= 10)
        if whole == 1:
            for name in JMIR_SETS:
                assert not vectors[name][: vectors[name].size // 2].any()


class TestEdges:
    def test_silence(self):
        vectors = describe_jmir(np.zeros(150 * 512), RATE)
        for name in set(JMIR_SETS) - {"jmir_mfcc"}:
            assert not vectors[name].any()
        np.testing.assert_allclose(vectors["jmir_mfcc"][13], -1150.0)

    @pytest.mark.parametrize("samples", [np.full(8192, 0.25), np.eye(1, 8192, 700)[0]])
    def test_constant_and_impulse(self, samples):
        vectors = describe_jmir(samples, RATE)
        assert all(np.isfinite(vector).all() for vector in vectors.values())

    def test_no_samples(self):
        with pytest.raises(AudioError, match="no samples"):
            describe_jmir(np.zeros(0), RATE)

    def test_a_sample_that_is_no_number(self):
        samples = noise(8192)
        samples[8000] = np.nan
        with pytest.raises(AudioError, match="not a finite number"):
            describe_jmir(samples, RATE)


class TestProperties:
    def test_last_window_is_filled_up_with_zeros(self):
        samples = noise(60_000)
        padded = np.pad(samples, (0, -60_000 % 512))
        one, other = describe_jmir(samples, RATE), describe_jmir(padded, RATE)
        for name in JMIR_SETS:
            np.testing.assert_array_equal(one[name], other[name])

    def test_channels_are_averaged_in_any_order(self):
        left, right = noise(8192, 1), noise(8192, 2)
        mono = describe_jmir((left + right) / 2, RATE)
        for channels in ([left, right], [right, left]):
            vectors = describe_jmir(np.stack(channels), RATE)
            for name in JMIR_SETS:
                np.testing.assert_array_equal(vectors[name], mono[name])

    @given(st.floats(0.01, 10.0))
    @settings(max_examples=20)
    def test_gain(self, gain):
        samples = noise(120 * 512)
        one, other = jmir_windows(samples, RATE), jmir_windows(gain * samples, RATE)
        same = [CENTROID, ROLLOFF, COMPACTNESS, LOW_ENERGY, ZCR]
        before, after = one["jmir_spectral"], other["jmir_spectral"]
        np.testing.assert_allclose(after[:, same], before[:, same], rtol=1e-9)
        linear = [VARIABILITY, RMS]
        np.testing.assert_allclose(after[:, linear], gain * before[:, linear], rtol=1e-9)
        np.testing.assert_allclose(after[:, FLUX], gain**2 * before[:, FLUX], rtol=1e-9)
        mfcc = one["jmir_mfcc"]
        mfcc[:, 0] += 23 * np.log(gain)
        np.testing.assert_allclose(other["jmir_mfcc"], mfcc, atol=1e-9)
        for name in ("jmir_moments", "jmir_area_moments"):
            np.testing.assert_allclose(other[name][:, 0], gain * one[name][:, 0])
            np.testing.assert_allclose(other[name][:, 1:], one[name][:, 1:], rtol=1e-6)


class TestUpsampling:
    def test_three_zeros_then_midpoints_truncated_towards_zero(self):
        samples = np.array([5, -2, -5, 32767, 32767, -32768], np.int16)
        expected = [0, 0, 0, 2, 5, 1, -2, -3, -5, 13881, 32767, 32767, 32767, 0, -32768]
        expected[9] = (-5 + 32767) // 2
        assert linear_upsample(samples).tolist() == expected

    def test_channels_stay_apart(self):
        samples = np.arange(8, dtype=np.int16).reshape(2, 4)
        np.testing.assert_array_equal(
            linear_upsample(samples), [linear_upsample(samples[0]), linear_upsample(samples[1])]
        )

    def test_to_int16_rounds_and_clips(self):
        samples = np.array([0.0, 1.0, -1.0, -2.0, 1.6 / 32768, -1.6 / 32768])
        assert to_int16(samples).tolist() == [0, 32767, -32768, -32768, 2, -2]

    def test_doubled_rate_halves_the_bins(self):
        tone = sine(64 * RATE / 512, 1.0)
        values = jmir_windows(as_msd(tone), 2 * RATE)["jmir_spectral"][1:80, CENTROID]
        # The mirror image of the tone about the old Nyquist frequency draws it up a little.
        assert 32 <= values.mean() < 48
