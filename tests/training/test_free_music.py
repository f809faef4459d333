"""Music without labels: which files count, and which parts of them."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

import free_music
from nonmusic import RATE


@pytest.mark.parametrize(("seconds", "starts"), [(40, [5]), (111, [20.25, 60.75]), (999, None)])
def test_pieces_are_spread_evenly(seconds: int, starts: list[float] | None) -> None:
    ramp = np.arange(1, seconds * RATE + 1, dtype=np.float32)
    found = list(free_music.pieces(ramp))
    assert all(len(piece) == free_music.PIECE * RATE for piece in found)
    if starts is None:
        starts = [(seconds - 30) * part / 6 for part in (1, 3, 5)]
    wanted = [int(start * RATE) + 1 for start in starts]
    assert [int(piece[0]) for piece in found] == pytest.approx(wanted, abs=2)


def test_what_is_silent_is_no_piece() -> None:
    samples = np.zeros(200 * RATE, np.float32)
    samples[: 60 * RATE] = 0.1
    assert len(list(free_music.pieces(samples))) == 1


def test_recordings_are_long_enough_and_named_by_their_path(tmp_path: Path) -> None:
    folder = tmp_path / "a-game" / "usr" / "music"
    folder.mkdir(parents=True)
    for name, seconds in (("theme.one.ogg", 36), ("door.ogg", 3), ("broken.mp3", 0)):
        if seconds:
            soundfile.write(folder / name, np.zeros(seconds * 8000), 8000)
        else:
            (folder / name).write_bytes(b"no sound")
    (found,) = free_music.recordings(tmp_path)
    assert found.name == "theme.one.ogg"
    assert free_music.name_of(found, tmp_path) == "a-game,usr,music,theme.one"


def test_every_package_of_the_table_has_a_version() -> None:
    assert len(free_music.packages()) == len(set(free_music.packages())) == 23
