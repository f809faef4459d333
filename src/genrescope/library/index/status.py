"""What an index holds, in numbers."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass, field

from genrescope.library.index.database import Index
from genrescope.library.index.locate import BELOW
from genrescope.library.index.results import genres_in_tags
from genrescope.library.tagging.plan import path_to_text

_PROBLEMS = f"""
    SELECT path, problem FROM unreadable WHERE {BELOW}
    UNION ALL SELECT path, problem FROM files WHERE problem != '' AND {BELOW}
    UNION ALL SELECT path, 'tags: ' || tags_problem FROM files
        WHERE tags_problem != '' AND problem = '' AND {BELOW}
        AND (audio IS NULL OR audio NOT IN (SELECT audio FROM results WHERE problem IS NOT NULL))
    UNION ALL SELECT min(path), results.problem FROM results JOIN files USING (audio)
        WHERE results.problem IS NOT NULL AND {BELOW} GROUP BY audio, model
"""
_MODELS = f"""
    SELECT name, count(audio) - count(problem), count(problem)
    FROM models LEFT JOIN results ON model = id
        AND (?1 = X'' OR audio IN (SELECT audio FROM files WHERE {BELOW}))
    GROUP BY id ORDER BY used DESC
"""
_COUNTS = f"""
    SELECT count(*), count(audio) - count(DISTINCT audio), total(genres != '')
    FROM files WHERE {BELOW}
"""


@dataclass(frozen=True)
class ModelStatus:
    """How many sounds a model has classified, and how many it could not."""

    name: str
    classified: int
    failed: int


@dataclass(frozen=True)
class Status:
    """What an index holds.

    Attributes:
        files: how many there are.
        copies: how many of them have the sound of another.
        tagged: how many of them have a genre in their tags.
        scanned: when the last scan ended, ISO 8601; empty before the first.
        genres: how many files have which genre in their tags.
        models: what models classified, the last used first.
        problems: (path, why) of what could not be read or classified; of tags only where the
            sound could.
    """

    files: int
    copies: int
    tagged: int
    scanned: str
    genres: Counter[str] = field(default_factory=Counter)
    models: list[ModelStatus] = field(default_factory=list)
    problems: list[tuple[str, str]] = field(default_factory=list)


def status(index: Index, within: str = "") -> Status:
    """Count what the index has; `within`: of the file of this path, or of those below it."""
    below = os.fsencode(within)
    files, copies, tagged = next(index.rows(_COUNTS, below))
    problems = [
        (path_to_text(os.fsdecode(path)) or ".", why) for path, why in index.rows(_PROBLEMS, below)
    ]
    return Status(
        files,
        copies,
        int(tagged),
        index.value("SELECT scanned FROM about") or "",
        genres_in_tags(index, within),
        [ModelStatus(*row) for row in index.rows(_MODELS, below)],
        sorted(problems),
    )
