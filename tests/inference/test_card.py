from __future__ import annotations

import json
from dataclasses import replace

import pytest

from genrescope.calibration.coverage import Coverage
from genrescope.calibration.temperature import Calibration
from genrescope.descriptors import EXTRACTOR, Settings
from genrescope.errors import DataError
from genrescope.inference.card import CARD, ModelCard, find_head
from genrescope.inference.heads import Head

FULL = {
    "name": "small",
    "title": "Two genres",
    "genres": ("jazz", "rock"),
    "inputs": {"ssd": 168, "rh": 60, "musicnn": 250},
    "prior": (0.25, 0.75),
    "calibration": Calibration(1.5, (0.125, -0.125)),
    "vocabulary": None,
    "settings": Settings("2012", "float64", False),
    "level": -23.0,
    "excerpt_seconds": 20.0,
    "threshold": 0.4,
    "coverage": (Coverage(0.4, 0.9, 0.8), Coverage(0.6, 0.7, 0.9)),
    "card": {"licence": "MIT", "scores": {"macro_recall": 0.8}},
}


def test_what_is_written_is_read(tmp_path):
    card = ModelCard(**FULL)
    card.write(tmp_path)

    assert ModelCard.read(tmp_path) == card
    assert card.extractor == EXTRACTOR
    assert card.sets == ("ssd", "rh")
    assert card.networks == ("musicnn",)
    assert sorted(path.name for path in tmp_path.iterdir()) == [CARD]


def test_a_card_of_format_1_is_read(tmp_path):
    old = {"weights": {"ssd": 0.7, "musicnn": 0.3}}
    ModelCard(**FULL | {"card": old}).write(tmp_path)
    content = json.loads((tmp_path / CARD).read_text())
    del content["heads"], content["members"]
    (tmp_path / CARD).write_text(json.dumps(content | {"format": 1}))

    card = ModelCard.read(tmp_path)
    assert card.all_heads == (card.head,)
    assert card.member_weights == {"ssd": 0.7, "rh": 0.0, "musicnn": 0.3}


def test_a_card_has_several_vocabularies(tmp_path):
    head = Head(
        *(("Loud", "Quiet"), (0.3, 0.7), Calibration(2.0, (0.1, -0.1)), 0.6),
        *((Coverage(0.4, 0.9, 0.8),), "dynamics"),
    )
    members = {"rhythm": 0.25, "the rest": 0.75}
    ModelCard(**FULL | {"heads": {"dynamics": head}, "members": members}).write(tmp_path)
    card = ModelCard.read(tmp_path)

    assert card.all_heads == (card.head, head)
    assert find_head(card.all_heads, "DYNAMICS") == head
    assert find_head(card.all_heads, "GTZAN") is None
    assert card.member_weights == members
    with pytest.raises(DataError, match="of dynamics shares"):
        ModelCard(**FULL | {"heads": {"dynamics": replace(head, prior=(0.3, 0.6))}})


def test_settings_are_written_with_nothing_left_to_choose(tmp_path):
    ModelCard(**FULL | {"settings": Settings()}).write(tmp_path)

    written = json.loads((tmp_path / CARD).read_text())
    assert written["settings"] == {"like": "default", "dtype": "float32", "masking": True}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"genres": ("rock",), "prior": (1.0,)}, "genres"),
        ({"genres": ("rock", "rock")}, "genres"),
        ({"inputs": {}}, "no inputs"),
        ({"inputs": {"ssd": 60}}, "input 'ssd' of 60 values"),
        ({"inputs": {"sdd": 168}}, "input 'sdd'"),
        ({"extractor": "genrescope descriptors 0"}, "vectors of 'genrescope descriptors 0'"),
        ({"prior": (0.5, 0.4)}, "shares"),
        ({"prior": (1.0, 0.0)}, "shares"),
        ({"prior": (0.2, 0.3, 0.5)}, "shares"),
        ({"calibration": Calibration(1.0, (0.0,))}, "number of biases"),
        ({"threshold": 1.5}, "a threshold of 1.5"),
        ({"excerpt_seconds": 0.0}, "an excerpt of 0.0 s"),
        ({"level": float("inf")}, "a level of inf dB"),
    ],
)
def test_parts_that_do_not_fit_are_refused(change, message):
    with pytest.raises(DataError, match=message):
        ModelCard(**FULL | change)


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (lambda card: card | {"format": 3}, "format 3 is not 2"),
        (lambda card: card | {"extractor": "another"}, "vectors of 'another'"),
        (lambda card: card | {"colour": "red"}, "colour"),
        (lambda card: {name: card[name] for name in card if name != "prior"}, "prior"),
        (lambda card: card | {"settings": {"like": "1999"}}, "no like '1999'"),
        (lambda card: card | {"prior": ["much", "little"]}, "could not convert"),
        (lambda card: [card], "not a model's card"),
    ],
)
def test_a_card_that_is_none_is_named(tmp_path, edit, message):
    ModelCard(**FULL).write(tmp_path)
    path = tmp_path / CARD
    path.write_text(json.dumps(edit(json.loads(path.read_text()))))

    with pytest.raises(DataError, match=message) as caught:
        ModelCard.read(tmp_path)
    assert caught.value.place == str(path)


def test_a_torn_or_missing_card_is_named(tmp_path):
    with pytest.raises(DataError, match="No such file"):
        ModelCard.read(tmp_path)
    (tmp_path / CARD).write_text('{"format": 1, "na')
    with pytest.raises(DataError, match="not a model's card"):
        ModelCard.read(tmp_path)
