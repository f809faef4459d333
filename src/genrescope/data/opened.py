"""A store or a feature file, whichever a path names."""

from __future__ import annotations

from pathlib import Path

from genrescope.data.formats.featurefile import FeatureFile, open_feature_file
from genrescope.data.store.reader import open_store, read_manifest
from genrescope.data.table import FeatureTable


def open_source(path: str | Path) -> tuple[FeatureTable | FeatureFile, tuple[str, ...]]:
    """The table of a store or a feature file read as far as its header, and its column names.

    Raises:
        DataError: it cannot be read; names the place.
    """
    path = Path(path)
    if path.is_dir() and not path.name.lower().endswith(".csv"):  # a folder of CSV parts
        return open_store(path), read_manifest(path).columns
    file = open_feature_file(path)
    return file, file.layout.names
