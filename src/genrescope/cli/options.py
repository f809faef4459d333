"""What several commands share: options, the exit code of half-done work, the command as typed."""

from __future__ import annotations

import math
import os
import shlex
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer


def _finite(value: float | None) -> float | None:
    """An option's value; NaN, which is outside of no range, is wrong use, and so is infinity."""
    if value is not None and not math.isfinite(value):
        raise typer.BadParameter(f"{value} is no number")
    return value


def share_option(text: str) -> Any:
    """An option of a number from 0 to 1, with its help."""
    return typer.Option(min=0, max=1, callback=_finite, help=text)


def seconds_option(text: str, least: float = 0.001) -> Any:
    """An option of some seconds, with its help."""
    return typer.Option(min=least, callback=_finite, help=text)


def _no_song(value: Path | None) -> Path | None:
    """A file to write, which never takes the place of a song whose name slipped in."""
    from genrescope.audio.collect import AUDIO_SUFFIXES
    from genrescope.errors import UsageError

    if value is not None and value.suffix.lower() in AUDIO_SUFFIXES:
        raise UsageError("a song's name for what is no song", place=value, remedy="name another")
    return value


def seed_option(text: str) -> Any:
    """An option of a seed, as every library takes it, with its help."""
    return typer.Option(min=0, max=2**32 - 1, help=text)


def output_option(text: str, *names: str) -> Any:
    """An option of a file to write, with its help."""
    return typer.Option(*names, callback=_no_song, help=text)


def refuse_same(outputs: Mapping[str, Path | None], inputs: Mapping[str, Path | None]) -> None:
    """Refuse to write over what is read.

    Raises:
        UsageError: a file to write is one to read; options by their names.
    """
    from genrescope.errors import UsageError

    read = {os.path.realpath(path): name for name, path in inputs.items() if path is not None}
    for name, path in outputs.items():
        if path is not None and (other := read.get(os.path.realpath(path))):
            raise UsageError(
                f"{name} would overwrite {other}", place=path, remedy="name another file"
            )


SOME_FAILED = 3
"""Exit code where some files failed, or were refused, and the others are done."""

Song = Annotated[Path, typer.Argument(help="An audio file.", show_default=False)]
Jobs = Annotated[
    int | None, typer.Option("--jobs", "-j", help="Worker processes; by default one a core.")
]
Engine = Annotated[
    str, typer.Option(help="processes, or dask://HOST:PORT, the scheduler of a Dask cluster.")
]
Timeout = Annotated[float | None, seconds_option("Give a file up after so many seconds.")]
Model = Annotated[
    str | None,
    typer.Option(
        "--model",
        "-m",
        help="A model's name (see `genrescope models list`) or its folder; by default the best one "
        "whose pretrained networks are installed.",
    ),
]
ModelOfResults = Annotated[
    str | None, typer.Option("--model", "-m", help="Whose results; by default the last used.")
]
AnalysedExcerpt = Annotated[
    str | None,
    typer.Option(
        "--excerpt",
        help="What is analysed of a file: middle:SECONDS, whole, or windows:COUNTxSECONDS, taken "
        "as one clip; by default what the model was made for.",
    ),
]
Styles = Annotated[bool, typer.Option("--styles", help="Name styles within the genre, too.")]
Moods = Annotated[bool, typer.Option("--moods", help="Name moods, too.")]
Voice = Annotated[bool, typer.Option("--voice", help="Name voices, or that there is none, too.")]
Instruments = Annotated[bool, typer.Option("--instruments", help="Name leading instruments, too.")]
Everything = Annotated[
    bool, typer.Option("--everything", help="Styles, moods, voice and instruments.")
]
OfStyle = Annotated[list[str] | None, typer.Option("--style", help="Only songs of this style.")]
OfMood = Annotated[list[str] | None, typer.Option("--mood", help="Only songs of this mood.")]
TagsToo = Annotated[
    bool,
    typer.Option(
        "--tags", help="Put the probability of each tag of the pretrained networks into tables."
    ),
]
PlaylistsBy = Annotated[
    str, typer.Option("--by", help="What playlists are of: genre, style, mood, voice, instrument.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Write JSON.")]
BreakLinks = Annotated[
    bool,
    typer.Option("--break-links", help="Write also to files that have several names (hard links)."),
]
IndexFile = Annotated[
    Path | None,
    typer.Option("--index", help="The index's file; by default one in your data folder."),
]


def names_of(text: str | None) -> list[str] | None:
    """The names in a list separated by commas, each once; None where nothing is given."""
    if text is None:
        return None
    return list(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))


def label_kinds(*wanted: bool, everything: bool = False) -> tuple[str, ...]:
    """The kinds of labels that are wanted, of those in their order; all with `everything`."""
    from genrescope.inference.labels.label import KINDS

    pairs = zip(KINDS, wanted, strict=True)
    return tuple(kind for kind, is_wanted in pairs if is_wanted or everything)


def wanted_labels(by: str, **names: list[str] | None) -> frozenset[tuple[str, str]]:
    """Kind and name of the labels that are wanted, by kind, in any spelling.

    Raises:
        UsageError: there is no such label, or playlists cannot be `by` that.
    """
    from genrescope.errors import UsageError
    from genrescope.inference.labels.label import KINDS, find_label

    if by not in ("genre", *KINDS):
        raise UsageError(f"no playlists by '{by}'", remedy=f"genre, {', '.join(KINDS)}")
    pairs = ((kind, name) for kind, wanted in names.items() for name in wanted or ())
    return frozenset(find_label(kind, name)[:2] for kind, name in pairs)


def command_line() -> str:
    """The running command as it was typed, for records."""
    return shlex.join(["genrescope", *sys.argv[1:]])
