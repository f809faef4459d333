"""What an index knows, in numbers."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass, field

from genrescope.library.index.database import Index
from genrescope.library.tagging.plan import path_to_text, split_values

_PROBLEMS = """
    SELECT path, problem FROM unreadable
    UNION ALL SELECT path, problem FROM files WHERE problem != ''
    UNION ALL SELECT path, 'tags: ' || tags_problem FROM files WHERE tags_problem != ''
    UNION ALL SELECT min(path), results.problem FROM results JOIN files USING (audio)
        WHERE results.problem IS NOT NULL GROUP BY audio, model
"""
_MODELS = """
    SELECT name, count(audio) - count(problem), count(problem)
    FROM models LEFT JOIN results ON model = id GROUP BY id ORDER BY used DESC
"""


@dataclass(frozen=True)
class ModelStatus:
    """How many sounds a model has classified, and how many it could not."""

    name: str
    classified: int
    failed: int


@dataclass(frozen=True)
class Status:
    """What an index knows.

    Attributes:
        files: how many there are.
        tagged: how many of them have a genre in their tags.
        scanned: when the last scan ended, ISO 8601; empty before the first.
        genres: how many files have which genre in their tags.
        models: what models heard, the last used first.
        problems: (path, why) of what could not be read or heard.
    """

    files: int
    tagged: int
    scanned: str
    genres: Counter[str] = field(default_factory=Counter)
    models: list[ModelStatus] = field(default_factory=list)
    problems: list[tuple[str, str]] = field(default_factory=list)


def status(index: Index) -> Status:
    """Count what the index has."""
    genres: Counter[str] = Counter()
    tagged = 0
    for cell, count in index.rows("SELECT genres, count(*) FROM files GROUP BY genres"):
        values = split_values(cell)
        tagged += count * bool(values)
        genres.update(dict.fromkeys(values, count))
    problems = [
        (path_to_text(os.fsdecode(path)) or ".", why) for path, why in index.rows(_PROBLEMS)
    ]
    return Status(
        index.value("SELECT count(*) FROM files"),
        tagged,
        index.value("SELECT scanned FROM about") or "",
        genres,
        [ModelStatus(*row) for row in index.rows(_MODELS)],
        sorted(problems),
    )
