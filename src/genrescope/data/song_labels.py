"""Genres that a person gave audio files: by folder, or in a CSV file."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from genrescope.errors import DataError, UsageError

_DELIMITERS = "\t;,"
_GENRE = ("genre", "label", "genres")


@dataclass(frozen=True)
class SongLabels:
    """What a person says of audio files.

    Attributes:
        genres: the genre of each labelled file, as the person spells it.
        groups: of each file what it must be drawn with, such as its artist; empty without groups.
        unlabelled: files without a genre.
        without_file: labelled songs of which there is no file, as they are called.
    """

    genres: Mapping[Path, str]
    groups: Mapping[Path, str] = field(default_factory=dict)
    unlabelled: tuple[Path, ...] = ()
    without_file: tuple[str, ...] = ()


def labels_of_folders(files: Iterable[Path], folder: Path) -> SongLabels:
    """The genres of `files` in `folder` by its folders: `folder/jazz/any/song.mp3` is `jazz`.

    Raises:
        DataError: no file lies in a folder of its own.
    """
    genres, unlabelled = {}, []
    for file in files:
        genre, *rest = file.relative_to(folder).parts
        if rest:
            genres[file] = genre
        else:
            unlabelled.append(file)
    if not genres:
        raise DataError(
            "no song in a folder named after its genre",
            place=folder,
            remedy="sort them, one folder a genre, or give --labels FILE",
        )
    return SongLabels(genres, unlabelled=tuple(unlabelled))


def read_song_labels(
    path: Path, files: Sequence[Path], folder: Path, group: str | None = None
) -> SongLabels:
    """The genres of `files` by a CSV file.

    Its columns are separated by tabs, semicolons or commas (the first of these that its first line
    has). With a column `genre` or `label` in the first line, that is the genre, and the first other
    column the song; without, the first two columns are song and genre. A song is a path (whole, or
    from `folder`, with or without its ending), or the name of a file, with or without its ending.

    Args:
        path: the CSV file.
        files: what can be labelled, all below `folder`.
        folder: where songs' paths start.
        group: name of the column with the groups; None: without groups.

    Raises:
        UsageError: there is no such column.
        DataError: the file cannot be read, a line has no genre, a name fits several files, or a
            song has two genres; it names the file and the line.
    """
    lines = _lines(path)
    song, genre, grouped = _columns(lines[0][1], group, path)
    if _has_header(lines[0][1]):
        lines = lines[1:]
    names, genres, groups, missing = _names(files, folder), dict[Path, str](), {}, []
    for number, cells in lines:
        place = f"{path}:{number}"
        if len(cells) <= max(song, genre) or not cells[song]:
            remedy = "write a song and its genre"
            raise DataError("no song with a genre", place=place, remedy=remedy)
        if (file := _find(cells[song], names, place)) is None:
            missing.append(cells[song])
            continue
        if genres.setdefault(file, cells[genre]) != cells[genre]:
            raise DataError(
                f"{cells[song]} is {cells[genre]} here, {genres[file]} further up",
                place=place,
                remedy="join several genres by | in one line",
            )
        if grouped is not None and grouped < len(cells) and cells[grouped]:
            groups[file] = cells[grouped]
    genres = {file: label for file, label in genres.items() if label}
    unlabelled = tuple(file for file in files if file not in genres)
    return SongLabels(genres, groups, unlabelled, tuple(missing))


def _lines(path: Path) -> list[tuple[int, list[str]]]:
    """The lines that are not empty, numbered from 1, as cells."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"cannot be read: {error}", place=path) from error
    first = text.split("\n", 1)[0]
    delimiter = next((mark for mark in _DELIMITERS if mark in first), ",")
    reader = csv.reader(text.splitlines(), delimiter=delimiter)
    lines = [(reader.line_num, [cell.strip() for cell in cells]) for cells in reader]
    lines = [(number, cells) for number, cells in lines if any(cells)]
    if not lines:
        raise DataError("nothing in it", place=path, remedy="write a song and its genre a line")
    return lines


def _has_header(cells: Sequence[str]) -> bool:
    return any(cell.casefold() in _GENRE for cell in cells)


def _columns(cells: Sequence[str], group: str | None, path: Path) -> tuple[int, int, int | None]:
    """Which columns are the song, the genre and the group."""
    heads = [cell.casefold() for cell in cells]
    genre = next((heads.index(name) for name in _GENRE if name in heads), 1)
    grouped = heads.index(group.casefold()) if group and group.casefold() in heads else None
    if group and (grouped is None or not _has_header(cells)):
        raise UsageError(
            f"no column '{group}'",
            place=path,
            remedy=f"write the columns' names in the first line: song,genre,{group}",
        )
    song = next(index for index in range(3) if index not in (genre, grouped))
    return song, genre, grouped


def _names(files: Iterable[Path], folder: Path) -> dict[str, list[Path]]:
    """The files of each name by which they can be called."""
    names: dict[str, list[Path]] = {}
    for file in files:
        inside = file.relative_to(folder)
        forms = (file.absolute(), file, inside, inside.with_suffix(""), file.name, file.stem)
        for form in dict.fromkeys(Path(form).as_posix() for form in forms):
            names.setdefault(form, []).append(file)
    return names


def _find(song: str, names: Mapping[str, list[Path]], place: str) -> Path | None:
    found = names.get(Path(song.replace("\\", "/")).as_posix(), [])
    if len(found) > 1:
        remedy = "write its path from the folder"
        raise DataError(f"{song} fits {len(found)} files", place=place, remedy=remedy)
    return found[0] if found else None
