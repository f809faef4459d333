"""Linear algebra on one thread, while models are fitted.

Matrices here are so small that threads mostly wait for each other, busily: fits of seconds take
minutes on two cores. Networks have threads of their own, which stay as they are.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from genrescope.errors import MissingExtraError

P = ParamSpec("P")
T = TypeVar("T")


def on_one_thread(function: Callable[P, T]) -> Callable[P, T]:
    """The function, during which linear algebra runs on one thread.

    Called, it raises MissingExtraError where scikit-learn is not installed.
    """

    @wraps(function)
    def limited(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            import sklearn.linear_model  # noqa: F401  # with it the libraries that are limited
            from threadpoolctl import threadpool_limits
        except ImportError as error:
            raise MissingExtraError.of("train", "fitting a model") from error
        with threadpool_limits(1):
            return function(*args, **kwargs)

    return limited
