"""A run's request and its outcome: `extraction.json`, and whether two runs are one."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from genrescope.errors import DataError, UsageError

SUMMARY = "extraction.json"


@dataclass(frozen=True)
class Run:
    """What makes the log of one run useless to another.

    Attributes:
        provenance: how the vectors come about; the same as in the stores.
        sets: the feature sets.
        shard: "number/count", or None for everything.
    """

    provenance: dict[str, Any]
    sets: list[str]
    shard: str | None


@dataclass(frozen=True)
class Summary(Run):
    """What a finished run did.

    Attributes:
        format: of the tables.
        listing: SHA-256 of the songs' names.
        songs: how many there were.
        failed: how many of them gave nothing; they are in `failures.csv`.
        rows: vectors by set.
    """

    format: str
    listing: str
    songs: int
    failed: int
    rows: dict[str, int]


def read_summary(folder: Path) -> Summary | None:
    """What the finished run in `folder` did; None where none is finished.

    Raises:
        DataError: the file is not what a run writes.
    """
    path = folder / SUMMARY
    if not path.exists():
        return None
    try:
        return Summary(**json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, TypeError) as error:
        raise DataError(
            f"not the summary of an extraction ({error})",
            place=path,
            remedy="extract into a new folder",
        ) from None


def check_same(wanted: Mapping[str, Any], found: Mapping[str, Any], place: Path) -> None:
    """Refuse to go on with a run of another request.

    Raises:
        UsageError: `found`, which is at `place`, differs from `wanted`.
    """
    same_kind = {name: value for name, value in found.items() if name in wanted}  # counts left out
    there, here = dict(_leaves(same_kind)), dict(_leaves(wanted))
    differences = [
        f"{name} is {there.get(name)} there and {value} here"
        for name, value in here.items()
        if there.get(name) != value and name != "listing"
    ]
    if here.get("listing") != there.get("listing") and "listing" in here:
        differences.append("its songs are others")
    if differences:
        raise UsageError(
            f"the folder holds another extraction: {'; '.join(differences)}",
            place=place,
            remedy="give the same options, or another folder",
        )


def _leaves(tree: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in tree.items():
        if isinstance(value, Mapping):
            yield from _leaves(value)
        else:
            yield name, value
