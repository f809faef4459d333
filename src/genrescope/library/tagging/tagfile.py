"""Read and write the text fields of a music file's tags, whatever its format.

The format of a file is found from its content. `write_field` changes the file itself: `apply` gives
it a copy, and compares `other_tags` of both.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, BinaryIO

from genrescope.audio.containers.sniff import HEAD_BYTES, after_id3, sniff
from genrescope.errors import AudioError, DataError, GenrescopeError, MissingExtraError
from genrescope.library.formats.fields import CUSTOM, MOOD, REPAIR, Fields, Part

# Container format: module of `library.formats`, suffixes of its files' names.
_FORMATS = {
    "MP3": ("mpeg", (".mp3", ".mp2", ".mpga")),
    "AAC": ("mpeg", (".aac",)),
    "FLAC": ("flac", (".flac",)),
    "Ogg": ("ogg", (".ogg", ".oga", ".opus", ".spx")),
    "MP4 or M4A": ("mp4.items", (".m4a", ".m4b", ".mp4", ".m4p", ".m4r", ".aac", ".alac")),
    "WMA (ASF)": ("asf", (".wma", ".asf")),
    "AIFF": ("iff.chunks", (".aiff", ".aif", ".aifc")),
    "WAV": ("iff.chunks", (".wav", ".wave")),
    "DSDIFF": ("iff.chunks", (".dff", ".dsdiff")),
    "DSF": ("dsf", (".dsf",)),
    "WavPack": ("apefiles", (".wv",)),
    "Monkey's Audio": ("apefiles", (".ape",)),
    "Musepack": ("apefiles", (".mpc", ".mp+", ".mpp")),
    "Matroska or WebM": ("matroska.tags", (".mka", ".mkv", ".webm")),
}
_BEHIND_ID3 = ("mpeg", "flac", "apefiles")
_OTHER_WAVES = {
    **{b"RF64": "RF64 (long WAV)", b"BW64": "BW64 (long WAV)", b"RIFX": "RIFX (big-endian WAV)"},
    b"riff": "Wave64",
}


@dataclass(frozen=True, slots=True)
class Tags:
    """What a file's tags have; empty where they have nothing.

    Attributes:
        genres: one string a value.
        album: title of the album.
        artist: of the song.
        title: of the song.
        comment: the unnamed comment.
        mood: one string a value.
        custom: fields that have no standard name, by NAME in capitals.
    """

    genres: tuple[str, ...] = ()
    album: str = ""
    artist: str = ""
    title: str = ""
    comment: tuple[str, ...] = ()
    mood: tuple[str, ...] = ()
    custom: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def values(self, name: str) -> tuple[str, ...]:
        """The values of the field "genre", "mood", "comment" or "custom:NAME"."""
        if name.startswith(CUSTOM):
            return self.custom.get(name[len(CUSTOM) :].upper(), ())
        return {"genre": self.genres, "mood": self.mood}.get(name, self.comment)


def read_tags(path: Path) -> Tags:
    """The tags of a file.

    Raises:
        AudioError: the format is not one of those supported, or the name pretends another one.
        DataError: the tags are damaged.
        MissingExtraError: the extra `tags` is not installed.
        OSError: the file cannot be read.
    """
    with path.open("rb") as file, reading_problems():
        fields: Fields = _format(file, path).read(file)
    custom = {name[len(CUSTOM) :]: fields[name] for name in fields if name.startswith(CUSTOM)}
    texts = {name: "; ".join(fields.get(name, ())) for name in ("album", "artist", "title")}
    genres, comment = fields.get("genre", ()), fields.get("comment", ())
    mood = fields.get("mood") or fields.get(MOOD, ())
    return Tags(genres=genres, comment=comment, mood=mood, custom=custom, **texts)


def write_field(path: Path, name: str, values: tuple[str, ...]) -> tuple[str, ...]:
    """Replace the values of a field, in the file itself; return them as they will be read back.

    That is not always what was given: where a format has room for one value (comments; any field
    in ID3v2.3) they are joined.

    Args:
        path: the file, which is changed.
        name: "genre", "mood", "comment" or "custom:NAME".
        values: none to remove the field.

    Raises:
        AudioError: as `read_tags`.
        DataError: the tags are damaged or have no room.
        MissingExtraError: the extra `tags` is not installed.
        OSError: the file cannot be read or written.
    """
    with path.open("r+b") as file, reading_problems():
        format_ = _format(file, path)
        written: tuple[str, ...] = format_.write(file, _stored(file, format_, name), values)
    return written


def other_tags(path: Path, name: str) -> list[Part]:
    """Everything in the tags except one field: what it is called, and its bytes in the file.

    Raises:
        AudioError, DataError, MissingExtraError, OSError: as `read_tags`.
    """
    with path.open("rb") as file, reading_problems():
        format_ = _format(file, path)
        others: list[Part] = format_.others(file, _stored(file, format_, name))
    return others


def check_protection(path: Path) -> None:
    """See that a file is not protected against copying.

    Raises:
        AudioError: it is.
        OSError: it cannot be read.
    """
    with path.open("rb") as file, reading_problems():
        format_ = _format(file, path)
        if hasattr(format_, "is_protected") and format_.is_protected(file):
            raise AudioError("it is protected (DRM)", remedy="tag it where it was bought")


@contextmanager
def reading_problems() -> Iterator[None]:
    """Let whatever a reader stumbles over in a file be that file's problem.

    A damaged file can mislead a reader, mutagen's too, into an exception of any kind.

    Raises:
        DataError: in place of what is neither a `GenrescopeError` nor an `OSError`.
    """
    try:
        yield
    except (GenrescopeError, OSError):
        raise
    except Exception as error:
        what = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        raise DataError(f"the tags are damaged: {what}", remedy=REPAIR) from error


def _format(file: BinaryIO, path: Path) -> Any:
    """The module for the file's format."""
    if find_spec("mutagen") is None:
        raise MissingExtraError.of("tags", "reading and writing tags")
    name = container(file)
    known = _FORMATS.get(name)
    if not name:
        raise AudioError(
            "it begins as no known music format does, so that its tags cannot be found",
            remedy="remove what stands before its sound, or convert it first",
        )
    if known is None:
        raise AudioError(f"it is {name}; its tags are not supported", remedy="convert it first")
    if path.suffix.lower() not in known[1]:
        raise AudioError(
            f"its name ends in '{path.suffix}', but it is {name}",
            remedy=f"rename it to end in {known[1][0]}",
        )
    module, tagged = known[0], after_id3(file) > 0
    if tagged and module not in _BEHIND_ID3:
        raise DataError(
            f"an ID3 tag stands before it, and {name} has none there",
            remedy="remove that tag with the program that wrote it, or convert the file",
        )
    if name == "AAC" and not tagged:  # where APEv2 is what more readers find
        module = "apefiles"
    return import_module(f"genrescope.library.formats.{module}")


def _stored(file: BinaryIO, format_: Any, name: str) -> str:
    """The field as the file holds it: a mood stays where there is one already."""
    if name != "mood":
        return name
    if not hasattr(format_, "NAMES_MOOD"):
        return MOOD
    fields: Fields = format_.read(file)
    return MOOD if MOOD in fields and "mood" not in fields else name


def container(file: BinaryIO) -> str:
    """The name of the container format; an ID3v2 tag before what is not known means MP3."""
    tagged = after_id3(file)
    file.seek(tagged)
    head = file.read(HEAD_BYTES)
    if head[:4] in _OTHER_WAVES:
        return _OTHER_WAVES[head[:4]]
    kind = sniff(head)
    if kind is None and tagged:
        return "MP3"
    return kind.name if kind else ""
