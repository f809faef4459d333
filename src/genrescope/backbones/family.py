"""The pretrained networks that can be added, in the order in which they are offered."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import platformdirs

from genrescope.backbones.audioset import AUDIOSET
from genrescope.backbones.backbone import Backbone
from genrescope.backbones.musicnn import MUSICNN
from genrescope.backbones.musicnn_mtt import MUSICNN_MTT
from genrescope.errors import UsageError

BACKBONES: dict[str, Backbone] = {item.name: item for item in (AUDIOSET, MUSICNN, MUSICNN_MTT)}

FOLDER_VARIABLE = "GENRESCOPE_MODELS"
"""Environment variable that names the user's models folder."""


def models_folder() -> Path:
    """The user's folder of models and networks; it may not exist yet."""
    if named := os.environ.get(FOLDER_VARIABLE):
        return Path(named)
    return platformdirs.user_data_path("genrescope") / "models"


def network_folder(name: str) -> Path:
    """Where `genrescope models add NAME` puts a pretrained network; it may not exist."""
    return models_folder() / name


def missing_networks(names: Iterable[str]) -> tuple[str, ...]:
    """The pretrained networks among the sources of these names that are not installed."""
    return tuple(
        name
        for name in names
        if name in BACKBONES and not (network_folder(name) / BACKBONES[name].weights).is_file()
    )


def check_networks(names: Iterable[str], purpose: str) -> None:
    """Refuse `purpose`, which takes the sources of these names, where a network is not installed.

    Raises:
        UsageError: it is not.
    """
    if missing := missing_networks(names):
        raise UsageError(
            f"{purpose} needs {' and '.join(missing)}",
            remedy="; ".join(f"genrescope models add {name}" for name in missing),
        )
