from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
import soundfile

from genrescope.audio.load import load_audio
from genrescope.errors import AudioError
from genrescope.report.song import draw_song, song_figure


@pytest.fixture
def pulse(tmp_path: Path) -> Path:
    """A tone of 1 kHz that swells and fades four times a second; its name is awkward."""
    time = np.arange(22050 * 13) / 22050
    samples = 0.4 * (1 + np.cos(2 * np.pi * 4 * time)) * np.sin(2 * np.pi * 1000 * time)
    path = tmp_path / "pulse $1 & $2.wav"
    soundfile.write(path, samples, 22050)
    return path


def panels(figure):
    return {
        axes.get_title(loc="left").split()[0]: axes
        for axes in figure.axes
        if axes.get_title("left")
    }


def test_the_panels_show_the_tone_and_its_pulse(pulse):
    shown = panels(song_figure(load_audio(pulse)))

    assert list(shown) == ["Waveform", "Sonogram:", "Rhythm", "Spectrum"]
    sonogram = shown["Sonogram:"].images[0].get_array()
    assert sonogram.shape == (24, 2 * 511)
    assert set(sonogram.argmax(axis=0)) <= {8, 9}  # 920 to 1270 Hz
    assert shown["Spectrum"].images[0].get_array().shape == (24, 7)
    [label] = [text.get_text() for text in shown["Rhythm"].texts]
    hertz, beats = re.fullmatch(r"(.*) Hz = (.*) BPM", label).groups()
    assert float(hertz) == pytest.approx(4, abs=0.085)  # half a modulation bin
    assert float(beats) == pytest.approx(60 * float(hertz), abs=0.6)


def test_the_same_song_gives_the_same_bytes(pulse, tmp_path):
    for kind in ("svg", "pdf"):
        for name in ("one", "two"):
            draw_song(pulse, tmp_path / f"{name}.{kind}")
        assert (tmp_path / f"one.{kind}").read_bytes() == (tmp_path / f"two.{kind}").read_bytes()


def test_a_picture_has_the_name_of_its_song_as_it_is(pulse, tmp_path):
    draw_song(pulse, tmp_path / "x.svg")

    assert "pulse $1 &amp; $2.wav" in (tmp_path / "x.svg").read_text()


def test_a_song_too_short_is_named(tmp_path):
    soundfile.write(tmp_path / "short.wav", np.zeros(22050), 22050)

    with pytest.raises(AudioError, match=r"short\.wav: 1\.00 s of sound"):
        draw_song(tmp_path / "short.wav", tmp_path / "x.png")
    assert not (tmp_path / "x.png").exists()


def test_silence_can_be_drawn(tmp_path):
    soundfile.write(tmp_path / "silence.wav", np.zeros(22050 * 7), 22050)

    draw_song(tmp_path / "silence.wav", tmp_path / "x.png")
    assert (tmp_path / "x.png").stat().st_size > 10_000
