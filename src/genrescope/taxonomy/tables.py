"""The tables of this folder, read once."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path


@cache
def read_table(name: str) -> tuple[tuple[str, ...], ...]:
    """The rows of `NAME.csv` beside this file, without its header."""
    with Path(__file__).with_name(f"{name}.csv").open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        next(rows)
        return tuple(map(tuple, rows))
