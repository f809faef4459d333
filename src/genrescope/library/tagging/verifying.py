"""Verify a written file: its sound, decoded, is that of the original, and readers show the tags.

Nothing of this depends on how tags are written. It runs in a worker process, one call a file
(`Verifier`), since decoders are native code that a damaged file may bring down.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from genrescope.engine import Failure
from genrescope.engine.pool import WorkerPool
from genrescope.library.sound.decoded import sound_difference
from genrescope.library.tagging.readback import Values, unread_by
from genrescope.library.tagging.replacing import RefusedError

_UNSHOWN = "{} would not show the new tag"
_REMEDIES = dict.fromkeys(
    (_UNSHOWN.format("ffmpeg"), _UNSHOWN.format("mutagen")),
    "an odd or another tag in it, such as ID3v1, hides it: save or remove that with its editor",
)
_TIMEOUT = 600.0  # seconds for one file


@dataclass(frozen=True)
class Written:
    """A file and what was made of it.

    Attributes:
        original: the file.
        changed: its copy, with other tags.
        wanted: the values of fields that it has.
        full: decode all of it.
    """

    original: Path
    changed: Path
    wanted: Mapping[str, Values]
    full: bool = False


class Verifier:
    """Verifies files in a worker process; a context manager."""

    def __init__(self, *, full: bool = False) -> None:
        """Start no process yet: that is for when there is something to verify."""
        self._pool: WorkerPool[Written, str] = WorkerPool(verify, jobs=1, timeout=_TIMEOUT)
        self._full = full

    def __enter__(self) -> Verifier:
        return self

    def __exit__(
        self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None
    ) -> None:
        self._pool.close()

    def check(self, original: Path, changed: Path, wanted: Mapping[str, Values]) -> None:
        """See that a written file plays as before, and that its tags are read.

        Raises:
            RefusedError: it does not, or that cannot be verified.
        """
        item = Written(original, changed, wanted, self._full)
        found = self._pool.submit(item).result(2 * _TIMEOUT)
        if isinstance(found, Failure):
            raise RefusedError(
                f"it cannot be verified: {found.reason}", remedy=found.remedy or "repair it first"
            )
        if found:
            raise RefusedError(found, remedy=_REMEDIES.get(found, "tag it with another program"))


def verify(item: Written) -> str:
    """Why a written file is not good; empty where it is.

    Raises:
        AudioError: the original cannot be decoded, so there is nothing to compare with.
    """
    if reason := sound_difference(item.original, item.changed, full=item.full):
        return reason
    reader = unread_by(item.changed, item.wanted, item.original)
    return _UNSHOWN.format(reader) if reader else ""
