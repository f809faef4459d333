"""Errors that a user can cause: each names what is wrong, where, and what to do about it."""

from __future__ import annotations

from pathlib import Path


class GenrescopeError(Exception):
    """Base of every error that is shown to the user as a message, never as a traceback.

    Args:
        message: what is wrong, one sentence.
        place: the file, or `file:line`, where it is wrong.
        remedy: what the user can do about it.
    """

    exit_code = 3

    def __init__(
        self, message: str, *, place: str | Path | None = None, remedy: str | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.place = None if place is None else str(place)
        self.remedy = remedy

    def __str__(self) -> str:
        place = f"{self.place}: " if self.place else ""
        remedy = f" ({self.remedy})" if self.remedy else ""
        return f"{place}{self.message}{remedy}"

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle with the keyword arguments, so that errors cross process borders whole."""
        return _rebuild, (type(self), self.message, self.place, self.remedy)


def _rebuild(
    kind: type[GenrescopeError], message: str, place: str | None, remedy: str | None
) -> GenrescopeError:
    return kind(message, place=place, remedy=remedy)


class UsageError(GenrescopeError):
    """The program was used for something that it cannot do: wrong option, name or combination."""

    exit_code = 2


class MissingExtraError(UsageError):
    """An optional part is not installed."""

    @classmethod
    def of(cls, extra: str, purpose: str) -> MissingExtraError:
        """The error for `extra`, which `purpose` needs."""
        return cls(f"{purpose} needs an optional part", remedy=f"pip install 'genrescope[{extra}]'")


class DataError(GenrescopeError):
    """A file or a table is not what it should be."""


class LeakError(DataError):
    """A model would be evaluated on what it was trained on."""


class AudioError(DataError):
    """An audio file cannot be read or cannot be described."""
