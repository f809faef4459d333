"""Files written whole: over links, into devices and pipes, never over a folder."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from genrescope.files.atomic import atomic_write, polars_errors, write_atomic


def test_a_link_stays_and_its_file_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    target = tmp_path / "elsewhere" / "real.csv"
    target.write_text("old")
    link = tmp_path / "link.csv"
    link.symlink_to(target)
    write_atomic(link, b"new")
    assert link.is_symlink()
    assert target.read_bytes() == b"new"
    assert sorted(path.name for path in target.parent.iterdir()) == ["real.csv"]


def test_a_link_to_nothing_makes_its_file(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "new" / "file")
    write_atomic(tmp_path / "link", b"new")
    assert (tmp_path / "new" / "file").read_bytes() == b"new"
    assert (tmp_path / "link").is_symlink()


def test_a_pipe_is_written_to(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    found: list[bytes] = []
    reader = threading.Thread(target=lambda: found.append(pipe.read_bytes()))
    reader.start()
    write_atomic(pipe, b"content")
    reader.join(10)
    assert found == [b"content"]
    assert pipe.is_fifo()


def test_devices_are_written_to() -> None:
    write_atomic(Path("/dev/null"), b"content")
    assert Path("/dev/null").is_char_device()
    with pytest.raises(OSError, match="No space left"):
        write_atomic(Path("/dev/full"), b"content")


@pytest.mark.parametrize("piped", [True, False])
def test_standard_output_is_written_to(tmp_path: Path, piped: bool) -> None:
    code = (
        "from pathlib import Path; from genrescope.files.atomic import write_atomic;"
        "write_atomic(Path('/dev/stdout'), b'content')"
    )
    command = [sys.executable, "-c", code]
    if piped:
        assert subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout == b"content"
        return
    with (tmp_path / "out").open("wb") as file:
        subprocess.run(command, stdout=file, check=True)
        assert os.path.samestat(os.fstat(file.fileno()), (tmp_path / "out").stat())
    assert (tmp_path / "out").read_bytes() == b"content"


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError), atomic_write(tmp_path):
        pass


def test_the_longest_name_can_be_written(tmp_path: Path) -> None:
    write_atomic(tmp_path / ("n" * 251 + ".csv"), b"content")
    assert len(list(tmp_path.iterdir())) == 1


def test_what_a_killed_writer_left_is_removed_by_the_next(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as gone:
        gone.wait()
    (tmp_path / f".plan.csv.{gone.pid}.part").write_bytes(b"half")
    (tmp_path / f".plan.csv.{os.getppid()}.part").write_bytes(b"somebody is at it")
    (tmp_path / f".other.csv.{gone.pid}.part").write_bytes(b"not ours")
    write_atomic(tmp_path / "plan.csv", b"whole")
    assert {path.name for path in tmp_path.iterdir()} == {
        "plan.csv",
        f".plan.csv.{os.getppid()}.part",
        f".other.csv.{gone.pid}.part",
    }


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no such device here")
def test_a_full_disk_is_named_as_elsewhere_where_polars_writes() -> None:
    polars = pytest.importorskip("polars")
    with pytest.raises(OSError, match="No space left on device"), polars_errors():
        polars.DataFrame({"a": range(100_000)}).write_parquet("/dev/full")
