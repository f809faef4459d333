"""`genrescope models`: which models there are, and what is known of each."""

from __future__ import annotations

import typer

models_app = typer.Typer(
    name="models", help="Trained models: what there is, and what is known of each."
)


@models_app.callback()
def _group() -> None:
    """Trained models: what there is, and what is known of each."""
