from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

import genrescope
from genrescope.audio.excerpt import Excerpt
from genrescope.audio.load import load_audio, load_windows
from genrescope.descriptors import Settings, describe
from genrescope.errors import AudioError, UsageError
from genrescope.extraction.request import Request
from genrescope.extraction.single import extract, extract_song
from genrescope.featuresets import FEATURE_SETS


def equal(one, other) -> bool:
    return list(one) == list(other) and all(np.array_equal(one[key], other[key]) for key in one)


def test_a_file_is_described_as_its_decoded_middle_is(song):
    path = song("x.wav", seconds=40)
    audio = load_audio(path)

    vectors = extract(path)

    assert audio.seconds == 30.0
    assert list(vectors) == list(FEATURE_SETS)
    assert equal(vectors, describe(audio.samples, 22050))


def test_a_stereo_file_at_another_rate_is_resampled_and_known_to_be_stereo(song):
    path = song("x.wav", rate=44100, channels=2)
    audio = load_audio(path)

    assert equal(extract(path), describe(audio.samples, 22050, channels=2))


def test_samples_are_resampled_as_a_file_is(song):
    path = song("x.wav", rate=44100)
    samples = load_audio(path, rate=None).samples

    assert equal(extract(samples, rate=44100), extract(path))
    assert equal(extract(samples[None], rate=44100), extract(path))


def test_windows_are_described_as_one_clip(song):
    path = song("x.wav", seconds=40)
    windows = Excerpt.windows(3, 4)
    joined = np.concatenate([part.samples for part in load_windows(path, excerpt=windows)])

    assert len(joined) == 12 * 22050
    assert equal(extract(path, excerpt=windows), describe(joined, 22050))


def test_like_msd_reads_a_file_at_its_own_rate(song):
    path = song("x.wav", rate=44100)
    audio = load_audio(path, rate=None)
    settings = Settings("msd")

    assert equal(extract(path, settings=settings), describe(audio.samples, 44100, None, settings))


def test_a_short_file_is_an_error_that_names_it(song):
    path = song("short.wav", seconds=3)

    with pytest.raises(AudioError, match=r"short\.wav: 3\.00 s is too short for ssd"):
        extract(path, sets=["ssd"])


def test_in_a_batch_a_short_file_keeps_what_it_has(song):
    path = song("short.wav", seconds=3)

    found = extract_song(path, Request(("ssd", "jmir_lpc")))

    assert list(found.vectors) == ["jmir_lpc"]
    assert found.vectors["jmir_lpc"].dtype == np.float32
    assert found.notes == ("3.00 s is too short for ssd: 5.94 s needed",)
    with pytest.raises(AudioError, match="too short for ssd"):
        extract_song(path, Request(("ssd",)))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"source": np.zeros(22050)}, "no rate of their own"),
        ({"source": "x.wav", "rate": 22050}, "its own rate"),
        ({"source": np.zeros(22050), "rate": 22050, "sets": ["none"]}, "no feature set 'none'"),
    ],
)
def test_wrong_use_is_named(arguments, message):
    with pytest.raises(UsageError, match=message):
        extract(**arguments)


def test_the_package_gives_it_without_loading_it():
    assert genrescope.extract is extract
    assert genrescope.FEATURE_SETS is FEATURE_SETS
    loaded = "import genrescope, sys; print('numpy' in sys.modules)"
    output = subprocess.check_output([sys.executable, "-c", loaded], text=True)
    assert output.strip() == "False"
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = genrescope.nothing
