"""What is known of the published files."""

from __future__ import annotations

from pathlib import Path

import pytest

from genrescope.data.corpora.msd_files import (
    CLS_SUFFIXES,
    LABEL_FILES,
    PUBLISHED_ROWS,
    find_file,
    label_file,
)
from genrescope.errors import UsageError
from genrescope.featuresets import FEATURE_SETS
from genrescope.taxonomy.vocabulary import MAGD, TOP_MAGD
from msd_names import MAGD_TRACKS, TOP_MAGD_TRACKS


def test_the_counts_of_genres_add_up_to_the_tracks() -> None:
    assert sum(TOP_MAGD_TRACKS.values()) == LABEL_FILES["topMAGD"].tracks
    assert sum(MAGD_TRACKS.values()) == LABEL_FILES["MAGD"].tracks
    assert set(TOP_MAGD_TRACKS) == set(TOP_MAGD.genres)
    assert set(MAGD_TRACKS) == set(MAGD.genres)
    assert set(PUBLISHED_ROWS) == set(FEATURE_SETS)


def test_label_files_in_any_case() -> None:
    assert label_file("topmagd").stem == "msd-topMAGD-genreAssignment"
    assert label_file("cd1").vocabulary is TOP_MAGD
    with pytest.raises(UsageError, match="choose from topMAGD, MAGD, MASD, CD1"):
        label_file("CD9")


def test_the_first_suffix_wins_wherever_it_is(tmp_path: Path) -> None:
    (tmp_path / "labels").mkdir()
    (tmp_path / "a.cls.gz").touch()
    assert find_file(tmp_path, "a", CLS_SUFFIXES) == tmp_path / "a.cls.gz"
    (tmp_path / "labels" / "a.cls").touch()
    assert find_file(tmp_path, "a", CLS_SUFFIXES) == tmp_path / "labels" / "a.cls"
    assert find_file(tmp_path, "b", CLS_SUFFIXES) is None
