"""Which part of a file is read: all of it, its middle, or several windows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from genrescope.errors import UsageError

MOST_SECONDS = 48 * 3600
"""What is longer is no song: a file without an end."""

_LEAST_SECONDS = 0.01
_MOST_WINDOWS = 1000


def clock(seconds: float) -> str:
    """A position in a sound, as players show it: `2:05`, `1:02:05`."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes_left = divmod(minutes, 60)
    return f"{hours}:{minutes_left:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


class Span(NamedTuple):
    """A stretch of a file, in frames at its own rate; `length` None means to the end."""

    start: int
    length: int | None


@dataclass(frozen=True)
class Excerpt:
    """A part of a file; made by `Excerpt.whole`, `Excerpt.middle` or `Excerpt.windows`.

    Attributes:
        seconds: length of one window in seconds, None for the whole file.
        count: how many windows.
    """

    seconds: float | None
    count: int = 1

    def __post_init__(self) -> None:
        if self.seconds is not None and not _LEAST_SECONDS <= self.seconds <= MOST_SECONDS:
            raise UsageError(
                f"an excerpt of {self.seconds:g} s",
                remedy=f"take {_LEAST_SECONDS:g} to {MOST_SECONDS:,} seconds",
            )
        if not 1 <= self.count <= _MOST_WINDOWS:
            raise UsageError(
                f"an excerpt of {self.count} windows", remedy=f"take 1 to {_MOST_WINDOWS:,}"
            )

    @classmethod
    def whole(cls) -> Excerpt:
        """The whole file."""
        return cls(None)

    @classmethod
    def middle(cls, seconds: float = 30.0) -> Excerpt:
        """The `seconds` around the middle; the whole file where it is shorter."""
        return cls(seconds)

    @classmethod
    def windows(cls, count: int, seconds: float) -> Excerpt:
        """`count` windows of `seconds`, each in the middle of one of `count` equal parts.

        Windows never overlap: a file that is no longer than all of them together is read whole.
        """
        return cls(seconds, count)

    def spans(self, frames: int, rate: int) -> list[Span]:
        """The stretches to read of a file of `frames` frames at `rate` Hz, in order."""
        length = frames if self.seconds is None else max(1, round(self.seconds * rate))
        if self.count * length >= frames:
            return [Span(0, frames)]
        return [
            Span(((2 * part + 1) * frames - self.count * length) // (2 * self.count), length)
            for part in range(self.count)
        ]

    def __str__(self) -> str:
        if self.seconds is None:
            return "whole file"
        windows = f"{self.count} windows of" if self.count > 1 else "middle"
        return f"{windows} {self.seconds:g} s"
