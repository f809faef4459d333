"""What the columns of a feature file are: values, the track id, a genre."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from genrescope.data.formats.fields import split_fields, unquote
from genrescope.errors import DataError

Kind = Literal["number", "text", "nominal"]

_KINDS: dict[str, Kind] = {
    "numeric": "number",
    "real": "number",
    "integer": "number",
    "string": "text",
}
# A name may hold blanks without being quoted, so the type is what a line ends with. One pattern
# serves `@attribute NAME TYPE` and the `NAME,TYPE` lines of the CSV mirrors.
_ATTRIBUTE = re.compile(
    r"""\s*(?P<name>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|.+?)
        (?:\s*,\s*|\s+)"?(?P<type>\{.*\}|numeric|real|integer|string)"?
        \s*,?\s*(?:%.*)?$""",
    re.IGNORECASE | re.VERBOSE,
)


@dataclass(frozen=True)
class Column:
    """One column: its name, what it holds, and the values a nominal one may take."""

    name: str
    kind: Kind
    categories: tuple[str, ...] = ()


@dataclass(frozen=True)
class Layout:
    """Where the values, the id and the genre stand in a row.

    Attributes:
        columns: all columns, in file order.
        id: position of the text column; None where rows have no id.
        label: position of the nominal column; None where rows have no genre.
    """

    columns: tuple[Column, ...]
    id: int | None
    label: int | None

    @classmethod
    def of(cls, columns: Sequence[Column], place: str) -> Layout:
        """The layout of `columns`: numbers are values, a text is the id, a nominal the genre.

        Raises:
            DataError: there is no value, or more than one text or nominal column.
        """
        positions = {
            kind: [i for i, column in enumerate(columns) if column.kind == kind]
            for kind in ("number", "text", "nominal")
        }
        for kind in ("text", "nominal"):
            if len(positions[kind]) > 1:
                names = ", ".join(f"'{columns[i].name}'" for i in positions[kind])
                raise DataError(
                    f"{len(positions[kind])} {kind} columns ({names}), one at most is understood",
                    place=place,
                    remedy="keep one text column (the id) and one nominal column (the genre)",
                )
        if not positions["number"]:
            raise DataError("no numeric column", place=place, remedy="is this a feature file?")
        return cls(
            tuple(columns),
            next(iter(positions["text"]), None),
            next(iter(positions["nominal"]), None),
        )

    @cached_property
    def values(self) -> tuple[int, ...]:
        """Positions of the numeric columns."""
        return tuple(i for i, column in enumerate(self.columns) if column.kind == "number")

    @property
    def dims(self) -> int:
        """Values in one vector."""
        return len(self.values)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the numeric columns."""
        return tuple(self.columns[i].name for i in self.values)


def parse_attribute(text: str, place: str) -> Column:
    """The column that `NAME TYPE` or `NAME,TYPE` declares.

    Args:
        text: the declaration, without `@attribute`.
        place: `file:line`, for the error.

    Raises:
        DataError: the type is not numeric, real, integer, string or a list in braces.
    """
    try:
        return _parse(text)
    except ValueError:
        raise DataError(
            f"cannot understand the attribute '{text.strip()[:80]}'",
            place=place,
            remedy="a name and one of numeric, real, integer, string, {a,b,...} is expected",
        ) from None


def _parse(text: str) -> Column:
    match = _ATTRIBUTE.match(text)
    if match is None:
        raise ValueError(text)
    name, kind = unquote(match["name"].strip()), match["type"]
    if kind.startswith("{"):
        categories = tuple(unquote(item) for item in split_fields(kind[1:-1]) if item)
        return Column(name, "nominal", categories)
    return Column(name, _KINDS[kind.lower()])
