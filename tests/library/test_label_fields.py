"""Labels from files that mislead a reader of tags: they have none, and stop nothing."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from knowledge import add_song, make_index

from genrescope.library.duplicates.encodings import Encoding, encoding_of
from genrescope.library.index.results import songs
from genrescope.library.labels.collecting import labels_by

CASES = Path(__file__).with_name("cases")
MISLEADING = ("name.wma", "type.wma")  # mutagen raises UnicodeDecodeError, and KeyError


@pytest.mark.parametrize("name", MISLEADING)
@pytest.mark.parametrize("field", ["grouping", "comment", "custom:OURS"])
def test_a_file_that_misleads_the_reader_has_no_labels(tmp_path: Path, name: str, field: str):
    with make_index(tmp_path) as index:
        shutil.copy(CASES / name, index.root)
        add_song(index, name)
        [song] = songs(index, None)
        assert labels_by(field, index)(song) == ()


@pytest.mark.parametrize("name", MISLEADING)
def test_of_a_file_that_misleads_the_reader_only_its_name_has_the_encoding(name: str):
    assert encoding_of(CASES / name) == Encoding("WMA", False, 0.0, 0.0)
