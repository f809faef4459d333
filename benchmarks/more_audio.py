"""What descriptors beyond the thirteen sets add on the built-in songs.

    python benchmarks/more_audio.py --shared DIR --work FOLDER

DIR holds `data/gtzan_audio` and `data/gtzan_audio_more`. FOLDER keeps the vectors. Songs are coded
in several ways, and not alike in all genres; so that no descriptor can separate them by their
codec, all go through MP3 at 64 kbit/s, as most did already, and are brought to one level. The
thirteen sets are the built-in ones, of lossless audio at its own level.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from genrescope.audio.excerpt import Excerpt
from genrescope.audio.load import load_audio
from genrescope.data.corpora.gtzan import load_gtzan
from genrescope.descriptors import describe, extra
from genrescope.descriptors.tuwien import TuWienSettings, sonogram
from genrescope.evaluation.protocols import kfold
from genrescope.evaluation.threads import on_one_thread
from genrescope.featuresets import FEATURE_SETS
from genrescope.files.atomic import write_atomic
from genrescope.inference.samples import to_level
from stacked import Floats, Folds, Member, balanced_loss, difference, macro_recall, member, stack

sys.path.insert(0, str(Path(__file__).parent.parent / "training"))
from conditions import CONDITIONS

AUDIO = ("gtzan_audio", "gtzan_audio_more")
COMMAND = "python benchmarks/more_audio.py --shared DIR --work FOLDER"
RESULT = Path(__file__).parent / "results" / "more_audio.json"
Vectors = dict[str, NDArray[np.float64]]
RATE, LEVEL = 22050, -18.0
SETTINGS = TuWienSettings(masking=False, variant_2012=True)
NEW = {
    "spectral contrast": extra.spectral_contrast,
    "tonality": extra.tonality,
    "loudness fluctuation": extra.loudness_fluctuation,
    "band correlation": extra.band_correlation,
}
OF_SONOGRAM = ("loudness fluctuation",)
# Sets extracted again from this audio: what four more members without news bring.
CONTROL = ("ssd", "tssd", "marsyas_timbral", "jmir_lpc")


@on_one_thread
def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--shared", type=Path, required=True, help="folder of real data")
    parser.add_argument("--work", type=Path, required=True, help="folder for the vectors")
    options = parser.parse_args()
    vectors, seconds = _vectors(options.shared / "data", options.work)
    folds = _folds(seed=0)
    known, new = _members(vectors, folds)
    again = [member(vectors[name], folds) for name in CONTROL]
    result = {
        "command": COMMAND,
        "protocol": "stratified 5-fold, seed 0; differences: paired bootstrap within genre, 95 %",
        "alone": {name: _row(m.test, folds) for name, m in (known | new).items()},
        "stack": _stacks(known, new, again, folds),
        "all four, other folds": [_again(vectors, seed) for seed in (1, 2)],
        "CPU milliseconds a 30 s clip": {k: round(1000 * v, 1) for k, v in seconds.items()},
    }
    write_atomic(RESULT, (json.dumps(result, indent=1) + "\n").encode())
    print(json.dumps(result["stack"], indent=1))


def _folds(seed: int) -> Folds:
    songs = load_gtzan("ssd")
    genres = np.unique(np.asarray(songs.labels), return_inverse=True)[1]
    fold = np.empty(len(genres), dtype=np.int64)
    for number, split in enumerate(kfold(songs, 5, seed=seed).splits):
        fold[split.test] = number
    return Folds(genres, fold)


def _members(vectors: Vectors, folds: Folds) -> tuple[dict[str, Member], dict[str, Member]]:
    """The thirteen sets, and the new descriptors."""
    known = {name: member(load_gtzan(name).read(), folds) for name in FEATURE_SETS}
    return known, {name: member(vectors[name], folds) for name in NEW}


def _again(vectors: Vectors, seed: int) -> dict[str, object]:
    folds = _folds(seed)
    known, new = _members(vectors, folds)
    plain = stack([*known.values()], folds)
    joint = stack([*known.values(), *new.values()], folds)
    return {"seed": seed, "thirteen": _row(plain, folds), "all": _row(joint, folds, plain)}


def _stacks(
    known: dict[str, Member], new: dict[str, Member], again: list[Member], folds: Folds
) -> dict[str, object]:
    """The thirteen sets, with each new member, with all, with all but one, and the control."""
    base = list(known.values())
    plain, joint = stack(base, folds), stack([*base, *new.values()], folds)
    rows: dict[str, object] = {"thirteen": _row(plain, folds)}
    for name, added in new.items():
        rows[f"thirteen and {name}"] = _row(stack([*base, added], folds), folds, plain)
    rows["thirteen and four of them again"] = _row(stack([*base, *again], folds), folds, plain)
    rows["thirteen and all four"] = _row(joint, folds, plain)
    for name in new:
        others = [other for key, other in new.items() if key != name]
        rows[f"all but {name}"] = _row(stack([*base, *others], folds), folds, joint)
    return rows


def _row(logs: Floats, folds: Folds, before: Floats | None = None) -> dict[str, object]:
    genres = folds.genres
    row: dict[str, object] = {
        "macro recall": round(macro_recall(logs, genres), 1),
        "accuracy": round(100 * float((logs.argmax(axis=1) == genres).mean()), 1),
        "balanced log loss": round(balanced_loss(logs, genres), 3),
    }
    return row if before is None else row | {"difference": difference(before, logs, genres)}


def _vectors(folder: Path, work: Path) -> tuple[Vectors, dict[str, float]]:
    """By descriptor (songs, dims), and the mean CPU seconds each took; kept in `work`."""
    cache = work / "more_audio.npz"
    ids = load_gtzan("ssd").ids.tolist()
    if not cache.exists():
        work.mkdir(parents=True, exist_ok=True)
        rows: dict[str, list[NDArray[np.float64]]] = {name: [] for name in (*NEW, *CONTROL)}
        spent = dict.fromkeys(("sonogram", *NEW), 0.0)
        for song in ids:
            samples = to_level(_extracted(folder, song, work), LEVEL)
            start = time.process_time()
            sones = sonogram(samples, RATE, SETTINGS)
            spent["sonogram"] += (time.process_time() - start) / len(ids)
            for name, measure in NEW.items():
                start = time.process_time()
                given = (sones,) if name in OF_SONOGRAM else (samples, RATE)
                rows[name].append(measure(*given))
                spent[name] += (time.process_time() - start) / len(ids)
            for name, vector in describe(samples, RATE, CONTROL, channels=1).items():
                rows[name].append(vector)
        arrays = {name: np.stack(values) for name, values in rows.items()}
        np.savez(cache, **arrays, **{f"seconds {name}": value for name, value in spent.items()})
    with np.load(cache, allow_pickle=False) as archive:
        seconds = [name for name in archive.files if name.startswith("seconds ")]
        return {name: archive[name] for name in (*NEW, *CONTROL)}, {
            name.removeprefix("seconds "): float(archive[name]) for name in seconds
        }


def _extracted(folder: Path, song: str, work: Path) -> NDArray[np.float32]:
    """The samples of a song as MP3 at 64 kbit/s, which most are already."""
    (path,) = (file for name in AUDIO for file in (folder / name).glob(f"{song}.*"))
    audio = load_audio(path, excerpt=Excerpt.whole())
    if path.suffix == ".mp3":
        return audio.samples
    again = work / "again.mp3"
    again.write_bytes(CONDITIONS["MP3 at 64 kbit/s"](audio.samples, audio.rate))
    samples = load_audio(again, excerpt=Excerpt.whole()).samples[: len(audio.samples)]
    again.unlink()
    return samples


if __name__ == "__main__":
    main()
