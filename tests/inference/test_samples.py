from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soxr

from genrescope.audio.load import load_audio
from genrescope.descriptors import describe
from genrescope.errors import AudioError, DataError, UsageError
from genrescope.inference.model import GenreModel
from genrescope.inference.samples import LEAST_SECONDS, SamplesClassifier, to_level
from toymodel import song, write_toy_model

REFERENCE = Path(__file__).parent.parent / "data" / "reference" / "audio"


def classifier(folder: Path, prior=None, **card) -> SamplesClassifier:
    write_toy_model(folder, **card)
    return SamplesClassifier(GenreModel.load(folder), prior)


def mono(seconds: float, rate: int = 22050) -> np.ndarray:
    return song(seconds, rate)[:, 0].astype(np.float32)


def test_what_the_model_is_given_are_the_descriptors_at_its_level(tmp_path):
    rung = classifier(tmp_path, level=-26.0)
    samples = mono(7)
    levelled = samples * 10 ** (-26 / 20) / np.sqrt(np.mean(samples.astype(float) ** 2))
    expected = describe(levelled.astype(np.float32), 22050, ["ssd", "rh"], channels=1)

    vectors = rung.vectors(rung.clip(samples, 22050))

    assert list(vectors) == ["ssd", "rh"]
    for name, vector in vectors.items():
        np.testing.assert_allclose(vector, expected[name], rtol=1e-4, atol=1e-4)


def test_the_prediction_is_the_models(tmp_path):
    rung = classifier(tmp_path)
    vectors = rung.vectors(rung.clip(mono(7), 22050))
    found = rung.model.predict({name: vector[None] for name, vector in vectors.items()})

    prediction = rung.classify(mono(7), 22050)

    np.testing.assert_array_equal(prediction.probabilities, found.probabilities[0])
    assert prediction.tags == {}


@pytest.mark.parametrize("gain", [0.01, 0.3, 3.0])
def test_the_level_of_a_song_does_not_matter(tmp_path, gain):
    rung = classifier(tmp_path)
    np.testing.assert_allclose(
        rung.classify(mono(7) * np.float32(gain), 22050).probabilities,
        rung.classify(mono(7), 22050).probabilities,
        atol=1e-4,
    )


def test_without_a_level_a_song_is_left_as_it_is():
    samples = mono(1)
    assert to_level(samples, None) is samples
    assert 20 * np.log10(np.sqrt(np.mean(to_level(samples, -20.0) ** 2))) == pytest.approx(-20)


def test_stereo_is_its_mean(tmp_path):
    rung = classifier(tmp_path, inputs=("ssd", "marsyas_timbral"))
    stereo = song(7, channels=2).T
    np.testing.assert_array_equal(
        rung.classify(stereo, 22050).probabilities,
        rung.classify(stereo.mean(axis=0), 22050).probabilities,
    )


@pytest.mark.parametrize("rate", [44100, 48000, 16000])
def test_any_rate_is_brought_to_the_models(tmp_path, rate):
    rung = classifier(tmp_path)
    samples = mono(7, rate)
    first, second = rung.clip(samples, rate).values()
    assert first is second
    clip, wanted = first

    assert wanted == 22050
    np.testing.assert_allclose(clip, soxr.resample(samples, rate, 22050, "HQ"), atol=1e-5)


def test_a_model_like_msd_is_given_the_rate_that_the_song_needs(tmp_path):
    settings = GenreModel.load(_msd(tmp_path)).card.settings
    rung = SamplesClassifier(GenreModel.load(tmp_path))

    assert settings.rate is rung.single_rate is None
    for original, wanted in ((16000, 22050), (22050, 22050), (48000, 44100)):
        clip = rung.clip(mono(7, original), original)
        assert {item.rate for item in clip.values()} == {wanted}
    assert rung.classify(mono(7, 48000), 48000).confidence > 0


def _msd(folder: Path) -> Path:
    from genrescope.descriptors import Settings

    write_toy_model(folder, settings=Settings("msd"), inputs=("jmir_lpc", "rh"))
    return folder


def test_real_music_has_the_genres_of_its_samples_in_either_precision(tmp_path):
    rung = classifier(tmp_path)
    audio = load_audio(REFERENCE / "band_22050_mono_31s.flac")
    single = rung.classify(audio.samples, audio.rate).probabilities
    double = rung.classify(audio.samples.astype(np.float64), audio.rate).probabilities

    np.testing.assert_array_equal(single, double)


def test_silence_is_of_no_genre(tmp_path):
    rung = classifier(tmp_path, prior=None)
    prediction, notes = rung.predict_with_notes(rung.clip(np.zeros(22050 * 7, np.float32), 22050))

    assert (prediction.genre, prediction.confidence, notes) == ("unknown", 0.0, ("silent",))


def test_an_instant_is_of_no_genre(tmp_path):
    rung = classifier(tmp_path)
    prediction, notes = rung.predict_with_notes(rung.clip(mono(LEAST_SECONDS / 2), 22050))

    assert prediction.genre == "unknown"
    assert notes == ("too short: 0.50 s",)


def test_a_short_clip_is_repeated_to_fill_a_segment(tmp_path):
    rung = classifier(tmp_path)
    samples = mono(2.5)
    repeated = np.tile(samples, 3)[:131072]
    prediction, notes = rung.predict_with_notes(rung.clip(samples, 22050))
    whole, no_notes = rung.predict_with_notes(rung.clip(repeated, 22050))

    np.testing.assert_allclose(prediction.probabilities, whole.probabilities, atol=1e-3)
    assert notes == ("short: 2.50 s, repeated to fill 5.94 s",)
    assert no_notes == ()


def test_a_prior_moves_the_prediction_by_bayes(tmp_path):
    shares = np.full(10, 0.02)
    shares[4] = 0.82
    plain = classifier(tmp_path).classify(mono(7), 22050).probabilities
    moved = classifier(tmp_path, prior=shares).classify(mono(7), 22050).probabilities

    np.testing.assert_allclose(moved, plain * shares / (plain * shares).sum(), rtol=1e-9)


def test_a_prior_of_another_number_of_genres_is_refused(tmp_path):
    with pytest.raises(DataError):
        classifier(tmp_path, prior=[0.5, 0.5]).classify(mono(7), 22050)


def test_a_missing_backbone_is_an_error_with_a_remedy(tmp_path, models):
    with pytest.raises(UsageError, match="needs musicnn") as caught:
        classifier(tmp_path / "deep", inputs=("musicnn", "ssd"))
    assert caught.value.remedy == "genrescope models add musicnn"


@pytest.mark.parametrize(
    ("samples", "error"),
    [
        (np.zeros(100, np.int16), UsageError),
        (np.zeros((2, 3, 4)), UsageError),
        (np.zeros(0), AudioError),
        (np.full(22050 * 7, np.nan), AudioError),
    ],
)
def test_what_are_no_samples_is_refused(tmp_path, samples, error):
    with pytest.raises(error):
        classifier(tmp_path).classify(samples, 22050)
