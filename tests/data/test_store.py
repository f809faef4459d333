"""Stores: what is written is found again; what is damaged or foreign is refused."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from genrescope.data.store.reader import is_store, open_store, read_manifest, wrong_checksums
from genrescope.data.store.writer import StoreWriter
from genrescope.errors import DataError, UsageError

COLUMNS = ("x", "y", "z")


def rows(start: int, stop: int) -> tuple[list[str], np.ndarray]:
    values = np.arange(start * 3, stop * 3, dtype=np.float32).reshape(-1, 3)
    return [f"song {i}" for i in range(start, stop)], values


def make(folder: Path, stop: int = 10) -> None:
    with StoreWriter(folder, "few", COLUMNS, job={"to": stop}) as writer:
        writer.append(*rows(0, stop))
        writer.finish({"from": "a test"})


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_round_trip_by_memory_map(tmp_path: Path) -> None:
    make(tmp_path / "s", 7)
    table = open_store(tmp_path / "s")
    assert isinstance(table.source, np.memmap)
    assert isinstance(table.ids, np.memmap)
    assert table.source.dtype == np.float32
    assert table.ids.tolist() == rows(0, 7)[0]
    np.testing.assert_array_equal(table.source, rows(0, 7)[1])
    assert table.feature_set == "few"
    assert table.labels is None
    assert table.provenance == {"from": "a test", "duplicates": 0}
    assert read_manifest(tmp_path / "s").columns == COLUMNS
    assert wrong_checksums(tmp_path / "s") == []
    assert sorted(contents(tmp_path / "s")) == ["ids.npy", "matrix.npy", "store.json"]
    np.testing.assert_array_equal(np.load(tmp_path / "s" / "matrix.npy"), rows(0, 7)[1])


def test_labels_and_repeated_ids(tmp_path: Path) -> None:
    with StoreWriter(tmp_path / "s", "few", COLUMNS, job={}, labelled=True) as writer:
        assert writer.append(["a", "b"], np.zeros((2, 3), np.float32), ["rock", ""]) == 2
        assert writer.append(["b", "ü", "a"], np.ones((3, 3), np.float32), ["x", "pop", "x"]) == 1
        table = writer.finish({})
    assert table.ids.tolist() == ["a", "b", "ü"]
    assert table.labels is not None
    assert table.labels.tolist() == ["rock", "", "pop"]
    assert table.source.tolist() == [[0] * 3, [0] * 3, [1] * 3]
    assert table.provenance["duplicates"] == 2


def test_a_writer_goes_on_from_its_checkpoint(tmp_path: Path) -> None:
    with StoreWriter(tmp_path / "s", "few", COLUMNS, job={"n": 1}) as writer:
        assert writer.state == {}
        writer.append(*rows(0, 4))
        writer.append(*rows(3, 4))
        writer.checkpoint({"next": 4})
        writer.append(*rows(4, 9))  # not made durable: to be forgotten
    assert not is_store(tmp_path / "s")
    with StoreWriter(tmp_path / "s", "few", COLUMNS, job={"n": 1}) as writer:
        assert (list(writer.ids), writer.state) == (rows(0, 4)[0], {"next": 4})
        writer.append(*rows(4, 10))
        writer.finish({"from": "a test"})
    make(tmp_path / "at once")
    differ = {
        name
        for name, data in contents(tmp_path / "s").items()
        if data != contents(tmp_path / "at once")[name]
    }
    assert differ == {"store.json"}  # it counts the repeated row
    assert read_manifest(tmp_path / "s").duplicates == 1


@pytest.mark.parametrize("change", ["job", "columns", "lost bytes", "bad journal"])
def test_other_leftovers_are_not_taken_over(tmp_path: Path, change: str) -> None:
    with StoreWriter(tmp_path / "s", "few", COLUMNS, job={"n": 1}) as writer:
        writer.append(*rows(0, 4))
        writer.checkpoint()
    if change == "lost bytes":
        os.truncate(tmp_path / "s" / "matrix.npy", 130)
    if change == "bad journal":
        (tmp_path / "s" / "journal.json").write_text('{"job": ')
    job = {"n": 2 if change == "job" else 1}
    columns = ("a", "b", "c") if change == "columns" else COLUMNS
    with StoreWriter(tmp_path / "s", "few", columns, job=job) as writer:
        assert not writer.ids
        writer.append(*rows(5, 6))
        assert writer.finish({}).source.tolist() == [[15, 16, 17]]


def test_the_old_store_stays_until_the_new_one_is_whole(tmp_path: Path) -> None:
    make(tmp_path / "s", 3)
    old = open_store(tmp_path / "s")
    for stop in (5, 8, 2):
        before = len(open_store(tmp_path / "s"))
        with StoreWriter(tmp_path / "s", "few", COLUMNS, job={"to": stop}) as writer:
            writer.append(*rows(0, stop))
            writer.checkpoint()
            assert len(open_store(tmp_path / "s")) == before
            assert len(writer.finish({})) == stop
        assert len(open_store(tmp_path / "s")) == stop
        assert len(contents(tmp_path / "s")) == 3
        assert wrong_checksums(tmp_path / "s") == []
    np.testing.assert_array_equal(old.read(), rows(0, 3)[1])  # an open table goes on being read


def test_giving_up(tmp_path: Path) -> None:
    writer = StoreWriter(tmp_path / "s", "few", COLUMNS, job={})
    writer.append(*rows(0, 2))
    writer.discard()
    assert not (tmp_path / "s").exists()
    make(tmp_path / "s")
    before = contents(tmp_path / "s")
    writer = StoreWriter(tmp_path / "s", "few", COLUMNS, job={})
    writer.append(*rows(0, 2))
    writer.discard()
    assert contents(tmp_path / "s") == before


def test_wrong_sizes_and_no_rows(tmp_path: Path) -> None:
    with StoreWriter(tmp_path / "s", "few", COLUMNS, job={}) as writer:
        for ids, shape in ((["a"], (2, 3)), (["a"], (1, 2))):
            with pytest.raises(DataError, match="rows of 3 values"):
                writer.append(ids, np.zeros(shape, np.float32))
        with pytest.raises(DataError, match="no rows"):
            writer.finish({})
    with (
        StoreWriter(tmp_path / "t", "few", COLUMNS, job={}, labelled=True) as writer,
        pytest.raises(DataError, match="with labels"),
    ):
        writer.append(["a"], np.zeros((1, 3), np.float32))


def test_one_writer_at_a_time(tmp_path: Path) -> None:
    pytest.importorskip("fcntl")
    code = (
        "import sys; from genrescope.data.store.writer import StoreWriter\n"
        "from genrescope.errors import UsageError\n"
        "try: StoreWriter(sys.argv[1], 'few', ('x', 'y', 'z'), job={})\n"
        "except UsageError as error: print(error.message)\n"
    )
    with StoreWriter(tmp_path / "s", "few", COLUMNS, job={}):
        done = subprocess.run(
            [sys.executable, "-c", code, str(tmp_path / "s")], capture_output=True, text=True
        )
    assert done.stdout == "another program is writing this store\n", done.stderr


def test_a_foreign_folder_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "holiday.jpg").write_bytes(b"x")
    with pytest.raises(UsageError, match="not a store"):
        StoreWriter(tmp_path, "few", COLUMNS, job={})
    assert contents(tmp_path) == {"holiday.jpg": b"x"}


def test_no_store(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no store here"):
        open_store(tmp_path)
    with StoreWriter(tmp_path, "few", COLUMNS, job={}) as writer:
        writer.append(*rows(0, 2))
    with pytest.raises(DataError, match=r"not finished.*goes on where it stopped"):
        open_store(tmp_path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "not the description of a store"),
        ("[1]", "not the description of a store"),
        ('{"format": "genrescope store 9"}', "another format"),
        ('{"rows": 3}', "not the description of a store"),
    ],
)
def test_foreign_descriptions(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "store.json").write_text(text)
    with pytest.raises(DataError, match=message) as caught:
        open_store(tmp_path)
    assert caught.value.place == str(tmp_path / "store.json")
    assert caught.value.remedy


def test_damaged_stores(tmp_path: Path) -> None:
    make(tmp_path)
    good = contents(tmp_path)
    for name in ("matrix.npy", "ids.npy"):
        os.truncate(tmp_path / name, len(good[name]) - 1)
        with pytest.raises(DataError, match=f"damaged: {name} has"):
            open_store(tmp_path)
        (tmp_path / name).unlink()
        with pytest.raises(DataError, match=f"damaged: {name} cannot be read"):
            open_store(tmp_path)
        (tmp_path / name).write_bytes(good[name])
    description = json.loads(good["store.json"])
    (tmp_path / "store.json").write_text(json.dumps({**description, "rows": 9}))
    with pytest.raises(DataError, match="its matrix is not 9 x 3 float32"):
        open_store(tmp_path)


def test_changed_values_show_in_the_checksum(tmp_path: Path) -> None:
    make(tmp_path)
    data = bytearray((tmp_path / "matrix.npy").read_bytes())
    data[-3] ^= 4
    (tmp_path / "matrix.npy").write_bytes(data)
    assert len(open_store(tmp_path)) == 10
    assert wrong_checksums(tmp_path) == ["matrix.npy"]
