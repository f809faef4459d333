"""Fetching one file from servers that break off, ignore ranges, change the file or refuse it."""

from __future__ import annotations

import socket
from pathlib import Path

import numpy as np
import pytest

from genrescope.errors import DataError
from genrescope.files.fetch import UnreachableError, fetch
from unruly_server import Served, serving

BODY = np.random.default_rng(0).bytes(1_000_000)
OTHER = np.random.default_rng(1).bytes(1_200_000)


def _fetch(served: Served, folder: Path, attempts: int = 4) -> Path:
    target = folder / "a.bin"
    with serving({"/a.bin": served}) as base:
        fetch(f"{base}a.bin", target, attempts=attempts, pause=0.001, timeout=5)
    return target


def _leftovers(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name != "a.bin")


def test_a_sound_server(tmp_path: Path) -> None:
    reported: list[tuple[float, float | None]] = []
    with serving({"/a.bin": Served(BODY)}) as base:
        size = fetch(
            f"{base}a.bin",
            tmp_path / "a.bin",
            progress=lambda at: reported.append((at.done, at.total)),
        )
    assert size == len(BODY)
    assert (tmp_path / "a.bin").read_bytes() == BODY
    assert reported[-1] == (len(BODY), len(BODY))
    assert [done for done, _ in reported] == sorted(done for done, _ in reported)
    assert _leftovers(tmp_path) == []


def test_a_broken_line_is_taken_up_where_it_broke(tmp_path: Path) -> None:
    served = Served(BODY, break_after=[300_000, 200_000, 1, 100_000])
    assert _fetch(served, tmp_path).read_bytes() == BODY
    ranges = [request.get("Range") for request in served.requests]
    assert ranges == [None, "bytes=300000-", "bytes=500000-", "bytes=500001-", "bytes=600001-"]
    assert all(request["If-Range"].startswith('"') for request in served.requests[1:])
    assert _leftovers(tmp_path) == []


def test_another_run_takes_it_up(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"broke off after 400,000 of 1,000,000.*go on") as error:
        _fetch(Served(BODY, break_after=[400_000]), tmp_path, attempts=1)
    assert "400,000 bytes are kept" in str(error.value)
    assert not (tmp_path / "a.bin").exists()
    assert _leftovers(tmp_path) == ["a.bin.part", "a.bin.part.json"]
    note = tmp_path / "a.bin.part.json"
    served = Served(BODY)
    with serving({"/a.bin": served}) as base:  # the new server has another port
        old = note.read_text().partition('"validator"')[2]
        note.write_text(f'{{"url": "{base}a.bin", "validator"{old}')
        fetch(f"{base}a.bin", tmp_path / "a.bin")
    assert [request.get("Range") for request in served.requests] == ["bytes=400000-"]
    assert (tmp_path / "a.bin").read_bytes() == BODY


def test_a_part_of_another_address_is_not_used(tmp_path: Path) -> None:
    with pytest.raises(DataError):
        _fetch(Served(OTHER, break_after=[400_000]), tmp_path, attempts=1)
    served = Served(BODY)
    assert _fetch(served, tmp_path).read_bytes() == BODY
    assert "Range" not in served.requests[0]


def test_a_server_that_ignores_ranges(tmp_path: Path) -> None:
    served = Served(BODY, break_after=[700_000, 800_000], ranges=False)
    assert _fetch(served, tmp_path).read_bytes() == BODY
    assert len(served.requests) == 3


def test_a_server_that_ignores_ranges_and_always_breaks_is_given_up(tmp_path: Path) -> None:
    served = Served(BODY, break_after=[500_000] * 99, ranges=False)
    with pytest.raises(DataError, match="broke off after 500,000"):
        _fetch(served, tmp_path, attempts=3)
    assert len(served.requests) == 3


@pytest.mark.parametrize("tag", [True, False])
@pytest.mark.parametrize("strict", [True, False])
def test_a_file_that_changes_in_between_is_fetched_again(
    tmp_path: Path, strict: bool, tag: bool
) -> None:
    served = Served(BODY, break_after=[400_000], change_to=OTHER, strict=strict, tag=tag)
    assert _fetch(served, tmp_path).read_bytes() == OTHER
    assert _leftovers(tmp_path) == []


def test_a_file_that_shrinks_in_between(tmp_path: Path) -> None:
    small = OTHER[:1_000]
    served = Served(BODY, break_after=[400_000], change_to=small, strict=False)
    assert _fetch(served, tmp_path).read_bytes() == small


def test_without_a_validator_nothing_is_patched_together(tmp_path: Path) -> None:
    served = Served(BODY, break_after=[400_000], tag=False, dated=False)
    assert _fetch(served, tmp_path).read_bytes() == BODY
    assert [request.get("Range") for request in served.requests] == [None, None]


def test_a_file_of_unknown_size(tmp_path: Path) -> None:
    assert _fetch(Served(BODY, sized=False), tmp_path).read_bytes() == BODY


def test_an_empty_file(tmp_path: Path) -> None:
    assert _fetch(Served(b""), tmp_path).read_bytes() == b""


def test_a_server_in_trouble_is_tried_again(tmp_path: Path) -> None:
    served = Served(BODY, errors=[503, 429, 500])
    assert _fetch(served, tmp_path).read_bytes() == BODY


def test_a_refusal_is_final(tmp_path: Path) -> None:
    with (
        serving({}) as base,
        pytest.raises(DataError, match=r"gone\.bin: the server responded 404 .*--base-url"),
    ):
        fetch(f"{base}gone.bin", tmp_path / "a.bin", pause=0.001)
    assert list(tmp_path.iterdir()) == []


def test_a_server_that_is_not_there(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(UnreachableError, match="check the connection"):
        fetch(f"http://127.0.0.1:{port}/a", tmp_path / "a", attempts=2, pause=0.001)
