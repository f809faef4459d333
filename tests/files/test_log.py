"""The append-only log: what was appended is read again, and a torn end costs one line at most."""

from __future__ import annotations

from pathlib import Path

import pytest

from genrescope.errors import DataError
from genrescope.files.log import AppendLog

LINES = [{"id": "a", "values": [1, 2.5]}, {"id": "b" * 9000}, {"id": "ä"}]


def written(path: Path) -> list[int]:
    with AppendLog(path, durable=True) as log:
        return [log.append(line) for line in LINES]


def test_what_is_appended_is_read_again_and_found_by_its_place(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    places = written(path)
    with AppendLog(path) as log:
        assert list(log.lines()) == list(zip(places, LINES, strict=True))
        assert [log.read(place) for place in places] == LINES


def test_wherever_it_is_cut_the_whole_lines_stay_and_it_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    places = [*written(path), path.stat().st_size]
    for cut in (*range(places[1] + 1), *range(places[2] - 5, places[3] + 1)):
        copy = tmp_path / "copy.jsonl"
        copy.write_bytes(path.read_bytes()[:cut])
        whole = sum(place <= cut for place in places[1:])
        with AppendLog(copy) as log:
            assert [line for _, line in log.lines()] == LINES[:whole]
            log.append({"id": "next"})
            assert [line for _, line in log.lines()] == [*LINES[:whole], {"id": "next"}]


def test_a_damaged_line_is_named(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.write_bytes(b'{"id": "a"}\n{"id": \n[1]\n')
    with AppendLog(path) as log, pytest.raises(DataError, match=r"log.jsonl:2"):
        list(log.lines())
