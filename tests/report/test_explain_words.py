from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from genrescope.backbones.musicnn import MUSICNN
from genrescope.explanation.attribution import Attribution, Attributions
from genrescope.explanation.explain import Explanation
from genrescope.explanation.profile import STRENGTH, ProfileDeviation, genre_profile
from genrescope.inference.classified import ClassifiedSong
from genrescope.inference.prediction import Prediction
from genrescope.inference.salient_tags import LEAST, SalientTag
from genrescope.report.explain import draw_explanation, explanation_figure
from genrescope.report.explanation_text import decision, group_predictions, heading, sentences
from genrescope.similarity.neighbours import Neighbour
from genrescope.taxonomy.vocabulary import GTZAN


def prediction(best: float, *, music: float = 1.0, threshold: float = 0.5) -> Prediction:
    shares = np.full(10, (1 - best - 0.1) / 8)
    shares[GTZAN.index("jazz")], shares[GTZAN.index("blues")] = best, 0.1
    return Prediction(GTZAN.genres, shares, threshold, music)


ATTRIBUTIONS = Attributions(
    "jazz",
    "blues",
    (
        Attribution("rp", "jazz", 0.6, 1.5),
        Attribution("jmir_mfcc", "blues", 0.5, -0.7),
        Attribution("ssd", "jazz", 0.3, 0.1),
    ),
    (
        Attribution("the rhythm", "jazz", 0.6, 1.5),
        Attribution("the tone colour", "blues", 0.5, -0.7),
        Attribution("the balance of bass and treble", "jazz", 0.3, 0.1),
    ),
    0.0,
)


@pytest.fixture
def found() -> Explanation:
    typical = genre_profile(Path(), "jazz")
    return Explanation(
        ClassifiedSong(Path("a $1 song.mp3"), prediction(0.7), 30.0, 200.0, 0.5),
        ATTRIBUTIONS,
        (SalientTag("musicnn", "jazz", 0.61, 0.12), SalientTag("musicnn", "oldies", 0.2, 0.03)),
        (Neighbour("jazz.00012", "jazz", 0.91), Neighbour("pop.00001", "pop", 0.5)),
        genre_profile(Path(), "blues"),
        typical,
        (ProfileDeviation(STRENGTH, 15, 0), ProfileDeviation(STRENGTH, 1, 14)),
    )


def test_labels_stand_with_their_clear_tags_and_others_are_left_out(found):
    tags = dict.fromkeys(MUSICNN.tag_names, 0.02) | {"guitar": 0.7, "female vocalists": 0.8}
    song = replace(found.song, prediction=replace(found.song.prediction, tags={"musicnn": tags}))
    explanation = replace(found, song=song)
    unclear = {
        item.label.name
        for item in explanation.label_tags
        if not item.tags or item.tags[0][2] < LEAST
    }
    [text] = [text for text in sentences(explanation) if text.startswith("Labels")]
    assert "female (female vocalists 80 %" in text
    assert not any(f" {name} (" in text for name in unclear)
    assert min(int(share) for share in re.findall(r"(\d+) %", text)) >= 100 * LEAST


def test_the_heading_and_what_else_it_could_be():
    assert (
        heading(prediction(0.74))
        == "jazz, 74 % sure; if not, blues 10 %, classical 2 %, country 2 %"
    )
    assert heading(prediction(0.4)).startswith(
        "unknown: jazz is likeliest, but 40 % is below the 50 % that the model needs; also blues"
    )
    assert heading(prediction(0.9, music=0.1)) == "unknown: it hardly sounds like music (10 %)"
    assert heading(prediction(0.9, music=0.0)) == "unknown: there is nothing to classify"


def test_the_sides_of_music_in_words():
    assert group_predictions(ATTRIBUTIONS) == (
        "The rhythm and the balance of bass and treble suggest jazz; "
        "the tone colour suggests blues."
    )
    assert decision(ATTRIBUTIONS) == (
        "What tips it to jazz rather than blues is the rhythm; the tone colour leans to blues."
    )
    against = replace(ATTRIBUTIONS, groups=(Attribution("the rhythm", "blues", 0.5, -1.0),))
    assert decision(against).endswith("the model's bias does.")


def test_all_sentences(found):
    _, _, tags, neighbours, typical, tempo = sentences(found)

    assert tags == (
        "The networks' tags for it: jazz (61 %), oldies (20 %); all of them more than usual."
    )
    assert neighbours == (
        "Of the 2 training songs nearest to it 1 is jazz; the nearest is jazz.00012 (jazz, 0.91)."
    )
    assert typical == (
        "Beside jazz songs it has a stronger pulse than all 15 and a weaker pulse than 14 of 15."
    )
    assert tempo.startswith("It pulses most at about ")
    usual = list(sentences(replace(found, unusual=())))
    assert "Its balance of bass and treble and its beat are usual for jazz." in usual


def test_of_silence_there_are_no_sentences(found):
    silent = replace(found.song, prediction=prediction(0.7, music=0.0))

    assert list(sentences(replace(found, song=silent))) == []


def test_the_picture_shows_what_there_is(found, tmp_path):
    figure = explanation_figure(found)
    bare = replace(found, attributions=None, typical=None, unusual=())
    texts = [text.get_text() for text in figure.axes[2].texts]

    assert len(figure.axes) == 4
    assert len(explanation_figure(bare).axes) == 3
    assert len(explanation_figure(replace(bare, profile=None)).axes) == 1
    assert [bar.get_width() for bar in figure.axes[1].patches] == [1.5, -0.7, 0.1]
    np.testing.assert_allclose(
        figure.axes[2].lines[-1].get_ydata(), 100 * found.profile.loudness[0]
    )
    assert texts == [""]
    draw_explanation(found, tmp_path / "one.svg")
    draw_explanation(found, tmp_path / "two.svg")
    assert (tmp_path / "one.svg").read_bytes() == (tmp_path / "two.svg").read_bytes()
