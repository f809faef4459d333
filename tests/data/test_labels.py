"""Labels and artist ids: spellings, votes, errors, and putting them on a table."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from genrescope.data.labels import (
    assign_groups,
    assign_labels,
    load_artists,
    load_labels,
    read_labels,
)
from genrescope.data.table import FeatureTable
from genrescope.errors import DataError
from genrescope.taxonomy.vocabulary import MAGD, MASD, TOP_MAGD


def _table(*ids: str) -> FeatureTable:
    return FeatureTable("rh", np.array(ids), np.zeros((len(ids), 2), np.float32))


@pytest.mark.parametrize(
    "written",
    ["New Age", "New_Age", "'New Age'", '"New Age"', "new age", "NEW_AGE", "NewAge", " New Age "],
)
@pytest.mark.parametrize("separator", ["\t", " ", "   "])
def test_new_age_however_it_is_written(written: str, separator: str) -> None:
    labels = load_labels([f"TRA{separator}{written}\n"], TOP_MAGD)
    assert labels.genres.tolist() == ["New Age"]
    assert labels.minority is None


def test_minority_votes() -> None:
    lines = ["TRA\tJazz\tVocal\n", "TRB\tPop_Rock\n", "TRC\tNew Age\tFolk\n", "TRD\tRap\t\n"]
    labels = load_labels(lines, TOP_MAGD)
    assert labels.ids.tolist() == ["TRA", "TRB", "TRC", "TRD"]
    assert labels.genres.tolist() == ["Jazz", "Pop_Rock", "New Age", "Rap"]
    assert labels.minority is not None
    assert labels.minority.tolist() == ["Vocal", "", "Folk", ""]
    assert labels.agreed().ids.tolist() == ["TRB", "TRD"]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("TRA Jazz Vocal", ("Jazz", "Vocal")),
        ("TRA New Age Pop_Rock", ("New Age", "Pop_Rock")),
        ("TRA\tPop_Rock New_Age", ("Pop_Rock", "New Age")),
    ],
)
def test_votes_between_blanks(line: str, expected: tuple[str, str]) -> None:
    labels = load_labels([line], TOP_MAGD)
    assert labels.minority is not None
    assert (labels.genres[0], labels.minority[0]) == expected


def test_all_genres_of_every_vocabulary() -> None:
    for vocabulary in (TOP_MAGD, MAGD, MASD):
        lines = [f"TR{i}\t{genre}" for i, genre in enumerate(vocabulary.genres)]
        labels = load_labels(lines, vocabulary)
        assert tuple(labels.genres.tolist()) == vocabulary.genres
        assert labels.counts() == dict.fromkeys(vocabulary.genres, 1)


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (
            ["TRA\tJazz", "TRB\tZydeco"],
            r"l\.cls:2: 'Zydeco' is not a genre of topMAGD \(one of Blues",
        ),
        (["TRA\tJaz"], r"l\.cls:1: 'Jaz' .*did you mean 'Jazz'"),
        (["TRA\tJazz", "TRB\tRap", "TRA\tFolk"], r"l\.cls:3: TRA is Folk here, Jazz further up"),
        (["TRA\tJazz\tRap\tFolk"], r"l\.cls:1: 3 genres"),
        (["% nothing"], r"l\.cls: no labels in it"),
    ],
)
def test_errors_name_line_and_remedy(lines: list[str], message: str) -> None:
    with pytest.raises(DataError, match=message):
        load_labels(lines, TOP_MAGD, "l.cls")


def test_the_same_line_twice_counts_once() -> None:
    assert len(load_labels(["TRA\tJazz", "TRA\tjazz"], TOP_MAGD)) == 1


def test_assign_labels_counts_what_does_not_meet() -> None:
    labels = load_labels(["TRC\tJazz", "TRX\tRap", "TRA\tNew_Age"], TOP_MAGD)
    table, report = assign_labels(_table("TRA", "TRB", "TRC"), labels)
    assert table.labels is not None
    assert table.labels.tolist() == ["New Age", "", "Jazz"]
    assert (report.labelled, report.unlabelled, report.without_features) == (2, 1, 1)
    assert "1 labelled ids have no features" in str(report)


def test_assign_groups() -> None:
    artists = load_artists(["TRA\tARX", "TRC\tARX", "TRD\tARY"])
    table, report = assign_groups(_table("TRA", "TRB", "TRC"), artists)
    assert table.groups is not None
    assert table.groups.tolist() == ["ARX", "", "ARX"]
    assert (report.labelled, report.unlabelled, report.without_features) == (2, 1, 1)


def test_a_track_of_two_artists_is_an_error() -> None:
    with pytest.raises(DataError, match=r"a\.cls:2: TRA is ARY here, ARX further up"):
        load_artists(["TRA\tARX", "TRA\tARY"], "a.cls")


def test_tagtraum_cd1(shared: Path) -> None:
    labels = read_labels(shared / "data/msd_tagtraum_cd1/msd_tagtraum_cd1.cls", TOP_MAGD)
    assert len(labels) == 133_676
    assert len(labels.agreed()) == 98_149
    assert labels.minority is not None
    vocal = labels.ids.tolist().index("TRAAAED128E0783FAB")
    assert (labels.genres[vocal], labels.minority[vocal]) == ("Jazz", "Vocal")
    counts = labels.counts()
    assert (counts["Pop_Rock"], counts["New Age"], counts["Vocal"]) == (79_937, 1_393, 239)
