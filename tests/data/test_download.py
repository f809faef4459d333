"""Downloading the published files: from a mirror, from a folder, with files that fail."""

from __future__ import annotations

import gzip
import io
import zipfile
from pathlib import Path

import pytest

from genrescope.data.corpora.catalogue import select
from genrescope.data.corpora.download import Outcome, download
from genrescope.data.partitions import PARTITION_KINDS
from genrescope.errors import UsageError
from genrescope.featuresets import FEATURE_SETS
from unruly_server import Served, serving

LABELS = b"TRA\tJazz\n"
ARFF = b"@relation x\n@attribute a real\n@data\n1\n"
PAGE = b"""<html><body><h1>Download</h1>
<a href="archives/msd-rp-v1.0.arff.gz">Rhythm Patterns</a>
<A HREF='get.php?file=msd-rh-v1.0.zip'>Rhythm Histograms</A>
<a href="archives/msd-jmir-spectral-derivatives-all-all-v1.0.gz">derivatives</a>
<a name="nowhere">no link</a> <a href="file:///etc/msd-ssd-v1.0.arff">a trap</a>
<a href="archives/msd-jmir-mfcc-all-v1.0.md5">a checksum</a>
</body></html>"""


def _zip(*members: tuple[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in members:
            archive.writestr(name, content)
    return packed.getvalue()


def _by_name(outcomes: list[Outcome]) -> dict[str, Outcome]:
    return {outcome.item.name: outcome for outcome in outcomes}


def test_names_and_kinds() -> None:
    assert [item.name for item in select(["labels"])] == [
        *("topMAGD", "MAGD", "MASD", "artists", "CD1"),
    ]
    assert [item.name for item in select(["features"])] == list(FEATURE_SETS)
    assert len(select(["partitions"])) == 3 * len(PARTITION_KINDS)
    assert len(select(["all", "rp"])) == 5 + 36 + 13
    assert [item.stem for item in select(["RP", "cd1", "rp"])] == [
        "msd-rp-v1.0",
        "msd_tagtraum_cd1",
    ]
    assert len(select(["fixedSizeSplit_2000"])) == 3
    with pytest.raises(UsageError, match=r"nothing is called 'mp3'.*labels"):
        select(["mp3"])


def test_published_places_under_another_address(tmp_path: Path) -> None:
    files = {
        "/mirror/partitions/msd-topMAGD-genreAssignment.cls": Served(LABELS, break_after=[3]),
        "/mirror/partitions/msd-MASD-styleAssignment.cls": Served(LABELS),
    }
    with serving(files) as base:
        items = select(["topMAGD", "MAGD", "MASD", "rp"])
        outcomes = download(items, tmp_path, base_url=f"{base}mirror", pause=0.001)
    found = _by_name(outcomes)
    assert (tmp_path / "msd-topMAGD-genreAssignment.cls").read_bytes() == LABELS
    assert found["MASD"].fresh
    assert "404" in str(found["MAGD"].error)
    assert "--from" in str(found["rp"].error)
    assert len(list(tmp_path.iterdir())) == 2


def test_links_of_the_page(tmp_path: Path) -> None:
    files = {
        "/download.html": Served(PAGE),
        "/archives/msd-rp-v1.0.arff.gz": Served(gzip.compress(ARFF)),
        "/archives/msd-jmir-spectral-derivatives-all-all-v1.0.gz": Served(gzip.compress(ARFF)),
        "/get.php": Served(_zip(("../../evil/msd-rh.arff", ARFF), ("README", b"hello"))),
    }
    items = select(["rp", "rh", "jmir_derivatives", "jmir_spectral", "jmir_mfcc", "ssd"])
    output = tmp_path / "a" / "b"
    with serving(files) as base:
        found = _by_name(download(items, output, base_url=base, pause=0.001))
    assert gzip.decompress((output / "msd-rp-v1.0.arff.gz").read_bytes()) == ARFF
    assert (output / "msd-rh-v1.0.arff").read_bytes() == ARFF
    derivatives = output / "msd-jmir-spectral-derivatives-all-all-v1.0.arff.gz"
    assert found["jmir_derivatives"].path == derivatives
    for name in ("jmir_spectral", "jmir_mfcc", "ssd"):
        assert "no link to it" in str(found[name].error)
    everything = [path.name for path in tmp_path.rglob("*") if path.is_file()]
    assert sorted(everything) == sorted(
        [derivatives.name, "msd-rp-v1.0.arff.gz", "msd-rh-v1.0.arff"]
    )


def test_a_listing_instead_of_a_page(tmp_path: Path) -> None:
    listing = b'<a href="msd_tagtraum_cd1.cls">msd_tagtraum_cd1.cls</a>'
    files = {"/": Served(listing), "/msd_tagtraum_cd1.cls": Served(LABELS)}
    with serving(files) as base:
        (outcome,) = download(select(["CD1"]), tmp_path, base_url=base, pause=0.001)
    assert outcome.path == tmp_path / "msd_tagtraum_cd1.cls"


def test_what_is_there_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "msd_tagtraum_cd1.cls.zip").write_bytes(b"mine")
    (tmp_path / "msd-rp-v1.0.arff").write_bytes(b"mine")
    with serving({}) as base:
        outcomes = download(select(["CD1", "rp"]), tmp_path, base_url=base, pause=0.001)
    assert [(outcome.fresh, outcome.error) for outcome in outcomes] == [(False, None)] * 2


@pytest.mark.parametrize(
    ("archive", "message"),
    [
        (_zip(("a.arff", ARFF), ("b.arff", ARFF)), "2 ARFF files in it"),
        (_zip(("a.arff", ARFF))[:-9], "damaged archive"),
    ],
)
def test_a_bad_archive_is_kept_and_named(tmp_path: Path, archive: bytes, message: str) -> None:
    page = b'<a href="msd-rp-v1.0.zip">rp</a>'
    with serving({"/download.html": Served(page), "/msd-rp-v1.0.zip": Served(archive)}) as base:
        (outcome,) = download(select(["rp"]), tmp_path, base_url=base, pause=0.001)
    assert message in str(outcome.error)
    assert not (tmp_path / "msd-rp-v1.0.arff").exists()


def test_a_page_with_an_apology_is_not_a_label_file(tmp_path: Path) -> None:
    sorry = Served(b"\n<!DOCTYPE html><p>We have moved.")
    with serving({"/partitions/msd-MAGD-genreAssignment.cls": sorry}) as base:
        (outcome,) = download(select(["MAGD"]), tmp_path, base_url=base, pause=0.001)
    assert "a web page instead of the file" in str(outcome.error)
    assert list(tmp_path.iterdir()) == []


def test_a_dead_server_is_tried_once(tmp_path: Path) -> None:
    with serving({}) as base:
        pass
    outcomes = download(select(["topMAGD", "MAGD", "rp"]), tmp_path, base_url=base, pause=0.001)
    assert all("connection failed" in str(outcome.error) for outcome in outcomes)


def test_from_a_folder(tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    (mine / "labels").mkdir(parents=True)
    (mine / "labels" / "msd_tagtraum_cd1.cls.zip").write_bytes(_zip(("a.cls", LABELS)))
    (mine / "msd-rp-v1.0.zip").write_bytes(_zip(("rp.arff", ARFF)))
    progress: list[int] = []
    found = _by_name(
        download(
            select(["CD1", "rp", "rh"]),
            tmp_path / "out",
            folder=mine,
            started=lambda item: lambda at: progress.append(at.done),
        )
    )
    assert found["CD1"].path == tmp_path / "out" / "msd_tagtraum_cd1.cls.zip"
    assert (tmp_path / "out" / "msd-rp-v1.0.arff").read_bytes() == ARFF
    assert "no msd-rh-v1.0 in the folder" in str(found["rh"].error)
    assert progress
    assert (mine / "msd-rp-v1.0.zip").exists()


def test_wrong_use(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="not an http address"):
        download([], tmp_path, base_url="/some/folder")
    with pytest.raises(UsageError, match="no such folder"):
        download([], tmp_path, folder=tmp_path / "none")
