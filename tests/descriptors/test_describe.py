from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import soundfile

from genrescope.descriptors import Settings, describe, describe_what_fits
from genrescope.descriptors.extra import (
    band_correlation,
    loudness_fluctuation,
    mel_patches,
    spectral_contrast,
    tonality,
)
from genrescope.descriptors.extra.band_correlation import PAIRS
from genrescope.descriptors.extra.spectral_contrast import LIMITS
from genrescope.descriptors.jmir.clip import JMIR_SETS, describe_jmir
from genrescope.descriptors.jmir.upsample import as_msd
from genrescope.descriptors.marsyas.song import describe_marsyas
from genrescope.descriptors.tuwien import TuWienSettings, describe_tuwien, sonogram
from genrescope.errors import AudioError, UsageError
from genrescope.featuresets import EXTRA_SETS, FEATURE_SETS, KNOWN_SETS

REFERENCE = Path(__file__).parent.parent / "data" / "reference"
EXACT = Settings(dtype="float64")


def noise(seconds: float, channels: int = 1, rate: int = 22050) -> np.ndarray:
    """16-bit noise whose channels differ; shape (channels, n)."""
    rng = np.random.default_rng(3)
    return rng.integers(-9000, 9000, (channels, round(seconds * rate))) / 32768


def test_all_thirteen_sets_in_their_order_and_size():
    vectors = describe(noise(6), 22050)

    assert list(vectors) == list(FEATURE_SETS)
    assert {name: vector.shape for name, vector in vectors.items()} == {
        name: (item.dims,) for name, item in FEATURE_SETS.items()
    }
    assert all(vector.dtype == np.float64 for vector in vectors.values())


def test_the_named_sets_in_their_order():
    everything = describe(noise(6), 22050)
    some = describe(noise(6), 22050, ["jmir_lpc", "rp", "marsyas_timbral"])

    assert list(some) == ["jmir_lpc", "rp", "marsyas_timbral"]
    for name, vector in some.items():
        np.testing.assert_array_equal(vector, everything[name])


def test_the_original_programs_compute_the_same_of_a_song(shared):
    name = "blues.00003.flac"
    samples, rate = soundfile.read(shared / "data" / "gtzan_audio" / name)
    with np.load(REFERENCE / "clips.npz") as values:
        row = values["files"].tolist().index(name)
        expected = {name: values[name][row] for name in FEATURE_SETS}

    vectors = describe(samples, rate, settings=EXACT)

    for name in ("rp", "rh", "mvd"):
        np.testing.assert_allclose(vectors[name], expected[name], rtol=1e-9)
    np.testing.assert_allclose(  # printed with six decimals
        vectors["marsyas_timbral"], expected["marsyas_timbral"], rtol=1e-8, atol=1e-6
    )
    for name in ("jmir_spectral", "jmir_mfcc", "jmir_area_moments"):  # printed with four digits
        np.testing.assert_allclose(vectors[name], expected[name], rtol=5.01e-4)


def test_a_mono_mix_with_its_number_of_channels_is_described_as_the_channels_are():
    stereo = noise(6, channels=2)
    mixed = stereo.mean(axis=0)

    apart = describe(stereo, 22050, settings=EXACT)
    together = describe(mixed, 22050, settings=EXACT, channels=2)

    for name, vector in apart.items():
        np.testing.assert_allclose(together[name], vector, rtol=1e-9, atol=1e-12)
    mono = describe(mixed, 22050, ["marsyas_timbral"], EXACT)["marsyas_timbral"]
    assert not np.allclose(mono, apart["marsyas_timbral"])
    with pytest.raises(UsageError, match="2 channels that are to be the mean of 3"):
        describe(stereo, 22050, channels=3)


def test_a_clip_too_short_for_rhythm_still_has_a_timbre():
    vectors, missing = describe_what_fits(noise(3), 22050)

    assert list(vectors) == ["marsyas_timbral", *JMIR_SETS]
    assert missing == ["3.00 s is too short for rp, rh, ssd, tssd, trh, mvd: 5.94 s needed"]
    with pytest.raises(AudioError, match=r"3\.00 s is too short for rh: 5\.94 s needed"):
        describe(noise(3), 22050, ["rh", "jmir_lpc"])


def test_like_msd_raises_low_rates_for_jmir_only():
    clip = noise(6)
    vectors = describe(clip, 22050, settings=Settings("msd", "float64"))

    expected = {
        **describe_tuwien(clip, 22050, settings=TuWienSettings(variant_2012=True, dtype="float64")),
        "marsyas_timbral": describe_marsyas(clip, 22050),
        **describe_jmir(as_msd(clip), 44100),
    }
    for name, vector in vectors.items():
        np.testing.assert_array_equal(vector, expected[name])


def test_like_msd_takes_high_rates_as_they_are():
    clip = noise(6, rate=44100)
    vectors = describe(clip, 44100, list(JMIR_SETS), Settings("msd", "float64"))

    for name, vector in describe_jmir(clip, 44100).items():
        np.testing.assert_array_equal(vectors[name], vector)


