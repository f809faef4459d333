"""`genrescope models`: which models there are, and what is known of each."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from genrescope.cli.output import console, status, write_line
from genrescope.errors import DataError, UsageError

models_app = typer.Typer(
    name="models", help="Trained models: what there is, and what is known of each."
)


@models_app.callback()
def _group() -> None:
    """Trained models: what there is, and what is known of each."""


@models_app.command(name="list")
def list_() -> None:
    """List the models that are here; the default one is marked."""
    from rich.table import Table
    from rich.text import Text

    from genrescope.inference.card import ModelCard
    from genrescope.inference.registry import default_model_name, has_musicnn, list_models

    table = Table("model", "genres", "made of", "what it is", box=None, header_style="bold")
    for name, folder in list_models().items():
        marked = Text(f"{name} *" if name == default_model_name() else name)
        try:
            card = ModelCard.read(folder)
        except DataError as error:
            table.add_row(marked, "", "", Text(f"cannot be used: {error}", "red"))
            continue
        parts = Text(", ".join(card.inputs))
        table.add_row(marked, str(len(card.genres)), parts, Text(card.title))
    console().print(table)
    musicnn = "installed" if has_musicnn() else "not installed: genrescope models add musicnn"
    write_line(f"\n* default. The backbone musicnn is {musicnn}.")


@models_app.command()
def show(
    name: Annotated[
        str | None,
        typer.Argument(help="A model's name or its folder; the default model where none is named."),
    ] = None,
    json_: Annotated[bool, typer.Option("--json", help="Write the card as it is, JSON.")] = False,
) -> None:
    """Show a model's card: what it tells, of what it is made, how far to trust it."""
    from genrescope.cli.songs.card import print_card
    from genrescope.inference.card import CARD, ModelCard
    from genrescope.inference.registry import find_model

    folder = find_model(name)
    card = ModelCard.read(folder)
    if json_:
        write_line((folder / CARD).read_text(encoding="utf-8").rstrip())
    else:
        print_card(card, folder)


@models_app.command()
def add(
    name: Annotated[str, typer.Argument(help="musicnn", show_default=False)],
    wheel: Annotated[
        Path | None,
        typer.Option(
            help="The file musicnn-0.1.0-py3-none-any.whl where you have it; otherwise pip "
            "fetches it, the way your pip is configured.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Add a pretrained network that is not shipped: musicnn, which the model `backbone` needs.

    Fetches 29 MB from the Python package index, verifies their checksum, and keeps the converted
    network, 3 MB, in your folder of models. What is there and in order is left alone.
    """
    from rich.text import Text

    from genrescope.backbones.install import add_musicnn
    from genrescope.inference.registry import models_folder, musicnn_folder

    _check_addable(name)
    with status("looking") as shown:
        fresh = add_musicnn(models_folder(), wheel, progress=lambda text: shown.update(Text(text)))
    write_line(f"{musicnn_folder()}: {'ready' if fresh else 'there already, and in order'}")


@models_app.command()
def remove(name: Annotated[str, typer.Argument(help="musicnn", show_default=False)]) -> None:
    """Remove a network that `genrescope models add` put into your folder of models."""
    from genrescope.backbones.install import remove_musicnn
    from genrescope.inference.registry import models_folder, musicnn_folder

    _check_addable(name)
    gone = remove_musicnn(models_folder())
    write_line(f"{musicnn_folder()}: {'removed' if gone else 'not there'}")


def _check_addable(name: str) -> None:
    if name != "musicnn":
        raise UsageError(f"'{name}' is nothing that can be added or removed", remedy="try: musicnn")
