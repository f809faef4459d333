"""Imports: the same store whether or not they are interrupted, and never a broken one."""

from __future__ import annotations

import gzip
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from genrescope.data.formats.featurefile import read_table
from genrescope.data.store.importer import import_file, store_folder
from genrescope.data.store.reader import JOURNAL, is_store, open_store, wrong_checksums
from genrescope.errors import DataError, UsageError
from genrescope.progress import Progress

ROWS, DIMS = 4000, 20
HEADER = "".join(f"@attribute a{i} real\n" for i in range(DIMS)) + "@attribute i string\n@data\n"


def write_arff(path: Path, seed: int = 0, rows: int = ROWS) -> Path:
    """A file of known size with comments and a repeated id, gzipped by its name."""
    values = np.random.default_rng(seed).normal(size=(rows, DIMS)).astype(np.float32)
    lines = [f"{','.join(map(str, row))},'T{i}'\n" for i, row in enumerate(values.tolist())]
    lines.insert(rows // 2, f"% half\n{'0,' * DIMS}T0\n")
    text = (HEADER + "".join(lines)).encode()
    path.write_bytes(gzip.compress(text, 1) if path.suffix == ".gz" else text)
    return path


def write_parts(path: Path) -> Path:
    lines = (
        write_arff(path.with_name("whole.arff")).read_text().removeprefix(HEADER).splitlines(True)
    )
    path.mkdir()
    for part in range(4):
        text = "".join(lines[part * 1001 : (part + 1) * 1001]).encode()
        (path / f"part-{part:05d}.csv.gz").write_bytes(gzip.compress(text, 1))
    names = [f"a{i},real\n" for i in range(DIMS)]
    path.with_name("parts.attributes.csv").write_text("".join(names) + "i,STRING\n")
    return path


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_import_gives_what_read_table_gives(tmp_path: Path) -> None:
    path = write_arff(tmp_path / "few.arff")
    seen: list[Progress] = []
    done = import_file(path, progress=seen.append, block_bytes=50_000)
    assert done.folder == tmp_path / "few.store" == store_folder(path)
    assert (done.fresh, done.resumed) == (True, 0)
    table = read_table(path)
    assert done.table.ids.tolist() == table.ids.tolist()
    np.testing.assert_array_equal(done.table.source, table.source)
    assert done.table.provenance["duplicates"] == 1
    assert done.table.provenance["file"] == "few.arff"
    assert [p.done for p in seen] == sorted(p.done for p in seen)
    assert (seen[-1].done, seen[-1].text) == (seen[-1].total, f"{ROWS:,} rows")


def test_a_second_import_leaves_the_store_alone(tmp_path: Path) -> None:
    path = write_arff(tmp_path / "few.arff")
    import_file(path)
    before = {p: p.stat().st_mtime_ns for p in (tmp_path / "few.store").iterdir()}
    assert not import_file(path).fresh
    assert not import_file(path, missing="nan").fresh  # nothing is missing in it
    assert before == {p: p.stat().st_mtime_ns for p in (tmp_path / "few.store").iterdir()}
    assert import_file(path, force=True).fresh
    write_arff(path, seed=1)
    again = import_file(path)
    assert again.fresh
    np.testing.assert_array_equal(again.table.source, read_table(path).source)


def test_a_damaged_store_is_made_again(tmp_path: Path) -> None:
    path = write_arff(tmp_path / "few.arff", rows=5)
    import_file(path)
    for name in ("matrix.npy", "store.json"):
        os.truncate(tmp_path / "few.store" / name, 10)
        assert import_file(path).fresh
        assert wrong_checksums(tmp_path / "few.store") == []
        (tmp_path / "few.store" / "matrix.2.npy").exists()


def test_the_store_of_another_file_is_not_replaced_unasked(tmp_path: Path) -> None:
    one, other = write_arff(tmp_path / "one.arff", 1, 5), write_arff(tmp_path / "other.arff", 2, 5)
    folder = import_file(one).folder
    with pytest.raises(UsageError, match=r"something else than other\.arff.*--force"):
        import_file(other, folder)
    np.testing.assert_array_equal(open_store(folder).source, read_table(one).source)
    assert import_file(other, folder, force=True).table.provenance["file"] == "other.arff"


def test_a_bad_file_leaves_the_old_store_or_none(tmp_path: Path) -> None:
    path = write_arff(tmp_path / "few.arff")
    good = path.read_bytes()
    path.write_bytes(good[: len(good) * 3 // 4])
    with pytest.raises(DataError, match="columns declared"):
        import_file(path, block_bytes=10_000)
    assert not (tmp_path / "few.store").exists()
    path.write_bytes(good)
    import_file(path)
    before = contents(tmp_path / "few.store")
    path.write_bytes(good + b"1,2\n")
    with pytest.raises(DataError) as caught:
        import_file(path)
    assert caught.value.place == f"{path}:{DIMS + 2 + ROWS + 3}"
    assert contents(tmp_path / "few.store") == before


def test_labels_and_given_ids(tmp_path: Path) -> None:
    path = tmp_path / "few.arff"
    path.write_text("@attribute a real\n@attribute g {x,y}\n@data\n1,x\n2,y\n3,?\n")
    table = import_file(path, ids=["p", "q", "r"]).table
    assert table.ids.tolist() == ["p", "q", "r"]
    assert table.labels is not None
    assert table.labels.tolist() == ["x", "y", ""]
    assert import_file(path).table.ids.tolist() == ["0", "1", "2"]  # other ids: another store


CHILD = """
import os, signal, sys
from genrescope.data.store import importer
importer._CHECKPOINT_BLOCKS = 3
blocks = 0
def watch(at):
    global blocks
    blocks += 1
    if blocks == int(sys.argv[3]):
        os.kill(os.getpid(), signal.SIGKILL)
importer.import_file(sys.argv[1], sys.argv[2], progress=watch, block_bytes=30_000)
"""


def run_child(path: Path, folder: Path, kill_at: int) -> int:
    command = [sys.executable, "-c", CHILD, str(path), str(folder), str(kill_at)]
    return subprocess.run(command, stderr=subprocess.DEVNULL).returncode


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["few.arff", "few.arff.gz", "parts.csv"])
def test_a_killed_import_goes_on_and_gives_the_same(tmp_path: Path, kind: str) -> None:
    path = write_parts(tmp_path / kind) if kind == "parts.csv" else write_arff(tmp_path / kind)
    expected = contents(import_file(path, tmp_path / "whole").folder)
    folder = tmp_path / "cut"
    # Each run is killed a few blocks further on: after 2 (nothing durable yet), then 4, 5 ... more.
    for kill_at in (2, 4, 5, 7, 10):
        assert run_child(path, folder, kill_at) == -signal.SIGKILL
        assert not is_store(folder)
        with pytest.raises(DataError, match="not finished"):
            open_store(folder)
    rows = json.loads((folder / JOURNAL).read_text())["state"]["row"]
    done = import_file(path, folder)
    assert done.resumed >= rows - 1 > ROWS // 4
    assert contents(folder) == expected


@pytest.mark.slow
def test_killed_while_it_reads_there_is_the_old_store(tmp_path: Path) -> None:
    path = write_arff(tmp_path / "few.arff")
    old = import_file(path, tmp_path / "s").table.read()
    write_arff(path, seed=1)
    new = read_table(path).source
    for kill_at in (1, 2, 4, 7, 10):
        assert run_child(path, tmp_path / "s", kill_at) == -signal.SIGKILL
        np.testing.assert_array_equal(open_store(tmp_path / "s").read(), old)
        assert wrong_checksums(tmp_path / "s") == []
    import_file(path, tmp_path / "s")
    np.testing.assert_array_equal(open_store(tmp_path / "s").read(), new)


FINISH = """
import os, signal, sys
from pathlib import Path
from genrescope.data.store import importer
calls = 0
def killing(name, method):
    def wrapped(*args, **kwargs):
        global calls
        calls += 1
        if calls == int(sys.argv[3]):
            os.kill(os.getpid(), signal.SIGKILL)
        return method(*args, **kwargs)
    return wrapped
for name in ("replace", "unlink"):
    setattr(Path, name, killing(name, getattr(Path, name)))
importer.import_file(sys.argv[1], sys.argv[2])
"""


@pytest.mark.slow
def test_killed_at_each_step_of_finishing(tmp_path: Path) -> None:
    path = write_arff(tmp_path / "few.arff", rows=50)
    old = import_file(path, tmp_path / "s").table.read()
    write_arff(path, seed=1, rows=50)
    new = read_table(path).source
    seen = []
    for step in range(1, 20):
        command = [sys.executable, "-c", FINISH, str(path), str(tmp_path / "s"), str(step)]
        code = subprocess.run(command).returncode
        found = open_store(tmp_path / "s").read()
        seen.append(np.array_equal(found, new))
        assert seen[-1] or np.array_equal(found, old)
        assert wrong_checksums(tmp_path / "s") == []
        if code == 0:
            break
    assert code == 0
    assert not seen[0]
    assert seen[-1]
    assert sorted(contents(tmp_path / "s")) == ["ids.2.npy", "matrix.2.npy", "store.json"]


MEMORY = """
import sys
from genrescope.data.store.importer import import_file
import_file(sys.argv[1], sys.argv[2])
# Not getrusage, whose peak is also that of the process that this one was forked from.
status = open("/proc/self/status").read().splitlines()
print(next(line.split()[1] for line in status if line.startswith("VmHWM")))
"""


@pytest.mark.slow
def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    row = ",".join(f"{i / 7:.6f}" for i in range(1440))
    header = (
        "".join(f"@attribute a{i} real\n" for i in range(1440)) + "@attribute i string\n@data\n"
    )
    peaks = []
    for rows in (10_000, 30_000):
        path = tmp_path / f"{rows}.arff"
        with path.open("w") as file:
            file.write(header)
            file.writelines(f"{row},T{i}\n" for i in range(rows))
        command = [sys.executable, "-c", MEMORY, str(path), str(tmp_path / f"{rows}.store")]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        peaks.append(int(done.stdout) / 1024)  # MiB; 120 and 360 MB of text
        path.unlink()
    assert peaks[1] < 700
    assert peaks[1] - peaks[0] < 150
