"""Write the models' cards in the form of Hugging Face: `make_model_cards.py docs/model_cards`.

Each page is the README.md of a repository with that model: metadata in YAML, then text. All of it
comes from `model.json`.
"""

from __future__ import annotations

import json
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from genrescope.inference.card import ModelCard
from genrescope.inference.registry import BEST_FIRST, find_model

_CORPORA = {"gtzan": "GTZAN", "allmusic": "AllMusic clips"}
_USE = """\
```python
import genrescope

print(genrescope.classify("song.mp3", model="{name}").genre)
```

or `genrescope classify song.mp3 --model {name}`. The graph, `model.onnx`, takes raw vectors of the
sources below and gives logits; `model.json` holds genres, calibration and threshold. Apply the
calibration: the logits alone are overconfident.
"""


def page(folder: Path) -> str:
    """The card of the model in a folder, as Markdown with metadata."""
    card = ModelCard.read(folder)
    parts = [
        _metadata(card),
        f"# {card.name}\n\n{card.title}. A model of genrescope.",
        "## Use\n\n" + _USE.format(name=card.name).rstrip(),
        "## What goes in\n\n" + "\n".join(_inputs(card)),
        "## What comes out\n\n" + "\n".join(_outputs(card)),
        f"## Training data\n\n{_wrapped(card.card['data'])}",
        "## Evaluation\n\n" + "\n".join(_scores(card)),
        f"## Limits\n\n{_wrapped(card.card['limits'])}",
        f"Genres that it finds least: {', '.join(card.card['weak_genres'])}.",
        f"## What would be unfair\n\n{_wrapped(card.card['unfair'])}",
        f"## Licence\n\n{card.card['licence']}. Made by `{card.card['command']}`.",
    ]
    return "\n\n".join(parts) + "\n"


def _metadata(card: ModelCard) -> str:
    """YAML; JSON's strings, lists and numbers are YAML's too."""
    name = card.vocabulary or "library"
    lines = [
        "license: mit",
        "library_name: genrescope",
        "pipeline_tag: audio-classification",
        "tags: [music, genre-classification, onnx, calibrated]",
        "metrics: [recall, accuracy]",
        "model-index:",
        f"- name: genrescope-{card.name}",
        "  results:",
    ]
    for corpus, scores in card.card["scores"][name]["corpus left out"].items():
        lines += [
            "  - task: {type: audio-classification, name: Music genre classification}",
            f"    dataset: {{type: {corpus}, name: {json.dumps(_title(corpus))}}}",
            "    metrics:",
            "    - {type: accuracy, name: Prediction among the genres of the song, value: "
            f"{scores['right']:.4f}}}",
            "    - {type: recall, name: Macro recall, value: "
            f"{scores['macro recall over songs of one genre']:.4f}}}",
        ]
    return "\n".join(["---", *lines, "---"])


def _title(corpus: str) -> str:
    return f"{_CORPORA[corpus]}, of which the evaluated head saw nothing"


def _inputs(card: ModelCard) -> Iterator[str]:
    yield "| source | values |\n|---|---|"
    yield from (f"| `{name}` | {dims} |" for name, dims in card.inputs.items())
    level = "" if card.level is None else f", brought to {card.level:g} dB"
    yield f"\nOf a song: {card.excerpt}, mono{level}."
    if card.networks:
        names = ", ".join(card.networks)
        yield f"Pretrained networks, fetched by `genrescope models add`: {names}."


def _outputs(card: ModelCard) -> Iterator[str]:
    for head in card.all_heads:
        genres = ", ".join(genre.replace("_", "\\_") for genre in head.genres)
        yield f"- {head.vocabulary}: {genres}; `unknown` below {head.threshold:g}"


def _scores(card: ModelCard) -> Iterator[str]:
    yield "On a corpus of which the evaluated head saw nothing, in percent:\n"
    yield (
        "| vocabulary | corpus | songs | right | macro recall | calibration error | named | "
        "right of the named |"
    )
    yield "|---|---|---|---|---|---|---|---|"
    for vocabulary, scores in card.card["scores"].items():
        for corpus, row in scores.get("corpus left out", {}).items():
            yield _score_row(vocabulary, _CORPORA[corpus], row)
    yield "\nMacro recall is over the songs that have one genre only."


def _score_row(vocabulary: str, corpus: str, row: dict[str, Any]) -> str:
    keys = ("right", "macro recall over songs of one genre", "calibration error", "named")
    values = [f"{100 * row[key]:.1f}" for key in (*keys, "right of the named")]
    return f"| {vocabulary} | {corpus} | {row['songs']} | {' | '.join(values)} |"


def _wrapped(text: str) -> str:
    return textwrap.fill(text, 100, break_long_words=False, break_on_hyphens=False)


def main(goal: Path) -> None:
    """Write one page a model."""
    goal.mkdir(parents=True, exist_ok=True)
    for name in BEST_FIRST:
        (goal / f"{name}.md").write_text(page(find_model(name)), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
