"""Songs of a genre that the networks were not taught: are they told as `unknown`?"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from cross_validate import folds, training_rows
from ensemble import fit_ensemble
from genrescope.taxonomy.vocabulary import GTZAN
from members import Recipe, log_probabilities, train_members
from rows import INPUTS, joined
from speech import KINDS as SPEECH

_RECIPE = Recipe(steps=600)
_SEED = 31
_FITTED, _JUDGED = 0, 1  # folds


def without_each_genre(shared: Path, features: Path) -> dict[str, Any]:
    """By ensemble and genre left out: share of its songs, and of known ones, that is refused.

    Songs of one fold give the threshold: the confidence below which a tenth of the known songs
    lies. Songs of another fold, and of the genre left out, are judged.
    """
    songs, others, sounds = training_rows(shared, features)
    fold_of = folds()
    fold = np.array([fold_of[name] for name in songs.songs.tolist()])
    clean = songs.forms == "clean"
    found: dict[str, Any] = {"descriptors": {}, "backbone": {}}
    for left_out, genre in enumerate(GTZAN.genres):
        known = songs.genres != left_out
        taught = songs.take(known & (fold > _JUDGED))
        rows = joined([taught, others.take(others.genres != left_out), sounds])
        rows = rows.take(~np.isin(rows.songs, SPEECH))
        model = train_members(rows, INPUTS, _RECIPE, _SEED)
        parts = [known & (fold == _FITTED), known & clean & (fold == _JUDGED), ~known & clean]
        fitted, judged, strange = (songs.take(part) for part in parts)
        for name, row in found.items():
            inputs = [key for key in INPUTS if name == "backbone" or key != "musicnn"]
            ensemble = fit_ensemble(
                log_probabilities(model, fitted, INPUTS), fitted.genres, fitted.songs, inputs
            )
            fit, sure, lost = (
                ensemble.probabilities(log_probabilities(model, part, INPUTS)).max(axis=1)
                for part in (fitted, judged, strange)
            )
            threshold = np.quantile(fit[fitted.forms == "clean"], 0.1)
            row[genre] = {
                "refused of the unknown genre": round(float((lost < threshold).mean()), 3),
                "refused of known genres": round(float((sure < threshold).mean()), 3),
                "area under the curve": round(_area(sure, lost), 3),
            }
        print(f"without {genre}: {found['backbone'][genre]}", flush=True)
    return found


def _area(known: Any, unknown: Any) -> float:
    """Probability that a known song is surer than an unknown one."""
    return float((known[:, None] > unknown).mean() + 0.5 * (known[:, None] == unknown).mean())
