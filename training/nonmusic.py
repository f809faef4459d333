"""Sounds that are no music, made up: noises, tones, machines, and voices from a throat of formulas.

A genre model that was trained on nothing but music finds a genre in everything. These clips show
what to refuse. Kinds named in `HELD_OUT` are never trained on: they measure whether the refusal
reaches beyond what it was fitted to.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]
RATE = 22050
SECONDS = 20.0
_N = int(RATE * SECONDS)
_T = np.arange(_N) / RATE


def make(kind: str, rng: np.random.Generator) -> Samples:
    """(441000,) samples at 22,050 Hz of the kind, peak 0.05 to 0.9."""
    sound = KINDS[kind](rng)
    return (sound / np.abs(sound).max() * rng.uniform(0.05, 0.9)).astype(np.float32)


def coloured_noise(rng: np.random.Generator) -> NDArray[np.float64]:
    """White to brown noise, steady."""
    return _coloured(rng, rng.uniform(0, 1))


def band_noise(rng: np.random.Generator) -> NDArray[np.float64]:
    """Noise in a band of one to three octaves."""
    low = rng.uniform(60, 3000)
    return _band(rng, low, low * 2 ** rng.uniform(1, 3))


def gusts(rng: np.random.Generator) -> NDArray[np.float64]:
    """Wind and surf: low noise that swells and falls."""
    swell = np.interp(_T, np.linspace(0, SECONDS, 25), rng.uniform(0.05, 1, 25))
    return _coloured(rng, rng.uniform(0.6, 1.1)) * swell


def rain(rng: np.random.Generator) -> NDArray[np.float64]:
    """Drops: many short bursts over a hiss."""
    return _bursts(rng, rng.uniform(50, 600), 0.004) + 0.3 * _coloured(rng, 0.2)


def tone(rng: np.random.Generator) -> NDArray[np.float64]:
    """A steady tone, pure or with overtones: test tones, hum, a dial tone."""
    pitch = np.exp(rng.uniform(np.log(50), np.log(4000)))
    return _harmonics(pitch * _T, int(rng.integers(1, 12)), rng.uniform(0.3, 1))


def beeps(rng: np.random.Generator) -> NDArray[np.float64]:
    """Tones that go on and off: alarms, a ringing phone, a reversing lorry."""
    period, share = rng.uniform(0.2, 2.5), rng.uniform(0.2, 0.7)
    on = (_T / period) % 1 < share
    pitch = rng.uniform(300, 3000) * np.where((_T / period).astype(int) % 2, rng.uniform(0.7, 1), 1)
    return np.sin(2 * np.pi * np.cumsum(pitch) / RATE) * on + 1e-4 * rng.standard_normal(_N)


def sweep(rng: np.random.Generator) -> NDArray[np.float64]:
    """Tones that glide: sirens, measuring sweeps."""
    swing = 0.5 + 0.5 * np.sin(2 * np.pi * _T * rng.uniform(0.05, 3) + rng.uniform(0, 6))
    low = rng.uniform(80, 800)
    return np.sin(2 * np.pi * np.cumsum(low * (rng.uniform(2, 12) ** swing)) / RATE)


def clicks(rng: np.random.Generator) -> NDArray[np.float64]:
    """Regular or random clicks: a clock, a Geiger counter, typing."""
    if rng.random() < 0.5:
        sound = np.zeros(_N)
        sound[:: int(RATE * rng.uniform(0.1, 1.2))] = 1.0
        return sound + 1e-4 * rng.standard_normal(_N)
    return _bursts(rng, rng.uniform(1, 20), 0.002) + 1e-4 * rng.standard_normal(_N)


def engine(rng: np.random.Generator) -> NDArray[np.float64]:
    """A motor: a low buzz whose speed drifts, with noise."""
    speed = np.interp(_T, np.linspace(0, SECONDS, 9), rng.uniform(20, 120, 9))
    return _harmonics(np.cumsum(speed) / RATE, 30, 0.8) + rng.uniform(0.1, 1) * _coloured(rng, 0.7)


def voice(rng: np.random.Generator) -> NDArray[np.float64]:
    """Speech: buzz and hiss through moving formants, with pauses."""
    return _speaker(rng) + rng.uniform(0, 0.02) * _coloured(rng, 0.6)


def voices(rng: np.random.Generator) -> NDArray[np.float64]:
    """Speech of a crowd."""
    return sum((_speaker(rng) for _ in range(int(rng.integers(3, 9)))), np.zeros(_N))


def faint_hiss(rng: np.random.Generator) -> NDArray[np.float64]:
    """What is left of silence on a tape: hiss, hum, a crackle."""
    hum = np.sin(2 * np.pi * 50 * rng.choice([1, 1.2]) * _T) * rng.uniform(0, 1)
    return _coloured(rng, 0.3) + hum + _bursts(rng, 0.5, 0.001)


def applause(rng: np.random.Generator) -> NDArray[np.float64]:
    """Hands clapping, hundreds a second, swelling and dying away."""
    swell = np.interp(_T, [0, 3, 12, SECONDS], rng.uniform(0.3, 1, 4))
    return _bursts(rng, rng.uniform(100, 900), 0.012) * swell + 0.05 * _coloured(rng, 0.4)


def crickets(rng: np.random.Generator) -> NDArray[np.float64]:
    """Chirping insects: high tones, quickly pulsed, in groups."""
    pitch = rng.uniform(3000, 6000)
    pulses = np.clip(np.sin(2 * np.pi * rng.uniform(15, 40) * _T), 0, 1)
    groups = (_T * rng.uniform(0.8, 2.5)) % 1 < rng.uniform(0.3, 0.8)
    return np.sin(2 * np.pi * pitch * _T) * pulses * groups + 0.02 * _coloured(rng, 0.5)


def telegraph(rng: np.random.Generator) -> NDArray[np.float64]:
    """Morse code: short and long tones of one pitch."""
    unit = rng.uniform(0.05, 0.12)
    keyed = np.repeat(rng.integers(0, 2, int(SECONDS / unit) + 1), int(unit * RATE) + 1)[:_N]
    return np.sin(2 * np.pi * rng.uniform(400, 900) * _T) * keyed + 1e-3 * rng.standard_normal(_N)


KINDS: dict[str, Callable[[np.random.Generator], NDArray[np.float64]]] = {
    **{kind.__name__: kind for kind in (coloured_noise, band_noise, gusts, rain, tone, beeps)},
    **{kind.__name__: kind for kind in (sweep, clicks, engine, voice, voices, faint_hiss)},
    **{kind.__name__: kind for kind in (applause, crickets, telegraph)},
}
HELD_OUT = ("applause", "crickets", "telegraph", "engine")


def _coloured(rng: np.random.Generator, slope: float) -> NDArray[np.float64]:
    """Noise whose amplitude falls as frequency ** -slope, RMS 1."""
    spectrum = np.fft.rfft(rng.standard_normal(_N))
    spectrum[1:] /= np.arange(1, len(spectrum)) ** slope
    spectrum[:20] = 0
    noise = np.fft.irfft(spectrum, _N)
    return noise / noise.std()


def _band(rng: np.random.Generator, low: float, high: float) -> NDArray[np.float64]:
    spectrum = np.fft.rfft(rng.standard_normal(_N))
    bins = np.fft.rfftfreq(_N, 1 / RATE)
    spectrum[(bins < low) | (bins > high)] = 0
    return np.fft.irfft(spectrum, _N)


def _bursts(rng: np.random.Generator, rate: float, seconds: float) -> NDArray[np.float64]:
    """Decaying bursts of noise, `rate` a second, at random."""
    hits = np.zeros(_N)
    count = max(1, int(rng.poisson(rate * SECONDS)))
    hits[rng.integers(0, _N, count)] = rng.exponential(1, count)
    length = int(8 * seconds * RATE)
    shape = rng.standard_normal(length) * np.exp(-np.arange(length) / (seconds * RATE))
    return _convolved(hits, shape)


def _harmonics(phase: NDArray[np.float64], count: int, fall: float) -> NDArray[np.float64]:
    """Sines at 1, 2, ... times the phase (in turns), each `fall` times the one before."""
    return sum(
        (fall**index * np.sin(2 * np.pi * (index + 1) * phase) for index in range(count)),
        np.zeros(_N),
    )


def _speaker(rng: np.random.Generator) -> NDArray[np.float64]:
    """Syllables of 80 to 300 ms: a vowel between two of three formants' places, or a hiss."""
    sound = np.zeros(_N)
    pitch, place = rng.uniform(80, 240), 0
    formants = _formants(rng)
    while place < _N:
        length = int(RATE * rng.uniform(0.08, 0.3))
        goal = _formants(rng)
        if rng.random() < 0.75:
            syllable = _vowel(rng, length, pitch * rng.uniform(0.8, 1.3), formants, goal)
        else:
            syllable = np.diff(rng.standard_normal(length + 1)) * 0.15
        shape = np.sin(np.pi * np.arange(length) / length) ** 0.5 * rng.uniform(0.4, 1)
        end = min(_N, place + length)
        sound[place:end] = (syllable * shape)[: end - place]
        place = end + int(RATE * (rng.uniform(0.2, 0.9) if rng.random() < 0.12 else 0.01))
        formants = goal
    return sound


def _formants(rng: np.random.Generator) -> NDArray[np.float64]:
    """Three resonances in Hz."""
    return np.array([rng.uniform(250, 850), rng.uniform(800, 2400), rng.uniform(2200, 3400)])


def _vowel(
    rng: np.random.Generator,
    length: int,
    pitch: float,
    start: NDArray[np.float64],
    goal: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Harmonics of a gliding pitch, each as loud as the formants near it let it be."""
    glide = np.cumsum(pitch * np.linspace(1, rng.uniform(0.8, 1.15), length)) / RATE
    centres = (start + goal) / 2
    vowel = np.zeros(length)
    for number in range(1, int(4500 / pitch)):
        near = 1 / (1 + np.square((number * pitch - centres) / np.array([60, 90, 140])))
        vowel += (near.sum() + 0.01) * number**-0.5 * np.sin(2 * np.pi * number * glide)
    return vowel


def _convolved(left: NDArray[np.float64], right: NDArray[np.float64]) -> NDArray[np.float64]:
    size = len(left) + len(right)
    product = np.fft.rfft(left, size) * np.fft.rfft(right, size)
    return np.fft.irfft(product, size)[: len(left)]
