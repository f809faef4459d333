"""The commands behind the results page: `leaderboard.py` runs them and lays out what they leave."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from genrescope.files.atomic import write_json

sys.path.insert(0, str(Path(__file__).parents[1] / "training"))

from songs import read_songs
from vectors import Vectors, read_predictions

HERE = Path(__file__).resolve().parent
SECONDS = "seconds.json"  # in the folder of each run

GENRESCOPE = ("-m", "genrescope", "benchmark")
TUWIEN = (*GENRESCOPE, "tuwien", "--root", "DIR/data/gtzan_tuwien_arff")
MEMBERS = ("--ensemble", "--learners", "ranked,lda,kda")
LIGHT = ("--ensemble", "--learners", "lda,kda")
# Members between artists: chosen by the split's validation part (LOG.md).
FILTERED = (*MEMBERS, "--no-baselines", "--protocol", "fault-filtered")
SINGLE = (*GENRESCOPE, "gtzan", "--learners", "lda,kda", "--no-baselines")
GTZAN = (*GENRESCOPE, "gtzan", *LIGHT, "--no-baselines")
JMIR = "jmir_spectral+jmir_derivatives+jmir_mfcc+jmir_lpc+jmir_moments+jmir_area_moments"
DESCRIPTORS = f"rh+ssd+marsyas_timbral,marsyas_timbral+{JMIR}"
PRETRAINED = "audioset,musicnn"
STUDENT = "student_audioset+student_musicnn"
VECTORS = "vectors.npz"
TAGGER = "musicnn-mtt"
EXTRACT = ("-m", "genrescope", "extract", "--sets", TAGGER, "--root", "DIR/data")
AUDIO = ("DIR/data/gtzan_audio", "DIR/data/gtzan_audio_more")
INPUTS = {
    "descriptors": ("--sets", DESCRIPTORS),
    "networks": ("--sets", PRETRAINED, "--vectors", VECTORS),
    "both": ("--sets", f"{DESCRIPTORS},{PRETRAINED}", "--vectors", VECTORS),
    "student": ("--sets", f"{DESCRIPTORS},{STUDENT}", "--vectors", VECTORS),
    "all": ("--sets", f"{DESCRIPTORS},{STUDENT},{PRETRAINED}", "--vectors", VECTORS),
}
SPLITS = {
    "gtzan": (),
    "gtzan-filtered": ("--protocol", "fault-filtered"),
    "gtzan-seven": ("--protocol", "fault-filtered", "--whole-genres"),
}
# Folder of the results to the arguments of Python; "--output FOLDER" is added.
RUNS: dict[str, tuple[str, ...]] = {
    TAGGER: (*EXTRACT, *AUDIO),
    "gtzan": (*GENRESCOPE, "gtzan"),
    **{
        f"{split}-{what}": (*GTZAN, *inputs, *options)
        for split, options in SPLITS.items()
        for what, inputs in INPUTS.items()
    },
    **{
        f"{split}-mtt": (*SINGLE, "--sets", TAGGER, "--vectors", TAGGER, *options)
        for split, options in SPLITS.items()
    },
    "tuwien-ten": (*TUWIEN, *MEMBERS, "--sets", "rh,ssd,rh+ssd"),
    "tuwien-rh": (*TUWIEN, *MEMBERS, "--sets", "rh"),
    "tuwien-ssd": (*TUWIEN, *MEMBERS, "--sets", "ssd"),
    "tuwien-nine": (*TUWIEN, *LIGHT, "--sets", "rh,ssd,timbral,rh+ssd+timbral"),
    "tuwien-timbral": (*TUWIEN, *MEMBERS, "--sets", "timbral"),
    "tuwien-ten-filtered": (*TUWIEN, *FILTERED, "--sets", "rh,ssd,rh+ssd"),
    "tuwien-nine-filtered": (*TUWIEN, *FILTERED, "--sets", "rh,ssd,timbral,rh+ssd+timbral"),
    "msd-subset": (str(HERE / "msd_subset.py"), "--shared", "DIR"),
}
# Of runs on the same songs under the same protocol, members are trained once, in this folder.
COMMON = {f"{split}-{what}": split for split in SPLITS for what in INPUTS}
COMMON |= dict.fromkeys(("tuwien-ten", "tuwien-rh", "tuwien-ssd"), "tuwien-ten")


def prepare(work: Path, shared: Path, training: Path) -> None:
    """What commands need in the folder of work: DIR, a link to `shared`, and the vectors."""
    work.mkdir(parents=True, exist_ok=True)
    link = work / "DIR"
    link.unlink(missing_ok=True)
    link.symlink_to(shared.resolve(), target_is_directory=True)
    write_vectors(work / VECTORS, shared, training / "distil/students/allmusic.npz")


def write_vectors(path: Path, shared: Path, student: Path) -> None:
    """The vectors of GTZAN's clips, as `--vectors` takes them.

    Args:
        path: replaced.
        shared: folder of real data.
        student: what a student of the networks that was fitted without GTZAN predicts of its clips.
    """
    with np.load(shared / "data/embeddings/embeddings.npz", allow_pickle=False) as archive:
        clips = np.char.find(archive["ids"], ".") > 0
        audioset = [archive[name][clips] for name in ("audioset_embedding", "audioset_logits")]
        arrays = {"audioset": np.concatenate(audioset, axis=1), "musicnn": archive["musicnn_msd"]}
        arrays["musicnn"] = arrays["musicnn"][clips]
        ids = archive["ids"][clips]
    arrays |= predicted_tags(student, shared, ids.tolist())
    np.savez(path, allow_pickle=False, ids=ids, **arrays)


def predicted_tags(student: Path, shared: Path, ids: Iterable[str]) -> Vectors:
    """The tags of both networks, (songs, tags), as a student predicts them of unchanged clips."""
    songs = read_songs(shared)
    place = {name: row for row, name in enumerate(songs.ids.tolist())}
    rows = [place[name] for name in ids]
    found, _, _ = read_predictions(student, songs)
    return {name: found[name][rows] for name in STUDENT.split("+")}


def run(name: str, arguments: Sequence[str], work: Path) -> None:
    """Run one command in `work`, which is prepared; its seconds count if it makes anything."""
    print(f"-- {name}", flush=True)
    folder = work / name
    share_members(folder, work / COMMON.get(name, name))
    began, before = seconds(), written(folder)
    try:
        command = [sys.executable, *arguments, "--output", name]
        subprocess.run(command, cwd=work, check=True)
    finally:
        if written(folder) != before:
            spent = {what: end - began[what] for what, end in seconds().items()}
            earlier = seconds_of(folder)
            added = {what: round(earlier.get(what, 0) + spent[what], 1) for what in spent}
            write_json(folder / SECONDS, added)


def share_members(folder: Path, common: Path) -> None:
    """Lets a run read and write the members in the folder of another."""
    own, shared = folder / "members", common / "members"
    if own != shared and not own.exists():
        for new in (folder, shared):
            new.mkdir(parents=True, exist_ok=True)
        own.symlink_to(shared.resolve(), target_is_directory=True)


def seconds() -> dict[str, float]:
    """Of all processes that were run and have ended, and of the clock."""
    now = os.times()
    return {"processor": now.children_user + now.children_system, "wall": now.elapsed}


def seconds_of(folder: Path) -> dict[str, float]:
    """What a run took, nothing where that is not known."""
    path = folder / SECONDS
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


def written(folder: Path) -> dict[Path, int]:
    """When each record and each file of members was written, or the whole table of vectors."""
    files = [*folder.glob("records/*"), *folder.glob("members/*"), *folder.glob(f"{TAGGER}/*")]
    return {path: path.stat().st_mtime_ns for path in files}
