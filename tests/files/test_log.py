"""Append-only files: what is added is whole or absent, wherever the writer was stopped."""

from __future__ import annotations

from pathlib import Path

import pytest

from genrescope.files.log import append, cut_torn_line

LINES = [b'{"a": 1}\n', b'{"a": 2}\n', b'{"a": 3}\n']


@pytest.mark.parametrize("durable", [False, True])
def test_the_place_of_each_line_is_given(tmp_path: Path, durable: bool) -> None:
    path = tmp_path / "log"
    with path.open("a+b", buffering=0) as file:
        assert [append(file, line, durable=durable) for line in LINES] == [0, 9, 18]
    assert path.read_bytes() == b"".join(LINES)


def test_wherever_it_is_cut_the_whole_lines_stay_and_it_goes_on(tmp_path: Path) -> None:
    whole, path = b"".join(LINES), tmp_path / "log"
    for length in range(len(whole) + 1):
        path.write_bytes(whole[:length])
        kept = b"".join(LINES[: length // 9])
        with path.open("r+b", buffering=0) as file:
            assert cut_torn_line(file) == len(kept)
            assert append(file, b"next\n") == len(kept)
        assert path.read_bytes() == kept + b"next\n"
