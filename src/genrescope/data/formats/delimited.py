"""Reading the rows of a feature file at the speed of polars, block by block."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from genrescope.data.formats.columns import Layout
from genrescope.data.formats.fields import unquote
from genrescope.data.formats.rows import Missing, Rows, read_rows
from genrescope.data.formats.streams import Lines, Part, count_line_ends, line_blocks
from genrescope.errors import DataError, MissingExtraError

if TYPE_CHECKING:
    import polars as pl

BLOCK_BYTES = 12 << 20
# Two blocks are parsed while the one before is consumed and the next is read: polars leaves a
# core idle while its columns are turned into rows.
_WORKERS = 2
_NOT_ROWS = re.compile(rb"^(?:%[^\n]*)?(?:\n|\Z)", re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """Rows, and where the reading stands after them.

    Attributes:
        rows: the rows.
        end: where the next block starts.
        position: bytes of the file on disk read so far.
    """

    rows: Rows
    end: Part
    position: int


def read_blocks(
    part: Part, layout: Layout, *, missing: Missing = "error", size: int = BLOCK_BYTES
) -> Iterator[Block]:
    """The rows of `part`, in blocks of about `size` bytes of text.

    Raises:
        DataError: the file is not as `layout` has it; names file and line.
        MissingExtraError: polars is not installed.
    """
    parse = partial(_parse, layout=layout, missing=missing)
    with ThreadPoolExecutor(_WORKERS) as pool:
        yield from _ahead(pool, parse, line_blocks(part, size))


def _ahead(
    pool: ThreadPoolExecutor, parse: partial[Block], blocks: Iterable[Lines]
) -> Iterator[Block]:
    """`parse` of each block, in order, a few blocks ahead of what is consumed."""
    pending: deque[Future[Block]] = deque()
    for lines in blocks:
        pending.append(pool.submit(parse, lines))
        if len(pending) > _WORKERS:
            yield pending.popleft().result()
    while pending:
        yield pending.popleft().result()


def _parse(lines: Lines, layout: Layout, missing: Missing) -> Block:
    rows = _fast(lines.text, layout, missing)
    if rows is None:
        rows = read_rows(lines.text, lines.line, lines.end.path, layout, missing)
    if rows.ids and layout.id == len(layout.columns) - 1 and not lines.text.endswith(b"\n"):
        _refuse_short_id(rows.ids, lines)
    return Block(rows, lines.end, lines.position)


def _refuse_short_id(ids: list[str], lines: Lines) -> None:
    """A file that breaks off inside its last field shows in an id shorter than all others."""
    widths = {len(name) for name in ids[:-1]}
    if len(ids) > 2 and len(widths) == 1 and len(ids[-1]) < min(widths):
        raise DataError(
            f"the file ends within a line, and its last id '{ids[-1]}' is shorter than all others",
            place=f"{lines.end.path}:{lines.end.line}",
            remedy="fetch the file again; if the id is right, end the line",
        )


def _fast(text: bytes, layout: Layout, missing: Missing) -> Rows | None:
    """The rows by polars, or None where anything is unusual and `read_rows` must decide."""
    if b"\r" in text:
        text = text.replace(b"\r\n", b"\n")
    frame = _frame(text, layout)
    if frame is None and len(rows := _NOT_ROWS.sub(b"", text)) < len(text):
        frame = _frame(rows, layout)
    if frame is None:
        return None
    # Taking the text columns out leaves the values; selecting 1,440 columns by name is slow.
    ids = None if layout.id is None else _texts(frame.drop_in_place(str(layout.id)))
    labels = None if layout.label is None else _texts(frame.drop_in_place(str(layout.label)))
    if (ids is None, labels is None) != (layout.id is None, layout.label is None):
        return None
    vectors = np.ascontiguousarray(frame.to_numpy())  # faster than to_numpy(order="c")
    if missing == "error" and not np.isfinite(vectors).all():
        return None
    if labels and not set(labels) <= set(layout.columns[layout.label or 0].categories):
        return None
    return Rows(vectors, ids, labels)


def _frame(text: bytes, layout: Layout) -> pl.DataFrame | None:
    """The fields of `text`, numbers as float32; None where a line is not a complete row."""
    try:
        import polars as pl
    except ImportError:
        raise MissingExtraError.of("train", "reading feature files") from None
    schema: dict[str, type[pl.DataType]] = {
        str(i): pl.Float32 if column.kind == "number" else pl.String
        for i, column in enumerate(layout.columns)
    }
    first = text[: text.find(b"\n")]
    if trailing := first.endswith(b","):
        schema["trailing"] = pl.String
    try:
        frame = pl.read_csv(text, has_header=False, schema=schema, quote_char=None)
    except pl.exceptions.PolarsError:
        return None
    if trailing and frame.drop_in_place("trailing").null_count() < frame.height:
        return None
    lines = count_line_ends(text) + (not text.endswith(b"\n"))
    whole = frame.height == lines and not any(column.null_count() for column in frame)
    return frame if whole else None


def _texts(column: pl.Series) -> list[str] | None:
    """The unquoted texts of `column`; None where one is missing or wrongly quoted."""
    bare = texts = column.str.strip_chars()
    for quote in ("'", '"'):
        if texts.str.starts_with(quote).all() and texts.str.ends_with(quote).all():
            bare = texts.str.slice(1).str.head(-1)
    if (bare == "").any() or (bare == "?").any():
        return None
    if not bare.str.contains_any(["'", '"', "\\"]).any():
        return bare.to_list()
    try:
        mixed = [unquote(text) for text in texts.to_list()]
    except ValueError:
        return None
    return mixed if all(mixed) else None
