"""musicnn into the user's folder: its wheel fetched, verified, converted and checked, once.

The wheel of musicnn 0.1.0 carries the trained variables as a TensorFlow checkpoint. Its code needs
libraries of 2019 and is not used.
"""

from __future__ import annotations

import hashlib
import importlib.util
import io
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from genrescope.backbones.check import check_musicnn
from genrescope.backbones.musicnn import GRAPH, WEIGHTS, Musicnn
from genrescope.backbones.tf_checkpoint import read_checkpoint
from genrescope.backbones.weights import graph_tensors
from genrescope.errors import DataError, UsageError
from genrescope.files.scratch import scratch_folder

NAME = "musicnn"
REQUIREMENT = "musicnn==0.1.0"
WHEEL = "musicnn-0.1.0-py3-none-any.whl"
SIZE = 29_292_476
SHA256 = "f38a4890c648c1ddbb141c5d96d2b0a8cfcd36746002d896989f7b88beb65cfa"

_CHECKPOINT = "musicnn/MSD_musicnn/"
_LICENCE = "musicnn-0.1.0.dist-info/LICENSE.md"
_PART = f".{NAME}-"  # how the names of folders of unfinished work begin
_REMEDY = (
    f"where there is a network: pip download --no-deps {REQUIREMENT}; "
    f"then: genrescope models add {NAME} --wheel {WHEEL} (sha256 {SHA256})"
)


def add_musicnn(
    folder: Path, wheel: Path | None = None, *, progress: Callable[[str], None] | None = None
) -> bool:
    """Put musicnn into `folder`/musicnn, whole or not at all; the wheel is not needed afterwards.

    Args:
        folder: the user's models; made where missing.
        wheel: the file `musicnn-0.1.0-py3-none-any.whl`; fetched with pip where None.
        progress: called with what is done next, in words.

    Returns:
        False if it was there already, and is in order.

    Raises:
        UsageError: there is no file `wheel`, or nothing to fetch it with.
        DataError: the wheel cannot be fetched or is not the right one, the converted network does
            not give the known values, or `folder` cannot be written.
    """
    tell = progress or (lambda _: None)
    target = folder / NAME
    if _in_order(target):
        return False
    content = _read_wheel(wheel) if wheel else _fetch_wheel(tell)
    with _workplace(folder) as part:
        tell("converting the network")
        (part / NAME).mkdir()
        _write_network(content, part / NAME)
        tell("checking it against known values")
        check_musicnn(Musicnn.load(part / NAME))
        if target.exists():
            target.rename(part / "damaged")
        (part / NAME).rename(target)
    return True


def remove_musicnn(folder: Path) -> bool:
    """Remove musicnn from `folder`; False if it was not there.

    Raises:
        DataError: `folder` cannot be written.
    """
    target = folder / NAME
    if not target.exists():
        return False
    with _workplace(folder) as part:
        target.rename(part / NAME)  # gone at once, never half there
    return True


def _in_order(target: Path) -> bool:
    """Whether a network is there that loads and gives the known values."""
    try:
        check_musicnn(Musicnn.load(target))
    except DataError:
        return False
    return True


@contextmanager
def _workplace(folder: Path) -> Iterator[Path]:
    """A temporary folder within `folder`; those that a killed process left are removed."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with scratch_folder(_PART, folder) as part:
            yield part
    except OSError as error:
        remedy = "GENRESCOPE_MODELS can name another folder for models"
        message = f"cannot be written: {error.strerror}"
        raise DataError(message, place=folder, remedy=remedy) from error


def _fetch_wheel(tell: Callable[[str], None]) -> bytes:
    """The wheel, by pip and so by the user's own configuration of it (index, proxy, cache)."""
    pip = _pip()
    tell(f"fetching {WHEEL} ({SIZE / 1e6:.0f} MB) with pip")
    with scratch_folder("genrescope-") as folder:
        wanted = folder / "wanted.txt"
        wanted.write_text(f"{REQUIREMENT} --hash=sha256:{SHA256}\n", "utf-8")
        # No source distribution, and nothing that it depends on: no code of others is run.
        options = ("--no-deps", "--only-binary=:all:", "--no-input", "--dest", str(folder))
        command = [*pip, "download", *options, "--requirement", str(wanted)]
        done = subprocess.run(command, capture_output=True, text=True, errors="replace")
        if done.returncode != 0:
            message = f"cannot be fetched: {_reason(done.stderr)}"
            raise DataError(message, place=REQUIREMENT, remedy=_REMEDY)
        return _read_wheel(folder / WHEEL)


def _reason(said: str) -> str:
    """Why pip failed: a broken connection, of which it only warns, or else its last error."""
    lines = [line.strip() for line in said.splitlines() if line.strip()] or ["pip says nothing"]
    broken = [line.partition(" after ")[2] for line in lines if "connection broken" in line]
    errors = [line for line in lines if line.startswith("ERROR:")]
    return (broken or errors or lines)[-1]


def _pip() -> list[str]:
    """How pip is called here; environments that uv makes have none of their own."""
    if importlib.util.find_spec("pip"):
        return [sys.executable, "-P", "-m", "pip"]  # never a pip.py that lies where we stand
    if pip := shutil.which("pip") or shutil.which("pip3"):
        return [pip]
    if uv := shutil.which("uv"):
        return [uv, "tool", "run", "pip"]
    raise UsageError("no pip here to fetch musicnn with", remedy=_REMEDY)


def _read_wheel(path: Path) -> bytes:
    """The content of the wheel, verified."""
    if not path.is_file():
        raise UsageError("no such file", place=path, remedy=_REMEDY)
    try:
        content = path.read_bytes() if path.stat().st_size == SIZE else b""
    except OSError as error:
        raise DataError(f"cannot be read: {error.strerror}", place=path) from error
    if hashlib.sha256(content).hexdigest() != SHA256:
        message = f"this is not {WHEEL}, {SIZE:,} bytes with the checksum expected"
        raise DataError(message, place=path, remedy=_REMEDY)
    return content


def _write_network(wheel: bytes, folder: Path) -> None:
    """Write the graph, the weights that it points to, and the licence of musicnn."""
    with zipfile.ZipFile(io.BytesIO(wheel)) as archive:
        index = archive.read(f"{_CHECKPOINT}.index")
        data = archive.read(f"{_CHECKPOINT}.data-00000-of-00001")
        _write(folder / "LICENSE.md", archive.read(_LICENCE))
    variables = read_checkpoint(index, data)
    tensors = graph_tensors({name: value.astype("f4") for name, value in variables.items()})
    _write(folder / WEIGHTS, b"".join(value.astype("<f4").tobytes() for value in tensors.values()))
    _write(folder / GRAPH, Path(__file__).with_name(GRAPH).read_bytes())


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as handle:
        handle.write(content)
        handle.flush()
        os.fsync(handle.fileno())
