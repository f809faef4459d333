"""The one schema of rows about songs: the keys of JSON and the columns of CSV."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from genrescope.inference.labels.label import KINDS
from genrescope.inference.prediction import Prediction

PREDICTION_KEYS = (
    "genre",
    "confidence",
    "music_probability",
    "reason",
    "top",
    "labels",
    "sure_labels",
)
SONG_KEYS = ("path", *PREDICTION_KEYS, "analysed_s", "duration", "elapsed_s", "notes")
WINDOW_KEYS = ("start", *PREDICTION_KEYS, "analysed_s", "notes")
FAILED_KEYS = ("path", "failure", "remedy")

ALIASES = {"music": "music_probability", "seconds": "analysed_s", "took": "elapsed_s"}
"""Former names, beside the new ones for one version."""

LABEL_COLUMNS = dict(zip(KINDS, ("styles", "moods", "voice", "instruments"), strict=True))
"""Names of columns by the kind of the labels in them."""

_RANKED = ("genre", "probability")
_LABELS = ("labels", "sure_labels")


def genre_row(prediction: Prediction) -> dict[str, Any]:
    """The genre as JSON values, how sure it is, and why no genre is named where none is."""
    return {
        "genre": prediction.genre,
        "confidence": round(prediction.confidence, 4),
        "music_probability": round(prediction.music, 4),
        "reason": prediction.reason,
    }


def prediction_row(prediction: Prediction, top: int = 3) -> dict[str, Any]:
    """A prediction as JSON values by `PREDICTION_KEYS`, with the `top` likeliest genres.

    `labels` are the styles, moods, voices and instruments that are named of the song, `sure_labels`
    all that reach their thresholds.

    Of silence no genre is likelier than another: none is listed.
    """
    ranked = prediction.top(top) if prediction.confidence > 0 else []
    return {
        **genre_row(prediction),
        "top": [{"genre": genre, "probability": round(share, 4)} for genre, share in ranked],
        "labels": [label.as_json() for label in prediction.labels],
        "sure_labels": [label.as_json() for label in prediction.sure_labels],
    }


def names_by_column(labels: Iterable[Mapping[str, Any]]) -> dict[str, list[str]]:
    """Names of a row's labels, in their order, by `LABEL_COLUMNS`."""
    found: dict[str, list[str]] = {column: [] for column in LABEL_COLUMNS.values()}
    for label in labels:
        found[LABEL_COLUMNS[label["kind"]]].append(label["name"])
    return found


def with_aliases(row: Mapping[str, Any]) -> dict[str, Any]:
    """The row with the former names of its keys behind the new ones."""
    return {**row, **{old: row[new] for old, new in ALIASES.items() if new in row}}


def csv_columns(
    top: int,
    first: Sequence[str] = ("path",),
    others: Sequence[str] = ("analysed_s", "duration", "elapsed_s"),
) -> list[str]:
    """Names of the columns, with those of the `top` likeliest genres."""
    ranked = [f"{word}_{rank + 1}" for rank in range(top) for word in _RANKED]
    names = ["genre", "confidence", "music_probability", "reason", *ranked, *LABEL_COLUMNS.values()]
    columns = [*first, *names, *others, "notes", "failure", "remedy"]
    return [*columns, *(old for old, new in ALIASES.items() if new in columns)]


def csv_row(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row's JSON values by column; some of them have none."""
    ranked = {
        f"{word}_{rank}": value
        for rank, item in enumerate(row.get("top", ()), 1)
        for word, value in item.items()
    }
    named = names_by_column(row.get("labels", ()))
    joined = {column: "; ".join(names) for column, names in named.items()}
    rest = {key: value for key, value in row.items() if key not in _LABELS}
    return {**rest, **ranked, **joined, "notes": "; ".join(row.get("notes", ()))}
