"""Where models are: bundled with the package, in the user's folder, or in any folder."""

from __future__ import annotations

import json
import os
from pathlib import Path

from genrescope.backbones.family import missing_networks, models_folder
from genrescope.errors import UsageError
from genrescope.inference.card import CARD, GRAPH

BEST_FIRST = ("full", "audioset", "musicnn", "descriptors")
"""The bundled models; the default is the first one whose networks are all here."""

ALIASES = {"backbone": "musicnn"}
"""Former names of models."""

_BUNDLED = Path(__file__).parent.parent / "models"


def list_models() -> dict[str, Path]:
    """Each model's folder by its name; a bundled name is never the user's."""
    found: dict[str, Path] = {}
    for home in (_BUNDLED, models_folder()):
        folders = sorted(home.iterdir()) if home.is_dir() else []
        for folder in folders:
            if _is_model(folder):
                found.setdefault(folder.name, folder)
    return found


def find_model(name: str | os.PathLike[str] | None = None) -> Path:
    """The folder of a model.

    Args:
        name: of a bundled model or one in the user's folder, or the path of a folder; the default
            model where None.

    Raises:
        UsageError: there is no such model.
    """
    wanted = default_model_name() if name is None else os.fspath(name)
    models = list_models()
    for known in (wanted, ALIASES.get(wanted)):
        if known in models:
            return models[known]
    if _is_model(Path(wanted)):
        return Path(wanted)
    names = ", ".join(models) or "none is installed"
    raise UsageError(f"no model '{wanted}'", remedy=f"give a model's folder, or one of: {names}")


def default_model_name() -> str:
    """The name of the best bundled model whose networks are all here."""
    for name in BEST_FIRST:
        folder = _BUNDLED / name
        if _is_model(folder) and not missing_networks(_inputs(folder)):
            return name
    return BEST_FIRST[-1]


def _inputs(folder: Path) -> tuple[str, ...]:
    """The names of a bundled model's inputs."""
    return tuple(json.loads((folder / CARD).read_text(encoding="utf-8"))["inputs"])


def _is_model(folder: Path) -> bool:
    return (folder / CARD).is_file() and (folder / GRAPH).is_file()
