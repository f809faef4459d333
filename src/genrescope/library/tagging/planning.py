"""From predictions to a plan: what becomes of which file's genre, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from genrescope.errors import UsageError
from genrescope.inference.options import PredictionOptions
from genrescope.inference.prediction import LEAST_MUSIC, UNKNOWN, Prediction
from genrescope.library.index.current_values import present_values
from genrescope.library.index.database import Index
from genrescope.library.index.models import IndexedModel, indexed_model
from genrescope.library.index.results import Song, genres_in_tags, songs
from genrescope.library.tagging.answer import Answer, prediction_answer, song_answer
from genrescope.library.tagging.plan import APPEND, FIELDS, REPLACE, SKIP, PlanRow
from genrescope.taxonomy.normalise import spelling_key
from genrescope.taxonomy.tag_names import is_placeholder
from genrescope.taxonomy.vocabulary import Vocabulary, vocabulary_of

ONLY_MISSING = "only-missing"
_TINY = 1e-9  # probabilities below it are rounding


@dataclass(frozen=True)
class PlanOptions:
    """What is to be written where.

    Attributes:
        mode: "only-missing" fills empty fields, "replace" changes what is there, "append" adds.
        top: most genres for a file; those after the first are named from a probability of 0.1 on.
        threshold: confidence below which nothing is written; None: the model's own.
        vocabulary: name of a vocabulary, or a mapping file, of the genres to be written; None: the
            model's.
        field: "genre", "comment" or "custom:NAME".
        by_album: one answer an album: the mean of the log-probabilities of its files, which are
            those with the same album tag in the same folder.
        model: name of the model; None: the one last used.
        placeholders: genres that count as missing, beside `Other`, `Unknown` and the like.

    Raises:
        UsageError: a value that cannot be.
    """

    mode: str = ONLY_MISSING
    top: int = 1
    threshold: float | None = None
    vocabulary: str | Path | None = None
    field: str = "genre"
    by_album: bool = False
    model: str | None = None
    placeholders: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not FIELDS.fullmatch(self.field):
            raise UsageError(
                f"no field '{self.field}'", remedy="give genre, comment or custom:NAME"
            )
        if self.top < 1:
            raise UsageError(f"{self.top} genres are too few", remedy="give 1 or more")
        if self.threshold is not None and not 0 <= self.threshold <= 1:
            raise UsageError(f"no confidence is {self.threshold}", remedy="give 0 to 1")


@dataclass
class Plan:
    """Rows for the files where something is to be done or to be decided.

    Attributes:
        rows: in the order of the paths' bytes.
        albums: album tag by path, of the files in `rows` that have one.
        artists: artist tag by path, the same.
        files: files in the library.
        copies: how many of them have the sound of another.
        kept: files that are left out as they have a genre already, or have that genre.
    """

    rows: list[PlanRow] = field(default_factory=list)
    albums: dict[str, str] = field(default_factory=dict)
    artists: dict[str, str] = field(default_factory=dict)
    files: int = 0
    copies: int = 0
    kept: int = 0

    @property
    def actions(self) -> Counter[str]:
        """How many rows have each action."""
        return Counter(row.action for row in self.rows)

    @property
    def genres(self) -> Counter[str]:
        """How many files get each genre."""
        return Counter(genre for row in self.rows if row.action != SKIP for genre in row.new)

    @property
    def skipped(self) -> Counter[str]:
        """How many files are skipped for each kind of reason."""
        return Counter(row.why.partition(":")[0] for row in self.rows if row.action == SKIP)


def make_plan(index: Index, options: PlanOptions, within: str = "") -> Plan:
    """What becomes of the tags of a library, from its index; no file is written.

    `within`: only the file of this path in the library, or those below it; empty: all.

    Raises:
        UsageError: nothing was classified, or not in genres that the vocabulary knows.
        DataError: the mapping file is damaged.
    """
    model = indexed_model(index, options.model)
    asked = PredictionOptions(model, None, options.threshold, options.vocabulary, options.top)
    votes = _votes(index, model) if options.by_album else {}
    names = asked.tag_names(genres_in_tags(index))
    albums = {
        album: prediction_answer(vote.prediction, asked, names, vote.source)
        for album, vote in votes.items()
    }
    present = None if options.field == "genre" else present_values(index, options.field)
    own = vocabulary_of(tuple(genre for genre in names if genre != UNKNOWN))
    plan, sounds = Plan(), set[str]()
    for song in songs(index, model, within):
        plan.files += 1
        plan.copies += bool(song.audio) and song.audio in sounds
        sounds.add(song.audio)
        old = song.genres if present is None else present.get(song.path, ())
        if options.mode == ONLY_MISSING and not _is_missing(old, options):
            plan.kept += 1
            continue
        answer = albums.get(_album(song)) or song_answer(song, asked, names)
        row = _row(song, old, answer, options, own)
        if row is None:
            plan.kept += 1
            continue
        plan.rows.append(row)
        if song.album:
            plan.albums[song.path] = song.album
        if song.artist:
            plan.artists[song.path] = song.artist
    return plan


def _is_missing(old: tuple[str, ...], options: PlanOptions) -> bool:
    """Whether a field is empty, or names no genre."""
    if options.field != "genre":
        return not old
    return all(is_placeholder(value, options.placeholders) for value in old)


def _row(
    song: Song, old: tuple[str, ...], answer: Answer, options: PlanOptions, own: Vocabulary
) -> PlanRow | None:
    """What becomes of one file; None where it stays as it is."""
    action, new = REPLACE, answer.genres
    if options.mode == APPEND:
        held = set(_keys(old, own))
        pairs = zip(new, _keys(new, own), strict=True)
        action, new = APPEND, tuple(name for name, key in pairs if key not in held)
    unchanged = not new if options.mode == APPEND else _keys(new, own) == _keys(old, own)
    if answer.sure and unchanged:
        return None
    if not answer.sure or song.tags_problem:
        action = SKIP
    why = f"tags cannot be read: {song.tags_problem}" if song.tags_problem else answer.why
    parts = action, answer.confidence, why, song.audio
    return PlanRow(song.path, options.field, old, new, *parts)


def _keys(genres: tuple[str, ...], own: Vocabulary) -> list[str]:
    """Genres without what is only spelling: Hip-Hop is hiphop, RnB is R&B."""
    return [spelling_key(own.find(genre) or genre) for genre in genres]


class _Vote(NamedTuple):
    """The mean prediction of the files of an album."""

    prediction: Prediction
    source: str


class _VoteSum:
    """The sum of the predictions of the files of an album."""

    def __init__(self, first: Prediction) -> None:
        self.first = first
        self.count = 0
        self.music = 0.0
        self.logs: NDArray[np.float64] = np.zeros(len(first.genres))
        self.tags: dict[str, Counter[str]] = {}

    def add(self, prediction: Prediction) -> None:
        self.count += 1
        self.music += prediction.music
        self.logs += np.log(np.maximum(prediction.probabilities, _TINY))
        for network, tags in prediction.tags.items():
            self.tags.setdefault(network, Counter()).update(tags)

    def result(self) -> _Vote:
        shares = np.exp((self.logs - self.logs.max()) / self.count)
        tags = {
            network: {name: total / self.count for name, total in totals.items()}
            for network, totals in self.tags.items()
        }
        prediction = replace(
            self.first,
            probabilities=shares / shares.sum(),
            music=self.music / self.count,
            embedding=None,
            tags=tags,
        )
        files = f"{self.count} files" if self.count > 1 else "1 file"
        return _Vote(prediction, f"album of {files}, ")


_Album = tuple[str, str]


def _votes(index: Index, model: IndexedModel) -> Mapping[_Album, _Vote]:
    """The mean prediction of each album; files that are hardly music have no vote."""
    sums: dict[_Album, _VoteSum] = {}
    for album, prediction in _voters(index, model):
        if album not in sums:
            sums[album] = _VoteSum(prediction)
        sums[album].add(prediction)
    return {album: total.result() for album, total in sums.items()}


def _voters(index: Index, model: IndexedModel) -> Iterator[tuple[_Album, Prediction]]:
    for song in songs(index, model):
        prediction = song.prediction if song.album else None
        if prediction is not None and prediction.music >= LEAST_MUSIC:
            yield _album(song), prediction


def _album(song: Song) -> _Album:
    """Folder and album tag; a file without that tag is in no album, see `_voters`."""
    return song.path.rpartition("/")[0], song.album
