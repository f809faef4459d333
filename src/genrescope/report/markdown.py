"""Tables that read well on a page and as plain text."""

from __future__ import annotations

import textwrap
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """Cells of a table, all of them bold or none."""

    cells: tuple[str, ...]
    bold: bool = False


def code(text: str) -> str:
    """`text` as code, whatever it contains on its one line."""
    return f"`` {text} ``" if "`" in text else f"`{text}`"


def wrapped(text: str, mark: str = "") -> str:
    """`text` in lines of at most 100 characters; `mark` (`- `) makes it an item of a list."""
    return textwrap.fill(
        text,
        100,
        initial_indent=mark,
        subsequent_indent=" " * len(mark),
        break_long_words=False,
        break_on_hyphens=False,
    )


def table(
    head: Sequence[str], rows: Sequence[Row], *, numbers: Collection[int] = ()
) -> Iterator[str]:
    """Lines of a table whose columns line up.

    Args:
        head: the columns' headings.
        rows: as many cells each.
        numbers: columns that are set flush right.
    """
    # The marks of bold take the place of the blanks, so that a bold row widens no column by four.
    body = [[_cell(cell, bold=row.bold) for cell in row.cells] for row in rows]
    lines = [[_cell(name, bold=False) for name in head], *body]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    rule = ["-" * (n - 1) + ":" if i in numbers else "-" * n for i, n in enumerate(widths)]
    for line in (lines[0], rule, *body):
        cells = (
            cell.rjust(n) if i in numbers else cell.ljust(n)
            for i, (cell, n) in enumerate(zip(line, widths, strict=True))
        )
        yield f"|{'|'.join(cells)}|"


def _cell(text: str, *, bold: bool) -> str:
    text = text.replace("|", "\\|")
    return f"**{text}**" if bold and text else f" {text} "
