"""Which models there are, and what is known of each."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, HTTPException

from genrescope.backbones.family import check_networks
from genrescope.errors import DataError, GenrescopeError
from genrescope.inference.card import ModelCard
from genrescope.inference.registry import default_model_name, list_models
from genrescope.web.server import Here

router = APIRouter(tags=["models"])


@router.get("/models")
def models(server: Here) -> dict[str, Any]:
    """All models that are installed."""
    found = [_listed(name, folder) for name, folder in list_models().items()]
    try:
        serving = server.card().name
    except GenrescopeError:
        serving = None
    return {"default": default_model_name(), "serving": serving, "models": found}


@router.get("/models/{name}")
def model(server: Here, name: str) -> dict[str, Any]:
    """The card of one model."""
    folders = list_models()
    if name in folders:
        card = ModelCard.read(folders[name])
    elif (own := server.card()).name == name:
        card = own
    else:
        raise HTTPException(404, "no such model")
    return asdict(card) | {"settings": card.settings.as_json()}


def _listed(name: str, folder: Any) -> dict[str, Any]:
    try:
        card = ModelCard.read(folder)
    except DataError as error:
        return {"name": name, "usable": False, "problem": error.message}
    problem = None
    try:
        check_networks(card.inputs, f"the model {card.name}")
    except GenrescopeError as error:
        problem = str(error)
    return {
        "name": name,
        "title": card.title,
        "genres": card.genres,
        "inputs": dict(card.inputs),
        "usable": problem is None,
        "problem": problem,
    }
