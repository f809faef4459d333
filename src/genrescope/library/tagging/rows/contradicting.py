"""What songs of a plan contradict, noted in the reasons of their rows."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from genrescope.library.outliers import NamedSong, contradictions
from genrescope.library.tagging.plan import PlanRow


def contradicted(named_songs: Sequence[NamedSong], genres: tuple[str, ...]) -> dict[str, str]:
    """What songs contradict, in words, by path; see `genrescope.library.outliers`."""
    found = zip(named_songs, contradictions(named_songs, genres), strict=True)
    return {song.path: "; ".join(map(str, items)) for song, items in found if items}


def marked(rows: Collection[PlanRow], field: str, found: dict[str, str]) -> list[PlanRow]:
    """The rows, those of the field for genres with what their songs contradict in the reason."""
    return [
        replace(row, why=f"{row.why}; contradicts {found[row.path]}")
        if row.path in found and row.field == field
        else row
        for row in rows
    ]
