"""The command line: a thin twin of the library, one command a file."""

from __future__ import annotations

import atexit
import contextlib
import gc
import os
import sys
import threading
from typing import Any, NoReturn

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
_GARBAGE = 20_000  # objects after which Python looks for cycles: while it imports there are none


class _Commands(TyperGroup):
    """The commands; Ctrl-C ends each of them the same way."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            write_line("interrupted; the same command goes on where it stopped", err=True)
            ctx.exit(_INTERRUPTED)


def _version(wanted: bool) -> None:
    if wanted:
        from genrescope.version import __version__

        write_line(f"genrescope {__version__}")
        raise typer.Exit


_FIRST_STEPS = """\
genrescope classify ~/Music        genres of songs; nothing is written
genrescope library scan ~/Music --classify   then: tag, undo, library export
genrescope serve ~/Music           the same on a page in your browser
genrescope models add              pretrained networks: much surer, once fetched
genrescope doctor                  what is here, what is missing (--help: all commands)"""


def _options(
    context: typer.Context,
    _: bool = typer.Option(
        False, "--version", callback=_version, is_eager=True, help="Print the version and leave."
    ),
) -> None:
    """Music genre classification: descriptors, honest benchmarks, calibrated genres."""
    if context.invoked_subcommand is None:
        write_line(_FIRST_STEPS)


library_app.command("duplicates")(duplicates)
library_app.command("outliers")(outliers)

_GROUPS = (benchmark_app, data_app, library_app, models_app)
_COMMANDS = (
    *(classify, doctor, evaluate, explain, extract, genres, learn, serve),
    *(show, similar, tag, undo),
)


def make_app(called: str | None = None) -> typer.Typer:
    """All commands, or the one that is called, since preparing all takes as long as a song.

    Args:
        called: name of a command or group; of all of them where it is none's.
    """
    groups = [group for group in _GROUPS if group.info.name == called]
    commands = [command for command in _COMMANDS if command.__name__ == called]
    if not groups and not commands:
        groups, commands = list(_GROUPS), list(_COMMANDS)
    made = typer.Typer(
        name="genrescope",
        cls=_Commands,
        help="Music genre classification: descriptors, honest benchmarks, calibrated genres.",
        invoke_without_command=True,
        pretty_exceptions_enable=False,
        rich_markup_mode="rich",
    )
    made.callback()(_options)
    for group in groups:
        made.add_typer(group)
    for command in commands:
        made.command()(command)
    return made


app = make_app()


def program() -> NoReturn:
    """Run the command line as this process, and end it.

    To take apart all that is loaded would take as long as to classify a song, so it is left to the
    system. What is registered for the end is done; where threads are left, Python waits for them.
    """
    gc.set_threshold(_GARBAGE)
    # Matrices are small: threads of NumPy, which loads later, would wait for each other, busily.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    try:
        main()
    except SystemExit as end:
        if threading.active_count() > 1:
            raise
        atexit._run_exitfuncs()
        with contextlib.suppress(OSError):
            sys.stderr.flush()
        os._exit(flushed(int(end.code or 0)))


def main() -> NoReturn:
    """Run the command line; exit 0 done, 2 wrong use, 3 bad data, 130 interrupted."""
    prepare_streams()
    allow_copies()
    sys.exit(flushed(_status()))


def _status() -> int:
    """The exit status of the command; errors of a user or the system are one line."""
    try:
        make_app(sys.argv[1] if len(sys.argv) > 1 else None)()
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
