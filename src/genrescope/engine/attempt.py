"""One item tried: its result, or the reason why there is none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from genrescope.errors import GenrescopeError

Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(frozen=True)
class Failure:
    """Why an item has no result, and what a person can do about it."""

    reason: str
    remedy: str | None = None


def attempt(function: Callable[[Item], Result], item: Item) -> Result | Failure:
    """The result, or the failure that a person should read.

    Whatever a library raises about one item is that item's problem.
    """
    try:
        return function(item)
    except GenrescopeError as error:
        return Failure(error.message, error.remedy)
    except OSError as error:
        return Failure(error.strerror or str(error))
    except MemoryError:
        return Failure("not enough memory", "run fewer jobs, or take a shorter excerpt")
    except Exception as error:  # noqa: BLE001 - reported as the item's failure
        return Failure(f"{type(error).__name__}: {error}")
