"""The same song as other people have it: other codec, equaliser, loudness, speed, room, excerpt.

Songs of one collection share how they were recorded and stored. What a network learns of that is of
no use elsewhere, so every song occurs in many forms.
"""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

Samples = NDArray[np.float32]
Change = Callable[[Samples, int, np.random.Generator], Samples]


def augment(samples: Samples, rate: int, rng: np.random.Generator) -> Samples:
    """(n,) samples changed at random in several ways; about as long, full scale 1."""
    for change, probability in _CHANGES:
        if rng.random() < probability:
            samples = change(samples, rate, rng)
    peak = float(np.abs(samples).max())
    return samples / max(peak, 1.0)


def excerpt(samples: Samples, rate: int, rng: np.random.Generator) -> Samples:
    """12 to 28 seconds from anywhere."""
    length = min(len(samples), int(rng.uniform(12, 28) * rate))
    start = rng.integers(0, len(samples) - length + 1)
    return samples[start : start + length]


def speed(samples: Samples, rate: int, rng: np.random.Generator) -> Samples:
    """Up to 6 % faster or slower, pitch with it."""
    return soxr.resample(samples, rate, rate * rng.uniform(0.94, 1.06))


def equalise(samples: Samples, rate: int, rng: np.random.Generator) -> Samples:
    """A tilt of up to 6 dB over the spectrum, and hills and valleys of about 4 dB."""
    knots = np.geomspace(30, rate / 2, 9)
    gains = rng.normal(0, 4, len(knots)) + rng.uniform(-6, 6) * np.linspace(-1, 1, len(knots))
    return _filter(samples, rate, knots, gains)


def low_pass(samples: Samples, rate: int, rng: np.random.Generator) -> Samples:
    """Nothing above 3.5 to 10 kHz: a tape, a phone, a low bit rate."""
    return low_pass_at(samples, rate, rng.uniform(3500, 10000))


def low_pass_at(samples: Samples, rate: int, cut: float) -> Samples:
    """Nothing above `cut` Hz, but for a slope of a fifth of an octave."""
    return _filter(samples, rate, np.array([cut, 1.15 * cut]), np.array([0.0, -70.0]))


def high_pass(samples: Samples, rate: int, rng: np.random.Generator) -> Samples:
    """Little below 40 to 200 Hz: small loudspeakers, old records."""
    cut = rng.uniform(40, 200)
    return _filter(samples, rate, np.array([0.5 * cut, cut]), np.array([-30.0, 0.0]))


def compress(samples: Samples, rate: int, rng: np.random.Generator) -> Samples:
    """Loud mastering: peaks bent by tanh, 3 to 15 dB into it."""
    level = float(np.sqrt(np.mean(np.square(samples)))) + 1e-9
    drive = 10 ** (rng.uniform(3, 15) / 20) * 0.2 / level
    return np.tanh(drive * samples).astype(np.float32)


def add_noise(samples: Samples, rate: int, rng: np.random.Generator) -> Samples:
    """Noise 20 to 50 dB below the music, white to brown."""
    size = _fast(len(samples))
    spectrum = np.fft.rfft(rng.standard_normal(size, dtype=np.float32))
    slope = rng.uniform(0, 1)
    spectrum[1:] /= np.arange(1, len(spectrum), dtype=np.float32) ** slope
    noise = np.fft.irfft(spectrum, size)[: len(samples)]
    wanted = np.sqrt(np.mean(np.square(samples))) * 10 ** (-rng.uniform(20, 50) / 20)
    return (samples + noise * wanted / np.sqrt(np.mean(np.square(noise)))).astype(np.float32)


def room(samples: Samples, rate: int, rng: np.random.Generator) -> Samples:
    """The reverberation of a room: noise that decays by 60 dB in 0.2 to 0.8 s, 6 to 18 dB down."""
    length = int(rng.uniform(0.2, 0.8) * rate)
    decay = rng.standard_normal(length) * 10 ** (-3 * np.arange(length) / length)
    decay = decay.astype(np.float32)
    size = _fast(len(samples) + length)
    wet = np.fft.irfft(np.fft.rfft(samples, size) * np.fft.rfft(decay, size), size)[: len(samples)]
    share = 10 ** (-rng.uniform(6, 18) / 20)
    scale = np.sqrt(np.mean(np.square(samples)) / (np.mean(np.square(wet)) + 1e-12))
    return (samples + share * scale * wet).astype(np.float32)


def lossy(samples: Samples, rate: int, rng: np.random.Generator) -> Samples:
    """Through MP3 or Vorbis of a low to middling rate, at this rate or at 44.1 kHz."""
    outer = int(rng.choice([rate, 44100]))
    raised = soxr.resample(samples, rate, outer)
    peak = max(1.0, float(np.abs(raised).max()))
    kind, subtype = [("MP3", "MPEG_LAYER_III"), ("OGG", "VORBIS")][int(rng.random() < 0.3)]
    decoded = through_codec(raised / peak, outer, kind, subtype, float(rng.uniform(0.3, 0.95)))
    return soxr.resample(decoded, outer, rate)


def through_codec(
    samples: Samples, rate: int, kind: str, subtype: str, compression: float
) -> Samples:
    """(n,) samples as they come back from a file of the kind; `compression` 0 to 1."""
    file = io.BytesIO()
    soundfile.write(
        file, samples, rate, format=kind, subtype=subtype, compression_level=compression
    )
    file.seek(0)
    decoded, _ = soundfile.read(file, dtype="float32")
    return decoded


def _filter(
    samples: Samples, rate: int, knots: NDArray[np.float64], gains: NDArray[np.float64]
) -> Samples:
    """Gains in dB at the knots in Hz, straight between them on a logarithmic axis; no delay."""
    size = _fast(len(samples) + rate // 2)  # half a second for the filter's ringing
    spectrum = np.fft.rfft(samples, size)
    bins = np.fft.rfftfreq(size, 1 / rate)
    curve = np.interp(np.log(bins + 1.0), np.log(knots + 1.0), gains)
    gain = (10 ** (curve / 20)).astype(np.float32)
    return np.fft.irfft(spectrum * gain, size)[: len(samples)].astype(np.float32)


def _fast(least: int) -> int:
    """The smallest of 2^n and 3 2^n that is enough: lengths that the FFT is fast at."""
    power = 1 << (least - 1).bit_length()
    return 3 * power // 4 if 3 * power // 4 >= least else power


_CHANGES: tuple[tuple[Change, float], ...] = (
    (excerpt, 0.8),
    (speed, 0.5),
    (room, 0.15),
    (equalise, 0.7),
    (high_pass, 0.2),
    (compress, 0.35),
    (low_pass, 0.3),
    (add_noise, 0.25),
    (lossy, 0.4),
)
