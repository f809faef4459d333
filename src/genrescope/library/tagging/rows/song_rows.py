"""What becomes of the fields of one file: genres and styles, moods, genrescope's own fields."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from genrescope.inference.labels.label import KINDS, label_names
from genrescope.inference.prediction import UNKNOWN
from genrescope.library.index.results import Song
from genrescope.library.tagging.plan import APPEND, REPLACE, SKIP, PlanRow, same_values
from genrescope.library.tagging.rows.decision import Decision
from genrescope.library.tagging.rows.options import ONLY_MISSING, PlanOptions
from genrescope.library.tagging.rows.own_fields import OwnField, own_name, read_own
from genrescope.taxonomy.normalise import spelling_key
from genrescope.taxonomy.tag_names import is_placeholder, tag_names
from genrescope.taxonomy.vocabulary import Vocabulary, vocabulary_of

_WORD = re.compile(r"(?<![\w'])[a-z]")
Values = tuple[str, ...]


@dataclass(frozen=True)
class _Notes:
    """The moods and own fields of a file."""

    fields: Mapping[str, Values]

    @classmethod
    def of(cls, song: Song) -> _Notes:
        return cls(song.fields if song.noted else {})

    @property
    def mood(self) -> Values:
        return self.fields.get("mood", ())

    def own(self, kind: str) -> OwnField | None:
        present = self.fields.get(own_name(kind))
        return read_own(present) if present else None


@dataclass(frozen=True)
class SongRows:
    """Makes the rows of files.

    Attributes:
        options: what is wanted.
        model: name of the model.
        own: the genres as they are written, to see through spellings.
        labels: how each label is written.
    """

    options: PlanOptions
    model: str
    own: Vocabulary
    labels: Mapping[str, str]

    @classmethod
    def of(
        cls, options: PlanOptions, model: str, names: Mapping[str, str], used: Mapping[str, int]
    ) -> SongRows:
        """For genres that are written as in `names`, in a library that uses genres so often."""
        own = vocabulary_of(tuple(genre for genre in names if genre != UNKNOWN))
        return cls(options, model, own, written_labels(used))

    def is_open(self, song: Song, old: Values) -> bool:
        """Whether anything may become of a file whose field for genres holds `old`."""
        free = self.options.mode != ONLY_MISSING or self._is_missing(old)
        return free or self.options.labelled or self._is_ours(_Notes.of(song), "genre", old)

    def rows(self, song: Song, old: Values, decision: Decision) -> Iterator[PlanRow]:
        """The rows of a file, those that change nothing left out; see `is_open`."""
        notes, named = _Notes.of(song), decision.named(self.labels)
        genres, moods = self._genres(decision, named["style"]), named["mood"]
        main = self._main_row(song, notes, old, tuple(genres), decision)
        mood = self._mood_row(song, notes, moods)
        yield from (row for row in (main, mood) if row)
        if song.tags_problem:
            return
        if decision.sure:
            held = self._held(notes, "genre", old, main)
            yield from self._own_row(song, notes, "genre", genres, held)
        held = self._held(notes, "mood", notes.mood, mood)
        yield from self._own_row(song, notes, "mood", moods, held)
        if "own" in self.options.write:
            for kind in KINDS:
                if kind != "mood":
                    yield from self._own_row(song, notes, kind, named[kind], "")

    def _genres(self, decision: Decision, styles: Mapping[str, float]) -> dict[str, float]:
        """Probability by value of the field for genres."""
        wanted = self.options.write
        found = dict(zip(decision.genres, decision.shares, strict=False))
        if not {"genre", "style"} & set(wanted):
            return found  # for the own field
        values = found if "genre" in wanted else {}
        if "style" in wanted:
            keys = set(self._keys(decision.genres))
            more = zip(styles.items(), self._keys(tuple(styles)), strict=True)
            values = values | {name: share for (name, share), key in more if key not in keys}
        return values

    def _main_row(
        self, song: Song, notes: _Notes, old: Values, genres: Values, decision: Decision
    ) -> PlanRow | None:
        """What becomes of the field for genres; None where it stays as it is."""
        options = self.options
        free = options.mode != ONLY_MISSING or self._is_missing(old)
        if not {"genre", "style"} & set(options.write):
            return None
        if not free and not self._is_ours(notes, "genre", old):
            return None
        if not genres and decision.sure:  # styles alone, and none is sure
            return None
        action, new = self._new(old, genres)
        if decision.sure and self._is_same(old, new, action):
            return None
        if not decision.sure or song.tags_problem:
            action = SKIP
        why = f"tags cannot be read: {song.tags_problem}" if song.tags_problem else decision.why
        return PlanRow(
            song.path, options.field, old, new, action, decision.confidence, why, song.audio
        )

    def _mood_row(self, song: Song, notes: _Notes, moods: Mapping[str, float]) -> PlanRow | None:
        old = notes.mood
        if "mood" not in self.options.write or not moods or song.tags_problem:
            return None
        if self.options.mode == ONLY_MISSING and old and not self._is_ours(notes, "mood", old):
            return None
        action, new = self._new(old, tuple(moods))
        if self._is_same(old, new, action):
            return None
        share = next(iter(moods.values()))
        why = f"{100 * share:.0f} % sure"
        return PlanRow(song.path, "mood", old, new, action, share, why, song.audio)

    def _own_row(
        self, song: Song, notes: _Notes, kind: str, values: Mapping[str, float], field: str
    ) -> Iterator[PlanRow]:
        """The row that notes values, and the field that holds exactly them; empty: none does.

        Where values are written whose former ones are noted, the note is kept in step.
        """
        name = own_name(kind)
        present = notes.fields.get(name, ())
        if not values or not ("own" in self.options.write or (present and field)):
            return
        new, former = OwnField(values, field, self.model, self._join(field)), notes.own(kind)
        if former is None or not former.agrees(new):
            why = f"noted: {', '.join(values)}"
            share = next(iter(values.values()))
            yield PlanRow(
                song.path, name, present, (new.to_text(),), REPLACE, share, why, song.audio
            )

    def _held(self, notes: _Notes, kind: str, old: Values, row: PlanRow | None) -> str:
        """The field that will hold exactly the values of a kind, by genrescope's hand."""
        field = self.options.field if kind == "genre" else kind
        if row is None:
            return field if self._is_ours(notes, kind, old) else ""
        whole = row.action == REPLACE or (row.action == APPEND and not old)
        return field if whole else ""

    def _new(self, old: Values, values: Values) -> tuple[str, Values]:
        """The action, and the values to be written or added."""
        if self.options.mode == APPEND:
            held = set(self._keys(old))
            pairs = zip(values, self._keys(values), strict=True)
            return APPEND, tuple(name for name, key in pairs if key not in held)
        sign = self.options.join
        return REPLACE, (sign.join(values),) if sign and values else values

    def _is_same(self, old: Values, new: Values, action: str) -> bool:
        if action == APPEND:
            return not new
        return self._keys(new) == self._keys(old) or same_values(old, new)

    def _is_missing(self, old: Values) -> bool:
        """Whether the field for genres is empty, or names no genre."""
        if self.options.field != "genre":
            return not old
        return all(is_placeholder(value, self.options.placeholders) for value in old)

    def _is_ours(self, notes: _Notes, kind: str, old: Values) -> bool:
        """Whether a field holds exactly what genrescope noted that it wrote."""
        noted = notes.own(kind)
        field = self.options.field if kind == "genre" else kind
        return noted is not None and noted.holds(field, old)

    def _join(self, field: str) -> str:
        return self.options.join if field else ""

    def _keys(self, genres: Values) -> list[str]:
        """Genres without what is only spelling: Hip-Hop is hiphop, RnB is R&B."""
        return [spelling_key(self.own.find(genre) or genre) for genre in genres]


def written_labels(used: Mapping[str, int]) -> dict[str, str]:
    """How each label is written into tags, where each value stands so often in the library."""
    found = tag_names((label.name for label in label_names()), used)
    return {label: _capitalised(label) if name == label else name for label, name in found.items()}


def _capitalised(name: str) -> str:
    """A label as people write it: each word with a capital."""
    return _WORD.sub(lambda letter: letter[0].upper(), name)
