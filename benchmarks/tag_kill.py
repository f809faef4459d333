"""Kill the writing of tags at random moments, over all formats, and look at every file after each.

    python benchmarks/tag_kill.py --kills 200 benchmarks/results/tag_kill.json

A real process applies a plan to songs of all formats, with tags and without, and is killed
(SIGKILL) at a random moment, mostly after its first song: before that much time goes by until the
process that verifies has started. Every fourth one takes a run back instead. A plan has genres,
moods and genrescope's own fields of each song. After each kill every file must decode, have the
sound that it had, and have in all these fields exactly the values from before or in all of them
those planned; all other tags must be as ever. At the end all runs are taken back, and every file
must be, byte for byte, what it was at first.
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import json
import math
import os
import shutil
import signal
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from genrescope.audio.load import load_audio
from genrescope.library.formats.fields import Part
from genrescope.library.sound.audiohash import audio_hash
from genrescope.library.tagging.apply import apply_plan
from genrescope.library.tagging.journal import read_run, run_names
from genrescope.library.tagging.outcome import Report
from genrescope.library.tagging.plan import PlanRow, same_values
from genrescope.library.tagging.rows.own_fields import OwnField, own_name
from genrescope.library.tagging.tagfile import other_tags, read_tags, write_field
from genrescope.library.tagging.undo import undo
from provenance import command_line
from tagged_songs import KINDS, make_song

GENRES = ("Jazz", "Drum & Bass", "日本の音楽", "Rock", "Ünï" * 40)
MOODS = ("Happy", "Melancholy", "夜", "Ünï" * 20)
FIELDS = ("genre", "mood", own_name("genre"), own_name("mood"))
Values = tuple[tuple[str, ...], ...]
"""Of one song, by `FIELDS`."""

_AT_ONCE = 0.1  # of the kills, that do not wait for the first song


@dataclass
class Songs:
    """The songs, and what must never change in them.

    Attributes:
        folder: where they are.
        first: bytes of each at the beginning.
        sounds: hash of each one's sound.
        others: everything in its tags except `FIELDS`.
        good: hashes of versions that were looked at in full.
    """

    folder: Path
    first: dict[Path, bytes] = field(default_factory=dict)
    sounds: dict[Path, str] = field(default_factory=dict)
    others: dict[Path, list[Part]] = field(default_factory=dict)
    good: set[bytes] = field(default_factory=set)

    @classmethod
    def made(cls, folder: Path) -> Songs:
        """One song of each kind with tags, one without."""
        songs = cls(folder)
        for tagged in (True, False):
            for seed, kind in enumerate(KINDS):
                place = folder / ("tagged" if tagged else "bare")
                place.mkdir(parents=True, exist_ok=True)
                path = make_song(place, kind, tagged=tagged, seed=seed + 50 * tagged)
                songs.first[path] = path.read_bytes()
                songs.sounds[path] = audio_hash(path)
                songs.others[path] = remaining(path)
        return songs

    def values(self) -> dict[Path, Values]:
        """The values of each, now."""
        return {path: values_of(path) for path in self.first}

    def faults(self, old: dict[Path, Values], new: Values | None) -> list[str]:
        """What is wrong: nothing, if no byte of sound and no tag was lost."""
        found = []
        for path in self.first:
            name = path.relative_to(self.folder)
            now = values_of(path)
            if now != old[path] and new is not None and not same(now, new):
                found.append(f"{name}: values {now}, neither {old[path]} nor {new}")
            digest = hashlib.blake2b(path.read_bytes()).digest()
            if digest not in self.good:
                found += [f"{name}: {fault}" for fault in self._faults_of(path)]
                self.good.add(digest)
        return found

    def _faults_of(self, path: Path) -> list[str]:
        faults = []
        if audio_hash(path) != self.sounds[path]:
            faults.append("another sound")
        if remaining(path) != self.others[path]:
            faults.append("other tags changed")
        if not len(load_audio(path).samples):
            faults.append("no samples")
        return faults

    def restored(self) -> int:
        """How many songs are, byte for byte, what they were at first."""
        return sum(path.read_bytes() == content for path, content in self.first.items())

    def leftovers(self) -> int:
        """How many half-written copies lie about."""
        return sum(path.name.startswith(".genrescope-") for path in self.folder.rglob("*"))


def values_of(path: Path) -> Values:
    """The values of a song's fields."""
    tags = read_tags(path)
    return tuple(tags.values(name) for name in FIELDS)


def same(one: Values, two: Values) -> bool:
    """Whether all fields have the same values, joined where a format has room for one."""
    return all(same_values(*pair) for pair in zip(one, two, strict=True))


def remaining(path: Path) -> list[Part]:
    """Everything in a song's tags except `FIELDS`."""
    with tempfile.TemporaryDirectory() as folder:
        copied = Path(shutil.copy(path, folder))
        for name in FIELDS:
            write_field(copied, name, ())
        return other_tags(copied, "genre")


