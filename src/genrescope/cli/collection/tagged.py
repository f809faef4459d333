"""Predictions beside the genres that the files already carry."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from genrescope.errors import GenrescopeError
from genrescope.inference.prediction import UNKNOWN


class TagComparison:
    """Compares the genre of each file with its tag, where the extra `tags` is installed.

    Args:
        genres: that can be predicted.
    """

    def __init__(self, genres: Sequence[str]) -> None:
        self._genres = tuple(genre for genre in genres if genre != UNKNOWN)
        self._pairs: list[tuple[str, str]] = []
        self._can_read = find_spec("mutagen") is not None

    def add(self, path: Path, genre: str) -> None:
        """Compare the predicted `genre` with the tag of the file, if it has one."""
        if not self._can_read:
            return
        from genrescope.library.tagging.tagfile import read_tags

        try:
            tag = "; ".join(read_tags(path).genres)
        except (GenrescopeError, OSError):  # it is classified all the same
            return
        if tag.strip():
            self._pairs.append((tag, genre))

    def summary(self) -> str | None:
        """One line; None where no file has a genre tag."""
        from genrescope.inference.agreement import agreement
        from genrescope.taxonomy.vocabulary import vocabulary_of

        if not self._pairs:
            return None
        found = agreement(self._pairs, vocabulary_of(self._genres))
        if found.share is None:
            return f"{len(self._pairs)} files carry a genre; none could be compared"
        text = f"agrees with the tags of {found.agreed} of {found.compared} files"
        others = len(self._pairs) - found.compared
        return f"{text} ({100 * found.share:.0f} %)" + (
            f"; {others} tagged files were unknown or of other genres" if others else ""
        )
