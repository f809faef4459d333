"""Which of the lengths and places that FFmpeg gives of a file are right."""

from __future__ import annotations

from pathlib import Path

from genrescope.audio.containers.lengths import asf_has_length

# FFmpeg's names of raw streams, which have neither an index nor a length worth trusting, and of
# Musepack of version 8, where it finds another place than the one sought.
_UNINDEXED = frozenset({"aac", "ac3", "eac3", "dts", "amr", "mpc8"})


def can_seek(form: str) -> bool:
    """Whether a place that is sought in a container of FFmpeg's name `form` is found."""
    return form not in _UNINDEXED


def has_length(path: Path, form: str) -> bool:
    """Whether the length that FFmpeg gives of a file is declared there, and not estimated.

    Raises:
        OSError: it cannot be read.
    """
    return can_seek(form) and (form != "asf" or asf_has_length(path))
