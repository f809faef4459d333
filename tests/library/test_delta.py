"""Whatever two files are, one can be made from the other."""

from __future__ import annotations

import io
import json

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from genrescope.library.tagging.delta import difference, from_json, restore, to_json


def made(base: bytes, delta) -> bytes:
    goal = io.BytesIO()
    restore(io.BytesIO(base), from_json(json.loads(json.dumps(to_json(delta)))), goal)
    return goal.getvalue()


def cost(delta) -> int:
    return sum(len(piece) if isinstance(piece, bytes) else 16 for piece in delta)


def noise(count: int, seed: int = 0) -> bytes:
    return np.random.default_rng(seed).bytes(count)


@given(st.binary(max_size=300), st.binary(max_size=300))
def test_any_two(base, goal):
    assert made(base, difference(base, goal)) == goal


@given(st.data())
def test_edited(data):
    goal = noise(20_000)
    base = bytearray(goal)
    for _ in range(data.draw(st.integers(0, 6))):
        start = data.draw(st.integers(0, len(base)))
        length = data.draw(st.integers(0, 500))
        base[start : start + length] = data.draw(st.sampled_from((b"", b"new", bytes(700))))
    delta = difference(bytes(base), goal)
    assert made(bytes(base), delta) == goal
    assert cost(delta) < 6 * (500 + 2 * 16 + 200) + 16


def test_equal_is_one_piece():
    data = noise(100_000)
    assert difference(data, data) == [(0, len(data))]


def test_a_removed_head_costs_nothing():
    data = noise(100_000)
    assert difference(b"head" * 300 + data, data) == [(1200, len(data))]


def test_pages_counted_again_cost_their_numbers_only():
    pages = [noise(4000, seed) for seed in range(50)]
    base = b"".join(b"OggS" + noise(8, 1000 + index) + page for index, page in enumerate(pages))
    goal = b"".join(b"OggS" + noise(8, 2000 + index) + page for index, page in enumerate(pages))
    delta = difference(base, goal)
    assert made(base, delta) == goal
    assert cost(delta) < 50 * (16 + 8 + 8)
