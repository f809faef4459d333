"""The temporary folder of a server: uploads and what is made of songs, all gone when it ends."""

from __future__ import annotations

import itertools
import shutil
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO

from genrescope.files.scratch import scratch_folder

_PREFIX = "genrescope-web-"
_BLOCK = 1 << 20


class TempDir:
    """A folder that only this user can enter; removed by `close`.

    What a killed server left behind is removed when the next one starts.

    Attributes:
        path: the folder.
    """

    def __init__(self) -> None:
        self._ending = ExitStack()
        self.path = self._ending.enter_context(scratch_folder(_PREFIX))
        self._numbers = itertools.count(1)

    def new(self, suffix: str = "") -> Path:
        """A path in the folder that nothing has yet."""
        return self.path / f"{next(self._numbers)}{suffix}"

    def keep(self, file: BinaryIO, suffix: str = "") -> Path:
        """A copy of a file, under a name that keeps only the `suffix` of its own."""
        path = self.new(suffix)
        try:
            with path.open("xb") as copy:
                shutil.copyfileobj(file, copy, _BLOCK)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        return path

    def close(self) -> None:
        """Remove the folder."""
        self._ending.close()
