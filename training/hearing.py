"""Every training song in many forms, as vectors: one .npz a song, so that a stopped run goes on.

    python training/hearing.py --shared ../shared --musicnn FOLDER --output features

Needs the audio of the built-in songs, `gtzan_audio` below the folder given, and the voices of
`speech.py`.
"""

from __future__ import annotations

import argparse
import io
import time
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import speech
from augment import augment
from conditions import CONDITIONS
from genrescope.audio.excerpt import Excerpt
from genrescope.audio.load import load_audio
from genrescope.audio.resample import resample
from genrescope.backbone.melpatches import RATE as MUSICNN_RATE
from genrescope.backbone.musicnn import Musicnn
from genrescope.descriptors import Settings, describe
from genrescope.engine import Failure, map_files
from genrescope.featuresets import FEATURE_SETS
from genrescope.inference.samples import to_level
from nonmusic import KINDS, make
from nonmusic import RATE as NONMUSIC_RATE

SETTINGS = Settings("2012", "float32")
LEVEL = -18.0  # dB: about the middle of the built-in songs
RARE = ("disco", "hiphop", "jazz", "pop", "reggae", "rock")
FORMS = {True: 24, False: 6}  # how often a song is changed, by whether its genre is rare
CLIPS = 24  # of each kind that is no music
_SEED = 20261123
_EXPECTED = 472


def vectors(
    samples: NDArray[np.float32], rate: int, musicnn: Musicnn
) -> dict[str, NDArray[np.float32]]:
    """All descriptor sets and musicnn's vector of a clip at 22,050 Hz."""
    found = describe(to_level(samples, LEVEL), rate, None, SETTINGS, channels=1)
    result = {name: vector.astype(np.float32) for name, vector in found.items()}
    resampled = np.concatenate(list(resample([samples], rate, MUSICNN_RATE)))
    return result | {"musicnn": musicnn.describe(to_level(resampled, LEVEL))}


def describe_song(path: Path, *, musicnn: Path, output: Path) -> None:
    """Write the forms of one song."""
    model = _loaded(musicnn)
    genre, _, number = path.stem.partition(".")
    audio = load_audio(path, excerpt=Excerpt.whole())
    rng = np.random.default_rng([_SEED, *genre.encode(), int(number)])
    rows = {"clean": vectors(audio.samples, audio.rate, model)}
    natural = describe(audio.samples, audio.rate, ["ssd", "rh"], SETTINGS, channels=1)
    for form in range(FORMS[genre in RARE]):
        rows[f"form{form:02}"] = vectors(augment(audio.samples, audio.rate, rng), audio.rate, model)
    _save(output / f"{path.stem}.npz", rows, natural)


def describe_conditions(path: Path, *, musicnn: Path, output: Path) -> None:
    """Write what one song gives under each condition."""
    audio = load_audio(path, excerpt=Excerpt.whole())
    rows = {}
    for name, write in CONDITIONS.items():
        changed = output / f".{path.stem}.tmp"
        changed.write_bytes(write(audio.samples, audio.rate))
        heard = load_audio(changed, excerpt=Excerpt.middle(30))
        changed.unlink()
        rows[name] = vectors(heard.samples, heard.rate, _loaded(musicnn))
    _save(output / f"{path.stem}.npz", rows, {})


def describe_nonmusic(kind: str, *, musicnn: Path, output: Path) -> None:
    """Write the clips of one kind that is no music."""
    rng = np.random.default_rng([_SEED, *kind.encode()])
    spoken = kind in speech.KINDS
    rows = {}
    for clip in range(speech.CLIPS if spoken else CLIPS):
        sound = speech.make_speech(kind, rng) if spoken else make(kind, rng)
        rows[f"clip{clip:02}"] = vectors(sound, NONMUSIC_RATE, _loaded(musicnn))
    _save(output / f"{kind}.npz", rows, {})


_models: dict[Path, Musicnn] = {}


def _loaded(folder: Path) -> Musicnn:
    """The network, read once a process."""
    if folder not in _models:
        _models[folder] = Musicnn.load(folder)
    return _models[folder]


def _save(
    path: Path,
    rows: dict[str, dict[str, NDArray[np.float32]]],
    natural: dict[str, NDArray[np.float64]],
) -> None:
    """Arrays (forms, dims) by set, the forms' names, and the values at the song's own level."""
    arrays = {
        name: np.stack([row[name] for row in rows.values()]) for name in (*FEATURE_SETS, "musicnn")
    }
    arrays |= {f"natural_{name}": vector for name, vector in natural.items()}
    buffer = io.BytesIO()
    np.savez(buffer, forms=np.array(list(rows)), **arrays)
    part = path.with_suffix(".part")
    part.write_bytes(buffer.getvalue())
    part.replace(path)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, required=True)
    parser.add_argument("--musicnn", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--jobs", type=int)
    options = parser.parse_args()
    speech.check_tools()
    folder = options.shared / "data/gtzan_audio"
    songs = sorted(path for path in folder.iterdir() if path.suffix in (".flac", ".mp3"))
    if len(songs) != _EXPECTED:
        raise SystemExit(f"{folder}: {len(songs)} songs, not {_EXPECTED}")
    for kind, work, items in (
        ("songs", describe_song, songs),
        ("nonmusic", describe_nonmusic, [*KINDS, *speech.KINDS]),
        ("conditions", describe_conditions, [song for song in songs if _is_compared(song)]),
    ):
        _run(kind, work, items, options)


def _run(kind: str, work: object, items: list, options: argparse.Namespace) -> None:
    output = options.output / kind
    output.mkdir(parents=True, exist_ok=True)
    left = [item for item in items if not (output / f"{_name(item)}.npz").exists()]
    task = partial(work, musicnn=options.musicnn, output=output)
    start = time.monotonic()
    for done, (item, result) in enumerate(map_files(task, left, jobs=options.jobs), 1):
        if isinstance(result, Failure):
            raise SystemExit(f"{item}: {result}")
        rate = done / (time.monotonic() - start)
        print(f"{kind}: {done} of {len(left)}, {(len(left) - done) / rate:.0f} s left", flush=True)


def _is_compared(song: Path) -> bool:
    """Whether a song is heard under every condition: all of rare genres, every fourth of others."""
    genre, _, number = song.stem.partition(".")
    return genre in RARE or int(number) % 4 == 0


def _name(item: Path | str) -> str:
    return item.stem if isinstance(item, Path) else item


if __name__ == "__main__":
    main()
