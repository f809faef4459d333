import pytest

from genrescope.benchmark.published import (
    GTZAN_BUILT_IN,
    GTZAN_FAULT_FILTERED,
    GTZAN_TEN_FOLD,
    MSD_STUDENT,
    published_beside,
    tuwien_dataset,
    under_another_protocol,
)


def test_the_gtzan_row_of_2012():
    row = {score.feature_set: score.value for score in GTZAN_TEN_FOLD}
    assert row["rh"] == 0.455
    assert row["ssd"] == 0.732
    assert all(score.comparable for score in GTZAN_TEN_FOLD)


def test_nothing_is_comparable_with_the_built_in_songs():
    assert len(GTZAN_BUILT_IN) == len(GTZAN_TEN_FOLD) + len(GTZAN_FAULT_FILTERED)
    assert not any(score.comparable for score in GTZAN_BUILT_IN)


def test_the_fault_filtered_numbers_are_their_sources_and_quoted_ones_are_marked():
    values = {score.feature_set: score.value for score in GTZAN_FAULT_FILTERED}
    assert [values["VGGish"], values["musicnn, MSD"]] == pytest.approx([0.7758, 0.7724], abs=1e-12)
    unverified = {s.feature_set for s in GTZAN_FAULT_FILTERED if "unverified" in s.note}
    assert unverified >= {"MERT-v2", "MuQ", "MusicFM", "LAION-CLAP", "TTMR++"}
    assert not unverified & {"VGGish", "musicnn, MSD", "OpenL3", "M2D", "BYOL-A"}


def test_the_student_project_is_comparable_only_on_its_balanced_split():
    comparable = {score.feature_set for score in MSD_STUDENT if score.comparable}
    assert comparable == {"ssd", "rh", "rp", "tssd"}
    assert len(MSD_STUDENT) == 7 * 5
    assert all("selected on the test part" in score.note for score in MSD_STUDENT)


def test_moving_scores_apart_keeps_their_notes():
    moved = under_another_protocol(GTZAN_TEN_FOLD, "other songs")
    assert [score.value for score in moved] == [score.value for score in GTZAN_TEN_FOLD]
    assert all(score.note.endswith("; other songs") and not score.comparable for score in moved)


def test_tu_wiens_numbers_are_comparable_with_all_ten_genres_only():
    ten, nine = published_beside(tuwien_dataset(10)), published_beside(tuwien_dataset(9))
    assert [score.value for score in ten] == [score.value for score in nine]
    assert {score.feature_set for score in ten if score.comparable} >= {"rh", "ssd"}
    assert not any(score.comparable for score in nine)
    assert all("all ten genres" in score.note for score in nine)
    assert tuwien_dataset(9) == f"{tuwien_dataset(10)}, nine genres"


def test_every_data_set_has_its_own_published_scores():
    assert published_beside("gtzan") == GTZAN_BUILT_IN
    assert published_beside("msd") == MSD_STUDENT
    assert published_beside("my own songs") == ()
