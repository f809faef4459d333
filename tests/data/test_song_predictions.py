from __future__ import annotations

import json

import pytest

from genrescope.data.song_predictions import read_song_predictions
from genrescope.errors import DataError


def read(tmp_path, text, name="made.csv"):
    (tmp_path / name).write_text(text)
    return read_song_predictions(tmp_path / name)


def test_a_table_of_probabilities_as_an_export_has_it(tmp_path):
    found = read(tmp_path, "path,size,genre,p(jazz),p(rock)\na.mp3,7,unknown,0.3,0.7\nb.mp3,8,,,\n")
    assert found.genres == ("jazz", "rock")
    assert found.predicted == {"a.mp3": "rock"}  # the likeliest; of b.mp3 nothing is known
    assert found.probabilities["a.mp3"] == pytest.approx([0.3, 0.7])


def test_genres_alone_in_any_of_the_tables_that_spreadsheets_write(tmp_path):
    found = read(tmp_path, "\ufeffsong;predicted\na.mp3;Hip-Hop\nb.mp3;\nc.mp3;hiphop\n")
    assert (found.genres, found.probabilities) == (("Hip-Hop",), None)
    assert found.predicted == {"a.mp3": "Hip-Hop", "b.mp3": "", "c.mp3": "Hip-Hop"}


@pytest.mark.parametrize("listed", [True, False])
def test_json_as_a_list_and_as_lines(tmp_path, listed):
    rows = [
        {"path": "a", "probabilities": {"p(jazz)": 1.0, "p(rock)": 0.0}},
        {"path": "b", "probabilities": {"jazz": 0.25, "rock": 0.75}},
    ]
    text = json.dumps(rows) if listed else "\n".join(map(json.dumps, rows))
    found = read(tmp_path, text, "made.json")
    assert found.predicted == {"a": "jazz", "b": "rock"}
    assert found.probabilities["b"].tolist() == [0.25, 0.75]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("path,p(a),p(b)\nx,0.9,0.9\n", r"made\.csv:2: probabilities with a sum of 1\.8"),
        ("path,p(a),p(b)\nx,-0.5,1.5\n", r"made\.csv:2: probabilities"),
        ("path,p(a)\nx,much\n", r"made\.csv:2: no probabilities: could not convert"),
        ("path,genre\nx,jazz\nx,rock\n", r"made\.csv:3: x is there twice"),
        ("name,genre\nx,jazz\n", r"made\.csv:2: no song \(write the columns path and genre"),
        ("path,artist\nx,someone\n", r"made\.csv: no predicted genre"),
    ],
)
def test_what_is_wrong_is_named(tmp_path, text, message):
    with pytest.raises(DataError, match=message):
        read(tmp_path, text)


def test_a_genre_without_probabilities_beside_some_is_not_left_out_in_silence(tmp_path):
    rows = [{"path": "a", "probabilities": {"jazz": 1}}, {"path": "b", "genre": "rock"}]
    text = "\n\n".join(map(json.dumps, rows))
    with pytest.raises(DataError, match=r"made.jsonl:3: b has a genre, but no probabilities"):
        read(tmp_path, text, "made.jsonl")
    found = read(tmp_path, text.replace('"rock"', '"unknown"'), "made.jsonl")
    assert found.predicted == {"a": "jazz", "b": "unknown"}
    assert list(found.probabilities) == ["a"]


@pytest.mark.parametrize("value", ["[null]", "{}", "true", "1.5", "NaN"])
def test_what_names_no_song_is_refused(tmp_path, value):
    with pytest.raises(DataError, match=r"made.json:1: no song"):
        read(tmp_path, f'[{{"path": {value}, "genre": "rock"}}]', "made.json")


@pytest.mark.parametrize("value", ["[1]", "1", "true", '"x"', "NaN", '{"jazz": []}'])
def test_what_is_no_probabilities_is_refused(tmp_path, value):
    with pytest.raises(DataError, match=r"made.json:1: no probabilities"):
        read(tmp_path, f'[{{"path": "a", "probabilities": {value}}}]', "made.json")


def test_a_number_may_name_a_song(tmp_path):
    assert read(tmp_path, '[{"id": 140, "genre": "rock"}]', "x.json").predicted == {"140": "rock"}
