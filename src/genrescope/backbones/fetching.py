"""The published file of a network: from its address, or from the Python package index with pip."""

from __future__ import annotations

import hashlib
import importlib.util
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from genrescope.backbones.backbone import Backbone, Origin
from genrescope.errors import DataError, GenrescopeError, UsageError
from genrescope.files.atomic import write_errors
from genrescope.files.fetch import fetch
from genrescope.files.scratch import scratch_folder

Report = Callable[[str], None]

PARTIAL = ".fetching"
"""In the user's folder of models: what has come of a file so far."""


def read_published(backbone: Backbone, path: Path) -> bytes:
    """The content of the published file at `path`, verified.

    Raises:
        UsageError: there is no such file.
        DataError: it is another file, or cannot be read.
    """
    origin = backbone.origin
    if not path.is_file():
        raise UsageError("no such file", place=path, remedy=remedy(backbone))
    try:
        content = path.read_bytes() if path.stat().st_size == origin.size else b""
    except OSError as error:
        raise DataError(f"cannot be read: {error.strerror}", place=path) from error
    if hashlib.sha256(content).hexdigest() != origin.sha256:
        message = f"this is not {origin.file}, {origin.size:,} bytes with the checksum expected"
        raise DataError(message, place=path, remedy=remedy(backbone))
    return content


def fetch_published(backbone: Backbone, folder: Path, report: Report) -> bytes:
    """The content of the published file, fetched and verified; nothing of it stays but a part.

    Args:
        backbone: whose file.
        folder: the user's models; a part that has come is kept there for the next attempt.
        report: called with what is done next, in words.

    Raises:
        UsageError: there is nothing to fetch it with.
        DataError: it cannot be fetched, or is another file.
    """
    origin = backbone.origin
    report(f"fetching {origin.file} ({origin.size / 1e6:.0f} MB)")
    return _over_http(backbone, folder) if origin.url else _with_pip(backbone)


def remedy(backbone: Backbone) -> str:
    """How the file comes here by hand."""
    origin = backbone.origin
    get = origin.url or f"pip download --no-deps {origin.requirement}"
    return (
        f"where there is a network: {get}; then: genrescope models add {backbone.name} "
        f"--file {origin.file} (sha256 {origin.sha256})"
    )


def _over_http(backbone: Backbone, folder: Path) -> bytes:
    target = folder / PARTIAL / backbone.origin.file
    with write_errors(target):
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            fetch(backbone.origin.url, target)
            return read_published(backbone, target)
        except GenrescopeError as error:
            raise DataError(error.message, place=error.place, remedy=remedy(backbone)) from error
        finally:
            target.unlink(missing_ok=True)
            _remove_empty(target.parent)


def _remove_empty(folder: Path) -> None:
    if folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()


def _with_pip(backbone: Backbone) -> bytes:
    """The file by pip, and so by the user's own configuration of it (index, proxy, cache)."""
    origin, pip = backbone.origin, _pip(backbone)
    with scratch_folder("genrescope-") as folder:
        wanted = folder / "wanted.txt"
        wanted.write_text(f"{origin.requirement} --hash=sha256:{origin.sha256}\n", "utf-8")
        # No source distribution, and nothing that it depends on: no code of others is run.
        options = ("--no-deps", "--only-binary=:all:", "--no-input", "--dest", str(folder))
        command = [*pip, "download", *options, "--requirement", str(wanted)]
        done = subprocess.run(command, capture_output=True, text=True, errors="replace")
        if done.returncode != 0:
            raise _refused(origin, done.stderr, remedy(backbone))
        return read_published(backbone, folder / origin.file)


def _refused(origin: Origin, output: str, way_out: str) -> DataError:
    """Why pip failed: a broken connection, of which it only warns, or else its last error."""
    lines = [line.strip() for line in output.splitlines() if line.strip()] or ["pip prints nothing"]
    broken = [line.partition(" after ")[2] for line in lines if "connection broken" in line]
    errors = [line for line in lines if line.startswith("ERROR:")]
    reason = (broken or errors or lines)[-1]
    return DataError(f"cannot be fetched: {reason}", place=origin.requirement, remedy=way_out)


def _pip(backbone: Backbone) -> list[str]:
    """How pip is called here; environments that uv makes have none of their own."""
    if importlib.util.find_spec("pip"):
        return [sys.executable, "-P", "-m", "pip"]  # never a pip.py that lies where we stand
    if pip := shutil.which("pip") or shutil.which("pip3"):
        return [pip]
    if uv := shutil.which("uv"):
        return [uv, "tool", "run", "pip"]
    raise UsageError(f"no pip here to fetch {backbone.name} with", remedy=remedy(backbone))
