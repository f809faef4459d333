from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

import genrescope
from genrescope.audio.excerpt import Excerpt
from genrescope.audio.load import load_audio
from genrescope.backbones.musicnn import MUSICNN
from genrescope.errors import AudioError, UsageError
from genrescope.inference.model import GenreModel
from genrescope.inference.song import SongClassifier, load_model
from toymodel import song, write_toy_model, write_toy_network

REFERENCE = Path(__file__).parent.parent / "data" / "reference" / "audio"
STEREO = REFERENCE / "band_44100_stereo_50s.flac"


@pytest.fixture
def toy(models: Path) -> SongClassifier:
    return SongClassifier(load_model("toy"))


@pytest.fixture
def deep(models: Path) -> SongClassifier:
    """A model that also runs the backbone, at a second rate."""
    write_toy_network(models / "musicnn")
    write_toy_model(models / "deep", inputs=("ssd", "musicnn"))
    return SongClassifier(load_model("deep"))


def write(path: Path, samples: np.ndarray, rate: int = 22050, **options: str) -> Path:
    soundfile.write(path, samples, rate, **options)
    return path


def test_a_row_has_what_was_analysed(toy):
    row = toy.classify(STEREO)
    audio = load_audio(STEREO)
    expected = toy.samples_classifier.classify(audio.samples, audio.rate)

    np.testing.assert_array_equal(row.prediction.probabilities, expected.probabilities)
    assert (row.path, row.analysed_s, row.duration) == (STEREO, 30.0, 50.0)
    assert row.notes == ("resampled 44100 -> 22050 Hz",)
    assert row.elapsed_s > 0


def test_both_rates_are_those_of_a_file_loaded_at_each(deep, monkeypatch):
    """One decoding at the file's own rate gives what two would."""
    clips = []
    inner = deep.samples_classifier
    predict = inner.predict_with_notes
    monkeypatch.setattr(
        inner, "predict_with_notes", lambda clip: (clips.append(clip), predict(clip))[1]
    )
    row = deep.classify(STEREO)

    assert {name: item.rate for name, item in clips[0].items()} == {"ssd": 22050, "musicnn": 16000}
    for samples, rate in clips[0].values():
        loaded = load_audio(STEREO, rate=rate).samples
        assert len(samples) == len(loaded)
        np.testing.assert_allclose(samples, loaded, atol=1e-6)
    assert row.notes == ("resampled 44100 -> 22050 and 16000 Hz",)


def test_the_backbone_is_run_at_its_rate_and_its_tags_are_kept(deep):
    audio = load_audio(STEREO, rate=16000)
    vectors = deep.samples_classifier.vectors(deep.samples_classifier.clip(audio.samples, 16000))
    prediction = deep.classify(STEREO).prediction

    assert {name: vector.shape for name, vector in vectors.items()} == {
        "ssd": (168,),
        "musicnn": (250,),
    }
    tags = prediction.tags["musicnn"]
    assert tuple(tags) == MUSICNN.tag_names
    np.testing.assert_allclose(list(tags.values()), vectors["musicnn"][200:], atol=1e-4)


def test_the_excerpt_is_the_models_unless_another_is_named(models):
    write_toy_model(models / "brief", excerpt_seconds=8.0)
    model = load_model("brief")

    assert SongClassifier(model).classify(STEREO).analysed_s == 8.0
    named = SongClassifier(model, excerpt=Excerpt.windows(3, 7.0)).classify(STEREO)
    assert named.analysed_s == 21.0
    assert named.prediction.confidence > 0


@pytest.mark.parametrize(
    ("name", "rate", "channels", "subtype"),
    [("a.wav", 44100, 2, "PCM_16"), ("b.flac", 48000, 1, "PCM_24"), ("c.mp3", 44100, 2, None)],
)
def test_one_song_is_alike_in_every_format(toy, tmp_path, name, rate, channels, subtype):
    reference = write(tmp_path / "song.wav", song(8)).absolute()
    other = write(tmp_path / name, song(8, rate, channels), rate, subtype=subtype)
    first, second = toy.classify(reference).prediction, toy.classify(other).prediction

    assert first.best == second.best
    np.testing.assert_allclose(first.probabilities, second.probabilities, atol=0.15)


