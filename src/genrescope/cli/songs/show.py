"""`genrescope show`: a picture of a song's descriptors."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from genrescope.cli.output import write_line

_PICTURES = (".png", ".svg", ".pdf")


def show(
    song: Annotated[Path, typer.Argument(help="An audio file.")],
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", help="PNG, SVG or PDF file; by default the song's name with .png."
        ),
    ] = None,
    excerpt: Annotated[
        str, typer.Option(help="What is read of the file: middle:SECONDS or whole.")
    ] = "middle:30",
    open_: Annotated[
        bool, typer.Option("--open", help="Open the picture in the program for its kind.")
    ] = False,
) -> None:
    """Draw a song: waveform, sonogram, Rhythm Pattern, Rhythm Histogram, spectrum statistics."""
    from genrescope.cli.songs.extract import parse_excerpt
    from genrescope.engine.alone import run_alone
    from genrescope.report.song import draw_song

    picture = output or Path(f"{song.stem}.png")
    check_picture(picture)
    run_alone(partial(draw_song, song, picture, excerpt=parse_excerpt(excerpt)), place=song)
    write_line(f"{picture}")
    if open_:
        typer.launch(str(picture))


def check_picture(picture: Path) -> None:
    """Raises: UsageError where a picture of that name, or any, cannot be drawn."""
    from importlib.util import find_spec

    from genrescope.errors import MissingExtraError, UsageError

    if picture.suffix.lower() not in _PICTURES:
        raise UsageError(
            "no picture of this kind", place=picture, remedy=f"choose from {', '.join(_PICTURES)}"
        )
    if find_spec("matplotlib") is None:
        raise MissingExtraError.of("figures", "drawing a picture")