@pytest.mark.parametrize(
    ("like", "masking", "masks"),
    [("default", None, True), ("2012", None, False), ("msd", None, False), ("2012", True, True)],
)
def test_settings_outlive_json_with_every_choice_made(like, masking, masks):
    settings = Settings(like, masking=masking)
    values = json.loads(json.dumps(settings.as_json()))

    assert values["masking"] is masks
    assert Settings(**values).tuwien == TuWienSettings(
        masking=masks, variant_2012=like != "default"
    )


@pytest.mark.parametrize(
    ("original", "like", "rate"),
    [
        *[(8000, "default", 22050), (44100, "default", 22050), (44100, "2012", 22050)],
        *[(8000, "msd", 22050), (22050, "msd", 22050), (32000, "msd", 44100)],
        *[(44100, "msd", 44100), (96000, "msd", 44100)],
    ],
)
def test_the_rate_at_which_a_file_is_described(original, like, rate):
    assert Settings(like).rate_for(original) == rate


@pytest.mark.parametrize("wrong", [{"like": "mp3"}, {"dtype": "float16"}])
def test_settings_that_nobody_has_are_refused(wrong):
    with pytest.raises(UsageError, match=r"no (like|dtype)"):
        Settings(**wrong)


def test_an_unknown_set_is_refused():
    with pytest.raises(UsageError, match="no feature set 'rhythm'"):
        describe(noise(6), 22050, ["rhythm"])


SIGNALS = ("noise_22050_mono_12s", "sweep_22050_mono_31s")


@pytest.mark.parametrize("name", SIGNALS)
@pytest.mark.parametrize("settings", [Settings(), Settings("2012", "float64")])
def test_the_extra_sets_are_those_of_their_functions(name, settings):
    samples, rate = soundfile.read(REFERENCE / "audio" / f"{name}.flac", dtype=settings.dtype)

    vectors = describe(samples, rate, [*EXTRA_SETS, "rh"], settings)

    assert list(vectors) == [*EXTRA_SETS, "rh"]
    for direct in (spectral_contrast, tonality, band_correlation, mel_patches):
        np.testing.assert_array_equal(vectors[direct.__name__], direct(samples, rate))
    sones = sonogram(samples, rate, settings.tuwien)
    np.testing.assert_array_equal(vectors["loudness_fluctuation"], loudness_fluctuation(sones))
    np.testing.assert_array_equal(
        vectors["rh"], describe_tuwien(samples, rate, ["rh"], settings.tuwien)["rh"]
    )
    assert {key: len(vector) for key, vector in vectors.items()} == {
        key: KNOWN_SETS[key].dims for key in vectors
    }


def test_the_extra_sets_describe_the_mean_of_the_channels():
    stereo = noise(6, channels=2)

    apart = describe(stereo, 22050, list(EXTRA_SETS), EXACT)
    together = describe(stereo.mean(axis=0), 22050, list(EXTRA_SETS), EXACT, channels=2)

    for name, vector in apart.items():
        np.testing.assert_allclose(together[name], vector, rtol=1e-9, atol=1e-9)


def test_each_extra_set_needs_its_own_length():
    everything = list(EXTRA_SETS)
    vectors, missing = describe_what_fits(noise(0.15), 22050, everything)

    assert list(vectors) == ["spectral_contrast", "band_correlation"]
    assert missing == [
        "0.15 s is too short for tonality: 0.19 s needed",
        "0.15 s is too short for loudness_fluctuation: 5.94 s needed",
        "0.15 s is too short for mel_patches: 0.95 s needed",
    ]
    with pytest.raises(AudioError, match="does not reach 6400 Hz"):
        describe(noise(6, rate=11025), 11025, ["spectral_contrast"])


def test_names_of_the_extra_values_are_where_the_values_are():
    time = np.arange(6 * 22050) / 22050
    swell = 1 + 0.9 * np.sin(2 * np.pi * 4 * time)
    vectors = describe(0.1 * swell * np.sin(2 * np.pi * 1000 * time), 22050, list(EXTRA_SETS))
    values = {
        f"{name}: {column}": value
        for name, vector in vectors.items()
        for column, value in zip(EXTRA_SETS[name].columns, vector, strict=True)
    }

    def most(start: str) -> str:
        return max((key for key in values if key.startswith(start)), key=values.__getitem__)

    assert most("spectral_contrast: mean, contrast").endswith(", 800 to 1131 Hz")
    assert most("loudness_fluctuation: log mean").endswith(", Bark band 9")
    assert most("tonality: autocorrelation of the mean chroma").endswith("lag 0")
    assert values["tonality: agreement on a tuning"] > 0.9
    assert EXTRA_SETS["band_correlation"].columns == tuple(
        f"mel bands {low + 1} and {high + 1}" for low, high in zip(*PAIRS, strict=True)
    )
    bands = [column.split(", ")[2] for column in EXTRA_SETS["spectral_contrast"].columns[:13]]
    assert bands == [f"{low:.0f} to {high:.0f} Hz" for low, high in pairwise(LIMITS)]
