"""GTZAN's names: `genres/blues/blues.00000.wav`, or all files side by side.

Tzanetakis, Cook, "Musical genre classification of audio signals", IEEE TSAP 10(5), 2002. GTZAN
names no artists, but numbers most artists' songs in a row: ten neighbours are kept together.
"""

from __future__ import annotations

import re
from pathlib import Path

_NAME = re.compile(r"([a-z]+)\.(\d{4})\d")


def gtzan_genre(file: Path) -> str | None:
    """The genre in a name such as `blues.00000.wav`; None where the name is no such."""
    match = _NAME.fullmatch(file.stem)
    return match[1] if match else None


def gtzan_neighbours(file: Path) -> str | None:
    """One name for ten songs side by side, which may be of one artist; None for other names."""
    match = _NAME.fullmatch(file.stem)
    return f"{match[1]}.{match[2]}_" if match else None
