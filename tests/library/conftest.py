"""What tests of several modules of a library share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext

import pytest

from genrescope.library.tagging import apply, undo
from genrescope.library.tagging.verifying import Verifier


@pytest.fixture(scope="session")
def kept_verifier() -> Iterator[Verifier]:
    with Verifier() as verifier:
        yield verifier


@pytest.fixture
def one_verifier(kept_verifier: Verifier, monkeypatch: pytest.MonkeyPatch) -> None:
    """All runs have one process that verifies: starting one each takes longer than all they do."""

    def kept(*, full: bool = False) -> AbstractContextManager[Verifier]:
        return Verifier(full=True) if full else nullcontext(kept_verifier)

    for module in (apply, undo):
        monkeypatch.setattr(module, "Verifier", kept)
