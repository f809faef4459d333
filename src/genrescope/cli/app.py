"""The command line: a thin twin of the library, one command a file."""

from __future__ import annotations

import sys
from typing import Any

import typer
from typer.core import TyperGroup

from genrescope.cli.collection.duplicates import duplicates
from genrescope.cli.collection.library import library_app
from genrescope.cli.collection.outliers import outliers
from genrescope.cli.collection.tag import tag
from genrescope.cli.collection.undo import undo
from genrescope.cli.corpora.data import data_app
from genrescope.cli.experiments.benchmark import benchmark_app
from genrescope.cli.options import SOME_FAILED
from genrescope.cli.output import flushed, os_error_line, prepare_streams, write_error, write_line
from genrescope.cli.serve import serve
from genrescope.cli.songs.classify import classify
from genrescope.cli.songs.doctor import doctor
from genrescope.cli.songs.evaluate import evaluate
from genrescope.cli.songs.explain import explain
from genrescope.cli.songs.extract import extract
from genrescope.cli.songs.genres import genres
from genrescope.cli.songs.learn import learn
from genrescope.cli.songs.models import models_app
from genrescope.cli.songs.show import show
from genrescope.cli.songs.similar import similar
from genrescope.engine.worker import allow_copies
from genrescope.errors import GenrescopeError

_INTERRUPTED = 130


class _Commands(TyperGroup):
    """The commands; Ctrl-C ends each of them the same way."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            write_line("interrupted; the same command goes on where it stopped", err=True)
            ctx.exit(_INTERRUPTED)


app = typer.Typer(
    name="genrescope",
    cls=_Commands,
    help="Music genre classification: descriptors, honest benchmarks, calibrated genres.",
    invoke_without_command=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)


def _version(asked: bool) -> None:
    if asked:
        from genrescope.version import __version__

        write_line(f"genrescope {__version__}")
        raise typer.Exit


_FIRST_STEPS = """\
genrescope classify ~/Music        genres of songs; nothing is written
genrescope library scan ~/Music --classify   then: tag, undo, library export
genrescope serve ~/Music           the same on a page in your browser
genrescope models add              pretrained networks: much surer, once fetched
genrescope doctor                  what is here, what is missing (--help: all commands)"""


@app.callback()
def _options(
    context: typer.Context,
    _: bool = typer.Option(
        False, "--version", callback=_version, is_eager=True, help="Print the version and leave."
    ),
) -> None:
    """Music genre classification: descriptors, honest benchmarks, calibrated genres."""
    if context.invoked_subcommand is None:
        write_line(_FIRST_STEPS)


app.add_typer(benchmark_app)
app.add_typer(data_app)
library_app.command("duplicates")(duplicates)
library_app.command("outliers")(outliers)
app.add_typer(library_app)
app.add_typer(models_app)
app.command()(classify)
app.command()(doctor)
app.command()(evaluate)
app.command()(explain)
app.command()(extract)
app.command()(genres)
app.command()(learn)
app.command()(serve)
app.command()(show)
app.command()(similar)
app.command()(tag)
app.command()(undo)


def main() -> None:
    """Run the command line; exit 0 done, 2 wrong use, 3 bad data, 130 interrupted."""
    prepare_streams()
    allow_copies()
    sys.exit(flushed(_status()))


def _status() -> int:
    """The exit status of the command; what a user or the system causes is told in one line."""
    try:
        app()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except GenrescopeError as error:
        write_error(error)
        return error.exit_code
    except OSError as error:
        if flushed(0) == 0:  # it is not that standard output cannot be written
            write_error(os_error_line(error))
        return SOME_FAILED
    return 0
