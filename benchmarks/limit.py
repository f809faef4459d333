"""What a song costs over what nobody can avoid: decoding, bare transforms, bare networks.

    python benchmarks/limit.py --shared DIR

DIR holds `data/gtzan_audio`, from whose clips a song of four minutes is made (44.1 kHz stereo) as
MP3, FLAC, Ogg and, with the extra `av`, M4A. Everything is measured in one process with one
thread, which keeps its memory as a worker does, in turns, in processor time, of which the least
counts: what else the machine does adds little to it. A network that is not installed (`genrescope
models add`) is left out. A model of networks has two limits: decoding to 22,050 Hz and the bare
networks; and decoding to the networks' own rates, with the transforms of their mel spectra as well.
"""

from __future__ import annotations

from kept_memory import keep_memory

if __name__ == "__main__":
    keep_memory()

import argparse
import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from extraction import make_song
from genrescope.audio.load import load_audio
from genrescope.backbones.backbone import Backbone, Network
from genrescope.backbones.family import BACKBONES, missing_networks, network_folder
from genrescope.descriptors import Settings, describe
from genrescope.descriptors.tuwien import TUWIEN_SETS
from genrescope.featuresets import FEATURE_SETS
from genrescope.files.atomic import write_json
from genrescope.inference.model import GenreModel
from genrescope.inference.song import SongClassifier
from genrescope.sources import networks_among
from passes import jmir_passes, marsyas_passes, tuwien_passes
from provenance import command_line, machine

RESULT = Path(__file__).parent / "results" / "limit.json"
WANTED = {
    "thirteen sets over their transforms": 2.5,
    "six of TU Wien over theirs": 2.0,
    "MP3 to thirteen sets over decoding": 1.5,
    "file to genres with networks": 1.3,
    "file to genres with nothing fetched": 2.0,
}
MODELS = ("descriptors", "musicnn", "audioset", "full")
_RATE, _SECONDS = 22050, 30
_FRAME = 512  # samples, of all thirteen sets
_FRAMES = 1292  # of 30 s
_SEGMENTS = _SECONDS * _RATE // (512 * 256)
_ROUNDS = 10
_TURN = 60  # milliseconds
_AT_ONCE = 128  # frames whose spectra stay in the cache

_MEL = {32000: (3000, 1024), 16000: (1876, 512)}  # frames of 30 s and their size, by rate

Work = Callable[[], object]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--shared", type=Path, required=True, help="folder with data/gtzan_audio")
    parser.add_argument("--rounds", type=int, default=_ROUNDS)
    options = parser.parse_args()
    clips = sorted((options.shared / "data/gtzan_audio").glob("*.flac"))[:8]
    with tempfile.TemporaryDirectory(prefix="genrescope-benchmark-") as folder:
        songs = {
            end: make_song(Path(folder) / f"song.{end}", clips, 240) for end in ("mp3", "flac")
        }
        songs["ogg"] = as_ogg(songs["flac"], Path(folder) / "song.ogg")
        songs |= as_m4a(songs["flac"], Path(folder) / "song.m4a")
        samples = load_audio(songs["flac"]).samples
        times = alternate({**limits(songs, samples), **products(songs, samples)}, options.rounds)
    result = {
        "command": command_line(),
        "machine": machine(),
        "processor milliseconds, least": {name: round(value, 2) for name, value in times.items()},
        "wanted": WANTED,
        "product over limit": ratios(times),
    }
    write_json(RESULT, result)
    print(json.dumps(result, indent=1))


ENDS = ("mp3", "flac", "ogg")


def as_ogg(song: Path, path: Path) -> Path:
    """The song as Vorbis, in blocks: libsndfile's encoder crashes on minutes at once."""
    with soundfile.SoundFile(song) as source, soundfile.SoundFile(path, "w", 44100, 2) as target:
        for block in source.blocks(1 << 16):
            target.write(block)
    return path


def as_m4a(song: Path, path: Path) -> dict[str, Path]:
    """The song as AAC; nothing where PyAV is not installed."""
    try:
        import av
    except ImportError:
        return {}
    with av.open(str(song)) as source, av.open(str(path), "w") as target:
        stream = target.add_stream("aac", rate=44100)
        for frame in source.decode(audio=0):
            target.mux(stream.encode(frame))
        target.mux(stream.encode(None))
    return {"m4a": path}


def alternate(works: dict[str, Work], rounds: int) -> dict[str, float]:
    """Least milliseconds of the processor of each, all taken in turns.

    What is short is repeated in its turn: otherwise it alone would run with a warm cache.
    """
    counts = {name: max(1, round(_TURN / clocked(work, 2))) for name, work in works.items()}
    times: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(rounds):
        for name, work in works.items():
            times[name].append(clocked(work, counts[name]))
    return {name: min(values) for name, values in times.items()}


def clocked(work: Work, count: int) -> float:
    """Milliseconds of the processor for one of `count` in a row."""
    start = time.process_time()
    for _ in range(count):
        work()
    return (time.process_time() - start) * 1000 / count


# ---- what nobody can avoid ----


