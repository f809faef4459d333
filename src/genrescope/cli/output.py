"""The one place where commands get what they write to: consoles, bars, standard streams.

Nothing that comes from a file or a user is read as markup: consoles made here interpret none, and a
test finds any that is made elsewhere. Styles are given as `rich.text.Text`.
"""

from __future__ import annotations

import contextlib
import errno
import os
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress, TextColumn
    from rich.status import Status

_STREAMS = ("stdin", "stdout", "stderr")
_UNWRITABLE = 3
_NO_READER = (errno.EPIPE, errno.EINVAL) if os.name == "nt" else (errno.EPIPE,)


def console(*, stderr: bool = False, width: int | None = None) -> Console:
    """A console that shows text as it is.

    Args:
        stderr: write to standard error.
        width: columns; by default as many as the terminal has, or 80.
    """
    from rich.console import Console

    return Console(stderr=stderr, width=width, markup=False, highlight=False, emoji=False)


def column(form: str, style: str = "none") -> TextColumn:
    """A column of a progress bar, as `{task.description}`."""
    from rich.progress import TextColumn

    return TextColumn(form, style=style, markup=False)


def bar(*columns: Any, console: Console, transient: bool) -> Progress:
    """A progress bar on a terminal, nothing elsewhere; what is printed meanwhile is not touched."""
    from rich.progress import Progress

    return Progress(
        *columns,
        console=console,
        disable=not console.is_terminal,
        transient=transient,
        redirect_stdout=False,
        redirect_stderr=False,
    )


def status(text: str) -> Status:
    """A line on standard error on what is being done, while it is."""
    from rich.text import Text

    return console(stderr=True).status(Text(text))


def prepare_streams() -> None:
    """Make all three standard streams such that writing to them ends no run.

    A stream that is closed leads to nowhere, as otherwise the next file that is opened would take
    its place. What an encoding lacks is replaced.
    """
    for number, name in enumerate(_STREAMS):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest free number, which is this
        if getattr(sys, name) is None:
            mode = "r" if name == "stdin" else "w"
            setattr(sys, name, open(number, mode, encoding="utf-8", closefd=False))  # noqa: SIM115
    for stream, errors in ((sys.stdout, "replace"), (sys.stderr, "backslashreplace")):
        if (reconfigure := getattr(stream, "reconfigure", None)) is not None:
            reconfigure(errors=errors)


def write_line(text: object = "", *, err: bool = False) -> None:
    """A line on standard output, or standard error, at once; in whatever encoding that has."""
    print(text, file=sys.stderr if err else sys.stdout, flush=True)


def write_error(text: object) -> None:
    """One line on standard error, where that can be written."""
    with contextlib.suppress(OSError):
        write_line(f"genrescope: {text}", err=True)


def os_error_line(error: OSError) -> str:
    """What went wrong with which file, in one line."""
    place = f"{os.fsdecode(error.filename)}: " if isinstance(error.filename, str | bytes) else ""
    return f"{place}{error.strerror or error}"


def flushed(status: int) -> int:
    """The exit status, once all of standard output is written, or could not be."""
    try:
        sys.stdout.flush()
    except OSError as error:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)  # what is left is not tried again when the process ends
        if error.errno in _NO_READER:  # nobody reads on, as with `head`
            return 1
        write_error(f"standard output: {error.strerror}")
        return _UNWRITABLE
    return status
