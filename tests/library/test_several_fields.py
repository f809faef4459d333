"""Genres with styles, moods and own fields: planned, written in one step, refreshed, taken back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from knowledge import TOY, make_index, prediction

from genrescope.errors import UsageError
from genrescope.inference.classified import ClassifiedSong
from genrescope.inference.labels.fits import label_fits
from genrescope.inference.prediction import Prediction
from genrescope.library.index.database import Index
from genrescope.library.index.models import note_model
from genrescope.library.index.results import store_result
from genrescope.library.index.scan import refresh, scan
from genrescope.library.tagging.apply import apply_plan
from genrescope.library.tagging.plan import PlanRow, read_plan, write_plan
from genrescope.library.tagging.planning import PlanOptions, make_plan
from genrescope.library.tagging.rows.own_fields import OwnField, own_name, read_own
from genrescope.library.tagging.tagfile import read_tags, write_field
from genrescope.library.tagging.undo import undo
from genrescope.sources import SOURCES
from songfiles import write_song

pytestmark = pytest.mark.usefixtures("one_verifier")

ALL = ("genre", "style", "mood", "own")
MUSICNN = SOURCES["musicnn"].tag_names
CARD = replace(TOY, inputs={"musicnn": 250})
KINDS = ("song.mp3", "song.flac", "song.m4a", "song.wma", "song.wv", "song.dsf")


def tagged(name: str, **shares: float) -> Prediction:
    """A prediction whose tags raise a label; genres as named."""
    [fit] = [fit for fit in label_fits() if set(fit.values) == {"musicnn"}]
    place = [label.name for label in fit.labels].index(name)
    weights = zip(MUSICNN, fit.kernel[:, place].tolist(), strict=True)
    tags = {tag: 0.95 if weight > 0.2 else 0.02 for tag, weight in weights}
    return replace(prediction(**shares), tags={"musicnn": tags})


@pytest.fixture
def index(tmp_path: Path):
    with make_index(tmp_path) as opened:
        for number, name in enumerate(KINDS):
            write_song(opened.root / name, number, 0.3)
        scan(opened)
        yield opened


def classify(index: Index, predicted: Prediction) -> None:
    """The same prediction for every song."""
    model = note_model(index, CARD, "digest")
    for path, audio in list(index.rows("SELECT path, audio FROM files")):
        row = ClassifiedSong(index.root / path.decode(), predicted, 30.0, 30.0, 0.1)
        store_result(index, model, audio, row)


def rows(index: Index, **options) -> list[PlanRow]:
    return make_plan(index, PlanOptions(**options)).rows


def write(index: Index, **options) -> int:
    """Carry out a plan; how many files were written."""
    applied = apply_plan(rows(index, **options), index.root)
    assert applied.count("refused") == 0, applied.outcomes
    refresh(index)
    return applied.count("written")


def labels_of(predicted: Prediction, kind: str) -> list[str]:
    return [label.name for label in predicted.labels if label.kind == kind]


@pytest.fixture(autouse=True)
def journals(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GENRESCOPE_JOURNAL", str(tmp_path / "journal"))


def test_all_fields_of_a_file_are_written_in_one_step_and_taken_back(index: Index):
    predicted = tagged("happy", rock=0.9)
    [mood] = labels_of(predicted, "mood")[:1]
    before = {path: path.read_bytes() for path in index.root.iterdir()}
    classify(index, predicted)
    plan = make_plan(index, PlanOptions(write=ALL))
    assert {(row.path, row.field) for row in plan.rows if row.field in ("genre", "mood")} == {
        (name, field) for name in KINDS for field in ("genre", "mood")
    }
    assert plan.changed == len(KINDS)
    assert apply_plan(plan.rows, index.root).count("written") == len(KINDS)
    for name in KINDS:
        tags = read_tags(index.root / name)
        assert (tags.genres[0], tags.mood[0].casefold()) == ("Rock", mood)
        noted = read_own(tags.values(own_name("genre")))
        assert noted is not None
        assert tuple(noted.values) == tags.genres
        assert (noted.field, noted.model) == ("genre", "toy")
    refresh(index)
    assert rows(index, write=ALL) == []
    assert undo().count("restored") == len(KINDS)
    assert {path: path.read_bytes() for path in index.root.iterdir()} == before


def test_styles_follow_the_genre_as_values_of_their_own(index: Index):
    predicted = tagged("folk", rock=0.9)
    assert labels_of(predicted, "style")
    classify(index, predicted)
    assert write(index, write=("genre", "style")) == len(KINDS)
    for name in KINDS:
        genres = read_tags(index.root / name).genres
        assert genres == ("Rock", *(name.capitalize() for name in labels_of(predicted, "style")))


def test_values_are_joined_by_a_sign_on_request(index: Index):
    predicted = tagged("folk", rock=0.9)
    expected = ["Rock", *(name.capitalize() for name in labels_of(predicted, "style"))]
    assert len(expected) > 1
    classify(index, predicted)
    assert write(index, write=("genre", "style"), join=" | ") == len(KINDS)
    for name in KINDS:
        assert read_tags(index.root / name).genres == (" | ".join(expected),)
    assert rows(index, write=("genre", "style"), join=" | ") == []


def test_what_was_written_is_refreshed_and_a_persons_words_are_not_touched(index: Index):
    classify(index, tagged("happy", rock=0.9))
    write(index, write=ALL)
    write_field(index.root / "song.flac", "genre", ("My own",))
    write_field(index.root / "song.mp3", "mood", ("Mine",))
    refresh(index)
    classify(index, tagged("sad", jazz=0.8))
    write(index, write=ALL)
    tags = {name: read_tags(index.root / name) for name in KINDS}
    assert tags["song.flac"].genres == ("My own",)
    assert tags["song.mp3"].mood == ("Mine",)
    assert {tags[name].genres[0] for name in KINDS if name != "song.flac"} == {"Jazz"}
    assert "Mine" not in {value for name in KINDS[1:] for value in tags[name].mood}
    flac = read_own(tags["song.flac"].values(own_name("genre")))
    assert flac is not None
    assert (flac.field, next(iter(flac.values))) == ("", "Jazz")  # noted, and written nowhere
    assert rows(index, write=ALL) == []


def test_a_genre_that_a_person_chose_too_is_theirs(index: Index):
    """The same value as predicted, but not written by genrescope."""
    write_field(index.root / "song.flac", "genre", ("Rock",))
    refresh(index)
    classify(index, tagged("happy", rock=0.9))
    write(index, write=ALL)
    classify(index, tagged("happy", jazz=0.9))
    write(index, write=ALL)
    genres = {name: read_tags(index.root / name).genres[0] for name in KINDS}
    assert genres.pop("song.flac") == "Rock"
    assert set(genres.values()) == {"Jazz"}


def test_a_note_is_kept_in_step_without_an_option(index: Index):
    classify(index, tagged("happy", rock=0.9))
    write(index, write=ALL)
    classify(index, tagged("happy", jazz=0.9))
    assert write(index) == len(KINDS)  # genres alone; what is genrescope's is refreshed
    for name in KINDS:
        tags = read_tags(index.root / name)
        noted = read_own(tags.values(own_name("genre")))
        assert noted is not None
        assert tuple(noted.values) == tags.genres == ("Jazz",)


def test_own_fields_alone_leave_genre_and_mood_as_they_are(index: Index):
    classify(index, tagged("happy", rock=0.9))
    assert write(index, write=("own",)) == len(KINDS)
    tags = read_tags(index.root / "song.mp3")
    assert (tags.genres, tags.mood) == ((), ())
    noted = read_own(tags.values(own_name("genre")))
    assert noted is not None
    assert (tuple(noted.values), noted.field) == (("Rock",), "")
    assert noted.values["Rock"] == 0.9


def test_a_plan_with_all_fields_survives_a_spreadsheet(index: Index, tmp_path: Path):
    classify(index, tagged("happy", rock=0.9))
    plan = rows(index, write=ALL)
    write_plan(tmp_path / "plan.csv", plan)
    assert [row.new for row in read_plan(tmp_path / "plan.csv")] == [row.new for row in plan]


def test_other_genres_than_planned_make_a_file_a_persons(index: Index):
    """A genre edited in the plan is not what the note has."""
    classify(index, tagged("happy", rock=0.9))
    plan = rows(index, write=ALL)
    edited = [replace(row, new=("Mine",)) if row.field == "genre" else row for row in plan]
    apply_plan(edited, index.root)
    refresh(index)
    classify(index, tagged("happy", jazz=0.9))
    assert {row.field for row in rows(index)} == set()


def test_a_model_without_tags_names_no_moods(index: Index):
    model = note_model(index, TOY, "other")
    [audio, *_] = [audio for (audio,) in index.rows("SELECT audio FROM files")]
    row = ClassifiedSong(index.root / "song.mp3", prediction(rock=0.9), 30.0, 30.0, 0.1)
    store_result(index, model, audio, row)
    with pytest.raises(UsageError, match="no styles and moods"):
        make_plan(index, PlanOptions(write=("mood",)))


@pytest.mark.parametrize(
    "options",
    [
        *({"write": ()}, {"write": ("tempo",)}, {"join": "; ", "mode": "append"}),
        *({"field": "mood"}, {"field": "custom:GENRESCOPE_GENRE"}),
    ],
)
def test_what_cannot_be_written_is_refused(options):
    with pytest.raises(UsageError):
        PlanOptions(**options)


@given(
    st.dictionaries(st.text(min_size=1), st.floats(0, 1), min_size=1, max_size=3),
    *[st.text(max_size=8)] * 3,
)
def test_own_fields_come_back_from_their_text(values, field, model, join):
    noted = OwnField(values, field, model, join)
    assert read_own((noted.to_text(),)) == noted


@pytest.mark.parametrize("text", ["", "Rock", "[]", '{"values": 3}', '{"values": {"a": "b"}}'])
def test_what_is_no_note_is_none(text):
    assert read_own((text,)) is None


def test_other_changes_since_stay_when_all_fields_are_taken_back(index: Index):
    import mutagen

    classify(index, tagged("happy", rock=0.9))
    write(index, write=ALL)
    for name in ("song.flac", "song.wv"):
        opened = mutagen.File(index.root / name)
        opened["title"] = "Another"
        opened.save()
    assert undo().count("restored") == len(KINDS)
    for name in ("song.flac", "song.wv"):
        tags = read_tags(index.root / name)
        assert (tags.genres, tags.mood, tags.title) == ((), (), "Another")
        assert not [key for key in tags.custom if key.startswith("GENRESCOPE")]
