"""A pretrained network into the user's folder: fetched, verified, converted and checked, once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from genrescope.backbones.backbone import CHECKSUM, Backbone, Network, file_checksum
from genrescope.backbones.check import check_network
from genrescope.backbones.fetching import fetch_published, read_published
from genrescope.errors import DataError
from genrescope.files.atomic import sync, write_errors
from genrescope.files.scratch import scratch_folder

_PART = ".adding-"  # how the names of folders of unfinished work begin


def add_backbone(
    backbone: Backbone,
    folder: Path,
    file: Path | None = None,
    *,
    progress: Callable[[str], None] = lambda _: None,
) -> bool:
    """Whether the network was put into `folder`/NAME, whole; False if it was there, in order.

    Args:
        backbone: which.
        folder: the user's models; made where missing.
        file: the published file, where it is here; fetched where None. It is not needed afterwards.
        progress: called with what is done next, in words.

    Raises:
        UsageError: there is no such file, or nothing to fetch it with.
        DataError: the file cannot be fetched or is not the right one, the converted network does
            not give the known values, or `folder` cannot be written. Nothing is left behind.
    """
    target = folder / backbone.name
    if is_in_order(backbone, target):
        return False
    made = not folder.exists()
    try:
        if file is None:
            content = fetch_published(backbone, folder, progress)
        else:
            content = read_published(backbone, file)
    except DataError:
        if made and folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
        raise
    with _temporary_folder(folder) as part:
        progress("converting the network")
        (part / backbone.name).mkdir()
        _write_network(backbone, content, part / backbone.name)
        progress("checking it against known values")
        check_network(Network.load(backbone, part / backbone.name))
        if target.exists():
            target.rename(part / "damaged")
        (part / backbone.name).rename(target)
    return True


def remove_backbone(backbone: Backbone, folder: Path) -> bool:
    """Whether the network was there; it is removed from `folder`.

    Raises:
        DataError: `folder` cannot be written.
    """
    target = folder / backbone.name
    if not target.exists():
        return False
    with _temporary_folder(folder) as part:
        target.rename(part / backbone.name)  # gone at once, never half there
    return True


def is_in_order(backbone: Backbone, folder: Path) -> bool:
    """Whether a network is in `folder` that loads and gives the known values."""
    try:
        check_network(Network.load(backbone, folder))
    except DataError:
        return False
    return True


@contextmanager
def _temporary_folder(folder: Path) -> Iterator[Path]:
    """A temporary folder within `folder`; those that a killed process left are removed."""
    with write_errors(folder, "GENRESCOPE_MODELS can name another folder for models"):
        folder.mkdir(parents=True, exist_ok=True)
        with scratch_folder(_PART, folder) as part:
            yield part


def _write_network(backbone: Backbone, content: bytes, folder: Path) -> None:
    """Write the graph, the weights that it points to, their checksum, and the licence."""
    tensors, licence = backbone.convert(content)
    _write(folder / "LICENSE.md", licence)
    weights = b"".join(value.astype("<f4").tobytes() for value in tensors.values())
    _write(folder / backbone.weights, weights)
    checksum = file_checksum(folder / backbone.weights)
    _write(folder / CHECKSUM, f"{checksum}\n".encode("ascii"))
    _write(folder / backbone.graph, Path(__file__).with_name(backbone.graph).read_bytes())


def _write(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    sync(path)
