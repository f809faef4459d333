"""How well descriptors predict what pretrained networks do, on clips that no student was fitted to.

    python benchmarks/distillation.py --shared DIR --work FOLDER

`--work` is the folder of `training/distil.py`. Pearson's correlation over clips of each tag,
averaged over tags: a student of GTZAN on AllMusic's clips, the other way round, and students of
both on the fold left out (AllMusic's by artist). Then the genre among six that both sources have,
by the largest of the tags that mean it, without fitting to labels: macro recall of networks and
students. Last, what the shipped student predicts of files coded, filtered, cut or made softer,
and of kinds of sound that it was not fitted to.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genrescope.audio.excerpt import Excerpt
from genrescope.audio.load import load_audio
from genrescope.descriptors import describe
from genrescope.evaluation.threads import on_one_thread
from genrescope.files.atomic import write_atomic
from genrescope.inference.samples import to_level
from genrescope.session import open_session
from genrescope.sources import finite

sys.path.insert(0, str(Path(__file__).parents[1] / "training"))
from conditions import CONDITIONS
from distil_rows import clips
from extract import LEVEL, SETTINGS
from nonmusic import HELD_OUT, RATE, make
from songs import allmusic_rows

RESULT = Path(__file__).parent / "results/distillation.json"
SONGS = 30  # that are tried under every condition
SOUNDS = 12  # of each kind that was not fitted to
COMMAND = "python benchmarks/distillation.py --shared DIR --work FOLDER"
SIX = {  # genre: GTZAN's names, AllMusic's, AudioSet's
    "blues": (("blues",), "Blues", ("Blues",)),
    "country": (("country",), "Country", ("Country", "Bluegrass")),
    "hip-hop": (("hiphop",), "Rap", ("Hip hop music",)),
    "jazz": (("jazz",), "Jazz", ("Jazz", "Swing music")),
    "reggae": (("reggae",), "Reggae", ("Reggae",)),
    "pop, rock, metal": (
        ("pop", "rock", "metal"),
        "Pop/Rock",
        (
            *("Pop music", "Rock music", "Heavy metal", "Punk rock", "Grunge"),
            *("Progressive rock", "Rock and roll", "Psychedelic rock"),
        ),
    ),
}
Floats = NDArray[np.floating[Any]]


def correlations(predicted: Floats, wanted: Floats) -> Floats:
    """(tags,) Pearson's correlation over the rows of (n, tags)."""
    left, right = (np.asarray(x, np.float64) - np.mean(x, axis=0) for x in (predicted, wanted))
    lengths = np.sqrt(np.square(left).sum(axis=0) * np.square(right).sum(axis=0))
    return np.asarray((left * right).sum(axis=0) / np.maximum(lengths, 1e-12))


def groups(names: list[str]) -> dict[str, NDArray[np.int64]]:
    """Tags by what they are: the classes of music from Pop music to Scary music, and networks'."""
    first, last = (names.index(f"audioset: {name}") for name in ("Pop music", "Scary music"))
    music = [i for i in range(first, last + 1) if names[i] != "audioset: Beatboxing"]
    found = {"music": np.array(music)}
    for network in ("audioset", "msd", "mtt"):
        mine = [i for i, name in enumerate(names) if name.startswith(f"{network}: ")]
        found |= {network: np.array(mine)} if mine else {}
    return found


def compare(predicted: Floats, wanted: Floats, names: list[str]) -> dict[str, float]:
    """Mean correlation by group of tags."""
    by_tag = correlations(predicted, wanted)
    return {name: round(float(by_tag[part].mean()), 4) for name, part in groups(names).items()}


def six_genres(shared: Path, ids: NDArray[np.str_]) -> NDArray[np.int64]:
    """(n,) index into `SIX` of clips of exactly one of its genres, or -1."""
    allmusic = {row["id"]: row["genres"] for row in allmusic_rows(shared)}
    known = {name: i for i, (mine, _, _) in enumerate(SIX.values()) for name in mine}
    known |= {name: i for i, (_, name, _) in enumerate(SIX.values())}
    return np.array([known.get(allmusic.get(x, x.partition(".")[0]), -1) for x in ids.tolist()])


def named(tags: Floats, names: list[str]) -> NDArray[np.int64]:
    """(n,) the genre of the six with the largest tag."""
    columns = [
        [names.index(f"audioset: {tag}") for tag in tags_of] for _, _, tags_of in SIX.values()
    ]
    return np.stack([tags[:, part].max(axis=1) for part in columns], axis=1).argmax(axis=1)


def macro_recall(genres: NDArray[np.int64], found: NDArray[np.int64]) -> float:
    """Mean share found over the genres; rows of no genre are left out."""
    recalls = [np.mean(found[genres == genre] == genre) for genre in range(len(SIX))]
    return round(100 * float(np.mean(recalls)), 1)


