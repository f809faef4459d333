"""What several commands share: options, the exit code of half-done work, the command as typed."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer

SOME_FAILED = 3
"""Exit code where some files failed, or were refused, and the others are done."""

Song = Annotated[Path, typer.Argument(help="An audio file.", show_default=False)]
Jobs = Annotated[
    int | None, typer.Option("--jobs", "-j", help="Worker processes; by default one a core.")
]
Engine = Annotated[
    str, typer.Option(help="processes, or dask://HOST:PORT, the scheduler of a Dask cluster.")
]
Timeout = Annotated[float | None, typer.Option(help="Give a file up after so many seconds.")]
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
BreakLinks = Annotated[
    bool,
    typer.Option("--break-links", help="Write also to files that have several names (hard links)."),
]
IndexFile = Annotated[
    Path | None,
    typer.Option("--index", help="The index's file; by default one in your data folder."),
]


def command_line() -> str:
    """The running command as it was typed, for records."""
    return shlex.join(["genrescope", *sys.argv[1:]])
