"""`genrescope doctor`: what is there on this machine, what is missing, and how to add it."""

from __future__ import annotations

import importlib.util
import platform
from collections.abc import Iterator
from dataclasses import dataclass

from genrescope.cli.output import console, write_line

EXTRAS = {
    "tags": ("reading and writing tags: library, tag, undo", ("mutagen",)),
    "web": ("the page: serve", ("fastapi", "uvicorn", "python_multipart")),
    "figures": ("pictures: show, explain --output", ("matplotlib",)),
    "av": ("M4A, WMA, APE, WavPack, video", ("av",)),
    "train": (
        "training, benchmarks, Parquet",
        ("keras", "tensorflow", "polars", "sklearn", "lightgbm", "jinja2", "onnx"),
    ),
    "tune": ("a search for better settings", ("optuna",)),
    "cluster": ("extraction on a Dask cluster", ("distributed",)),
}
"""What each optional part is for, and the modules that it consists of."""

_CORE = ("numpy", "onnxruntime", "soundfile", "soxr")


@dataclass(frozen=True)
class Check:
    """Whether something is there.

    Attributes:
        name: of it.
        here: whether it is.
        what: what it is for, or where it is.
        remedy: the command that adds it.
    """

    name: str
    here: bool
    what: str
    remedy: str = ""


def doctor() -> None:
    """Report what is there (decoders, optional parts, networks, folders) and what can be added.

    Nothing is changed, and nothing is fetched. Good to send along with a report of a fault.
    """
    from importlib import metadata

    from genrescope.backbones.family import models_folder
    from genrescope.inference.registry import default_model_name
    from genrescope.library.index.database import default_index
    from genrescope.library.tagging.journal import journals_folder
    from genrescope.version import __version__

    versions = ", ".join(f"{name} {metadata.version(name)}" for name in _CORE)
    write_line(f"genrescope {__version__}, Python {platform.python_version()}, {_machine()}")
    write_line(f"{versions}\n")
    _print("sound", sound())
    _print("optional parts", extras())
    _print("networks", networks())
    write_line(f"default model  {default_model_name()}")
    write_line(f"models         {models_folder()}")
    write_line(f"indexes        {default_index(models_folder()).parent}")
    write_line(f"tags' journal  {journals_folder()}")


def sound() -> Iterator[Check]:
    """The decoders."""
    import soundfile

    from genrescope.audio.decoders import ffmpeg

    known = soundfile.available_formats()
    yield Check("WAV, FLAC, Ogg", True, f"libsndfile {soundfile.__libsndfile_version__}")
    yield Check("MP3", "MP3" in known, "libsndfile 1.1 or newer", "pip install -U soundfile")
    here = "PyAV" if _has("av") else "ffmpeg" if ffmpeg.is_available() else ""
    remedy = f"{_install('av')}, or put ffmpeg on the PATH"
    yield Check("M4A, WMA, APE ...", bool(here), here, remedy)


def extras() -> Iterator[Check]:
    """The optional parts of the package."""
    for name, (purpose, modules) in EXTRAS.items():
        yield Check(name, all(map(_has, modules)), purpose, _install(name))


def networks() -> Iterator[Check]:
    """The pretrained networks."""
    from genrescope.backbones.family import BACKBONES, missing_networks, network_folder

    for name, network in BACKBONES.items():
        here = not missing_networks([name])
        what = str(network_folder(name)) if here else network.title
        yield Check(name, here, what, f"genrescope models add {name}")


def _has(module: str) -> bool:
    return importlib.util.find_spec(module) is not None


def _install(extra: str) -> str:
    return f"pip install 'genrescope[{extra}]'"


def _machine() -> str:
    return f"{platform.system()} {platform.release()} {platform.machine()}"


def _print(title: str, checks: Iterator[Check]) -> None:
    """A line for each: its name, whether it is there, what it is for, how to add it."""
    from rich.text import Text

    out = console()
    out.print(Text(title, "bold"))
    for check in checks:
        line = Text(f"  {check.name:<18}")
        line.append("yes  " if check.here else "no   ", "green" if check.here else "yellow")
        line.append(check.what)
        if not check.here:
            line.append(f"  ->  {check.remedy}", "bold")
        out.print(line, soft_wrap=True)
    out.print()
