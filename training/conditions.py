"""How a song may reach the program: the conditions under which its genre should stay the same.

Each condition writes the song to a real file, which is then read as any user's file is.
"""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from augment import low_pass_at

Samples = NDArray[np.float32]


def _wav(samples: NDArray[np.float32], rate: int) -> bytes:
    return _written(samples, rate, "WAV", "PCM_16")


def _written(samples: Samples, rate: int, kind: str, subtype: str, **options: object) -> bytes:
    file = io.BytesIO()
    soundfile.write(file, np.clip(samples, -1, 1), rate, format=kind, subtype=subtype, **options)
    return file.getvalue()


def _mp3_64(samples: Samples, rate: int) -> bytes:
    # Of 160 kbit/s, the most that MPEG-2 Layer III (22.05 kHz) has, down to 8: 64 is at 0.63.
    level = (160 - 64) / (160 - 8)
    mode = {"bitrate_mode": "CONSTANT", "compression_level": level}
    return _written(samples, rate, "MP3", "MPEG_LAYER_III", **mode)


def _resampled(samples: Samples, rate: int, wanted: int) -> bytes:
    return _wav(soxr.resample(samples, rate, wanted), wanted)


def _stereo(samples: Samples, rate: int) -> bytes:
    """The song in two channels, one 20 ms later than the other and 3 dB softer."""
    late = np.concatenate([np.zeros(rate // 50, np.float32), samples])[: len(samples)]
    return _wav(np.stack([samples, 0.7 * late], axis=1), rate)


CONDITIONS: dict[str, Callable[[Samples, int], bytes]] = {
    "as it is": _wav,
    "MP3 at 64 kbit/s": _mp3_64,
    "44.1 kHz": lambda samples, rate: _resampled(samples, rate, 44100),
    "48 kHz": lambda samples, rate: _resampled(samples, rate, 48000),
    "mono as stereo": lambda samples, rate: _wav(np.stack([samples, samples], axis=1), rate),
    "stereo, one side late": _stereo,
    "20 dB softer": lambda samples, rate: _wav(samples / 10, rate),
    "low-passed at 8 kHz": lambda samples, rate: _wav(low_pass_at(samples, rate, 8000), rate),
    "low-passed at 4 kHz": lambda samples, rate: _wav(low_pass_at(samples, rate, 4000), rate),
    "first 15 s": lambda samples, rate: _wav(samples[: 15 * rate], rate),
    "last 15 s": lambda samples, rate: _wav(samples[-15 * rate :], rate),
}
