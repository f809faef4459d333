"""Clips that a student of the pretrained networks learns from: descriptors, and networks' vectors.

    python training/distil_rows.py --shared ../shared --networks FOLDER --output FOLDER

Every clip of GTZAN and of AllMusic as it is and changed at random, sounds that are no music, and of
`--music`, recordings without labels, pieces of 30 s: one .npz an item, so that a stopped run goes
on. `--networks` is the folder of models that `genrescope models add` filled. Of pieces musicnn's
vector is made, too; that of clips is known from before they were coded.
"""

from __future__ import annotations

import argparse
import io
import time
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import free_music
import speech
from augment import (
    add_noise,
    compress,
    equalise,
    high_pass,
    lossy,
    low_pass,
    room,
    speed,
)
from extract import LEVEL, SETTINGS, network_vector
from genrescope.audio.excerpt import Excerpt
from genrescope.audio.load import load_audio
from genrescope.descriptors import describe
from genrescope.descriptors.extra.mel_patches import log_mel
from genrescope.engine import Failure, map_files
from genrescope.files.atomic import write_atomic
from genrescope.inference.samples import to_level
from genrescope.sources import finite
from nonmusic import HELD_OUT, KINDS, RATE, make

SETS = (
    *("rp", "rh", "ssd", "tssd", "trh", "mvd", "loudness_fluctuation", "marsyas_timbral"),
    *("jmir_mfcc", "spectral_contrast", "tonality", "band_correlation"),
)
SECONDS = (12, 18)  # of a changed form
CHANGES = (
    *((speed, 0.4), (room, 0.15), (equalise, 0.6), (high_pass, 0.15)),
    *((compress, 0.25), (low_pass, 0.25), (add_noise, 0.2), (lossy, 0.3)),
)
SOUNDS = 16  # of each kind that is no music
NONMUSIC = (*(kind for kind in KINDS if kind not in HELD_OUT), *speech.KINDS)
_FOLDERS = ("gtzan_audio", "gtzan_audio_more", "allmusic_clips/audio")
_SEED = 20261128


@dataclass(frozen=True)
class Recording:
    """A file of music without labels, and the name that its vectors are kept by."""

    path: Path
    name: str


Item = Path | Recording | str
"""A clip, a recording without labels, or a kind of sound."""


def vectors(
    samples: NDArray[np.float32], networks: Sequence[str], folder: Path
) -> dict[str, NDArray[Any]]:
    """Of a clip: descriptors by set, networks' vectors, `mel` (frames, 64) in half decibels."""
    samples = to_level(samples, LEVEL)
    found = describe(samples, RATE, SETS, SETTINGS, channels=1)
    return (
        {name: finite(vector) for name, vector in found.items()}
        | {name: network_vector(samples, name, folder) for name in networks}
        | {"mel": np.clip(2 * (log_mel(samples, RATE) + 60), 0, 255).round().astype(np.uint8)}
    )


def decibels(mel: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Levels in dB as kept in half decibels."""
    return mel.astype(np.float32) / 2 - 60


def name_of(item: Item) -> str:
    """The name that the vectors of an item are kept by."""
    return item if isinstance(item, str) else item.stem if isinstance(item, Path) else item.name


def forms(item: Item) -> Iterator[tuple[str, NDArray[np.float32]]]:
    """By name: a clip as it is and changed, pieces of a recording, or sounds of a kind.

    Mono at 22,050 Hz.
    """
    rng = np.random.default_rng([_SEED, zlib.crc32(name_of(item).encode()), 0])
    if isinstance(item, Recording):
        samples = load_audio(item.path, excerpt=Excerpt.whole()).samples
        yield from ((f"piece{i}", part) for i, part in enumerate(free_music.pieces(samples)))
    elif isinstance(item, Path):
        samples = load_audio(item, excerpt=Excerpt.whole()).samples
        yield "clean", samples
        yield "changed", changed(_as_16_bits(samples), rng)
    else:
        for clip in range(SOUNDS):
            spoken = item in speech.KINDS
            yield f"clip{clip:02}", speech.make_speech(item, rng) if spoken else make(item, rng)


def changed(samples: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    """12 or 18 s from anywhere, changed in several ways."""
    length = int(rng.choice(SECONDS, p=(0.7, 0.3)) * RATE)
    start = rng.integers(0, max(1, len(samples) - length + 1))
    part = samples[start : start + length]
    part = part / max(1.0, float(np.abs(part).max()))
    for change, probability in CHANGES:
        if rng.random() < probability:
            part = change(part, RATE, rng)
    return part.astype(np.float32)


def _as_16_bits(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """What a file of 16 bits would hold."""
    return np.clip(32767 * samples, -32768, 32767).astype(np.int16).astype(np.float32) / 32767


def extract(item: Item, *, networks: Path, output: Path) -> None:
    """Write the vectors of all forms of an item, (forms, dims) by name, and `mel0`, `mel1`, ..."""
    used = ("audioset", "musicnn") if isinstance(item, Recording) else ("audioset",)
    rows = {form: vectors(samples, used, networks) for form, samples in forms(item)}
    if not rows:
        return
    arrays: dict[str, NDArray[Any]] = {
        name: np.stack([row[name] for row in rows.values()]) for name in (*SETS, *used)
    }
    arrays |= {f"mel{number}": row["mel"] for number, row in enumerate(rows.values())}
    buffer = io.BytesIO()
    np.savez(buffer, forms=np.array(list(rows)), **arrays)
    write_atomic(output_file(output, item), buffer.getvalue())


def output_file(output: Path, item: Item) -> Path:
    """Where the vectors of an item are kept."""
    return output / f"{name_of(item)}.npz"


def clips(shared: Path) -> list[Path]:
    """The audio files of the two sources, in an order that mixes them."""
    found = [
        path
        for folder in _FOLDERS
        for path in (shared / "data" / folder).iterdir()
        if path.suffix in (".flac", ".mp3", ".opus")
    ]
    return sorted(found, key=lambda path: zlib.crc32(path.stem.encode()))


def recordings(music: Path | None) -> list[Recording]:
    """Those in the folder of `free_music.py`, if there is one."""
    found = free_music.recordings(music) if music else []
    return [Recording(path, free_music.name_of(path, music)) for path in found]


def main() -> None:
    """Extract what is missing in the output."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("--shared", "--networks", "--output"):
        parser.add_argument(name, type=Path, required=True)
    parser.add_argument("--music", type=Path)
    parser.add_argument("--jobs", type=int)
    options = parser.parse_args()
    speech.check_tools()
    options.output.mkdir(parents=True, exist_ok=True)
    items = [*clips(options.shared), *NONMUSIC, *recordings(options.music)]
    left = [item for item in items if not output_file(options.output, item).exists()]
    task = partial(extract, networks=options.networks, output=options.output)
    start = time.monotonic()
    for done, (item, result) in enumerate(map_files(task, left, jobs=options.jobs), 1):
        if isinstance(result, Failure):
            raise SystemExit(f"{item}: {result}")
        rest = (len(left) - done) * (time.monotonic() - start) / done
        print(f"{done} of {len(left)}, {rest:.0f} s left", flush=True)


if __name__ == "__main__":
    main()
