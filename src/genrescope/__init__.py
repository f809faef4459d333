"""Music genre classification: descriptors, honest benchmarks, calibrated genres."""

__version__ = "0.1.0"
