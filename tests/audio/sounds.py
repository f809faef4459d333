"""Sounds made for the tests, in every format that can be written here."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

Write = Callable[..., Path]


def tone(
    rate: int = 44100, seconds: float = 2.0, channels: int = 2, hertz: float = 440.0
) -> NDArray[np.int16]:
    """(frames, channels) int16: a tone of amplitude 0.5 at the left, 0.25 at the others."""
    time = np.arange(round(rate * seconds)) / rate
    wave = np.round(16384 * np.sin(2 * np.pi * hertz * time))
    levels = np.array([1.0] + [0.5] * (channels - 1))
    return np.round(wave[:, None] * levels).astype(np.int16)


def noise(rate: int = 44100, seconds: float = 2.0, channels: int = 2) -> NDArray[np.int16]:
    """(frames, channels) int16 of which every stretch differs from every other."""
    frames = round(rate * seconds)
    generator = np.random.default_rng(7)
    return generator.integers(-20000, 20000, (frames, channels), dtype=np.int16)


def sweep(rate: int = 44100, seconds: float = 2.0) -> NDArray[np.int16]:
    """(frames, 2) int16: a rising tone. No noise: AAC replaces that by noise of its own."""
    time = np.arange(round(rate * seconds)) / rate
    wave = np.round(12000 * np.sin(2 * np.pi * (200 * time + 150 * time**2)))
    return np.repeat(wave[:, None], 2, axis=1).astype(np.int16)


def write_with_pyav(path: Path, samples: NDArray[np.int16], rate: int, codec: str) -> Path:
    """Encode through FFmpeg; skips where this build has no such encoder."""
    av = pytest.importorskip("av")
    try:
        container = av.open(str(path), "w")
        stream = container.add_stream(codec, rate=rate, layout="stereo")
        formats = [item.name for item in stream.codec.audio_formats]
        stream.format = next(name for name in ("s16", "s16p", "fltp") if name in formats)
        stream.bit_rate = 192_000
    except (av.FFmpegError, av.codec.codec.UnknownCodecError) as error:
        pytest.skip(f"no encoder {codec}: {error}")
    with container:
        frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout="stereo")
        frame.sample_rate = rate
        frame.pts = 0
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path
