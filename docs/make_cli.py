"""Write the reference of the command line from the commands: `make_cli.py docs/cli.md`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from typer.main import get_command

from genrescope.cli.app import app

_HEAD = """\
# Command line

Every command and option, written by `make docs` from the commands themselves. `genrescope COMMAND
--help` shows the same; after `genrescope --install-completion` your shell completes them.

Exit status of every command: 0 done, 2 wrong use, 3 bad data, 130 interrupted.
"""
# Typer adds these two by itself, in words that change with its version.
_COMPLETION = ("install_completion", "show_completion")


def reference() -> str:
    """The whole page, in Markdown."""
    return "\n".join([_HEAD, *_command(get_command(app), "genrescope", level=2)])


def _command(command: Any, name: str, level: int) -> Iterator[str]:
    """The lines on a command and on those below it, depth first."""
    parameters = [item for item in command.params if item.name not in _COMPLETION]
    below = getattr(command, "commands", {})
    yield f"{'#' * level} {name}\n"
    yield f"{command.help}\n"
    yield f"    {_usage(name, parameters, bool(below))}\n"
    if parameters:
        yield "| | | default |\n|---|---|---|"
        yield from (_row(item) for item in parameters)
        yield ""
    for word in sorted(below):
        yield from _command(below[word], f"{name} {word}", level + 1)


def _usage(name: str, parameters: list[Any], has_commands: bool) -> str:
    options = [item for item in parameters if _is_option(item)]
    arguments = [item for item in parameters if not _is_option(item)]
    words = [name, *(f"{item.opts[0]} {_value(item)}" for item in options if item.required)]
    if not all(item.required for item in options):
        words.append("[OPTIONS]")
    words += [_value(item) if item.required else f"[{_value(item)}]" for item in arguments]
    return " ".join([*words, *(["COMMAND"] if has_commands else [])])


def _is_option(parameter: Any) -> bool:
    return bool(parameter.param_type_name == "option")


def _value(parameter: Any) -> str:
    """The word that stands for a parameter's value."""
    word = str(parameter.metavar or parameter.name.strip("_").upper())
    return f"{word}..." if parameter.nargs < 0 and not word.endswith("...") else word


def _row(parameter: Any) -> str:
    default = "required" if parameter.required else _default(parameter)
    return f"| {_names(parameter)} | {parameter.help.replace('|', chr(92) + '|')} | {default} |"


def _names(parameter: Any) -> str:
    if not _is_option(parameter):
        return f"`{_value(parameter)}`"
    names = [*parameter.opts, *parameter.secondary_opts]
    if not parameter.is_flag:
        names[0] += f" {_value(parameter)}"
    return ", ".join(f"`{name}`" for name in names)


def _default(parameter: Any) -> str:
    """What the parameter is where nobody gives it, as it would be typed."""
    if parameter.default is None:
        return ""
    if not getattr(parameter, "is_flag", False):
        return f"`{parameter.default}`"
    given = parameter.opts if parameter.default else parameter.secondary_opts
    return f"`{given[0]}`" if given else ""


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(reference(), encoding="utf-8")
