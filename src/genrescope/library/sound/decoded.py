"""Compare the sound of two files by decoding it, with nothing known of how either was written.

A short file is decoded whole. Of a long one are decoded the beginning, places spread over it, and
the end up to its last sample; all of it where it consists of fragments, each of which has in
itself where its sound is, and on request. Where the places differ, as they may when a decoder finds
its way by the length of the file, all of it is compared.

Decoders are native code: call this in a worker process.
"""

from __future__ import annotations

import hashlib
import importlib.util
from pathlib import Path
from typing import Any

from genrescope.audio.decode import open_source
from genrescope.audio.decoders.pyav import decode_frames
from genrescope.audio.decoders.sndfile import SoundfileSource
from genrescope.errors import AudioError

_SHORT = 20.0  # seconds, up to which a file is decoded whole
_PLACES = 3  # between the beginning and the end
_WINDOW = 0.1  # seconds that are decoded at a place
_END = 0.25  # seconds before the end, from which all is decoded
_FRAGMENT = b"moof"


def sound_difference(original: Path, changed: Path, *, full: bool = False) -> str:
    """How the decoded sound of two files differs; empty where it does not.

    Raises:
        AudioError: the original cannot be decoded.
    """
    full = full or _is_fragmented(original)
    before = _outline(original, full=full)
    if before is None:
        raise AudioError("no sound can be decoded", remedy="repair or replace the file first")
    if _outline(changed, full=full) == before:
        return _head_difference(original, changed)
    if full or _outline(changed, full=True) != _outline(original, full=True):
        return "it would not play as before: its decoded sound differs"
    return _head_difference(original, changed)


def _is_fragmented(path: Path) -> bool:
    """Whether a file consists of boxes of which one begins a fragment."""
    with path.open("rb") as file:
        place, size = 0, path.stat().st_size
        while place < size:
            file.seek(place)
            head = file.read(16)
            if head[4:8] == _FRAGMENT:
                return True
            length = int.from_bytes(head[:4])
            length = int.from_bytes(head[8:16]) if length == 1 else length
            if length < 8 or not head[4:8].isascii():
                return False
            place += length
    return False


def _head_difference(original: Path, changed: Path) -> str:
    """How the core decoder, another program than ffmpeg, finds that the beginnings differ."""
    heads: list[tuple[object, ...] | None] = []
    for path in (original, changed):
        source = SoundfileSource.open(path)
        if source is None:
            heads.append(None)
            continue
        digest = hashlib.sha256()
        for block in source.blocks(0, round(_WINDOW * source.rate)):
            digest.update(block.tobytes())
        frames = None if source.format == "MP3" else source.frames  # which may be an estimate
        heads.append((source.format, source.rate, source.channels, frames, digest.digest()))
    same = heads[0] is None or heads[0] == heads[1]
    return "" if same else "it would not play as before: libsndfile decodes something else"


def _outline(path: Path, *, full: bool) -> tuple[object, ...] | None:
    """What decoding gives: format, and digests of the sound; None where it gives nothing.

    What FFmpeg's decoders do not support, such as MP3 of free format, is decoded as for prediction.
    """
    found = _pyav_outline(path, full=full) if importlib.util.find_spec("av") else None
    return found or _source_outline(path, full=full)


def _pyav_outline(path: Path, *, full: bool) -> tuple[object, ...] | None:
    import av

    try:
        # Without it ffmpeg reads a whole MP3 to find one place in it.
        options = {"fflags": "fastseek"}
        with av.open(str(path), metadata_errors="ignore", options=options) as container:
            if not container.streams.audio:
                return None
            stream = container.streams.audio[0]
            found = [_decoded(container, stream, None)] if full else _windows(container, stream)
            form = stream.codec_context.name, stream.codec_context.sample_rate
            return (*form, *found) if found and found[0][0] else None
    except av.FFmpegError:
        return None


def _windows(container: Any, stream: Any) -> list[tuple[int, bytes]]:
    """Digests of all of a short file; of a long one of beginning, places between, and end."""
    import av

    seconds = float(container.duration or 0) / av.time_base
    if seconds <= _SHORT:
        return [_decoded(container, stream, None)]
    found = [_decoded(container, stream, _WINDOW)]
    steps = [seconds * (number + 1) / (_PLACES + 1) for number in range(_PLACES)]
    for second in (*steps, seconds - _END):
        stamp = int(second / stream.time_base) + (stream.start_time or 0)
        container.seek(stamp, stream=stream)
        found.append(_decoded(container, stream, None if second > steps[-1] else _WINDOW))
    return found


def _decoded(container: Any, stream: Any, seconds: float | None) -> tuple[int, bytes]:
    """(bytes, digest) of so many seconds from here on, or all; damaged packets give nothing."""
    count, digest = 0, hashlib.sha256()
    for frame in decode_frames(container, stream):
        form = frame.format.packed.name, frame.layout.name, frame.sample_rate
        samples = frame.to_ndarray().tobytes()
        digest.update(repr(form).encode())
        digest.update(samples)
        count += len(samples)
        if seconds is not None and count > seconds * 4 * stream.codec_context.sample_rate:
            break
    return count, digest.digest()


def _source_outline(path: Path, *, full: bool) -> tuple[object, ...] | None:
    """The same through the decoders that the project has without PyAV; None without a sample."""
    try:
        source = open_source(path)
    except AudioError:
        return None
    frames = source.frames or 0
    whole = full or frames <= _SHORT * source.rate
    window, end = round(_WINDOW * source.rate), round(_END * source.rate)
    spans: list[tuple[int, int | None]] = [(0, None)] if whole else [(0, window)]
    if not whole:
        spans += [(frames * n // (_PLACES + 1), window) for n in range(1, _PLACES + 1)]
        spans.append((frames - end, None))
    digests = []
    for start, count in spans:
        digest = hashlib.sha256()
        length = 0
        for block in source.blocks(start, count):
            digest.update(block.tobytes())
            length += len(block)
        digests.append((length, digest.digest()))
    found = (source.rate, source.channels, *digests)
    return found if digests[0][0] else None
