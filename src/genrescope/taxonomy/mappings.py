"""Where one vocabulary's genre lies wholly inside a genre of another.

What has no such home (classical in Top-MAGD, a blend such as Folk_International) is left out of
`mappings.csv` rather than left to chance.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from genrescope.taxonomy.tables import read_table


@cache
def mapping(source: str, target: str) -> Mapping[str, str] | None:
    """Genre of `source` to genre of `target`, both names of vocabularies; None: not known."""
    found = {row[2]: row[3] for row in read_table("mappings") if row[:2] == (source, target)}
    return found or None
