"""Signals that the timbre tests share, each from its closed form or integer recipe."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

RATE = 22050


def _congruential(count: int, seed: int) -> np.ndarray:
    """States 1..count of r -> (1103515245 r + 12345) mod 2**31, by jumping ahead in doublings."""
    states = np.empty(count, np.uint64)
    states[0] = (1103515245 * seed + 12345) % 2**31
    factor, term, known = 1103515245, 12345, 1
    while known < count:
        more = min(known, count - known)
        states[known : known + more] = (factor * states[:more] + term) % 2**31
        factor, term = factor * factor % 2**31, (factor * term + term) % 2**31
        known += more
    return states.astype(np.int64)


@lru_cache(maxsize=1)
def marsyas_vector_signal() -> np.ndarray:
    """Coloured noise at four levels with gaps of digital silence, 16 bit; shape (44200,)."""
    i = np.arange(44200)
    noise = (_congruential(i.size, 1) // 65536) % 4001 - 2000
    gain = np.where(i // 4096 % 3 == 2, 0, 1 + i // 8192 % 4)
    walk = np.cumsum(noise * gain)
    wrapped = (walk // 4 + 8192) % 16384 - 8192
    return np.where(gain == 0, 0, wrapped)


@lru_cache(maxsize=1)
def jmir_vector_signal() -> np.ndarray:
    """White noise at eight levels and a sawtooth, 16 bit; shape (683550,)."""
    k = np.arange(683550)
    noise = _congruential(k.size, 12345) // 65536 - 16384
    return noise * (1 + k // 4410 % 8) // 64 + 10 * (37 * k % 400 - 200)


def gated_sweep() -> np.ndarray:
    """A linear sweep of 31 s from 40 Hz to 10 kHz, a fifth as loud in every other quarter second.

    In floating point; shape (683550,).
    """
    t = np.arange(31 * RATE) / RATE
    phase = 2 * np.pi * (40 * t + 0.5 * (9960 / 31) * t**2)
    return 0.89 * np.sin(phase) * np.where(np.sin(2 * np.pi * 2 * t) >= 0, 1.0, 0.2)


def sine(frequency: float, seconds: float, rate: int = RATE, amplitude: float = 0.5) -> np.ndarray:
    """A sine; shape (seconds * rate,)."""
    return amplitude * np.sin(2 * np.pi * frequency * np.arange(round(seconds * rate)) / rate)
