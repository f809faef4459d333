"""Rows of songs as CSV: the JSON values of a row, in columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

_RANKED = ("genre", "probability")


def csv_columns(
    top: int,
    first: Sequence[str] = ("path",),
    others: Sequence[str] = ("seconds", "duration", "took"),
) -> list[str]:
    """Names of the columns, where the `top` likeliest genres are told."""
    ranked = [f"{word}_{rank + 1}" for rank in range(top) for word in _RANKED]
    told = ["genre", "confidence", "music", *ranked]
    return [*first, *told, *others, "notes", "failure", "remedy"]


def csv_row(content: Mapping[str, Any]) -> dict[str, Any]:
    """A row's JSON values (`as_json`) by column; some of them have none."""
    ranked = {
        f"{word}_{rank}": value
        for rank, item in enumerate(content.get("top", ()), 1)
        for word, value in item.items()
    }
    return {**content, **ranked, "notes": "; ".join(content.get("notes", ()))}
