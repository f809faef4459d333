"""Find the files of a run, also where they were moved or renamed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from genrescope.library.sound.audiohash import audio_hash
from genrescope.library.tagging.journal import Change


def locate(changes: Sequence[Change], root: Path, named: Iterable[Path]) -> list[Path | None]:
    """Where the file of each change is now; None where it is not found.

    A file that is not where it was is looked for in the library's folder among files of its length,
    then in the named folders among all, and is known by its sound.

    What cannot be read is not it.
    """
    places = [_in_place(change) for change in changes]
    lost = {change.audio for change, place in zip(changes, places, strict=True) if not place}
    if not lost:
        return places
    kept = {place for place in places if place}
    lengths = {change.after.size for change in changes if change.audio in lost}
    suffixes = {Path(change.path).suffix.lower() for change in changes}
    candidates = [path for path in _files([root]) if _size(path) in lengths]
    candidates += _files(named)
    found = {
        _sound(path): path
        for path in dict.fromkeys(candidates)
        if path not in kept and path.suffix.lower() in suffixes
    }
    return [place or found.get(change.audio) for change, place in zip(changes, places, strict=True)]


def _in_place(change: Change) -> Path | None:
    path = Path(change.path)
    if not path.is_file():
        return None
    now = path.stat()
    same = (now.st_size, now.st_mtime_ns) == (change.after.size, change.after.mtime_ns)
    return path if same or _sound(path) == change.audio else None


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return -1


def _sound(path: Path) -> str:
    try:
        return audio_hash(path)
    except OSError:
        return ""


def _files(places: Iterable[Path]) -> Iterator[Path]:
    """Files, and those below folders; links are passed over."""
    for place in places:
        found = place.rglob("*") if place.is_dir() else [place]
        yield from (path for path in found if path.is_file() and not path.is_symlink())
