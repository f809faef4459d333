"""The six TU Wien sets: closed forms, edges and properties."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from timbre_signals import sine

from genrescope.descriptors.tuwien import (
    TUWIEN_SETS,
    TuWienSettings,
    describe_tuwien,
    segment_samples,
    segment_vectors,
    sonogram,
)
from genrescope.descriptors.tuwien.bark import FRAME_LENGTHS, BandPowers, bark_grouping
from genrescope.descriptors.tuwien.loudness import (
    BARK_LIMITS,
    EQUAL_LOUDNESS,
    phon,
    sone,
    spreading_matrix,
)
from genrescope.descriptors.tuwien.modulation import modulation_frequencies
from genrescope.descriptors.tuwien.segments import segment_starts
from genrescope.descriptors.tuwien.statistics import seven_statistics
from genrescope.errors import AudioError, UsageError
from genrescope.featuresets import FEATURE_SETS

RATES = (11025, 22050, 44100)
G = segment_samples(22050)
EXACT = TuWienSettings(dtype="float64")
PLAIN = TuWienSettings(dtype="float64", masking=False)
# Of silence, in sone: 0 dB lies above the threshold in the bands 14 to 18.
SILENCE = np.full(24, (3 / 40) ** 2.642)
SILENCE[13:18] = [0.002512475371, 0.005810122178, 0.01273320656, 0.01099100757, 0.004767582062]


def noise(count, seed=0):
    return np.random.default_rng(seed).normal(0, 0.1, count)


def modulated(bin_number, rate, seconds=6.0):
    """A tone of 1 kHz whose amplitude swings at the centre of a modulation bin."""
    t = np.arange(round(seconds * rate)) / rate
    frequency = modulation_frequencies()[bin_number]
    return sine(1000, seconds, rate, 0.2) * (1 + 0.8 * np.sin(2 * np.pi * frequency * t))


# Bands and loudness


@pytest.mark.parametrize(
    ("rate", "last"), [(44100, [58, 81]), (22050, [36, 0]), (11025, [0, 0])], ids=str
)
def test_bins_of_each_band(rate, last):
    counts = bark_grouping(rate).sum(axis=0)
    assert counts[:10].tolist() == [3, 2, 2, 3, 2, 3, 3, 4, 4, 4]
    assert counts[22:].tolist() == last


@pytest.mark.parametrize("rate", RATES)
def test_power_of_a_tone_lies_in_its_band_and_is_that_of_its_samples(rate):
    measure = BandPowers(rate, masking=False, variant_2012=False, dtype="float64")
    powers = np.empty((24, 511))
    for band in range(np.searchsorted(BARK_LIMITS, rate / 2, side="right") - 2):
        tone = sine(BARK_LIMITS[band : band + 2].mean(), 6.0, rate, 0.3)[: segment_samples(rate)]
        measure(tone, powers)
        assert np.all(powers.argmax(axis=0) == band)
        # One-sided, so that half the mean square of each sign of frequency is counted twice.
        expected = 2867.2**2 * 2 * FRAME_LENGTHS[rate] * 0.3**2 / 4 / (2 * np.pi)
        np.testing.assert_allclose(powers.sum(axis=0).mean(), expected, rtol=0.02)


def test_nyquist_bin_is_doubled_but_not_in_the_2012_variant():
    alternating = 0.1 * (-1.0) ** np.arange(G)
    powers = np.empty((2, 24, 511))
    for variant, out in zip((False, True), powers, strict=True):
        BandPowers(22050, masking=False, variant_2012=variant, dtype="float64")(alternating, out)
    ratio = powers[0, 22] / powers[1, 22]
    # Three bins of the window's main lobe: 1 at the Nyquist bin, 1/4 (doubled) on its one side.
    np.testing.assert_allclose(ratio, (2 + 0.5) / (1 + 0.5), rtol=2e-3)


def test_equal_loudness_levels_at_the_band_limits():
    np.testing.assert_array_equal(EQUAL_LOUDNESS[:, 0], [24, 37, 51, 70, 88, 105])
    np.testing.assert_array_equal(EQUAL_LOUDNESS[:, 12], [0, 19, 38, 56, 76, 97])
    expected = [-4.944359, 13.055641, 33.037094, 52.018547, 70.037094, 90.074189]
    np.testing.assert_allclose(EQUAL_LOUDNESS[:, 15], expected, atol=5e-7)
    np.testing.assert_array_equal(EQUAL_LOUDNESS[:, 23], [35, 50, 70, 90, 105, 115])


@pytest.mark.parametrize(("curve", "level"), list(enumerate([3, 20, 40, 60, 80, 100])))
def test_phon_on_the_curves(curve, level):
    decibel = EQUAL_LOUDNESS[curve][:, None]
    audible = decibel[:, 0] >= 0  # powers below 0 dB count as 0 dB
    found = phon(10 ** (decibel / 10))
    np.testing.assert_allclose(found[audible], level, rtol=1e-12)


def test_phon_between_below_and_above_the_curves():
    def of_band_1(*decibel):
        return phon(np.tile(10 ** (np.array(decibel) / 10), (24, 1)))[0]

    np.testing.assert_allclose(of_band_1(0.0, 12.0, 24.0), 3)
    np.testing.assert_allclose(of_band_1(44.0, 79.0), [30, 70])
    np.testing.assert_allclose(of_band_1(105.0 + 17.0), 120)  # the last slope goes on


def test_sone_is_one_at_40_phon_doubles_every_ten_and_is_a_power_law_below():
    levels = np.array([40, 60, 80, 20])
    power = 10 ** (EQUAL_LOUDNESS[[2, 3, 4, 1]].T / 10)  # shape (24, 4)
    np.testing.assert_allclose(
        sone(power), np.tile(np.where(levels < 40, 0.5**2.642, 2 ** ((levels - 40) / 10)), (24, 1))
    )


def test_spreading_by_distance():
    by_distance = [8.55471e-06, 0.00175261, 0.161873, 0.99968, 0.371021]
    by_distance += [0.0584381, 0.00724671, 0.000819991]
    np.testing.assert_allclose(spreading_matrix()[5:13, 8], by_distance, rtol=3e-6)


def test_silence_is_not_zero():
    sones = sonogram(np.zeros(G), 22050, EXACT)
    np.testing.assert_allclose(sones, np.tile(SILENCE[:, None], (1, 1, 511)), rtol=3e-10)


def test_sets_of_silence():
    sets = describe_tuwien(np.zeros(2 * G), 22050, settings=EXACT)
    zero = np.zeros(24)
    ssd = [SILENCE, zero, zero, zero, SILENCE, SILENCE, SILENCE]
    np.testing.assert_allclose(sets["ssd"].reshape(7, 24), ssd, rtol=3e-10)
    # 511 equal values in 512 points leak into every modulation bin.
    np.testing.assert_allclose(sets["rh"], SILENCE.sum() / 256, rtol=1e-9)
    hertz = modulation_frequencies()
    weights = 1 / (hertz / 4 + 4 / hertz)
    np.testing.assert_allclose(
        sets["rp"].reshape(60, 24), np.outer(weights, SILENCE / 256), rtol=1e-9
    )
    assert sets["mvd"].reshape(7, 60)[5].max() == pytest.approx(SILENCE.min() / 256)


# Rhythm


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("bin_number", [5, 23, 46])
def test_modulated_tone_peaks_at_its_modulation_frequency(rate, bin_number):
    histogram = describe_tuwien(modulated(bin_number, rate), rate, ["rh"], EXACT)["rh"]
    assert histogram.argmax() == bin_number


def test_modulated_tone_peaks_in_its_band_of_the_rhythm_pattern():
    sets = describe_tuwien(modulated(23, 22050), 22050, ["rp"], PLAIN)
    assert np.unravel_index(sets["rp"].argmax(), (60, 24)) == (23, 8)  # 920 to 1080 Hz


def test_clicks_at_120_to_the_minute_peak_at_multiples_of_two_hertz():
    clicks = np.zeros(30 * 22050)
    for start in range(0, clicks.size, 22050 // 2):
        clicks[start : start + 220] = noise(220)
    histogram = describe_tuwien(clicks, 22050, ["rh"], EXACT)["rh"]
    inner = histogram[1:-1]
    peaks = 1 + np.flatnonzero((inner > histogram[:-2]) & (inner > histogram[2:]))
    strongest = peaks[histogram[peaks] > 0.5 * histogram.max()]
    expected = np.arange(2, 11, 2)
    np.testing.assert_allclose(modulation_frequencies()[strongest], expected, atol=0.169 / 2)


def test_fluctuation_strength_is_greatest_at_four_hertz():
    sones = np.ones((1, 24, 511))  # leaks 1/256 into each bin
    pattern = segment_vectors(sones, ["rp"])["rp"][0, :, 0] * 256
    assert pattern.max() == pytest.approx(0.5, abs=1e-4)
    assert abs(modulation_frequencies()[pattern.argmax()] - 4) < 0.169 / 2


# Statistics


@given(
    st.lists(st.integers(-1000, 1000), min_size=2, max_size=30).filter(lambda v: len(set(v)) > 1)
)
def test_statistics_are_those_of_scipy(values):
    row = np.array([values], dtype=np.float64)
    expected = [
        np.mean(values),
        np.var(values),
        stats.skew(values),
        stats.kurtosis(values, fisher=False),
        np.median(values),
        min(values),
        max(values),
    ]
    np.testing.assert_allclose(seven_statistics(row)[:, 0], expected, rtol=1e-9, atol=1e-9)


def test_statistics_of_two_values():
    row = np.array([[0.0, 0.0, 0.0, 1.0]])
    expected = [1 / 4, 3 / 16, 2 / np.sqrt(3), 7 / 3, 0, 0, 1]
    np.testing.assert_allclose(seven_statistics(row)[:, 0], expected, rtol=1e-14)
    assert seven_statistics(row, variant_2012=True)[1, 0] == pytest.approx(1 / 4)


@pytest.mark.parametrize("value", [0.0, 0.001066379672, 1 / 3, 1e6])
@pytest.mark.parametrize("count", [1, 5, 511])
def test_statistics_of_equal_values(value, count):
    row = np.full((1, count), value)
    found = seven_statistics(row)[:, 0]
    np.testing.assert_allclose(found, [value, 0, 0, 0, value, value, value], rtol=1e-15)
    assert seven_statistics(row, variant_2012=True)[1:4, 0].tolist() == [0, 1, 1]


def test_statistics_of_next_to_nothing_are_numbers():
    """In float32 the fourth power of 1e-12 is 0: a band that a low-pass left empty."""
    row = (1e-12 * np.arange(1, 101, dtype=np.float32)).reshape(1, -1)
    with np.errstate(all="raise", under="ignore"):
        found = seven_statistics(row)[:, 0]
    assert np.isfinite(found).all()
    assert found[2] == found[3] == 0
    assert found[0] == pytest.approx(50.5e-12, rel=1e-5)


def test_a_single_segment_has_no_temporal_spread():
    sets = describe_tuwien(noise(G), 22050, settings=EXACT)
    for temporal, of_segment in (("tssd", "ssd"), ("trh", "rh")):
        rows = sets[temporal].reshape(7, -1)
        assert not rows[1:4].any()
        for row in (0, 4, 5, 6):
            np.testing.assert_array_equal(rows[row], sets[of_segment])


# Segments


@pytest.mark.parametrize(
    ("seconds", "count", "first"),
    [(30, 5, 0), (44.99, 7, 0), (45, 5, G), (60, 8, G)],
)
def test_segments_of_a_clip(seconds, count, first):
    starts = segment_starts(round(seconds * 22050), 22050, skip=1, step=1)
    assert list(starts) == [first + i * G for i in range(count)]


def test_every_second_segment_of_a_long_clip_only():
    assert list(segment_starts(60 * 22050, 22050, skip=0, step=3)) == [0, 3 * G, 6 * G, 9 * G]
    assert len(segment_starts(44 * 22050, 22050, skip=0, step=3)) == 7


@pytest.mark.parametrize("rate", RATES)
def test_segments_last_six_seconds_at_each_rate(rate):
    assert segment_samples(rate) / rate == pytest.approx(5.944, abs=1e-3)
    with pytest.raises(AudioError, match=r"5\.94 s of sound do not hold a segment"):
        describe_tuwien(np.zeros(segment_samples(rate) - 1), rate)


def test_skipping_more_than_there_is():
    with pytest.raises(AudioError, match="after 5 at either end") as error:
        describe_tuwien(np.zeros(50 * 22050), 22050, settings=TuWienSettings(skip=5))
    assert "skip fewer" in error.value.remedy


def test_other_rates_are_refused():
    with pytest.raises(AudioError, match="48000 Hz") as error:
        describe_tuwien(np.zeros(480000), 48000)
    assert "22050" in error.value.remedy


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("place", [0, 1000, G - 1])
def test_samples_that_are_not_finite_are_refused(dtype, value, place):
    samples = noise(G)
    samples[place] = value
    with pytest.raises(AudioError, match="finite"):
        describe_tuwien(samples, 22050, settings=TuWienSettings(dtype=dtype))


def test_wrong_use():
    with pytest.raises(UsageError, match="no TU Wien set 'ssp'"):
        describe_tuwien(noise(G), 22050, ["ssp"])
    with pytest.raises(UsageError, match="step 0"):
        TuWienSettings(step=0)


# Properties


def test_shapes_types_and_one_set_at_a_time():
    samples = noise(3 * G)
    for dtype in ("float32", "float64"):
        options = TuWienSettings(dtype=dtype)
        together = describe_tuwien(samples, 22050, settings=options)
        assert list(together) == list(TUWIEN_SETS)
        for name, vector in together.items():
            assert (vector.shape, vector.dtype) == ((FEATURE_SETS[name].dims,), dtype)
            alone = describe_tuwien(samples, 22050, [name], options)[name]
            np.testing.assert_array_equal(alone, vector)


def test_clip_vectors_are_made_of_segment_vectors():
    samples = noise(3 * G)
    sets = describe_tuwien(samples, 22050, settings=EXACT)
    parts = segment_vectors(sonogram(samples, 22050, EXACT), ["rp", "rh", "ssd", "mvd"])
    for name in ("rp", "rh"):
        np.testing.assert_array_equal(sets[name], np.median(parts[name], axis=0).ravel())
    for name in ("ssd", "mvd"):
        np.testing.assert_allclose(sets[name], parts[name].mean(axis=0).ravel(), rtol=1e-14)
    np.testing.assert_allclose(sets["tssd"].reshape(7, 7, 24)[6], parts["ssd"].max(axis=0))
    np.testing.assert_allclose(sets["trh"].reshape(7, 60)[5], parts["rh"].min(axis=0))


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(0, G - 1))
def test_the_rest_after_the_last_segment_does_not_matter(seed, rest):
    samples = noise(G, seed)
    longer = np.concatenate([samples, noise(rest, seed + 1)])
    for name, vector in describe_tuwien(longer, 22050).items():
        np.testing.assert_array_equal(vector, describe_tuwien(samples, 22050, [name])[name])


@settings(max_examples=10, deadline=None)
@given(st.permutations(range(3)))
def test_order_of_channels_does_not_matter(order):
    channels = noise(3 * G).reshape(3, G)
    expected = describe_tuwien(channels.mean(axis=0), 22050, settings=EXACT)
    for name, vector in describe_tuwien(channels[order], 22050, settings=EXACT).items():
        if name not in ("tssd", "trh"):  # one segment
            np.testing.assert_allclose(vector, expected[name], rtol=1e-9)


@settings(max_examples=10, deadline=None)
@given(st.floats(0.01, 1), st.floats(0, 1), st.booleans())
def test_louder_is_never_less_sone(gain, part, masking):
    options = TuWienSettings(dtype="float64", masking=masking)
    loud = sonogram(gain * noise(G), 22050, options)
    soft = sonogram(part * gain * noise(G), 22050, options)
    assert np.all(soft <= loud * (1 + 1e-12))
