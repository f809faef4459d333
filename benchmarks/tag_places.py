"""Write genres into mutated files that have one in several places; no reader may show an old one.

    python benchmarks/tag_places.py --files 3000 benchmarks/results/tag_places.json

As `tag_fuzz.py`, with songs that have a genre in tags of several kinds, in two of a kind, or under
several names. What was written is read by exiftool and ffprobe, where they are on PATH: counted are
readings that show a genre, and among them those that show another one than was written.
"""

from __future__ import annotations

import json
import shutil
import struct
import subprocess
from pathlib import Path
from typing import Any

import mutagen.asf
import mutagen.mp4

from genrescope.library.tagging.tagfile import read_tags
from songfiles import write_song
from tag_fuzz import Fuzz, arguments, run

_GENRES = (("Jazz",), ("Jazz", "Dub"), ("A genre that no list has",))
_SECONDS = 0.3
_V1 = b"TAG" + b"Title".ljust(30, b"\0") + bytes(94) + bytes([18])
_PROBE = ("ffprobe", "-v", "quiet", "-of", "json", "-show_entries", "format_tags:stream_tags")


def _chunk(layout: str, name: bytes, content: bytes) -> bytes:
    return struct.pack(layout, name, len(content)) + content + b"\0" * (len(content) % 2)


def _info(genre: bytes) -> bytes:
    items = _chunk("<4sI", b"INAM", b"Title\0") + _chunk("<4sI", b"IGNR", genre)
    return _chunk("<4sI", b"LIST", b"INFO" + items)


def _id3(genre: bytes) -> bytes:
    frames = b"".join(
        name + struct.pack(">I", 1 + len(text)) + b"\0\0\0" + text
        for name, text in ((b"TIT2", b"Title"), (b"TCON", genre))
    )
    return b"ID3\3\0\0\0\0\0" + bytes([len(frames)]) + frames


def _ape(genre: bytes) -> bytes:
    item = struct.pack("<II", len(genre), 0) + b"Genre\0" + genre
    return item + b"APETAGEX" + struct.pack("<IIII8x", 2000, len(item) + 32, 1, 0)


def songs(folder: Path) -> list[tuple[str, bytes]]:
    """(suffix, bytes) of songs with genres in several places."""
    plain = {
        suffix: write_song(folder / f"a{suffix}", seconds=_SECONDS).read_bytes()
        for suffix in (".wav", ".aiff", ".mp3", ".flac", ".ogg", ".opus", ".wv", ".m4a", ".wma")
    }
    wav, chunk = plain[".wav"], _chunk("<4sI", b"id3 ", _id3(b"Pop"))
    at = wav.index(b"data")
    waves = [
        wav[:at] + _info(b"Rock\0") + wav[at:],
        wav + _info(b"Rock"),
        wav[:at] + _info(b"Pop\0") + wav[at:] + chunk + _info(b"Rock\0"),
        wav + chunk + _chunk("<4sI", b"ID3 ", _id3(b"Rock")),
    ]
    two = plain[".aiff"] + b"".join(_chunk(">4sI", b"ID3 ", _id3(name)) for name in (b"A", b"B"))
    found = [(".wav", data[:4] + struct.pack("<I", len(data) - 8) + data[8:]) for data in waves]
    found.append((".aiff", two[:4] + struct.pack(">I", len(two) - 8) + two[8:]))
    rock, pop = _id3(b"Rock"), _id3(b"Pop")
    found += [
        (".mp3", rock + pop + plain[".mp3"] + _ape(b"Funk") + _V1),
        (".mp3", plain[".mp3"] + _ape(b"Funk")),
        (".flac", plain[".flac"] + _V1),
        (".ogg", plain[".ogg"] + _V1),
        (".opus", plain[".opus"] + _V1),
        (".wv", plain[".wv"] + _ape(b"Rock") + _V1),
    ]
    return [*found, (".m4a", _free(folder / "a.m4a")), (".wma", _named(folder / "a.wma"))]


def _free(path: Path) -> bytes:
    opened = mutagen.mp4.MP4(path)
    opened["\xa9gen"], opened["----:com.apple.iTunes:GENRE"] = "Rock", [b"Pop"]
    opened.save()
    return path.read_bytes()


def _named(path: Path) -> bytes:
    opened = mutagen.asf.ASF(path)
    opened["WM/Genre"], opened["Genre"], opened["WM/GenreID"] = "Rock", "Pop", "(17)"
    opened.save()
    return path.read_bytes()


class Places(Fuzz):
    """Batches of mutated files, and what readers show of them once they are written."""

    genres = _GENRES
    most = 100

    def __init__(self, folder: Path, seed: int) -> None:
        super().__init__(folder, seed, frozenset({"none"}))
        (folder / "places").mkdir()
        self.seeds = songs(folder / "places")

    def _run(self, work: Any) -> list[Any]:
        outcomes = super()._run(work)
        paths = [self.folder / "music" / o.path for o in outcomes if o.status == "written"]
        # ID3v2.3 has several values as one, "Jazz/Dub", which others show in their own way.
        wanted = {path: "/".join(read_tags(path).genres).split("/") for path in paths}
        for name, shown in {"exiftool": by_exiftool(paths), "ffprobe": by_ffprobe(paths)}.items():
            for path, texts in shown.items():
                self.seen[f"shown by {name}"] += bool(texts)
                old = [text for text in texts if not any(genre in text for genre in wanted[path])]
                if old:
                    self._fault(path, path.read_bytes(), f"old genre by {name}: {old}")
        return outcomes

    def found(self) -> dict[str, Any]:
        """What was seen so far."""
        names = [f"{what} by {who}" for who in ("exiftool", "ffprobe") for what in _READINGS]
        return super().found() | {name: self.seen[name] for name in names}


_READINGS = ("shown", "old genre")


def by_exiftool(paths: list[Path]) -> dict[Path, list[str]]:
    """What exiftool shows as genres, file by file."""
    if not paths or not shutil.which("exiftool"):
        return {}
    command = ["exiftool", "-j", "-a", "-G4:1", *map(str, paths)]
    done = subprocess.run(command, capture_output=True, check=False)
    return {
        Path(tags["SourceFile"]): [
            str(value)
            for name, value in tags.items()
            if name.rpartition(":")[2].lower() == "genre" and value not in ("None", "")
        ]
        for tags in json.loads(done.stdout.decode("latin-1"))
    }


def by_ffprobe(paths: list[Path]) -> dict[Path, list[str]]:
    """What ffprobe shows as genres, file by file."""
    if not shutil.which("ffprobe"):
        return {}
    found = {}
    for path in paths:
        done = subprocess.run([*_PROBE, str(path)], capture_output=True, check=False)
        shown = json.loads(done.stdout or b"{}")
        layers = [
            part.get("tags", {}) for part in (shown.get("format", {}), *shown.get("streams", ()))
        ]
        pairs = [pair for layer in layers for pair in layer.items()]
        found[path] = [value for name, value in pairs if name.lower() == "genre" and value]
    return found


def main() -> None:
    options = arguments(__doc__, files=3000).parse_args()
    run(options, lambda folder: Places(folder, options.seed))


if __name__ == "__main__":
    main()
