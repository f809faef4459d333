"""Short music files of every format that can be tagged, for benchmarks and tests."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import soundfile

from rawsongs import WRITERS

RATE = 22050
SUFFIXES = (".mp3", ".flac", ".ogg", ".opus", ".m4a", ".wma", ".wav", ".aiff")
_SUBTYPES = {".opus": ("OGG", "OPUS"), ".ogg": ("OGG", "VORBIS")}
_CODECS = {
    **{".m4a": "aac", ".wma": "wmav2", ".wv": "wavpack"},
    **{".mka": "flac", ".webm": "libopus", ".mkv": "aac"},
}
OPTIONS = {".mkv": {"live": "1"}}  # as a recording of a stream: without lengths and index


def write_song(path: Path, seed: int = 0, seconds: float = 1.0) -> Path:
    """A file whose sound is of its `seed` only, in the format of its extension."""
    if path.suffix in WRITERS:
        WRITERS[path.suffix](path, seed, seconds)
        return path
    rate = 24000 if path.suffix in (".opus", ".webm") else RATE
    generator = np.random.default_rng(seed)
    samples = generator.uniform(-0.3, 0.3, (round(rate * seconds), 2))
    if path.suffix in _CODECS:
        _write_with_pyav(path, samples, rate)
    else:
        format_, subtype = _SUBTYPES.get(path.suffix, (None, None))
        soundfile.write(path, samples, rate, format=format_, subtype=subtype)
    return path


def _write_with_pyav(path: Path, samples: np.ndarray, rate: int) -> None:
    whole = np.ascontiguousarray(np.round(samples * 32767).astype(np.int16)).reshape(1, -1)
    with av.open(str(path), "w", options=OPTIONS.get(path.suffix, {})) as container:
        stream = container.add_stream(_CODECS[path.suffix], rate=rate, layout="stereo")
        stream.bit_rate = 128_000
        stream.format = stream.codec.audio_formats[0].name
        frame = av.AudioFrame.from_ndarray(whole, format="s16", layout="stereo")
        frame.sample_rate, frame.pts = rate, 0
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
