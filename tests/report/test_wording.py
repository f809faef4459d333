import pytest

from genrescope.report.wording import count, duration, nats, note, percent, set_titles, sets_of


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.04, "0.0 s"),
        (9.94, "9.9 s"),
        (9.96, "10 s"),
        (59.4, "59 s"),
        (59.6, "1 min 00 s"),
        (245, "4 min 05 s"),
        (7500, "2 h 05 min"),
        (float("nan"), "–"),
    ],
)
def test_durations(seconds, words):
    assert duration(seconds) == words


def test_shares_losses_and_counts():
    assert percent(0.71249) == "71.2"
    assert percent(0.71249, 0) == "71"
    assert percent(None) == percent(float("nan")) == nats(None) == count(None) == "–"
    assert nats(2.5649) == "2.565"
    assert count(26000) == "26,000"


def test_few_sets_are_named_and_many_counted(make_record):
    assert sets_of(make_record(feature_sets=("rp", "ssd"))) == "rp + ssd"
    assert sets_of(make_record(feature_sets=("rp", "ssd", "rh", "mvd"))) == "4 sets"


def test_what_rests_on_a_network_has_a_dagger_and_a_title(make_record):
    record = make_record(feature_sets=("ssd", "student_audioset"))
    assert sets_of(record) == "ssd + student_audioset †"
    assert sets_of(make_record(feature_sets=("ssd", "student_network"))) == "ssd + student_network"
    titles = "Statistical Spectrum Descriptor, tags of audioset, predicted from descriptors"
    assert set_titles(record) == titles


def test_notes_are_text_or_json():
    assert note("as it is") == "as it is"
    assert note(["R&B", 1]) == '["R&B", 1]'
