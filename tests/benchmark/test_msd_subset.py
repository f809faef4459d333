"""Tracks of the MSD subset with Echo Nest values."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from genrescope.data.labels import load_labels, read_labels
from genrescope.errors import DataError, UsageError
from genrescope.taxonomy.vocabulary import TOP_MAGD
from msd_subset_table import COLUMNS, load_msd_subset, read_msd_subset

HEADER = (
    "duration,spectral_centroid_mean,spectral_rolloff_mean,tempo,mfcc1,mfcc2,mfcc3,loudness_mean,"
    "key,mode,time_signature,chroma_mean,filename,genre\n"
)
CHROMA = ", ".join(str(i / 16) for i in range(12))
ROW = f'200.5,4.25,0.5,120.0,40.5,-3.5,2.25,-9.75,11,1,4,"[{CHROMA}]",TRA.h5,Rock\n'


def test_a_row() -> None:
    table = load_msd_subset([HEADER, ROW])
    assert table.ids.tolist() == ["TRA"]
    row = dict(zip(COLUMNS, table.read()[0].tolist(), strict=True))
    assert row["timbre 1 mean"] == 40.5
    assert row["timbre mean over all components"] == 4.25
    assert row["key, 0 is C"] == 11
    assert [row[f"chroma {i} mean"] for i in range(12)] == [i / 16 for i in range(12)]
    assert table.provenance["columns"] == list(COLUMNS)


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ([HEADER.replace("tempo", "pace"), ROW], "s.csv: no column tempo"),
        ([HEADER, ROW.replace("-9.75", "loud")], "s.csv:2: not all numbers"),
        ([HEADER, ROW, ROW.replace("0.0, ", "")], "s.csv:3: 11 chroma values"),
        ([HEADER, ROW.replace("4.25", "nan")], "s.csv:2: .*not finite"),
    ],
)
def test_errors_name_the_line(lines: list[str], message: str) -> None:
    with pytest.raises(DataError, match=message):
        load_msd_subset(lines, "s.csv")


def test_joined_to_labels(tmp_path: Path) -> None:
    path = tmp_path / "s.csv"
    path.write_text(HEADER + ROW + ROW.replace("TRA", "TRB"))
    table, report = read_msd_subset(path, load_labels(["TRB\tJazz", "TRC\tRap"], TOP_MAGD))
    assert table.ids.tolist() == ["TRB"]
    assert table.labels is not None
    assert table.labels.tolist() == ["Jazz"]
    assert (report.labelled, report.unlabelled, report.without_features) == (1, 1, 1)
    with pytest.raises(UsageError, match="no such file"):
        read_msd_subset(tmp_path / "none.csv", load_labels(["TRB\tJazz"], TOP_MAGD))


def test_the_true_tracks_with_cd1(shared: Path) -> None:
    labels = read_labels(shared / "data/msd_tagtraum_cd1/msd_tagtraum_cd1.cls", TOP_MAGD)
    path = shared / "data/msd_subset_top_magd/msd_features.csv"
    table, report = read_msd_subset(path, labels)
    assert (len(table), table.dims) == (1_390, 23)
    assert report.unlabelled == 5_288 - 1_390
    values = table.read()
    # What the file calls spectral rolloff is the mean of the chroma.
    chroma = values[:, -12:].mean(axis=1)
    np.testing.assert_allclose(values[:, 2], chroma, rtol=0, atol=1e-6)
    assert table.labels is not None
    assert (table.labels == "Pop_Rock").sum() == 781
