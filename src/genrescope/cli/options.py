"""Options that several commands share."""

from __future__ import annotations

from typing import Annotated

import typer

Jobs = Annotated[
    int | None, typer.Option("--jobs", "-j", help="Worker processes; by default one a core.")
]
Engine = Annotated[
    str, typer.Option(help="processes, or dask://HOST:PORT, the scheduler of a Dask cluster.")
]
Timeout = Annotated[float | None, typer.Option(help="Give a file up after so many seconds.")]
