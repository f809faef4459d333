from genrescope.experiments.published import (
    GTZAN_BUILT_IN,
    GTZAN_TEN_FOLD,
    MSD_STUDENT,
    under_another_protocol,
)


def test_the_gtzan_row_of_2012():
    row = {score.feature_set: score.value for score in GTZAN_TEN_FOLD}
    assert row["rh"] == 0.455
    assert row["ssd"] == 0.732
    assert all(score.comparable for score in GTZAN_TEN_FOLD)


def test_nothing_is_comparable_with_the_built_in_songs():
    assert len(GTZAN_BUILT_IN) == 12
    assert not any(score.comparable for score in GTZAN_BUILT_IN)


def test_the_student_project_is_comparable_only_on_its_balanced_split():
    comparable = {score.feature_set for score in MSD_STUDENT if score.comparable}
    assert comparable == {"ssd", "rh", "rp", "tssd"}
    assert len(MSD_STUDENT) == 7 * 5
    assert all("selected on the test part" in score.note for score in MSD_STUDENT)


def test_moving_scores_apart_keeps_their_notes():
    moved = under_another_protocol(GTZAN_TEN_FOLD, "other songs")
    assert [score.value for score in moved] == [score.value for score in GTZAN_TEN_FOLD]
    assert all(score.note.endswith("; other songs") and not score.comparable for score in moved)