def scores_of(shared: Path, students: Path) -> dict[str, Any]:
    """All figures."""
    teacher, by_source = _read(students / "teachers.npz"), {}
    names = teacher["names"].tolist()
    clean, changed = (teacher["forms"] == form for form in ("clean", "changed"))
    gtzan = np.char.find(teacher["ids"], ".") > 0
    genres = six_genres(shared, teacher["ids"])
    result: dict[str, Any] = {"command": COMMAND, "clips": int(clean.sum())}
    for source, rows in {
        "gtzan to allmusic": clean & ~gtzan,
        "allmusic to gtzan": clean & gtzan,
        "both, folds, allmusic": clean & ~gtzan,
        "both, folds, gtzan": clean & gtzan,
    }.items():
        name = source.partition(",")[0].partition(" to ")[0]
        tags = by_source.setdefault(
            name, _read(students / f"{name}.npz")["tags"].astype(np.float32)
        )
        found = {
            key: named(values, names)[rows] for key, values in (("s", tags), ("t", teacher["tags"]))
        }
        result[source] = {
            "clips": int(rows.sum()),
            "correlation": compare(tags[rows], teacher["tags"][rows], names),
            "six genres, networks": macro_recall(genres[rows], found["t"]),
            "six genres, student": macro_recall(genres[rows], found["s"]),
            "of six, clips": int((genres[rows] >= 0).sum()),
        }
    both = by_source["both"]
    result["changed forms with their clips"] = compare(both[changed], both[clean], names)
    return result


def under_conditions(shared: Path, work: Path, songs: int) -> dict[str, dict[str, float]]:
    """By condition, over songs, how like the prediction is to that of the song as it is.

    `correlation` of the classes of music, each in deviations over the songs; `same of six`, percent
    of songs whose largest of the six genres' tags stays.
    """
    names = _read(work / "students/teachers.npz")["names"].tolist()
    session = open_session(work / "student.onnx")
    paths = clips(shared)[:songs]
    predictions = {name: [] for name in CONDITIONS}
    for path in paths:
        audio = load_audio(path, excerpt=Excerpt.whole())
        for name, write in CONDITIONS.items():
            predictions[name].append(_predict(session, write(audio.samples, audio.rate)))
    tags = {name: np.stack(rows) for name, rows in predictions.items()}
    plain, music = tags["as it is"], groups(names)["music"]
    mean, deviation = plain[:, music].mean(axis=0), plain[:, music].std(axis=0)
    scaled = {name: ((rows[:, music] - mean) / deviation).T for name, rows in tags.items()}
    return {
        name: {
            "correlation": round(float(correlations(scaled[name], scaled["as it is"]).mean()), 3),
            "same of six": round(
                100 * float(np.mean(named(rows, names) == named(plain, names))), 1
            ),
        }
        for name, rows in tags.items()
    }


def no_music(work: Path) -> dict[str, float]:
    """By kind, percent of sounds not fitted to with less `Music` than 98 % of songs out of fold."""
    known, names = (
        _read(work / "students/both.npz"),
        _read(work / "students/teachers.npz")["names"],
    )
    music = names.tolist().index("audioset: Music")
    least = np.quantile(known["tags"][known["forms"] == "clean", music].astype(float), 0.02)
    session, found = open_session(work / "student.onnx"), {}
    for kind in HELD_OUT:
        rng = np.random.default_rng([7, *kind.encode()])
        tags = [_tags(session, make(kind, rng)) for _ in range(SOUNDS)]
        found[kind] = round(100 * float(np.mean(np.stack(tags)[:, music] < least)), 1)
    return found


def _predict(session: Any, content: bytes) -> Floats:
    """(tags,) of the shipped student to a file."""
    with tempfile.NamedTemporaryFile() as file:
        Path(file.name).write_bytes(content)
        return _tags(session, load_audio(file.name, excerpt=Excerpt.middle(30)).samples)


def _tags(session: Any, samples: NDArray[np.float32]) -> Floats:
    """(tags,) of the shipped student to samples at 22,050 Hz."""
    sets = [item.name for item in session.get_inputs()]
    found = describe(to_level(samples, LEVEL), RATE, sets, SETTINGS, channels=1)
    return np.asarray(session.run(["tags"], {n: finite(v)[None] for n, v in found.items()})[0][0])


def _read(path: Path) -> dict[str, NDArray[Any]]:
    with np.load(path, allow_pickle=False) as archive:
        return dict(archive)


@on_one_thread
def main() -> None:
    """Score, print and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("--shared", "--work"):
        parser.add_argument(name, type=Path, required=True)
    options = parser.parse_args()
    result = scores_of(options.shared, options.work / "students")
    changes = under_conditions(options.shared, options.work, SONGS)
    result[f"{SONGS} songs under conditions"] = changes
    result["kinds not trained on, below 98 % of songs"] = no_music(options.work)
    text = json.dumps(result, indent=1) + "\n"
    print(text)
    write_atomic(RESULT, text.encode())


if __name__ == "__main__":
    main()