def limits(songs: dict[str, Path], samples: NDArray[np.float32]) -> dict[str, Work]:
    """Decoding and resampling of the middle 30 s, the transforms of the sets, bare networks."""
    works: dict[str, Work] = {
        f"decode {end}": lambda song=song: decode(song, _RATE)
        for end, song in songs.items()
        if end in ENDS
    }
    works["transforms of TU Wien"] = tuwien_transforms
    works["passes of TU Wien"] = tuwien_passes(_SEGMENTS)
    works["passes of Marsyas"] = marsyas_passes(_FRAMES)
    works["passes of jMIR"] = jmir_passes(_FRAMES)
    works["transforms of Marsyas, of jMIR"] = lambda: transform(_FRAMES, _FRAME, np.float64)
    for name in ready_models():
        if rates := {network.rate for network in networks_of(name)}:
            works[f"decode mp3 for {name}"] = lambda r=rates: decode(songs["mp3"], *r)
    for backbone in installed():
        works[f"transforms of {backbone.name}"] = lambda shape=_MEL[backbone.rate]: transform(
            *shape, np.float32
        )
        network = Network.load(backbone, network_folder(backbone.name))
        windows = list(backbone.inputs(at_rate(samples, backbone.rate)))
        works[f"bare {backbone.name}"] = lambda n=network, w=windows: [n.run(one) for one in w]
    return works


def installed() -> list[Backbone]:
    return [one for one in BACKBONES.values() if not missing_networks([one.name])]


def at_rate(samples: NDArray[np.float32], rate: int) -> NDArray[np.float32]:
    return np.asarray(soxr.resample(samples, _RATE, rate), np.float32)


def decode(song: Path, *rates: int) -> list[NDArray[np.float32]]:
    """The middle 30 s by soundfile, mixed, at each rate by soxr."""
    with soundfile.SoundFile(song) as file:
        file.seek((file.frames - _SECONDS * file.samplerate) // 2)
        stereo = file.read(_SECONDS * file.samplerate, dtype="float32")
        mixed = (stereo[:, 0] + stereo[:, 1]) * np.float32(0.5)
        return [np.asarray(soxr.resample(mixed, file.samplerate, rate)) for rate in rates]


def tuwien_transforms() -> None:
    """Spectra of 511 frames a segment, and of the 24 loudness curves, in single precision."""
    transform(_SEGMENTS * 511, _FRAME, np.float32)
    transform(_SEGMENTS * 24, 512, np.float32)


def transform(frames: int, size: int, dtype: type[np.floating[Any]]) -> None:
    """So many real transforms in blocks, at NumPy's best."""
    block = np.ones((_AT_ONCE, size), dtype)
    out = np.empty((_AT_ONCE, size // 2 + 1), np.result_type(dtype, 1j))
    for start in range(0, frames, _AT_ONCE):
        count = min(_AT_ONCE, frames - start)
        np.fft.rfft(block[:count], norm="forward", out=out[:count])


# ---- the product ----


def products(songs: dict[str, Path], samples: NDArray[np.float32]) -> dict[str, Work]:
    """Sets from samples, sets from files, genres from files."""
    fast = Settings(dtype="float32")
    works: dict[str, Work] = {
        "six of TU Wien": lambda: describe(samples, _RATE, TUWIEN_SETS, fast),
        "thirteen sets": lambda: describe(samples, _RATE, None, fast),
    }
    for name in FEATURE_SETS:
        works[name] = lambda name=name: describe(samples, _RATE, [name], fast)
    for end, song in songs.items():
        works[f"load {end}"] = lambda song=song: load_audio(song)
        works[f"{end} to thirteen sets"] = lambda song=song: to_sets(song, fast)
    for name in ready_models():
        classifier = SongClassifier(GenreModel.load(name))
        works[f"mp3 to genres, {name}"] = lambda one=classifier: one.classify(songs["mp3"])
    return works


def to_sets(song: Path, settings: Settings) -> object:
    audio = load_audio(song)
    return describe(audio.samples, audio.rate, None, settings, channels=audio.channels)


def ready_models() -> list[str]:
    """Models whose networks are all installed."""
    return [name for name in MODELS if not missing_networks(GenreModel.load(name).card.inputs)]


def networks_of(model: str) -> tuple[Backbone, ...]:
    """The networks that a model needs."""
    return networks_among(GenreModel.load(model).card.inputs)


def ratios(times: dict[str, float]) -> dict[str, float]:
    """Each product over its limit."""
    tuwien = times["transforms of TU Wien"]
    transforms = tuwien + 2 * times["transforms of Marsyas, of jMIR"]
    passes = sum(times[f"passes of {name}"] for name in ("TU Wien", "Marsyas", "jMIR"))
    found = {
        "thirteen sets over their transforms": times["thirteen sets"] / transforms,
        "six of TU Wien over theirs": times["six of TU Wien"] / tuwien,
        "bare passes of the thirteen over their transforms": passes / transforms,
        "bare passes of TU Wien over theirs": times["passes of TU Wien"] / tuwien,
    }
    for end in ENDS:
        decoding = times[f"decode {end}"]
        found[f"{end.upper()} loaded over decoding"] = times[f"load {end}"] / decoding
        found[f"{end.upper()} to thirteen sets over decoding"] = (
            times[f"{end} to thirteen sets"] / decoding
        )
    for name in ready_models():
        taken, inputs = times[f"mp3 to genres, {name}"], GenreModel.load(name).card.inputs
        networks = networks_of(name)
        bare = sum(times[f"bare {one.name}"] for one in networks)
        transformed = transforms if any(one in FEATURE_SETS for one in inputs) else 0.0
        limit = times["decode mp3"] + transformed + bare
        found[f"file to genres, {name}, over its limit"] = taken / limit
        if networks:
            mel = sum(times[f"transforms of {one.name}"] for one in networks)
            own = times[f"decode mp3 for {name}"] + mel + bare
            found[f"file to genres, {name}, with its rates and transforms"] = taken / own
    return {name: round(value, 2) for name, value in found.items()}


if __name__ == "__main__":
    main()
