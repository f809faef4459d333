"""From predictions to a plan: what becomes of which file's genre and other fields, and why."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from itertools import islice

from genrescope.errors import UsageError
from genrescope.inference.labels.fits import find_fit
from genrescope.inference.options import PredictionOptions
from genrescope.inference.prediction import UNKNOWN
from genrescope.library.index.current_values import present_values
from genrescope.library.index.database import Index
from genrescope.library.index.models import IndexedModel, indexed_model
from genrescope.library.index.results import Song, genres_in_tags, songs
from genrescope.library.outliers import NamedSong, contradicted
from genrescope.library.tagging.plan import SKIP, PlanRow
from genrescope.library.tagging.rows.albums import album_of, album_votes
from genrescope.library.tagging.rows.batches import TagReader
from genrescope.library.tagging.rows.decision import decide, decide_song, song_prediction
from genrescope.library.tagging.rows.options import ONLY_MISSING as ONLY_MISSING
from genrescope.library.tagging.rows.options import PlanOptions as PlanOptions
from genrescope.library.tagging.rows.own_fields import is_own
from genrescope.library.tagging.rows.song_rows import SongRows

_AT_A_TIME = 512  # songs whose tags are looked at together


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
        contradicting: files in `rows` whose genre contradicts their tag, album or artist.
    """

    rows: list[PlanRow] = field(default_factory=list)
    albums: dict[str, str] = field(default_factory=dict)
    artists: dict[str, str] = field(default_factory=dict)
    files: int = 0
    copies: int = 0
    kept: int = 0
    contradicting: int = 0

    @property
    def actions(self) -> Counter[str]:
        """How many rows have each action."""
        return Counter(row.action for row in self.rows)

    @property
    def changed(self) -> int:
        """How many files are to be changed."""
        return len({row.path for row in self.rows if row.action != SKIP})

    @property
    def genres(self) -> Counter[str]:
        """How many files get each genre."""
        rows = (row for row in self.rows if row.action != SKIP and _is_main(row))
        return Counter(genre for row in rows for genre in row.new)

    @property
    def skipped(self) -> Counter[str]:
        """How many files are skipped for each kind of reason."""
        rows = (row for row in self.rows if row.action == SKIP and _is_main(row))
        return Counter(row.why.partition(":")[0] for row in rows)

    def add(self, song: Song, rows: list[PlanRow]) -> None:
        """Add what becomes of a file; nothing where it is kept as it is."""
        if not rows:
            self.kept += 1
            return
        self.rows += rows
        if song.album:
            self.albums[song.path] = song.album
        if song.artist:
            self.artists[song.path] = song.artist

    def mark(self, field: str, found: dict[str, str]) -> None:
        """Note in the rows of the field for genres what songs contradict, by path."""
        for place, row in enumerate(self.rows):
            if row.field == field and row.path in found:
                why = f"{row.why}; contradicts {found[row.path]}"
                self.rows[place] = replace(row, why=why)
                self.contradicting += 1


def make_plan(index: Index, options: PlanOptions, within: str = "") -> Plan:
    """What becomes of the tags of a library, from its index; no file is written.

    `within`: only the file of this path in the library, or those below it; empty: all.

    Raises:
        UsageError: nothing was classified, or the vocabulary has none of its genres; or the model
            predicts no styles and moods, and they are wanted.
        DataError: the mapping file is damaged.
    """
    model = indexed_model(index, options.model)
    _check_labels(model, options)
    applied = PredictionOptions(model, None, options.threshold, options.vocabulary, options.top)
    used, labelled = genres_in_tags(index), options.labelled
    names = applied.tag_names(used)
    votes = album_votes(index, model) if options.by_album else {}
    albums = {
        album: decide(
            applied.apply(vote.prediction), applied, names, vote.source, labelled=labelled
        )
        for album, vote in votes.items()
    }
    present = None if options.field == "genre" else present_values(index, options.field)
    maker = SongRows.of(options, model.name, names, used)
    reader = TagReader.of(model, labelled=labelled)
    plan, sounds, named_songs = Plan(), set[str](), list[NamedSong]()
    known = songs(index, model, within)
    while some := list(islice(known, _AT_A_TIME)):
        old = {it.path: it.genres if present is None else present.get(it.path, ()) for it in some}
        open_songs = [song for song in some if maker.is_open(song, old[song.path])]
        read = reader.read(open_songs) if reader else [None] * len(open_songs)
        facts = {song.path: fact for song, fact in zip(open_songs, read, strict=True)}
        for song in some:
            plan.files += 1
            plan.copies += bool(song.audio) and song.audio in sounds
            sounds.add(song.audio)
            rows = list[PlanRow]()
            is_open, fact = song.path in facts, facts.get(song.path)
            voted, predicted = albums.get(album_of(song.path, song.album)), None
            if voted is None:
                predicted = song_prediction(song, applied, tagged=is_open and fact is None)
            if is_open:
                decision = voted or decide_song(
                    song, predicted, applied, names, labelled=labelled, facts=fact
                )
                rows = list(maker.rows(song, old[song.path], decision))
            plan.add(song, rows)
            if not options.by_album and predicted and predicted.genre != UNKNOWN:
                named_songs.append(NamedSong.of(song, predicted))
    plan.mark(options.field, contradicted(named_songs, applied.genres))
    return plan


def _check_labels(model: IndexedModel, options: PlanOptions) -> None:
    """See that a model predicts styles and moods, where they are wanted.

    Raises:
        UsageError: it does not.
    """
    if not {"style", "mood"} & set(options.write) or model.networks is None:
        return
    heads = (head.vocabulary for head in model.all_heads if head.vocabulary)
    if find_fit((*model.networks, *heads)) is None:
        raise UsageError(
            f"the model {model.name} predicts no styles and moods",
            remedy="genrescope models add, then genrescope library scan DIR --classify",
        )


def _is_main(row: PlanRow) -> bool:
    """Whether a row is of the field for genres."""
    return row.field != "mood" and not is_own(row.field)
