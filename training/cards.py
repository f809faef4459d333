"""The texts of a model's card."""

from __future__ import annotations

from typing import Any

COMMAND = (
    "python training/make_models.py --shared DIR --networks FOLDER --work FOLDER --music FOLDER"
)

_TITLES = {
    "descriptors": "17 genres from rhythm, spectrum and timbre descriptors; needs nothing else",
    "audioset": "17 genres from AudioSet's network; small and fast",
    "musicnn": "17 genres from musicnn, trained on the Million Song Dataset",
    "full": "17 genres from AudioSet's network and musicnn together",
}
_DATA = (
    "753 songs of GTZAN (Tzanetakis and Cook, 2002), ten genres, and 529 clips of 387 artists with "
    "AllMusic's genres (Panda, Malheiro, Paiva, 2018), several a song; a genre that a corpus does "
    "not have is neither right nor wrong for its songs."
)
_SOUNDS = (
    " Sounds that are no music: noises, tones and machines made up, texts read by espeak-ng, "
    "recorded prompts of a telephone exchange."
)
_STUDENT = (
    " Its vectors are those of a student that was fitted to answer from descriptors as AudioSet's "
    "network and musicnn do, to these songs and to music without labels: 899 pieces of 30 s of the "
    "music of free games as Debian has it."
)
_UNFAIR = (
    "Any song of these corpora was trained on: accuracy on them means nothing. The scores are of "
    "heads fitted without any song of the corpus they are tested on."
)
_MUSICNN = (
    " musicnn (Pons and Serra, 2019) was trained on the audio of the Million Song Dataset: songs "
    "of that dataset, or judged by Last.fm tags, would be judged by their own teacher."
)
_AUDIOSET = (
    " AudioSet's network (Schmid, Koutini, Widmer, 2023) was trained on AudioSet's videos, which "
    "hold music of all kinds, perhaps some of these songs; not with their labels."
)
_LICENCES = {"audioset": "AudioSet's network MIT", "musicnn": "musicnn ISC"}


def describe_model(name: str, figures: dict[str, Any]) -> dict[str, Any]:
    """Title and card of a model, as keywords of a `ModelCard`."""
    networks = [network for network in _LICENCES if name in (network, "full")]
    about = {"audioset": _AUDIOSET, "musicnn": _MUSICNN}
    return {
        "title": _TITLES[name],
        "card": {
            "scores": figures,
            "split": "GTZAN predicted by heads fitted to AllMusic's clips and the other way round",
            "data": _DATA + ("" if networks else _STUDENT) + _SOUNDS,
            "weak_genres": _weakest(figures),
            "unfair": _UNFAIR + "".join(about[network] for network in networks or _LICENCES),
            "limits": "Broad genres. Of electronic music, folk, Latin, new age, R&B, vocal and "
            "world music there are few songs with labels here: they rest on what the networks' "
            "own tags say. What is of none of the genres is answered `unknown` at best.",
            "licence": "; ".join(["MIT", *(_LICENCES[network] for network in networks)]),
            "command": COMMAND,
        },
    }


def _weakest(figures: dict[str, Any]) -> list[str]:
    """The genres of lowest recall, of those that both corpora have."""
    parts = [part["recall"] for part in figures["shared genres, corpus left out"].values()]
    mean = {name: sum(part[name] for part in parts) / len(parts) for name in parts[0]}
    return sorted(mean, key=lambda genre: mean[genre])[:3]
