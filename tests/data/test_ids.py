"""Finding ids among ids."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from genrescope.data.ids import IdIndex, distinct_keys, locate

_names = st.lists(st.text("abcTR01é", min_size=0, max_size=6), max_size=30)


@given(_names, _names)
def test_locate_is_the_first_position(wanted: list[str], among: list[str]) -> None:
    found = locate(np.array(wanted, dtype=np.str_), np.array(among, dtype=np.str_))
    assert found.tolist() == [among.index(w) if w in among else -1 for w in wanted]


def test_padding_of_the_array_does_not_matter() -> None:
    assert locate(np.array(["a", "bc"]), np.array(["bc", "a", "a longer one"])).tolist() == [1, 0]


def test_index_of_repeated_ids() -> None:
    index = IdIndex(np.array(["b", "a", "b", "c"]))
    assert index.firsts().tolist() == [0, 1, 3]
    assert len(distinct_keys([index, IdIndex(np.array(["c", "d"]))])) == 4
    assert {index.name(key) for key in index.keys} == {"a", "b", "c"}
    other = IdIndex(np.array(["z"]))
    assert index.name(other.keys[0]) is None


def test_strided_ids() -> None:
    ids = np.array(["a", "b", "c", "d"])[::-2]
    assert locate(np.array(["b", "d", "a"]), ids).tolist() == [1, 0, -1]
