"""Genres that audio files have: by folder, or in a file of labels, a corpus' own or a person's."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from genrescope.data.layouts.ballroom import is_ballroom, read_ballroom
from genrescope.data.layouts.columns import read_columns
from genrescope.data.layouts.entry import LabelEntry
from genrescope.data.layouts.fma import is_fma, read_fma, read_fma_genres
from genrescope.data.layouts.gtzan import gtzan_genre, gtzan_neighbours
from genrescope.data.layouts.jamendo import PARTS, is_jamendo, read_jamendo
from genrescope.data.layouts.mirdata import is_mirdata, read_mirdata
from genrescope.errors import DataError, UsageError
from genrescope.files.names import composed
from genrescope.files.text import read_text


@dataclass(frozen=True)
class SongLabels:
    """What is known of audio files.

    Attributes:
        genres: the genre of each labelled file, as it is spelt, several joined by `|`.
        groups: of each file what it must be drawn with, such as its artist; empty without groups.
        unlabelled: files without a genre.
        without_file: labelled songs of which there is no file, as they are called.
        parts: of each file the corpus' own part: `train`, `valid` or `test`; empty without parts.
    """

    genres: Mapping[Path, str]
    groups: Mapping[Path, str] = field(default_factory=dict)
    unlabelled: tuple[Path, ...] = ()
    without_file: tuple[str, ...] = ()
    parts: Mapping[Path, str] = field(default_factory=dict)

    def labels_of(self, file: Path) -> tuple[str, ...]:
        """The genres of a file, one by one; none where it has none."""
        return tuple(filter(None, map(str.strip, self.genres.get(file, "").split("|"))))


def find_labels(
    path: Path | None, files: Sequence[Path], folder: Path, group: str | None = None
) -> SongLabels:
    """The genres of `files` by a file of labels or, where `path` is None, by their folders.

    Raises:
        UsageError: there are no files, or see `read_song_labels`.
        DataError: see `read_song_labels` and `labels_of_folders`.
    """
    if not files:
        raise UsageError("no audio files", place=folder, remedy="name the folder of the songs")
    if path is not None:
        return read_song_labels(path, files, folder, group)
    found = labels_of_folders(files, folder)
    return found if group else replace(found, groups={})


def labels_of_folders(files: Iterable[Path], folder: Path) -> SongLabels:
    """The genres of `files` in `folder` by its folders: `folder/jazz/any/song.mp3` is `jazz`.

    Files side by side that are named as GTZAN's are (`jazz.00012.au`) have the genre in the name.
    Songs of such names have neighbours as groups.

    Raises:
        DataError: no file lies in a folder of its own.
    """
    genres, unlabelled, groups = {}, [], {}
    for file in files:
        genre, *rest = file.relative_to(folder).parts
        if rest:
            genres[file] = genre
        elif named := gtzan_genre(file):
            genres[file] = named
        else:
            unlabelled.append(file)
        if neighbours := gtzan_neighbours(file):
            groups[file] = neighbours
    if not genres:
        raise DataError(
            "no song in a folder named after its genre",
            place=folder,
            remedy="sort them, one folder a genre, or give --labels FILE",
        )
    return SongLabels(genres, groups, tuple(unlabelled))


def read_song_labels(
    path: Path, files: Sequence[Path], folder: Path, group: str | None = None
) -> SongLabels:
    """The genres of `files` by a file of labels.

    Its layout is known by its content: FMA's `tracks.csv` (all genres of a track where
    `genres.csv` lies beside it), a split file of MTG-Jamendo, Ballroom's `allBallroomFiles`, a
    mirdata index, or else columns of songs and genres (`genrescope.data.layouts.columns`). A song
    is a path (whole, from `folder`, or its last two parts, with or without its ending), or the
    name of a file, with or without its ending.

    Args:
        path: the file of labels; of several files of one corpus their folder.
        files: what can be labelled, all below `folder`.
        folder: where songs' paths start.
        group: kind of the groups, such as artist: a column, or what the layout has; None:
            without groups.

    Raises:
        UsageError: there is no such kind of group.
        DataError: the file cannot be read, a line is not of its layout, a name fits several
            files, or a song has two genres; it names the file and the line.
    """
    names, missing = _names(files, folder), []
    genres, groups, parts = dict[Path, str](), dict[Path, str](), dict[Path, str]()
    kinds = set[str]()
    for source in _label_files(path):
        for entry in _entries(source, group or ""):
            kinds.update(entry.groups)
            place = f"{source}:{entry.line}"
            if (file := _find(entry.names, names, place)) is None:
                missing.append(entry.names[0])
                continue
            if genres.setdefault(file, entry.genre) != entry.genre:
                raise DataError(
                    f"{entry.names[0]} is {entry.genre} here, {genres[file]} further up",
                    place=place,
                    remedy="join several genres by | in one line",
                )
            if group and (of := entry.groups.get(group.casefold())):
                groups[file] = of
            if entry.part:
                parts[file] = entry.part
    _check_group(group, kinds, path)
    genres = {file: label for file, label in genres.items() if label}
    unlabelled = tuple(file for file in files if file not in genres)
    return SongLabels(genres, groups, unlabelled, tuple(missing), parts)


def _label_files(path: Path) -> list[Path]:
    """The file, or the files of a folder of split files."""
    if not path.is_dir():
        return [path]
    found = sorted(item for item in path.glob("*.tsv"))
    if not found:
        raise DataError("no split files (*.tsv) in it", place=path, remedy="name a file of labels")
    return found


def _entries(path: Path, group: str) -> Iterator[LabelEntry]:
    text, place = read_text(path), str(path)
    if is_fma(text):
        beside = path.with_name("genres.csv")
        named = read_fma_genres(read_text(beside), str(beside)) if beside.is_file() else None
        return read_fma(text, place, named)
    if is_jamendo(text):
        return read_jamendo(text, place, PARTS.get(path.stem.rpartition("-")[2], ""))
    if is_ballroom(text):
        return read_ballroom(text, place)
    if is_mirdata(text):
        return read_mirdata(text, place)
    return read_columns(text, place, group)


def _check_group(group: str | None, kinds: Iterable[str], path: Path) -> None:
    if group and group.casefold() not in kinds:
        known = ", ".join(sorted(kinds))
        remedy = f"write the columns' names in the first line: song,genre,{group}"
        raise UsageError(f"no column '{group}'", place=path, remedy=f"one of {known}; or {remedy}")


def _names(files: Iterable[Path], folder: Path) -> dict[str, list[Path]]:
    """The files of each name by which they can be called."""
    names: dict[str, list[Path]] = {}
    for file in files:
        inside = file.relative_to(folder)
        last = Path(*inside.parts[-2:])
        forms = (file.absolute(), file, inside, inside.with_suffix(""), file.name, file.stem)
        for form in dict.fromkeys(_key(Path(form)) for form in (*forms, last)):
            names.setdefault(form, []).append(file)
    return names


def _key(path: Path) -> str:
    """The same for every Unicode form of a path, and on every system."""
    return composed(path.as_posix())


def _find(called: Iterable[str], names: Mapping[str, list[Path]], place: str) -> Path | None:
    """The one file that has one of these names."""
    for song in called:
        found = names.get(_key(Path(song.replace("\\", "/"))), [])
        if len(found) > 1:
            remedy = "write its path from the folder"
            raise DataError(f"{song} fits {len(found)} files", place=place, remedy=remedy)
        if found:
            return found[0]
    return None
