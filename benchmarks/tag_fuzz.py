"""Write tags into mutated files of all formats and take them back; nothing may be harmed.

    python benchmarks/tag_fuzz.py --files 20000 benchmarks/results/tag_fuzz.json

Songs of all formats, with tags and without, are mutated with their structure in mind
(`mutations.py`), scanned, given a genre, and restored. Counted are exceptions, files that take too
long, files whose sound is another one after writing (all of it decoded by ffmpeg's decoders, and by
libsndfile where that could decode the file before, in a process of its own), files that were
refused and changed all the same, and files that are not byte for byte what they were once the run
is taken back.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from genrescope.engine import Failure
from genrescope.engine.pool import WorkerPool
from genrescope.library.index.database import FileState
from genrescope.library.index.scan import read_file
from genrescope.library.tagging.apply import apply_plan
from genrescope.library.tagging.plan import PlanRow
from genrescope.library.tagging.undo import undo
from mutations import mutate
from provenance import command_line
from tagged_songs import KINDS, make_song

_SECONDS = 0.4  # of sound in a file
_SLOW = 30.0  # seconds for one file
GENRES = (("Jazz",), ("Jazz", "Dub"), ("日本の音楽",), ("Ünï" * 700,))


Sounds = tuple[bytes, bytes]


def decoded(path: Path) -> Sounds:
    """Digests of all the sound that ffmpeg's decoders and libsndfile find; called in a worker.

    Of MP3 only ffmpeg's: where its header is damaged, libsndfile estimates from the length of the
    file how much there is to decode.
    """
    return _by_ffmpeg(path), b"" if path.suffix == ".mp3" else _by_libsndfile(path)


def _by_ffmpeg(path: Path) -> bytes:
    import av

    digest, made = hashlib.sha256(), {}
    try:
        with av.open(str(path), metadata_errors="ignore") as container:
            for packet in container.demux(container.streams.audio[0]):
                try:
                    frames = packet.decode()
                except av.error.InvalidDataError:
                    continue
                for frame in frames:
                    form = frame.format.packed.name, frame.layout.name, frame.sample_rate
                    digest.update(repr(form).encode())
                    for part in made.setdefault(form, av.AudioResampler(*form)).resample(frame):
                        digest.update(part.to_ndarray().tobytes())
    except (av.FFmpegError, IndexError, ValueError):
        pass
    return digest.digest()


def _by_libsndfile(path: Path) -> bytes:
    import soundfile

    digest = hashlib.sha256()
    try:
        with soundfile.SoundFile(path) as file:
            digest.update(f"{file.samplerate} {file.channels}".encode())
            for block in file.blocks(1 << 16):
                digest.update(block.tobytes())
    except (soundfile.LibsndfileError, ValueError, RuntimeError):
        return b""
    return digest.digest()


def seeds(folder: Path) -> list[Path]:
    """Sound songs of all formats: with tags and without, MP4 in fragments, tables before sound."""
    found = []
    for tagged in (True, False):
        place = folder / ("tagged" if tagged else "bare")
        place.mkdir(parents=True)
        for seed, kind in enumerate(KINDS):
            found.append(make_song(place, kind, tagged=tagged, seed=seed, seconds=_SECONDS))
    for name, flags in (("front", "+faststart"), ("pieces", "+frag_keyframe+empty_moov")):
        found += [_remuxed(path, name, flags) for path in found if path.name == "a.m4a"]
    return found


def _remuxed(path: Path, name: str, flags: str) -> Path:
    import av

    goal = path.with_name(f"{name}.m4a")
    options = {"movflags": flags, "frag_duration": "100000"}
    with av.open(str(path)) as old, av.open(str(goal), "w", format="ipod", options=options) as new:
        stream = new.add_stream_from_template(old.streams.audio[0])
        new.metadata.update(old.metadata)
        for packet in old.demux(audio=0):
            if packet.dts is not None:
                packet.stream = stream
                new.mux(packet)
    return goal


class Fuzz:
    """Batches of mutated files, and what was seen of them.

    Attributes:
        genres: what is written, one of these a batch.
        most: files of a batch.
    """

    genres = GENRES
    most = 500

    def __init__(self, folder: Path, seed: int, suffixes: frozenset[str] = frozenset()) -> None:
        self.folder, self.rng = folder, np.random.default_rng(seed)
        found = (
            path for path in seeds(folder / "seeds") if path.suffix in suffixes or not suffixes
        )
        self.seeds = [(path.suffix, path.read_bytes()) for path in found]
        self.seen: Counter[str] = Counter()
        self.formats: Counter[str] = Counter()
        self.reasons: Counter[str] = Counter()
        self.faults: list[str] = []
        self.kept = folder / "faults"
        self.longest = 0.0
        self.decoder: WorkerPool[Path, Sounds] = WorkerPool(decoded, jobs=1, timeout=_SLOW)

    def batch(self, count: int) -> None:
        """Make, scan, write, decode and restore so many files."""
        music = self.folder / "music"
        music.mkdir()
        first = dict(self._made(music, count))
        genre = self.genres[int(self.rng.integers(len(self.genres)))]
        rows = [row for path in first if (row := self._scanned(path, genre)) is not None]
        before = {path: self._sound(path) for path in first}
        outcomes = self._run(lambda: apply_plan(rows, music, journals=self.folder / "journals"))
        for outcome in outcomes:
            path = music / outcome.path
            self.seen[outcome.status] += 1
            self.formats[f"{path.suffix[1:]} {outcome.status}"] += 1
            if outcome.status != "written":
                self.reasons[outcome.why.partition(":")[0][:60]] += 1
                self._expect(
                    path.read_bytes() == first[path], path, first, "changed though refused"
                )
            else:
                one, two = before[path], self._sound(path)
                same = one and two and one[0] == two[0] and one[1] in (b"", two[1])
                self._expect(bool(same), path, first, "another sound")
        if any(outcome.status == "written" for outcome in outcomes):
            self._run(lambda: undo(journals=self.folder / "journals"))
        for path, content in first.items():
            self._expect(path.read_bytes() == content, path, first, "not restored")
        left = [path for path in music.iterdir() if path.name.startswith(".")]
        self._expect(not left, music, first, "copies left over")
        self.seen["files"] += count
        shutil.rmtree(music)

    def _made(self, music: Path, count: int) -> Any:
        for number in range(count):
            suffix, data = self.seeds[int(self.rng.integers(len(self.seeds)))]
            path = music / f"{number}{suffix}"
            path.write_bytes(mutate(data, suffix, self.rng))
            yield path, path.read_bytes()

    def _scanned(self, path: Path, genre: tuple[str, ...]) -> PlanRow | None:
        from genrescope.library.tagging.plan import split_values

        state = FileState(path.name.encode(), 0, 0, 0)
        try:
            facts = read_file(state, path.parent)
        except Exception:  # noqa: BLE001
            self._fault(path, path.read_bytes(), f"exception: {traceback.format_exc(limit=-2)}")
            return None
        old = split_values(facts.genres) if facts else ()
        audio = facts.audio.hex() if facts and facts.audio else ""
        return PlanRow(path.name, "genre", old, genre, "replace", audio=audio)

    def _sound(self, path: Path) -> Sounds | None:
        """What is decoded; None where a decoder is brought down."""
        found = self.decoder.submit(path).result()
        return None if isinstance(found, Failure) else found

    def _run(self, work: Any) -> list[Any]:
        start, last = time.perf_counter(), 0.0
        try:
            outcomes = work().outcomes
        except Exception:  # noqa: BLE001
            self.seen["exceptions"] += 1
            self.faults.append(traceback.format_exc(limit=-3))
            return []
        last = time.perf_counter() - start
        self.longest = max(self.longest, last / max(1, len(outcomes)))
        return outcomes

    def _expect(self, good: bool, path: Path, first: dict[Path, bytes], what: str) -> None:
        if not good:
            self._fault(path, first.get(path, b""), what)

    def _fault(self, path: Path, content: bytes, what: str) -> None:
        self.seen[what.partition(":")[0]] += 1
        self.kept.mkdir(exist_ok=True)
        name = f"{len(self.faults)}-{what.partition(':')[0].replace(' ', '_')}{path.suffix}"
        (self.kept / name).write_bytes(content)
        self.faults.append(f"{name}: {what}")

    def found(self) -> dict[str, Any]:
        """What was seen so far."""
        wrong = ("exceptions", "exception", "another sound", "changed though refused")
        wrong += ("not restored", "copies left over")
        return {
            **{name: self.seen[name] for name in ("files", "written", "unchanged", "refused")},
            **{name: self.seen[name] for name in wrong},
            "refused for": sum(self.reasons.values()) and dict(self.reasons.most_common(20)),
            "by format": dict(sorted(self.formats.items())),
            "seconds a file in the slowest batch": round(self.longest, 2),
            "faults": self.faults[:20],
        }


def main() -> None:
    parser = arguments(__doc__, files=20_000)
    parser.add_argument("--suffixes", nargs="*", default=(), help="of these files only: .wv .ape")
    options = parser.parse_args()
    run(options, lambda folder: Fuzz(folder, options.seed, frozenset(options.suffixes)))


def arguments(text: str, files: int) -> argparse.ArgumentParser:
    """Options of a script that mutates files."""
    parser = argparse.ArgumentParser(description=text.split("\n")[0])
    parser.add_argument("result", type=Path)
    parser.add_argument("--files", type=int, default=files)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=1e9, help="end after so many")
    parser.add_argument("--keep", type=Path, help="folder for files that showed a fault")
    return parser


def run(options: argparse.Namespace, make: Callable[[Path], Fuzz]) -> None:
    """Batch by batch, the result written after each; see `arguments`."""
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        fuzz = make(Path(folder))
        while fuzz.seen["files"] < options.files:
            fuzz.batch(min(fuzz.most, options.files - fuzz.seen["files"]))
            seconds = time.perf_counter() - start
            content = {
                "command": command_line(),
                "seconds": round(seconds, 1),
                "seed": options.seed,
            }
            content |= fuzz.found()
            text = json.dumps(content, indent=2, ensure_ascii=False) + "\n"
            options.result.write_text(text)
            if options.keep and fuzz.kept.exists():
                shutil.copytree(fuzz.kept, options.keep, dirs_exist_ok=True)
            if seconds > 60 * options.minutes:
                break
        fuzz.decoder.close()
    print(options.result.read_text())


if __name__ == "__main__":
    main()
