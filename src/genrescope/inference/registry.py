"""Where models are: bundled with the package, in the user's folder, or in any folder."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

from genrescope.backbones.musicnn import WEIGHTS
from genrescope.errors import UsageError
from genrescope.inference.card import CARD, GRAPH, MUSICNN, ModelCard

FOLDER_VARIABLE = "GENRESCOPE_MODELS"
"""Environment variable that names the user's models folder."""

BACKBONE, DESCRIPTORS = "backbone", "descriptors"

_BUNDLED = Path(__file__).parent.parent / "models"


def models_folder() -> Path:
    """The user's folder of models; it may not exist yet."""
    if named := os.environ.get(FOLDER_VARIABLE):
        return Path(named)
    return platformdirs.user_data_path("genrescope") / "models"


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
    if wanted in models:
        return models[wanted]
    if _is_model(Path(wanted)):
        return Path(wanted)
    known = ", ".join(models) or "none is installed"
    raise UsageError(f"no model '{wanted}'", remedy=f"give a model's folder, or one of: {known}")


def default_model_name() -> str:
    """`backbone` where musicnn is installed, otherwise `descriptors`."""
    return BACKBONE if has_musicnn() and BACKBONE in list_models() else DESCRIPTORS


def musicnn_folder() -> Path:
    """Where `genrescope models add musicnn` puts the backbone; it may not exist."""
    return models_folder() / MUSICNN


def has_musicnn() -> bool:
    """Whether the backbone is installed."""
    return (musicnn_folder() / WEIGHTS).is_file()


def _is_model(folder: Path) -> bool:
    return (folder / CARD).is_file() and (folder / GRAPH).is_file()


def check_backbone(card: ModelCard) -> None:
    """Raises: UsageError where the model needs the backbone, and it is not installed."""
    if card.hears_backbone and not has_musicnn():
        raise UsageError(
            f"the model {card.name} needs the backbone musicnn",
            remedy="genrescope models add musicnn",
        )
