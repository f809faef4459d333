"""What README and docs print for people to run, and a folder in which it can be run."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import numpy as np
import soundfile
from mutagen.easyid3 import EasyID3
from mutagen.flac import FLAC

from toymodel import song

ROOT = Path(__file__).resolve().parent.parent
PAGES = {
    path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
    for path in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
    if path.name != "cli.md"  # made from the commands themselves
}

_COMMAND = re.compile(r"^(?:    )?(genrescope .*)$", re.MULTILINE)
_BLOCK = re.compile(
    r"^(?:```(?:sh)?\n(?P<fenced>.*?)^```|(?P<indented>(?:^    .*\n)+))", re.M | re.S
)
_PYTHON = re.compile(r"^```python\n(?P<code>.*?)^```", re.MULTILINE | re.DOTALL)


def commands(page: str) -> list[list[str]]:
    """The arguments of each `genrescope` in the code blocks of a page, in order.

    What stands behind `#` is a remark; a pipe ends the command.
    """
    found = []
    for block in _BLOCK.finditer(page):
        for line in _COMMAND.findall(block["fenced"] or block["indented"]):
            words = shlex.split(line, comments=True)
            words = words[: words.index("|")] if "|" in words else words
            found.append(words[1:])
    return found


def python_blocks(page: str) -> list[str]:
    """The Python of a page, in order."""
    return [block["code"] for block in _PYTHON.finditer(page)]


def make_home(home: Path) -> None:
    """What the pages name: a library, songs, labelled folders, lists.

    Everything lies in the home folder, so `~/Music` is `Music` there.
    """
    album, other = home / "Music/Artist/Album", home / "Music/Some Album"
    for folder, names in ((album, "12"), (other, "3")):
        folder.mkdir(parents=True)
        for name in names:
            _write(folder / f"{name}.flac", int(name))
            tags = FLAC(folder / f"{name}.flac")
            tags.update(artist="Artist", album=folder.name, title=f"Song {name}")
            tags.save()
    for path, seed, seconds in (("song.mp3", 5, 8), ("Music/song.mp3", 4, 8), ("mix.mp3", 6, 32)):
        _write(home / path, seed, seconds)
    tags = EasyID3()
    tags["genre"] = "Electronic"
    tags.save(home / "Music/song.mp3")
    _write_labelled(home / "FOLDER")
    (home / "shares.csv").write_text("jazz,0.6\nblues,0.2\n")
    (home / "mine.csv").write_text("blues,Roots\ncountry,Roots\nmetal,Loud\n*,unknown\n")
    names = ("Artist/Album/1.flac", "Artist/Album/2.flac", "Some Album/3.flac", "song.mp3")
    for kind, labels in (("genres", ("jazz", "jazz", "rock", "rock")), ("artists", "AABC")):
        lines = [f"{name}\t{label}\n" for name, label in zip(names, labels, strict=True)]
        (home / f"{kind}.cls").write_text("".join(lines))
    (home / "songs.m3u").write_text("song.mp3\nMusic/song.mp3\n")


def _write_labelled(folder: Path) -> None:
    """Songs of two genres, a folder each, and the same in a table with their artists."""
    rows = ["path,genre,artist"]
    for seed, genre in enumerate(("jazz", "jazz", "rock", "rock")):
        name = f"{genre}/{seed}.wav"
        (folder / genre).mkdir(parents=True, exist_ok=True)
        _write(folder / name, 10 + seed)
        rows.append(f"{name},{genre},artist {seed}")
    (folder.parent / "labels.csv").write_text("\n".join(rows) + "\n")
    (folder.parent / "predictions.csv").write_text("path,genre\njazz/0.wav,jazz\nrock/2.wav,jazz\n")


def _write(path: Path, seed: int, seconds: float = 8) -> None:
    samples = song(seconds, seed=seed)
    soundfile.write(path, np.clip(samples, -1, 1), 22050)
