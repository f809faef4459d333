"""`genrescope models`: which models there are, and what is known of each."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from genrescope.cli.options import SOME_FAILED
from genrescope.cli.output import console, status, write_line
from genrescope.errors import DataError, GenrescopeError, UsageError

if TYPE_CHECKING:
    from rich.table import Table

    from genrescope.backbones.backbone import Backbone

models_app = typer.Typer(
    name="models", help="Trained models: what there is, and what is known of each."
)


@models_app.callback()
def _group() -> None:
    """Trained models: what there is, and what is known of each."""


@models_app.command(name="list")
def list_() -> None:
    """List the models and the pretrained networks; the default model is marked."""
    out = console()
    out.print(_models_table())
    out.print()
    out.print(_networks_table())
    write_line("\n* default: the first whose networks are all here.")


def _models_table() -> Table:
    from rich.table import Table
    from rich.text import Text

    from genrescope.backbones.family import missing_networks
    from genrescope.inference.card import ModelCard
    from genrescope.inference.registry import default_model_name, list_models

    table = Table("model", "genres", "needs", "MB", "what it is", box=None, header_style="bold")
    default = default_model_name()
    for name, folder in list_models().items():
        marked = Text(f"{name} *" if name == default else name)
        try:
            card = ModelCard.read(folder)
        except DataError as error:
            table.add_row(marked, "", "", "", Text(f"cannot be used: {error}", "red"))
            continue
        missing = missing_networks(card.inputs)
        needs = Text(", ".join(card.networks) or "nothing", "yellow" if missing else "")
        table.add_row(marked, str(len(card.genres)), needs, _megabytes(folder), Text(card.title))
    return table


def _networks_table() -> Table:
    from rich.table import Table
    from rich.text import Text

    from genrescope.backbones.family import BACKBONES, missing_networks, network_folder

    head = ("network", "here", "licence", "MB", "ms for 30 s", "what it is")
    table = Table(*head, box=None, header_style="bold")
    for name, network in BACKBONES.items():
        here = not missing_networks([name])
        size = (
            _megabytes(network_folder(name)) if here else f"fetch {network.origin.size / 1e6:.0f}"
        )
        table.add_row(
            *(name, Text("yes", "green") if here else "no", network.licence, size),
            *(f"{network.milliseconds}", Text(network.title)),
        )
    return table


def _megabytes(folder: Path) -> str:
    size = sum(path.stat().st_size for path in folder.iterdir() if path.is_file())
    return f"{size / 1e6:.1f}"


@models_app.command()
def show(
    name: Annotated[
        str | None,
        typer.Argument(help="A model's name or its folder; the default model where none is named."),
    ] = None,
    all_: Annotated[
        bool, typer.Option("--all", help="Show also how it was made, measured and calibrated.")
    ] = False,
    json_: Annotated[bool, typer.Option("--json", help="Write the card as it is, JSON.")] = False,
) -> None:
    """Show a model's genres, how often it is right on music from elsewhere, and what it needs."""
    from genrescope.cli.songs.card import print_card
    from genrescope.inference.card import CARD, ModelCard
    from genrescope.inference.registry import find_model

    folder = find_model(name)
    card = ModelCard.read(folder)
    if json_:
        write_line((folder / CARD).read_text(encoding="utf-8").rstrip())
    else:
        print_card(card, folder, everything=all_)


@models_app.command()
def add(
    name: Annotated[
        str | None,
        typer.Argument(
            help="audioset, musicnn or musicnn-mtt; all of them where none is named.",
            show_default=False,
        ),
    ] = None,
    file: Annotated[
        Path | None,
        typer.Option(
            "--file",
            "--wheel",
            help="The published file where you have it, mn04_as_mAP_432.pt or "
            "musicnn-0.1.0-py3-none-any.whl; otherwise it is fetched from its address, or by pip, "
            "the way your pip is configured.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Add a pretrained network that is not shipped, or all that can be had.

    Fetches 4 MB (audioset) or 29 MB (both musicnn) from where they are published, verifies the
    checksum, and keeps the converted network, 3 to 4 MB, in your folder of models. What is there
    and in order is left alone.

    Exit code: 0 all done, 2 wrong use, 3 some could not be had and the others are there.
    """
    networks = _networks(name)
    if file is not None and len(networks) > 1:
        raise UsageError("one file for all networks", remedy="name the network that it holds")
    if len(networks) == 1:
        _add(networks[0], file)
        return
    failed = 0
    for network in networks:
        try:
            _add(network, None)
        except GenrescopeError as error:
            failed += 1
            write_line(f"{network.name}: {error}", err=True)
    if failed:
        raise typer.Exit(SOME_FAILED)


def _add(network: Backbone, file: Path | None) -> None:
    from rich.text import Text

    from genrescope.backbones.family import models_folder, network_folder
    from genrescope.backbones.install import add_backbone

    with status("looking") as shown:
        fresh = add_backbone(
            *(network, models_folder(), file), progress=lambda text: shown.update(Text(text))
        )
    folder = network_folder(network.name)
    write_line(f"{folder}: {'ready' if fresh else 'there already, and in order'}")


@models_app.command()
def remove(
    name: Annotated[
        str, typer.Argument(help="audioset, musicnn or musicnn-mtt.", show_default=False)
    ],
) -> None:
    """Remove a network that `genrescope models add` put into your folder of models."""
    from genrescope.backbones.family import models_folder, network_folder
    from genrescope.backbones.install import remove_backbone

    (network,) = _networks(name)
    gone = remove_backbone(network, models_folder())
    write_line(f"{network_folder(name)}: {'removed' if gone else 'not there'}")


def _networks(name: str | None) -> tuple[Backbone, ...]:
    """The network of that name; all where None."""
    from genrescope.backbones.family import BACKBONES

    if name is None:
        return tuple(BACKBONES.values())
    if name not in BACKBONES:
        message = f"'{name}' is nothing that can be added or removed"
        raise UsageError(message, remedy=f"try: {', '.join(BACKBONES)}")
    return (BACKBONES[name],)
