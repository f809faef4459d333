"""Keras, imported quietly; every module here takes it from this one."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator

from genrescope.errors import MissingExtraError

_START_UP = (b"I0000", b"W0000", b"WARNING: All log messages before absl")


@contextlib.contextmanager
def _without_start_up_lines() -> Iterator[None]:
    """Keeps the information that TensorFlow prints when it starts from standard error.

    It is printed before the log level is obeyed, by code that ignores `sys.stderr`; whatever else
    comes is printed at the end. Where the user chose a level, nothing is done.
    """
    if "TF_CPP_MIN_LOG_LEVEL" in os.environ:
        yield
        return
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    sys.stderr.flush()
    kept = os.dup(2)
    with tempfile.TemporaryFile() as log:
        os.dup2(log.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(kept, 2)
            os.close(kept)
            log.seek(0)
            for line in log:
                if not line.startswith(_START_UP):
                    sys.stderr.write(line.decode("utf-8", "replace"))


os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
with _without_start_up_lines():
    try:
        import keras
    except ImportError as error:
        raise MissingExtraError.of("train", "training") from error
    keras.ops.zeros(1)  # the devices are looked for, and logged, at the first operation

__all__ = ["keras"]
