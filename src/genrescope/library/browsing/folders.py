"""The folders of a library, as its index has them."""

from __future__ import annotations

from genrescope.library.index.database import Index


def folders_in(index: Index, folder: str) -> tuple[int, list[tuple[str, int]]]:
    """How many files are right in a folder; and the folders there, each with all its files."""
    start = f"{folder}/" if folder else ""
    query = """
        SELECT CASE WHEN instr(rest, '/') THEN substr(rest, 1, instr(rest, '/') - 1) END
            AS name, count(*) FROM (
                SELECT substr(path, ?) AS rest FROM shown WHERE substr(path, 1, ?) = ?
            ) GROUP BY name ORDER BY name COLLATE NOCASE
    """
    found = list(index.rows(query, len(start) + 1, len(start), start))
    here = sum(count for name, count in found if name is None)
    return here, [(name, count) for name, count in found if name is not None]
