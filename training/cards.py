"""What a model's card says to people."""

from __future__ import annotations

from typing import Any

_TITLES = {
    "descriptors": "Ten genres from rhythm, spectrum and timbre descriptors; needs nothing else",
    "backbone": "Ten genres from descriptors and from musicnn's ears, trained on a million songs",
}
_DATA = (
    "472 songs of GTZAN (Tzanetakis and Cook, 2002), 30 s each, ten genres, six of them with only "
    "10 to 15 songs; every song in 6 (rare genres: 24) changed forms: excerpt, speed, room, "
    "equaliser, loud mastering, low-pass, noise, MP3 or Vorbis. For SSD and RH also TU Wien's "
    "published vectors of the other 528 songs. Sounds that are no music: noises, tones and "
    "machines made up, texts read by espeak-ng, recorded prompts of a telephone exchange."
)
_UNFAIR = (
    "Any song of GTZAN was trained on: accuracy on GTZAN means nothing. The scores here are of "
    "networks that never heard the songs they judge, but GTZAN repeats artists, so random folds "
    "flatter; on music from elsewhere expect clearly less."
)
_BACKBONE = (
    " musicnn (Pons and Serra, 2019) was trained on the audio of the Million Song Dataset: songs "
    "of that dataset, or judged by Last.fm tags, would be judged by their own teacher."
)


def describe_model(name: str, figures: dict[str, Any], command: str) -> dict[str, Any]:
    """Title and card of a model, as keywords of a `ModelCard`."""
    told = ("macro_recall", "accuracy", "log_loss", "calibration_error")
    scores: dict[str, Any] = {key: figures[key] for key in told}
    scores["balanced_calibration_error"] = figures["balanced_calibration_error"]
    scores["accuracy_of_the_surest_70_percent"] = figures["accuracy_of_the_surest_70_percent"]
    scores["recall"] = figures["recall"]
    scores["conditions"] = figures["conditions"]
    scores["unknown"] = figures["unknown"]
    weak = sorted(figures["recall"], key=lambda genre: figures["recall"][genre])[:3]
    return {
        "title": _TITLES[name],
        "card": {
            "data": _DATA,
            "split": "stratified 5-fold over the 472 songs, exact repeats kept together; weights, "
            "calibration and threshold of a fold are fitted on the other folds",
            "scores": scores,
            "weak_genres": weak,
            "unfair": _UNFAIR + (_BACKBONE if name == "backbone" else ""),
            "limits": "Ten broad genres of Western recordings of before 2002. What is of none of "
            "them is answered `unknown` at best, and with the nearest of the ten at worst.",
            "licence": "MIT" + ("; musicnn itself ISC" if name == "backbone" else ""),
            "weights": figures["weights"],
            "command": command,
        },
    }