def chosen(rng: np.random.Generator) -> Values:
    """Random values for all fields."""
    genres, moods = (
        tuple(rng.choice(names, rng.integers(1, 4), replace=False).tolist())
        for names in (GENRES, MOODS)
    )
    noted = (
        (OwnField(dict.fromkeys(values, 0.9), name, "random").to_text(),)
        for name, values in (("genre", genres), ("mood", moods))
    )
    return (genres, moods, *noted)


def killed(work: Callable[[Report], object], seconds: float, *, at_once: bool) -> bool:
    """Do the work in a process of its own and kill that after a time; whether it was still busy.

    The time counts from its first song on, or `at_once`.
    """
    mine, theirs = os.pipe()
    child = os.fork()
    if child == 0:
        status = 1
        os.close(mine)
        try:
            work(lambda *_: os.write(theirs, b"."))
            status = 0
        finally:
            if status:
                traceback.print_exc()
            os._exit(status)
    os.close(theirs)
    if not at_once:
        os.read(mine, 1)  # nothing where it ended without a song
    time.sleep(seconds)
    os.close(mine)
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    if os.WIFEXITED(status) and os.WEXITSTATUS(status):
        raise RuntimeError("the process failed by itself: see above")
    return os.WIFSIGNALED(status)


def seconds_of_a_run(songs: Songs, journals: Path) -> float:
    """How long an undisturbed run takes from its first song on; it is taken back."""
    times: list[float] = []
    apply_plan(
        planned(songs, songs.values(), chosen(np.random.default_rng(0))),
        songs.folder,
        journals=journals,
        report=lambda *_: times.append(time.perf_counter()),
    )
    undo(journals=journals)
    return times[-1] - times[0]


def planned(songs: Songs, old: dict[Path, Values], new: Values) -> list[PlanRow]:
    """A plan that gives every song these values."""
    return [
        PlanRow(path.relative_to(songs.folder).as_posix(), name, before, after, "replace")
        for path in songs.first
        for name, before, after in zip(FIELDS, old[path], new, strict=True)
    ]


def kill_test(folder: Path, kills: int, seed: int, minutes: float = math.inf) -> dict[str, object]:
    """Kill so often, at most for so many minutes; counts of what was seen, and of faults."""
    end = time.perf_counter() + 60 * minutes
    songs, journals = Songs.made(folder / "music"), folder / "journals"
    rng = np.random.default_rng(seed)
    usual = seconds_of_a_run(songs, journals)
    seen: Counter[str] = Counter()
    faults: list[str] = []
    for number in itertools.count():
        if seen["kills"] == kills or time.perf_counter() > end:
            break
        old = songs.values()
        new: Values | None = chosen(rng)
        work: Callable[[Report], object]
        if number % 4 == 3 and songs.restored() < len(songs.first):
            new = None  # any earlier values
            work = lambda report: undo(journals=journals, report=report)  # noqa: E731
        else:
            rows = planned(songs, old, new or ())
            work = lambda report, rows=rows: apply_plan(  # noqa: E731
                rows, songs.folder, journals=journals, report=report
            )
        busy = killed(work, rng.uniform(0, usual), at_once=rng.random() < _AT_ONCE)
        seen["kills"] += busy
        seen["runs that ended before"] += not busy
        half, midst = songs.leftovers() > 0, 0 < changed(songs, old) < len(songs.first)
        seen["kills with a half-written copy beside a song"] += busy and half
        seen["kills in the midst of the songs"] += busy and midst
        faults += songs.faults(old, new)
    return {
        **{
            "seed": seed,
            "songs": len(songs.first),
            "formats": sorted(KINDS),
            "fields": FIELDS,
            **seen,
        },
        **taken_back(songs, journals),
        "faults": faults[:20],
    }


def changed(songs: Songs, old: dict[Path, Values]) -> int:
    """How many songs have other values than these."""
    return sum(now != old[path] for path, now in songs.values().items())


def taken_back(songs: Songs, journals: Path) -> dict[str, object]:
    """Take everything back; how much there was, and how many songs are what they were at first."""
    names = run_names(journals)
    changes, refused = 0, []
    for name in reversed(names):
        if len((run := read_run(name, journals)).undone) == len(run.changes):
            continue
        undone = undo(name, journals=journals)
        changes += len(undone.outcomes)
        refused += [f"{out.path}: {out.why}" for out in undone.outcomes if out.status == "refused"]
    return {
        **{"runs taken back": len(names), "changes taken back": changes},
        **{"refused": refused[:20], "songs restored byte for byte": songs.restored()},
        "copies left over": songs.leftovers(),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("result", type=Path)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=math.inf, help="end after so many")
    options = parser.parse_args()
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        found = kill_test(Path(folder), options.kills, options.seed, options.minutes)
    content = {"command": command_line(), "seconds": round(time.perf_counter() - start, 1), **found}
    options.result.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n")
    print(json.dumps(content, indent=2, ensure_ascii=False))


if __name__ == "__main__":
    main()
