"""TU Wien's six sets: Rhythm Patterns and their kin, from the loudness of critical bands."""

from genrescope.descriptors.tuwien.bark import segment_samples
from genrescope.descriptors.tuwien.clip import (
    TUWIEN_SETS,
    TuWienSettings,
    describe_sonogram,
    describe_tuwien,
    segment_vectors,
    sonogram,
)

__all__ = [
    "TUWIEN_SETS",
    "TuWienSettings",
    "describe_sonogram",
    "describe_tuwien",
    "segment_samples",
    "segment_vectors",
    "sonogram",
]
