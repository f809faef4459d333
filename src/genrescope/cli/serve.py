"""`genrescope serve`: the page, on this machine."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from genrescope.cli.options import Model
from genrescope.cli.output import write_line


def serve(
    libraries: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[LIBRARIES]...",
            help="Folders of music that the page may browse, scan and tag; nothing else on the "
            "disk can be reached from it.",
            show_default=False,
        ),
    ] = None,
    results: Annotated[
        Path | None,
        typer.Option(help="A folder of benchmark results to be shown, such as benchmark-gtzan."),
    ] = None,
    model: Model = None,
    host: Annotated[
        str,
        typer.Option(
            help="Address or name to listen at. Any but this machine's own needs a token "
            "from every visitor, which is printed once."
        ),
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Port to listen at; 0 takes a free one.")
    ] = 8765,
    token: Annotated[
        str | None,
        typer.Option(
            envvar="GENRESCOPE_TOKEN",
            help="What visitors must bring, 16 or more letters, digits, - or _; by default none at "
            "this machine's own address, and a new one each time elsewhere. Better given in the "
            "environment, where no list of processes shows it.",
            show_default=False,
        ),
    ] = None,
    jobs: Annotated[
        int | None,
        typer.Option("--jobs", "-j", min=1, help="Worker processes; by default one a core."),
    ] = None,
    browser: Annotated[bool, typer.Option(help="Open the page in a browser.")] = True,
) -> None:
    """Serve a page where songs can be dropped, a library browsed, and results be looked at.

    It serves this machine only, unless another --host is named. What is dropped on the page is
    kept in a temporary folder until the server ends (Ctrl-C). docs/api.md describes its HTTP API.
    """
    from importlib.util import find_spec

    from genrescope.errors import MissingExtraError

    if not all(map(find_spec, ("fastapi", "uvicorn", "python_multipart", "matplotlib"))):
        raise MissingExtraError.of("web", "the page")
    from genrescope.web.run import run
    from genrescope.web.settings import Settings

    settings = Settings(
        libraries=tuple(libraries or ()),
        results=results,
        model=model,
        host=host,
        port=port,
        token=token,
        jobs=jobs,
    )
    run(settings, report=write_line, browser=browser)
