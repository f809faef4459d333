"""Standard streams of any encoding, closed, full or left; outputs that cannot be written."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import soundfile

CASES = Path(__file__).parent.parent / "cases"
COLUMNS = str(CASES / "info_columns" / "columns.arff")

pytestmark = pytest.mark.slow


def genrescope(
    *arguments: str, before: Callable[[], None] | None = None, **more: object
) -> subprocess.CompletedProcess[bytes]:
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    environment |= more.pop("env", {})  # type: ignore[arg-type]
    options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | more
    command = [sys.executable, "-m", "genrescope", *arguments]
    return subprocess.run(command, env=environment, preexec_fn=before, timeout=100, **options)  # type: ignore[call-overload,no-any-return]


def one_line(done: subprocess.CompletedProcess[bytes]) -> str:
    """The one line on standard error."""
    [line] = done.stderr.decode().splitlines()
    return line


@pytest.fixture
def songs(tmp_path: Path, models: Path) -> Path:
    """A folder with songs of unusual names that cannot be decoded, quickly done."""
    folder = tmp_path / "songs"
    folder.mkdir()
    for name in (b"J\xc3\xb3ga \xe4\xbd\xa0 [x].mp3", b"caf\xe9.mp3"):
        (folder / os.fsdecode(name)).write_bytes(b"no song")
    return folder


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "latin-1", "utf-8"])
@pytest.mark.parametrize("form", ["--json", "--csv", "table"])
def test_any_encoding_of_standard_output(songs: Path, encoding: str, form: str) -> None:
    forms = [] if form == "table" else [form]
    done = genrescope(
        *("classify", str(songs), "--model", "toy", *forms), env={"PYTHONIOENCODING": encoding}
    )
    assert done.returncode == 3
    assert done.stderr == b""
    lines = done.stdout.decode("utf-8" if form == "--csv" else encoding, "replace").splitlines()
    assert sum(".mp3" in line for line in lines) == 2
    assert sum("not an audio file" in line for line in lines) == 2


def test_columns_with_brackets_are_described() -> None:
    done = genrescope("data", "info", COLUMNS)
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"level [db] ... flux [/s]" in done.stdout


def test_a_full_standard_output_is_one_line() -> None:
    with Path("/dev/full").open("wb") as full:
        done = genrescope("data", "info", COLUMNS, stdout=full)
    assert done.returncode == 3
    assert "No space left on device" in one_line(done)


@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_closed_stream_stops_nothing(number: int) -> None:
    done = genrescope("data", "info", COLUMNS, before=lambda: os.close(number))
    assert (done.returncode, done.stderr) == (0, b"")


def test_no_file_takes_the_place_of_a_closed_stream(songs: Path, tmp_path: Path) -> None:
    """What decoders write to standard error, or are kept from writing, is in no file."""
    results = tmp_path / "results.jsonl"
    command = ("classify", str(songs), "--model", "toy", "--results", str(results))
    done = genrescope(*command, before=lambda: os.closerange(0, 3))
    assert done.returncode == 3
    lines = results.read_text().splitlines()
    assert len(lines) == 3
    assert all(line.startswith("{") and line.endswith("}") for line in lines)


def test_a_full_standard_error_changes_no_exit_code(tmp_path: Path) -> None:
    with Path("/dev/full").open("wb") as full:
        done = genrescope("data", "info", str(tmp_path / "none.arff"), stderr=full)
    assert done.returncode == 3


def test_a_reader_that_left_is_no_news(songs: Path) -> None:
    ours, theirs = os.pipe()
    os.close(ours)
    with os.fdopen(theirs, "wb") as pipe:
        done = genrescope("classify", str(songs), "--model", "toy", "--json", stdout=pipe)
    assert done.returncode == 1
    assert done.stderr == b""


def limited(size: int) -> Callable[[], None]:
    """Makes every file that grows beyond `size` bytes fail, as on a full disk."""

    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    return limit


def test_a_results_file_that_cannot_grow_is_one_line_and_goes_on(
    songs: Path, tmp_path: Path
) -> None:
    results = tmp_path / "results.jsonl"
    command = ("classify", str(songs), "--model", "toy", "--results", str(results), "--json")
    done = genrescope(*command, before=limited(250))
    assert done.returncode == 3
    line = one_line(done)
    assert line.startswith(f"genrescope: {results}: cannot be written: File too large (")
    assert all(line.endswith(b"\n") for line in results.read_bytes().splitlines(keepends=True))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["models", "results.jsonl", "songs"]
    assert genrescope(*command).returncode == 3
    assert len(results.read_bytes().splitlines()) == 3


def test_an_import_that_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    done = genrescope("data", "import", COLUMNS, "-o", str(tmp_path / "out"), before=limited(100))
    assert done.returncode == 3
    line = one_line(done)
    assert "columns.store: cannot be written: File too large (make room" in line
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize(
    "command",
    [
        ("classify", "song.wav", "--model", "toy", "--results", "folder"),
        ("explain", "song.wav", "--model", "toy", "-o", "folder.png"),
        ("show", "song.wav", "-o", "folder.png"),
        ("tag", ".", "--output", "folder"),
        ("library", "scan", ".", "--index", "folder"),
    ],
)
def test_a_folder_given_as_an_output_is_one_line(
    tmp_path: Path, models: Path, command: tuple[str, ...]
) -> None:
    for name in ("folder", "folder.png"):
        (tmp_path / name).mkdir()
    samples = [[0.1, -0.1] * 4][0] * 22050
    soundfile.write(tmp_path / "song.wav", samples, 22050)
    if command[0] == "tag":
        scan = ("library", "scan", ".", "--classify", "--model", "toy")
        assert genrescope(*scan, cwd=tmp_path, env={"XDG_DATA_HOME": str(models)}).returncode == 0
    done = genrescope(*command, cwd=tmp_path, env={"XDG_DATA_HOME": str(models)})
    assert done.returncode in (2, 3)
    assert "folder" in one_line(done)
    assert not list((tmp_path / "folder").iterdir())
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_a_plan_is_written_into_a_pipe(tmp_path: Path, models: Path) -> None:
    (tmp_path / "music").mkdir()
    soundfile.write(tmp_path / "music" / "song.wav", [0.1, -0.1] * 88200, 22050)
    env = {"XDG_DATA_HOME": str(models)}
    scan = ("library", "scan", str(tmp_path / "music"), "--classify", "--model", "toy")
    assert genrescope(*scan, env=env).returncode == 0
    done = genrescope("tag", str(tmp_path / "music"), "--output", "/dev/stdout", env=env)
    assert done.returncode == 0
    assert b"song.wav,genre" in done.stdout
