"""M3U, PLS and XSPF playlists: which files they name, in whatever way players write names."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import unquote_to_bytes

from genrescope.errors import AudioError
from genrescope.files.names import composed, decoded_name, folded
from genrescope.files.text import utf8

PLAYLIST_SUFFIXES = frozenset({".m3u", ".m3u8", ".pls", ".xspf"})
_LONGEST = 64 << 20  # bytes: a million names; no more is read of what has no end
_URL = re.compile(rb"([A-Za-z][A-Za-z0-9+.-]+):(//[^/\\]*)?(?=[/\\])")  # C:\ is a drive
_LINE_END = re.compile(rb"\r\n|\r|\n")
_PLS_ENTRY = re.compile(rb"\s*file(\d{1,9})\s*=(.*)", re.IGNORECASE | re.DOTALL)
Line = tuple[int, bytes]
"""A line's number and text."""


def read_playlist(path: Path) -> Iterator[Path | AudioError]:
    """The files that a playlist names, in its order; what cannot be one comes as an error.

    Relative names count from the playlist's folder. A name is taken byte for byte where there is
    such a file. Otherwise it is tried percent-encoded, with backslashes, as Windows-1252, and at
    last compared with what the folders hold in whatever Unicode form and case.

    Raises:
        OSError: the playlist cannot be read.
    """
    from xml.etree import ElementTree

    with path.open("rb") as file:
        content = file.read(_LONGEST + 1)
    if len(content) > _LONGEST:
        yield AudioError("too large for a list of files", place=path, remedy="split it")
        return
    finder = _Finder(path.parent)
    try:
        for place, name in _names(path, content, finder):
            yield _entry(name, finder, place)
    except (ElementTree.ParseError, LookupError, ValueError) as error:  # of encodings, the latter
        yield AudioError(f"no XSPF: {error}", place=path, remedy="save it again, as M3U8 perhaps")


def _names(path: Path, content: bytes, finder: _Finder) -> Iterator[tuple[str, bytes]]:
    """Where each entry stands, and the name as it is written."""
    kind = path.suffix.lower()
    if kind == ".xspf":
        for number, name in enumerate(_xspf_names(content), start=1):
            yield f"{path}: track {number}", name
        return
    lines = enumerate(_LINE_END.split(utf8(content)), start=1)
    numbered = _pls_lines(lines) if kind == ".pls" else _m3u_lines(lines, finder)
    for line, name in numbered:
        if name.strip():
            yield f"{path}:{line}", name


def _m3u_lines(lines: Iterable[Line], finder: _Finder) -> Iterator[Line]:
    """Without comments; a name may begin with the sign of one."""
    for number, line in lines:
        entry = line.strip()
        comment = entry.startswith(b"#EXT") or not finder.exact([entry, line])
        if not (entry.startswith(b"#") and comment):
            yield number, line


def _pls_lines(lines: Iterable[Line]) -> list[Line]:
    """What follows `File1=`, `File2=` and so on, in the order of these numbers."""
    found = [(match, line) for line, text in lines if (match := _PLS_ENTRY.fullmatch(text))]
    found.sort(key=lambda item: int(item[0][1]))
    return [(line, match[2]) for match, line in found]


def _xspf_names(content: bytes) -> Iterator[bytes]:
    """The first place of each track.

    Raises:
        xml.etree.ElementTree.ParseError: it is no XML.
    """
    from xml.etree import ElementTree

    for track in ElementTree.fromstring(content).iterfind(".//{*}track"):
        name = track.findtext("{*}location", "").strip()
        if name:
            yield name.encode()


def _entry(line: bytes, finder: _Finder, place: str) -> Path | AudioError:
    entry = line.strip()
    names = [entry, line] if line != entry else [entry]
    if (url := _URL.match(entry)) is not None:
        if url[1].lower() != b"file":
            name = decoded_name(entry)
            return AudioError(f"'{name}' is a stream", place=place, remedy="name local files")
        host = (url[2] or b"")[2:]
        local = entry[url.end() :]
        names = [local] if host.lower() in (b"", b"localhost") else [b"//" + host + local]
        names = [unquote_to_bytes(name) for name in names] + names
    elif b"%" in entry:
        names = [*names, unquote_to_bytes(entry)]
    return finder.exact(names) or finder.alike(names) or finder.path(names[0])


class _Finder:
    """Finds files by names that may be written in another way than on the disk."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._listed: dict[Path, dict[str, str]] = {}

    def path(self, name: bytes) -> Path:
        """The path that a name means to this system."""
        return self._folder / _without_slash(decoded_name(name))

    def exact(self, names: list[bytes]) -> Path | None:
        """The first that is there."""
        return next((path for path in self._paths(names) if os.path.lexists(path)), None)

    def alike(self, names: list[bytes]) -> Path | None:
        """The first that is there in another Unicode form, or in another case."""
        return next(filter(None, map(self._alike, self._paths(names))), None)

    def _paths(self, names: list[bytes]) -> Iterator[Path]:
        for name in names:
            for text in (decoded_name(name), name.decode("cp1252", "replace")):
                yield self._folder / _without_slash(text)
                if "\\" in text:
                    yield self._folder / _without_slash(text.replace("\\", "/"))

    def _alike(self, path: Path) -> Path | None:
        found = Path(path.anchor)
        for part in path.relative_to(path.anchor).parts:
            if part == ".." or os.path.lexists(found / part):
                found /= part
                continue
            listed = self._list(found)
            name = listed.get(composed(part)) or listed.get(folded(part))
            if name is None:
                return None
            found /= name
        return found

    def _list(self, folder: Path) -> dict[str, str]:
        """The names in a folder, by their composed form, and by that without case."""
        if folder not in self._listed:
            try:
                names = sorted(os.listdir(folder))  # noqa: PTH208 - of "" too
            except (OSError, ValueError):
                names = []
            alike = {folded(name): name for name in names}
            self._listed[folder] = alike | {composed(name): name for name in names}
        return self._listed[folder]


def _without_slash(name: str) -> str:
    """A URL writes a drive as /C:/."""
    return name[1:] if os.name == "nt" and re.match(r"/[A-Za-z]:", name) else name
