"""`genrescope genres`: what can be predicted, by which model and in which vocabulary."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Annotated, Any

import typer

from genrescope.cli.options import AsJson, Model
from genrescope.cli.output import console, write_line


@dataclass
class _VocabularyModels:
    """The genres of one vocabulary, and the models that predict it."""

    vocabulary: str
    genres: tuple[str, ...]
    models: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return {"vocabulary": self.vocabulary, "models": self.models, "genres": self.tags}

    @property
    def tags(self) -> dict[str, str]:
        """How each genre is written into tags."""
        from genrescope.taxonomy.tag_names import tag_names

        return tag_names(self.genres, {})


def genres(
    model: Model = None,
    labels: Annotated[
        bool,
        typer.Option(
            "--labels",
            help="List styles, moods, voices and instruments, and how well each is recognised.",
        ),
    ] = False,
    json_: AsJson = False,
) -> None:
    """List the genres that can be predicted: by vocabulary, with the models that have it.

    Genres are written into tags as shown in brackets, unless your library spells them otherwise.
    """
    from rich.text import Text

    if labels:
        _write_labels(model, as_json=json_)
        return
    found = _vocabularies(model)
    if json_:
        write_line(json.dumps([item.as_json() for item in found], indent=1, ensure_ascii=False))
        return
    out = console()
    for number, item in enumerate(found):
        option = f"  --vocabulary {item.vocabulary}" if number else ""
        head = Text(item.vocabulary, "bold").append(f"  {len(item.genres)} genres", "not bold")
        out.print(head.append(f", by {', '.join(item.models)}{option}", "dim not bold"))
        names = ", ".join(
            genre if genre == tag else f"{genre} [{tag}]" for genre, tag in item.tags.items()
        )
        out.print(Text(names))
        out.print()
    write_line("Names of your own: genrescope tag --vocabulary FILE, one line a genre: rock,Loud")


def _vocabularies(model: str | None) -> list[_VocabularyModels]:
    """One entry a vocabulary, those of the first model first."""
    from genrescope.errors import DataError
    from genrescope.inference.card import ModelCard
    from genrescope.inference.registry import default_model_name, find_model, list_models

    folders = {model: find_model(model)} if model else list_models()
    default = default_model_name()
    found: dict[tuple[str, frozenset[str]], _VocabularyModels] = {}
    for name, folder in sorted(folders.items(), key=lambda item: item[0] != default):
        try:
            card = ModelCard.read(folder)
        except DataError:
            if model:
                raise
            continue  # `genrescope models list` shows what is wrong with it
        for head in [head for head in card.all_heads if head.is_single_label]:
            vocabulary = head.vocabulary or card.name
            key = vocabulary, frozenset(head.genres)
            found.setdefault(key, _VocabularyModels(vocabulary, head.genres)).models.append(name)
    return list(found.values())


def _write_labels(model: str | None, *, as_json: bool) -> None:
    """The labels of a model, a line each."""
    from rich.text import Text

    from genrescope.inference.card import ModelCard
    from genrescope.inference.labels.fits import find_fit
    from genrescope.inference.labels.listing import listed_labels
    from genrescope.inference.registry import find_model

    card = ModelCard.read(find_model(model))
    fit = find_fit((*card.tag_sources, *card.heads))
    rows = listed_labels(fit) if fit else []
    if as_json:
        write_line(json.dumps([row.as_json() for row in rows], indent=1, ensure_ascii=False))
        return
    out = console()
    out.print(Text(f"{card.name}: {len(rows)} labels", "bold"))
    for row in rows:
        out.print(Text(row.text), soft_wrap=True)
    write_line("checked by songs whose artists were left out; genre: only that of the style")
