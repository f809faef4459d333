"""Similar songs by a library's index, with embeddings that a test chooses."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from knowledge import add_song, make_index, prediction

from genrescope.library.index.models import indexed_model
from genrescope.library.index.similar import similar_in_index


def test_songs_are_compared_by_the_embeddings_of_the_index(tmp_path: Path):
    angles = {"a/one.mp3": 0, "a/copy.mp3": 0, "a/near.mp3": 30, "b/far.mp3": 90, "b/odd.mp3": 180}
    with make_index(tmp_path) as index:
        for path, degrees in angles.items():
            turn = np.radians(degrees)
            point = np.array([np.cos(turn), np.sin(turn)], np.float32)
            genre = "rock" if path.startswith("a") else "jazz"
            add_song(index, path, replace(prediction(**{genre: 0.9}), embedding=point))
        add_song(index, "b/new.mp3")
        song, model = index.root / "a/one.mp3", indexed_model(index)
        found = similar_in_index(index, song, model, count=3)
        assert found is not None
        assert [item.path.name for item in found.similar] == ["copy.mp3", "near.mp3", "far.mp3"]
        expected = [1, np.cos(np.radians(30)), 0]
        assert [item.similarity for item in found.similar] == pytest.approx(expected, abs=1e-3)
        assert [item.genre for item in found.similar] == ["rock", "rock", "jazz"]
        assert [item.same_sound for item in found.similar] == [True, False, False]
        assert found.compared == 4
        below = similar_in_index(index, song, model, within="b")
        assert below is not None
        assert [item.path.name for item in below.similar] == ["far.mp3", "odd.mp3"]
        assert similar_in_index(index, index.root / "b/new.mp3", model) is None  # no such model
