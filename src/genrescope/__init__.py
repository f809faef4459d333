"""Music genre classification: descriptors, honest benchmarks, calibrated genres."""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any

from genrescope.version import __version__

if TYPE_CHECKING:
    from genrescope.extraction.single import extract
    from genrescope.extraction.transformer import DescriptorTransformer
    from genrescope.featuresets import FEATURE_SETS
    from genrescope.inference.song import classify, load_model
    from genrescope.learning.own.estimators import EmbeddingTransformer, GenreClassifier
    from genrescope.learning.own.learn import learn

# onnxruntime's builds report on their use from version 1.29 on; this holds if it is set before they
# are loaded, in worker processes too.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

__all__ = [
    "FEATURE_SETS",
    "DescriptorTransformer",
    "EmbeddingTransformer",
    "GenreClassifier",
    "__version__",
    "classify",
    "extract",
    "learn",
    "load_model",
]

# Loaded when they are first used: `import genrescope` costs next to nothing.
_HOMES = {
    "DescriptorTransformer": "genrescope.extraction.transformer",
    "EmbeddingTransformer": "genrescope.learning.own.estimators",
    "FEATURE_SETS": "genrescope.featuresets",
    "GenreClassifier": "genrescope.learning.own.estimators",
    "classify": "genrescope.inference.song",
    "extract": "genrescope.extraction.single",
    "learn": "genrescope.learning.own.learn",
    "load_model": "genrescope.inference.song",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'genrescope' has no attribute '{name}'")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
