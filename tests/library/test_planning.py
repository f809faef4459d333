"""Plans: which file gets which genre, and why."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from knowledge import add_song, make_index, prediction

from genrescope.errors import DataError, UsageError
from genrescope.library.index.database import Index
from genrescope.library.tagging.plan import PlanRow
from genrescope.library.tagging.planning import PlanOptions, make_plan


@pytest.fixture
def index(tmp_path: Path):
    with make_index(tmp_path) as opened:
        yield opened


def rows(index: Index, **options) -> dict[str, tuple[tuple[str, ...], str]]:
    return {
        row.path: (row.new, row.action) for row in make_plan(index, PlanOptions(**options)).rows
    }


def test_missing_genres_are_filled_and_others_kept(index: Index):
    add_song(index, "a/1.mp3", prediction(rock=0.8, metal=0.12))
    add_song(index, "a/2.mp3", prediction(jazz=0.9), genres=("Bebop",))
    plan = make_plan(index, PlanOptions())
    why, audio = "80 % sure; else Metal 12 %, Blues 1 %", b"a/1.mp3".rjust(16, b"\0").hex()
    expected = PlanRow("a/1.mp3", "genre", (), ("Rock",), "replace", 0.8, why, audio)
    assert plan.rows == [expected]
    assert (plan.files, plan.kept, dict(plan.genres)) == (2, 1, {"Rock": 1})


def test_replace_changes_what_differs(index: Index):
    add_song(index, "1.mp3", prediction(jazz=0.9), genres=("Bebop", "Swing"))
    add_song(index, "2.mp3", prediction(jazz=0.9), genres=("Jazz",))
    add_song(index, "3.mp3", prediction(hiphop=0.9), genres=("Hip-Hop",))
    assert rows(index, mode="replace") == {"1.mp3": (("Jazz",), "replace")}


def test_append_adds_what_is_not_there(index: Index):
    add_song(index, "1.mp3", prediction(jazz=0.9), genres=("Bebop",))
    add_song(index, "2.mp3", prediction(jazz=0.9), genres=("Swing", "JAZZ"))
    add_song(index, "3.mp3", prediction(jazz=0.9))
    assert rows(index, mode="append") == {
        "1.mp3": (("JAZZ",), "append"),
        "3.mp3": (("JAZZ",), "append"),
    }


def test_genres_are_spelt_as_the_library_spells_them(index: Index):
    for number, spelling in enumerate(
        ("Hip Hop", "HIPHOP", "Hip Hop", "Rap", "rock", "Blues; R&B")
    ):
        add_song(index, f"has {number}.mp3", genres=tuple(spelling.split("; ")))
    for genre in ("hiphop", "rock", "blues", "classical"):
        add_song(index, f"{genre}.mp3", prediction(**{genre: 0.9}))
    planned = {path: new for path, (new, action) in rows(index).items() if action == "replace"}
    assert planned == {
        "hiphop.mp3": ("Hip Hop",),
        "rock.mp3": ("rock",),
        "blues.mp3": ("Blues",),
        "classical.mp3": ("Classical",),
    }


def test_a_partial_map_leaves_the_rest_and_is_taken_at_its_word(index: Index, tmp_path: Path):
    mapping = tmp_path / "mine.csv"
    mapping.write_text("rock,ROCK\nhip-hop,hip hop / rap\n")
    add_song(index, "has.mp3", genres=("Rock",))
    for genre in ("hiphop", "rock", "jazz"):
        add_song(index, f"{genre}.mp3", prediction(**{genre: 0.9}))
    planned = rows(index, vocabulary=mapping)
    assert planned["rock.mp3"] == (("ROCK",), "replace")
    assert planned["hiphop.mp3"] == (("hip hop / rap",), "replace")
    assert planned["jazz.mp3"] == (("Jazz",), "replace")


@pytest.mark.parametrize(
    "value", ["Other", "genre", "UNKNOWN", "Misc.", "(Podcast)", "255", "-", "Unknown Genre", "N/A"]
)
def test_values_that_name_no_genre_count_as_missing(index: Index, value):
    add_song(index, "1.mp3", prediction(jazz=0.9), genres=(value,))
    add_song(index, "2.mp3", prediction(jazz=0.9), genres=(value, "Polka"))
    assert rows(index) == {"1.mp3": (("Jazz",), "replace")}
    assert make_plan(index, PlanOptions()).rows[0].old == (value,)


def test_a_person_may_name_more_values_that_count_as_missing(index: Index):
    add_song(index, "1.mp3", prediction(jazz=0.9), genres=("Sound-Track",))
    assert rows(index) == {}
    assert rows(index, placeholders=("soundtrack",)) == {"1.mp3": (("Jazz",), "replace")}


def test_several_genres_are_named_from_a_tenth_on(index: Index):
    add_song(index, "1.mp3", prediction(rock=0.6, metal=0.25, blues=0.11))
    add_song(index, "2.mp3", prediction(rock=0.9, metal=0.05))
    assert rows(index, top=2)["1.mp3"][0] == ("Rock", "Metal")
    assert rows(index, top=5)["1.mp3"][0] == ("Rock", "Metal", "Blues")
    assert rows(index, top=2)["2.mp3"][0] == ("Rock",)


def test_what_is_unsure_is_left_to_a_person(index: Index):
    add_song(index, "unsure.mp3", prediction(rock=0.4, metal=0.3))
    add_song(index, "silent.mp3", prediction(music=0.0, jazz=0.3))
    add_song(index, "talk.mp3", prediction(0.2, rock=0.9))
    add_song(index, "new.mp3")
    add_song(index, "broken.mp3", prediction(rock=0.9), tags_problem="is truncated")
    plan = make_plan(index, PlanOptions())
    assert {row.path: (row.new, row.action, row.why) for row in plan.rows} == {
        "unsure.mp3": (
            ("Rock",),
            "skip",
            "unsure: 40 % sure, 50 % needed; else Metal 30 %, Blues 4 %",
        ),
        "talk.mp3": (("Rock",), "skip", "hardly music: 20 %"),
        "silent.mp3": ((), "skip", "nothing to classify"),
        "new.mp3": ((), "skip", "not classified yet"),
        "broken.mp3": (("Rock",), "skip", "tags cannot be read: is truncated"),
    }
    assert plan.skipped.total() == 5
    assert not plan.genres
    assert rows(index, threshold=0.3)["unsure.mp3"] == (("Rock",), "replace")


def test_an_album_gets_the_mean_of_the_logarithms(index: Index):
    songs = [prediction(rock=0.6, blues=0.2), prediction(rock=0.3, blues=0.5), prediction(rock=0.8)]
    for number, song in enumerate(songs):
        add_song(index, f"a/{number}.mp3", song, album="One")
    add_song(index, "a/silence.mp3", prediction(0.0), album="One")
    add_song(index, "a/other.mp3", prediction(jazz=0.9), album="Two")
    add_song(index, "b/other.mp3", prediction(jazz=0.9), album="One")
    add_song(index, "a/single.mp3", prediction(jazz=0.9))
    plan = {row.path: row for row in make_plan(index, PlanOptions(by_album=True)).rows}
    product = np.prod([song.probabilities for song in songs], axis=0) ** (1 / 3)
    share = product[songs[0].genres.index("rock")] / product.sum()
    for name in ("0", "1", "2", "silence"):
        row = plan[f"a/{name}.mp3"]
        assert (row.new, row.action) == (("Rock",), "replace")
        assert row.confidence == pytest.approx(share, abs=1e-4)
        assert row.why.startswith("album of 3 files")
    for path in ("a/other.mp3", "b/other.mp3", "a/single.mp3"):
        assert plan[path].new == ("Jazz",)


def test_genres_are_in_the_users_words(index: Index, tmp_path: Path):
    mapping = tmp_path / "mine.csv"
    mapping.write_text("rock,Loud\nmetal,Loud\nclassical,Quiet\n*,unknown\n")
    add_song(index, "1.mp3", prediction(rock=0.4, metal=0.4))
    add_song(index, "2.mp3", prediction(disco=0.9))
    plan = {row.path: row for row in make_plan(index, PlanOptions(vocabulary=mapping)).rows}
    assert (plan["1.mp3"].new, plan["1.mp3"].confidence) == (("Loud",), 0.8)
    assert (plan["2.mp3"].new, plan["2.mp3"].action) == ((), "skip")
    assert plan["2.mp3"].why.startswith("none of the genres: 9")
    with pytest.raises(DataError):
        make_plan(index, PlanOptions(vocabulary=tmp_path / "nothing.csv"))


def test_names_that_are_not_utf8_are_planned(index: Index):
    name = os.fsdecode(b"caf\xe9/\xff.mp3")
    add_song(index, name, prediction(rock=0.9))
    assert rows(index) == {name: (("Rock",), "replace")}


def test_the_model_last_used_is_taken(index: Index):
    with pytest.raises(UsageError, match="was classified so far"):
        make_plan(index, PlanOptions())
    add_song(index, "1.mp3", prediction(rock=0.9))
    with pytest.raises(UsageError, match="by the model other"):
        make_plan(index, PlanOptions(model="other"))
    assert rows(index, model="toy") == rows(index)


@pytest.mark.parametrize("options", [{"top": 0}, {"threshold": 1.5}, {"field": "mood"}])
def test_options_that_cannot_be(options):
    with pytest.raises(UsageError):
        PlanOptions(**options)


@pytest.mark.parametrize("field", ["comment", "custom:MOOD"])
def test_other_fields_are_read_from_the_files(index: Index, field):
    pytest.importorskip("mutagen")
    from genrescope.library.tagging.tagfile import write_field
    from songfiles import write_song

    for number, name in enumerate(["full.flac", "empty.flac"]):
        write_song(index.root / name, number, 0.2)
        add_song(index, name, prediction(rock=0.9), genres=("Jazz",))
    write_field(index.root / "full.flac", field, ("calm",))
    assert rows(index, field=field) == {"empty.flac": (("Rock",), "replace")}
    row = make_plan(index, PlanOptions(field=field, mode="replace")).rows[1]
    assert (row.path, row.field, row.old) == ("full.flac", field, ("calm",))


def test_songs_that_contradict_their_tag_album_or_artist_are_marked(index: Index):
    for number in range(4):
        add_song(index, f"a/{number}.mp3", prediction(rock=0.9), album="Album")
    add_song(index, "a/odd.mp3", prediction(jazz=0.95), album="Album", genres=("Blues",))
    plan = make_plan(index, PlanOptions(mode="replace"))
    ends = {row.path: row.why.partition("; contradicts ")[2] for row in plan.rows}
    assert ends.pop("a/odd.mp3") == "tag blues; album rock: 4 of 5"
    assert set(ends.values()) == {""}
    assert (plan.contradicting, plan.changed) == (1, 5)
    kept = make_plan(index, PlanOptions())  # it has a genre: no row, nothing to mark
    assert (kept.contradicting, kept.changed) == (0, 4)
    # By album, the album's genre is written: that contradicts nothing of it.
    assert make_plan(index, PlanOptions(mode="replace", by_album=True)).contradicting == 0
