"""Keras, imported quietly; every module here takes it from this one."""

from __future__ import annotations

import os

from genrescope.errors import MissingExtraError

# TensorFlow's start-up chatter; set before the import, and only where the user did not choose.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")

try:
    import keras
except ImportError as error:
    raise MissingExtraError.of("train", "training") from error

__all__ = ["keras"]
