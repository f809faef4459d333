"""How a clip is cut into segments of six seconds."""

from __future__ import annotations

from genrescope.descriptors.tuwien.bark import FRAME_LENGTHS, segment_samples
from genrescope.errors import AudioError

_LONG = 45  # seconds: only of clips as long as this are segments left out


def segment_starts(samples: int, rate: int, *, skip: int, step: int) -> range:
    """First sample of each segment; the rest after the last whole segment is left out.

    Args:
        samples: length of the clip.
        rate: 11025, 22050 or 44100 Hz.
        skip: segments to leave out at the beginning and at the end.
        step: take every step-th segment. Clips under 45 seconds are taken whole, whatever
            skip and step are.

    Raises:
        AudioError: there is no such rate, or not one whole segment.
    """
    if rate not in FRAME_LENGTHS:
        raise AudioError(
            f"a sampling rate of {rate} Hz has no rhythm patterns",
            remedy=f"resample to one of {', '.join(map(str, FRAME_LENGTHS))} Hz",
        )
    if samples < _LONG * rate:
        skip, step = 0, 1
    size = segment_samples(rate)
    whole = (samples - 2 * skip * size) // size
    if whole < 1:
        raise AudioError(
            f"{samples / rate:.2f} s of sound do not hold a segment of {size / rate:.2f} s"
            + (f" after {skip} at either end" if skip else ""),
            remedy="take a longer excerpt" + (" or skip fewer segments" if skip else ""),
        )
    return range(skip * size, (skip + whole) * size, step * size)
