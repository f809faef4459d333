"""What a model's prediction makes of a file's genre, and the reason in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from genrescope.inference.labels.label import KINDS, Label
from genrescope.inference.options import PredictionOptions
from genrescope.inference.prediction import LEAST_MUSIC, UNKNOWN, Prediction
from genrescope.inference.salient_tags import salient_tags
from genrescope.library.index.results import Song
from genrescope.library.tagging.rows.batches import SALIENT, TagFacts

_LEAST_OTHER = 0.005  # probability from which another genre is named: 1 %


class Decision(NamedTuple):
    """The genres that a file shall have, and why; none where nothing is predicted.

    Attributes:
        genres: as they are written.
        confidence: of the first, 0 to 1; None where nothing was classified.
        why: in words.
        sure: whether that is reason enough to write them.
        shares: probability of each of `genres`.
        labels: styles, moods, voices and instruments, where they are wanted.
    """

    genres: tuple[str, ...]
    confidence: float | None
    why: str
    sure: bool = False
    shares: tuple[float, ...] = ()
    labels: tuple[Label, ...] = ()

    def named(self, names: Mapping[str, str]) -> dict[str, dict[str, float]]:
        """Probability by name, as it is written, of the labels of each kind."""
        found: dict[str, dict[str, float]] = {kind: {} for kind in KINDS}
        for label in self.labels:
            found[label.kind][names[label.name]] = round(label.probability, 4)
        return found


def song_prediction(song: Song, options: PredictionOptions, *, tagged: bool) -> Prediction | None:
    """The prediction of a song of the index under options; None where there is none.

    `tagged`: with its tags, which take long to unpack.
    """
    stored = song.prediction if tagged else song.untagged_prediction
    return None if stored is None else options.apply(stored)


def decide_song(
    song: Song,
    prediction: Prediction | None,
    options: PredictionOptions,
    names: Mapping[str, str],
    *,
    labelled: bool = False,
    facts: TagFacts | None = None,
) -> Decision:
    """The decision for a song of the index; see `song_prediction` and `decide`."""
    if prediction is None:
        why = f"failed: {song.problem}" if song.problem else "not classified yet"
        return Decision((), None, why)
    return decide(prediction, options, names, labelled=labelled, facts=facts)


def decide(
    prediction: Prediction,
    options: PredictionOptions,
    names: Mapping[str, str],
    source: str = "",
    *,
    labelled: bool = False,
    facts: TagFacts | None = None,
) -> Decision:
    """The genres to be named; below the threshold what they would be, for a person to decide.

    Args:
        prediction: of the model, as the options give it.
        options: how many genres are named.
        names: how each genre is written into tags, see `PredictionOptions.tag_names`.
        source: what the reason begins with where there is reason enough.
        labelled: whether labels are wanted, too.
        facts: of its tags, where the prediction has none.
    """
    if prediction.confidence == 0:  # silent, or too short
        return Decision((), 0.0, prediction.reason, False)
    named = options.named(prediction)
    salient = _salient(prediction) if facts is None else facts.salient
    why, sure = _reason(prediction, named, names, salient)
    shares = dict(prediction.top(options.top + 1))
    written: dict[str, float] = {}
    for genre in named:
        written.setdefault(names[genre], round(shares[genre] * prediction.music, 4))
    return Decision(
        tuple(written),
        round(prediction.confidence, 4),
        f"{source if sure else ''}{why}",
        sure,
        tuple(written.values()),
        _labels(prediction, facts) if labelled else (),
    )


def _salient(prediction: Prediction) -> tuple[str, ...]:
    return tuple(tag.name for tag in salient_tags(prediction.tags, SALIENT))


def _labels(prediction: Prediction, facts: TagFacts | None) -> tuple[Label, ...]:
    """The labels that are named of a song, as `Prediction.labels`."""
    return prediction.labels if facts is None else prediction.named(facts.labels)


def _reason(
    prediction: Prediction,
    named: tuple[str, ...],
    names: Mapping[str, str],
    salient: tuple[str, ...],
) -> tuple[str, bool]:
    """Why these genres, and whether that is reason enough to write them."""
    sure = f"{_percent(prediction.confidence)} sure"
    others = ", ".join(
        f"{names.get(name, name)} {_percent(share * prediction.music)}"
        for name, share in prediction.top(3)
        if name not in (*named, UNKNOWN) and share * prediction.music >= _LEAST_OTHER
    )
    rest = f"; else {others}" if others else ""
    if prediction.music < LEAST_MUSIC:
        return f"hardly music: {_percent(prediction.music)}", False
    if prediction.best == UNKNOWN:
        return f"none of the genres: {sure}", False
    if prediction.reason:
        return f"unsure: {sure}, {_percent(prediction.threshold)} needed{rest}", False
    tags = ", ".join(salient)
    return f"{sure}{': ' + tags if tags else ''}{rest}", True


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"
