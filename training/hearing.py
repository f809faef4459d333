"""Every training song in many forms, as vectors: one .npz a song, so that a stopped run goes on.

Vectors that are missing in a file of an earlier run are added to it, and nothing else is computed.

    python training/hearing.py --shared ../shared --musicnn FOLDER --output features

Needs the audio of the built-in songs, `gtzan_audio` below the folder given, and the voices of
`speech.py`.
"""

from __future__ import annotations

import argparse
import io
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import speech
from augment import augment
from conditions import CONDITIONS
from genrescope.audio.excerpt import Excerpt
from genrescope.audio.load import load_audio
from genrescope.audio.resample import resample
from genrescope.backbones.melpatches import RATE as MUSICNN_RATE
from genrescope.backbones.musicnn import Musicnn
from genrescope.descriptors import Settings, describe
from genrescope.engine import Failure, map_files
from genrescope.featuresets import KNOWN_SETS
from genrescope.files.atomic import write_atomic
from genrescope.inference.card import MUSICNN
from genrescope.inference.samples import to_level
from nonmusic import KINDS, RATE, make

SETTINGS = Settings("2012", "float32")
LEVEL = -18.0  # dB: about the middle of the built-in songs
RARE = ("disco", "hiphop", "jazz", "pop", "reggae", "rock")
FORMS = {True: 24, False: 6}  # how often a song is changed, by whether its genre is rare
CLIPS = 24  # of each kind that is no music
EVERYTHING = (*KNOWN_SETS, MUSICNN)
Forms = Iterator[tuple[str, NDArray[np.float32]]]
_PROOF = "rh"
_SEED = 20261123
_EXPECTED = 472


def vectors(
    samples: NDArray[np.float32], wanted: Iterable[str], musicnn: Path
) -> dict[str, NDArray[np.float32]]:
    """What is wanted of `EVERYTHING`, of a clip at 22,050 Hz."""
    sets = [name for name in wanted if name != MUSICNN]
    found = describe(to_level(samples, LEVEL), RATE, sets, SETTINGS, channels=1)
    result = {name: vector.astype(np.float32) for name, vector in found.items()}
    if MUSICNN in wanted:
        resampled = np.concatenate(list(resample([samples], RATE, MUSICNN_RATE)))
        result[MUSICNN] = _loaded(musicnn).describe(to_level(resampled, LEVEL))
    return result


def song_forms(path: Path) -> Forms:
    """A song as it is, and changed at random."""
    genre, _, number = path.stem.partition(".")
    samples = load_audio(path, excerpt=Excerpt.whole()).samples
    rng = np.random.default_rng([_SEED, *genre.encode(), int(number)])
    yield "clean", samples
    for form in range(FORMS[genre in RARE]):
        yield f"form{form:02}", augment(samples, RATE, rng)


def condition_forms(path: Path) -> Forms:
    """A song under each condition."""
    audio = load_audio(path, excerpt=Excerpt.whole())
    for name, write in CONDITIONS.items():
        with tempfile.NamedTemporaryFile() as changed:
            Path(changed.name).write_bytes(write(audio.samples, audio.rate))
            yield name, load_audio(changed.name, excerpt=Excerpt.middle(30)).samples


def nonmusic_forms(kind: str) -> Forms:
    """The clips of one kind that is no music."""
    rng = np.random.default_rng([_SEED, *kind.encode()])
    spoken = kind in speech.KINDS
    for clip in range(speech.CLIPS if spoken else CLIPS):
        yield f"clip{clip:02}", speech.make_speech(kind, rng) if spoken else make(kind, rng)


KINDS_OF_FORMS: dict[str, Callable[..., Forms]] = {
    "songs": song_forms,
    "nonmusic": nonmusic_forms,
    "conditions": condition_forms,
}


def hear(item: Path | str, *, kind: str, musicnn: Path, output: Path) -> None:
    """Write the forms of a song or a sound, or add to its file the vectors that are missing.

    A form is made again from its seed. That it is the same as before is checked by one set; where
    it is not, as with speech after the texts that are read have changed, all is heard anew.
    """
    path = _file(output, item)
    known = _read(path)
    found = _heard(item, kind, [*_missing(known), _PROOF], musicnn)
    if known and not np.allclose(found[_PROOF], known[_PROOF], rtol=1e-3, atol=1e-5):
        known, found = {}, _heard(item, kind, EVERYTHING, musicnn)
    if kind == "songs" and isinstance(item, Path):
        found |= _natural(item)
    _save(path, found | known)


def _heard(
    item: Path | str, kind: str, wanted: Sequence[str], musicnn: Path
) -> dict[str, NDArray[Any]]:
    """Arrays (forms, dims) by set, and the forms' names."""
    wanted = list(dict.fromkeys(wanted))
    rows = {form: vectors(samples, wanted, musicnn) for form, samples in KINDS_OF_FORMS[kind](item)}
    arrays: dict[str, NDArray[Any]] = {
        name: np.stack([row[name] for row in rows.values()]) for name in wanted
    }
    return {"forms": np.array(list(rows))} | arrays


def _natural(path: Path) -> dict[str, NDArray[np.float64]]:
    """SSD and RH of a song at its own level."""
    audio = load_audio(path, excerpt=Excerpt.whole())
    natural = describe(audio.samples, audio.rate, ["ssd", "rh"], SETTINGS, channels=1)
    return {f"natural_{name}": vector for name, vector in natural.items()}


_models: dict[Path, Musicnn] = {}


def _loaded(folder: Path) -> Musicnn:
    """The network, read once a process."""
    if folder not in _models:
        _models[folder] = Musicnn.load(folder)
    return _models[folder]


def _read(path: Path) -> dict[str, NDArray[Any]]:
    """What a file holds; nothing where there is none."""
    if not path.exists():
        return {}
    with np.load(path, allow_pickle=False) as archive:
        return dict(archive)


def _missing(names: Iterable[str]) -> list[str]:
    """What is not among the names of the arrays of a file."""
    return [name for name in EVERYTHING if name not in names]


def _save(path: Path, arrays: dict[str, NDArray[Any]]) -> None:
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    write_atomic(path, buffer.getvalue())


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
    for kind, items in (
        ("songs", songs),
        ("nonmusic", [*KINDS, *speech.KINDS]),
        ("conditions", [song for song in songs if _is_compared(song)]),
    ):
        _run(kind, items, options)


def _run(kind: str, items: list, options: argparse.Namespace) -> None:
    output = options.output / kind
    output.mkdir(parents=True, exist_ok=True)
    left = [item for item in items if not _is_done(_file(output, item))]
    task = partial(hear, kind=kind, musicnn=options.musicnn, output=output)
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


def _file(output: Path, item: Path | str) -> Path:
    return output / f"{item.stem if isinstance(item, Path) else item}.npz"


def _is_done(path: Path) -> bool:
    if not path.exists():
        return False
    with np.load(path, allow_pickle=False) as archive:
        return not _missing(archive.files)


if __name__ == "__main__":
    main()
