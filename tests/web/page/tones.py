"""Short songs with tags."""

from __future__ import annotations

from pathlib import Path

import mutagen.flac
import numpy as np
import soundfile

RATE = 22050


def write_tone(path: Path, hertz: float, seconds: float = 8.0) -> Path:
    """A pulsing tone with some noise, so that every descriptor has something to describe."""
    time = np.arange(round(seconds * RATE)) / RATE
    noise = np.random.default_rng(int(hertz)).normal(0, 0.02, time.size)
    pulse = 0.5 + 0.5 * np.sign(np.sin(2 * np.pi * 2 * time))
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, 0.3 * pulse * np.sin(2 * np.pi * hertz * time) + noise, RATE)
    return path


def write_album(folder: Path) -> None:
    """Three songs, of which the last has a genre already."""
    for number, hertz in enumerate((220.0, 440.0, 880.0), 1):
        path = write_tone(folder / "Singer" / "Album" / f"{number:02} song.flac", hertz)
        tags = mutagen.flac.FLAC(path)
        tags["title"], tags["artist"], tags["album"] = f"Song {number}", "Singer", "Album"
        if number == 3:
            tags["genre"] = "Polka"
        tags.save()