def test_what_is_remarkable_is_noted(toy, tmp_path):
    cut = write(tmp_path / "cut.wav", song(20))
    cut.write_bytes(cut.read_bytes()[: 10 * 22050 * 2])
    silent = write(tmp_path / "silent.wav", np.zeros(22050 * 8))
    short = write(tmp_path / "short.wav", song(3))

    assert toy.classify(cut).notes == ("truncated: its end is missing after 10.0 s",)
    assert toy.classify(silent).notes == ("silent",)
    assert toy.classify(silent).prediction.genre == "unknown"
    assert toy.classify(short).notes == ("short: 3.00 s, repeated to fill 5.94 s",)


def test_windows_that_are_silent_only_in_part_are_not_noted_as_silent(models, tmp_path):
    half = np.concatenate([np.zeros((22050 * 10, 1)), song(10)])
    path = write(tmp_path / "half.wav", half)
    classifier = SongClassifier(load_model("toy"), excerpt=Excerpt.windows(2, 7.0))
    assert classifier.classify(path).notes == ()


def test_what_cannot_be_decoded_is_named(toy, tmp_path):
    (tmp_path / "text.mp3").write_text("no sound")
    with pytest.raises(AudioError) as caught:
        toy.classify(tmp_path / "text.mp3")
    assert caught.value.place == str(tmp_path / "text.mp3")


def test_a_timeline_is_its_windows_each_classified(toy):
    audio = load_audio(STEREO, excerpt=Excerpt.whole())
    moments = list(toy.timeline(STEREO))

    assert [(moment.start, moment.analysed_s) for moment in moments] == [
        (0, 30),
        (10, 30),
        (20, 30),
    ]
    for moment in moments:
        start = int(moment.start * 22050)
        expected = toy.samples_classifier.classify(audio.samples[start : start + 30 * 22050], 22050)
        np.testing.assert_array_equal(moment.prediction.probabilities, expected.probabilities)


def test_a_timeline_follows_a_song_that_changes(toy, tmp_path):
    first, second = song(10, seed=1), 0.3 * np.sign(song(10, seed=2))
    parts = [first, first, second, second, np.zeros((20 * 22050, 1))]
    path = write(tmp_path / "two.wav", np.concatenate(parts))
    moments = list(toy.timeline(path, window=10, hop=10))
    shares = [moment.prediction.probabilities for moment in moments]

    assert [moment.start for moment in moments] == [0, 10, 20, 30, 40, 50]
    np.testing.assert_array_equal(shares[0], shares[1])
    np.testing.assert_array_equal(shares[2], shares[3])
    assert np.abs(shares[1] - shares[2]).max() > 0.05
    assert [moment.notes for moment in moments[4:]] == [("silent",), ("silent",)]
    assert moments[5].prediction.genre == "unknown"


def test_a_song_shorter_than_a_window_is_one_window(toy, tmp_path):
    [moment] = toy.timeline(write(tmp_path / "brief.wav", song(8)))
    assert (moment.start, moment.analysed_s) == (0, 8)


@pytest.mark.parametrize(("window", "hop"), [(0, 10), (30, -1)])
def test_windows_that_cannot_be_are_refused(toy, window, hop):
    with pytest.raises(UsageError, match="windows of"):
        list(toy.timeline(STEREO, window=window, hop=hop))


def test_the_public_names_take_files_and_samples(models):
    audio = load_audio(STEREO)
    of_file = genrescope.classify(STEREO, model="toy")
    of_samples = genrescope.classify(audio.samples, rate=audio.rate, model=models / "toy")

    np.testing.assert_array_equal(of_file.probabilities, of_samples.probabilities)
    assert isinstance(genrescope.load_model("toy"), GenreModel)
    with pytest.raises(UsageError, match="give rate="):
        genrescope.classify(audio.samples, model="toy")
    with pytest.raises(UsageError, match="leave out rate="):
        genrescope.classify(STEREO, rate=22050, model="toy")
