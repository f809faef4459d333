"""An explanation in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from genrescope.explanation.attribution import Attribution, Attributions
from genrescope.explanation.explain import Explanation
from genrescope.explanation.label_tags import LESS, LabelTags
from genrescope.inference.prediction import LEAST_MUSIC, UNKNOWN, Prediction
from genrescope.inference.salient_tags import LEAST
from genrescope.sources import PREDICTED

_MOST_DIFFERENCES = 4
_TAGS = "The networks' tags for it"


def heading(prediction: Prediction) -> str:
    """What it is, how sure that is, and what else it could be."""
    others = prediction.top(4)
    if prediction.music == 0:
        return "unknown: there is nothing to classify"
    if prediction.genre != UNKNOWN:
        sure = f"{prediction.best}, {_percent(prediction.confidence)} sure"
        return f"{sure}; if not, {_listed(others[1:])}"
    if prediction.music < LEAST_MUSIC:
        return f"unknown: it hardly sounds like music ({_percent(prediction.music)})"
    return (
        f"unknown: {prediction.best} is likeliest, but {_percent(prediction.confidence)} is below "
        f"the {_percent(prediction.threshold)} that the model needs; also {_listed(others[1:])}"
    )


def sentences(found: Explanation) -> Iterator[str]:
    """All but the heading, in whole sentences."""
    if found.song.prediction.music == 0:
        return
    if found.attributions is not None:
        yield group_predictions(found.attributions)
        yield decision(found.attributions)
    if found.tags:
        names = ", ".join(f"{tag.name} ({_percent(tag.probability)})" for tag in found.tags)
        predicted = found.tags[0].source.startswith(PREDICTED)
        whose = "The networks' tags as descriptors predict them" if predicted else _TAGS
        yield f"{whose}: {names}; all of them more than usual."
    if labels := ", ".join(filter(None, map(_label, found.label_tags))):
        yield f"Labels, and the tags that they rest on: {labels}."
    if found.neighbours:
        yield _neighbours(found)
    if found.typical is not None:
        yield _beside_typical(found)
    if found.profile is not None:
        yield f"It pulses most at about {found.profile.tempo:.0f} a minute."


def _label(item: LabelTags) -> str:
    """A label with its two clearest tags: "techno (Techno 41 %)"; empty where none is clear."""
    clear = [
        (name, share) for _, name, share in item.tags if share >= LEAST or name.startswith(LESS)
    ]
    tags = ", ".join(f"{name} {_percent(share)}" for name, share in clear[:2])
    return f"{item.label.name} ({tags})" if tags else ""


def group_predictions(found: Attributions) -> str:
    """What each side of music would give alone: "The rhythm suggests jazz; ..."."""
    by_genre: dict[str, list[Attribution]] = {}
    for item in found.groups:
        by_genre.setdefault(item.predicted, []).append(item)
    parts = [
        f"{_and([item.name for item in items])} suggest{'' if len(items) > 1 else 's'} {genre}"
        for genre, items in by_genre.items()
    ]
    return _sentence("; ".join(parts))


def decision(found: Attributions) -> str:
    """Which side of music decided between the two likeliest genres, and which stood against it."""
    supporting = [item for item in found.groups if item.log_odds > 0]
    against = [item for item in found.groups if item.log_odds < 0]
    if not supporting:
        pair = f"{found.genre} against {found.runner_up}"
        return f"No side of it favours {pair}: the model's bias does."
    text = f"What tips it to {found.genre} rather than {found.runner_up} is {supporting[0].name}"
    if against and abs(against[0].log_odds) > supporting[0].log_odds / 10:
        text += f"; {against[0].name} leans to {found.runner_up}"
    return text + "."


def _neighbours(found: Explanation) -> str:
    first, best, alike = found.neighbours[0], found.song.prediction.best, found.neighbours_of_genre
    return (
        f"Of the {len(found.neighbours)} training songs nearest to it {alike} "
        f"{'is' if alike == 1 else 'are'} {best}; the nearest is {first.id} "
        f"({first.genre}, {first.similarity:.2f})."
    )


def _beside_typical(found: Explanation) -> str:
    best = found.song.prediction.best
    if not found.unusual:
        return f"Its balance of bass and treble and its beat are usual for {best}."
    words = [item.words for item in found.unusual[:_MOST_DIFFERENCES]]
    return f"Beside {best} songs it has {_and(words)}."


def _listed(genres: Sequence[tuple[str, float]]) -> str:
    return ", ".join(f"{genre} {_percent(share)}" for genre, share in genres)


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _and(words: Sequence[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else words[0]


def _sentence(text: str) -> str:
    return text[0].upper() + text[1:] + "."
