"""Splitting and unquoting the fields of one line of an ARFF or CSV file."""

from __future__ import annotations

import re

_QUOTES = ("'", '"')
_ESCAPED = {"n": "\n", "r": "\r", "t": "\t"}
_FIELD = re.compile(
    r"""\s*(?P<field>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[^,]*?)\s*(?P<end>,|$)""", re.DOTALL
)


def split_fields(line: str) -> list[str]:
    """The comma separated fields of `line`, stripped, still in their quotes.

    Trailing commas give empty fields at the end.
    """
    if "'" not in line and '"' not in line:
        return [field.strip() for field in line.split(",")]
    fields, position = [], 0
    while match := _FIELD.match(line, position):
        fields.append(match["field"])
        position = match.end()
        if not match["end"]:
            break
    return fields


def unquote(field: str) -> str:
    r"""The text of `field` without its quotes and their escapes (`\'`, `\\`, `\n`, `\r`, `\t`).

    Bare text is returned as it is.

    Raises:
        ValueError: a quote is opened and not closed.
    """
    if not field.startswith(_QUOTES):
        return field
    if len(field) < 2 or field[-1] != field[0]:
        raise ValueError(f"{field} has no closing quote")
    return re.sub(r"\\(.)", lambda match: _ESCAPED.get(match[1], match[1]), field[1:-1])
