"""Vectors of pretrained networks of the built-in songs: from an NPZ file and from stores."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest

from genrescope.backbones.audioset import AUDIOSET
from genrescope.backbones.musicnn import MUSICNN
from genrescope.data.corpora.gtzan_networks import load_network_vectors
from genrescope.data.store.writer import StoreWriter
from genrescope.errors import DataError
from genrescope.evaluation.guard import pretrained_warnings

IDS = ["gtzan/blues.00001.flac", "disco.00000", "disco.00050", "MT001.mp3", "rock.00016.mp3"]
MSD = MUSICNN.trained_on
KEPT = [0, 1, 4]  # disco.00050 is not built in


def vectors(dims: int) -> np.ndarray:
    return np.random.default_rng(0).normal(size=(len(IDS), dims)).astype(np.float32)


def test_songs_are_recognised_by_their_files_names(tmp_path: Path) -> None:
    file = tmp_path / "vectors.npz"
    values = vectors(AUDIOSET.dims)
    np.savez(file, ids=np.array(IDS), audioset=values, other=values)
    found = load_network_vectors(file)
    assert list(found) == ["audioset"]
    table = found["audioset"]
    assert table.ids.tolist() == ["blues.00001", "disco.00000", "rock.00016"]
    assert table.read().tolist() == values[KEPT].tolist()
    assert table.labels is not None
    assert table.labels.tolist() == ["blues", "disco", "rock"]
    assert table.groups is not None
    assert table.groups.tolist() == ["", "", "metal.00058"]
    assert table.provenance["trained_on"] == AUDIOSET.trained_on


def test_any_order_of_the_file_gives_the_order_of_the_built_in_songs(tmp_path: Path) -> None:
    values, mixed = vectors(AUDIOSET.dims), [4, 1, 3, 0, 2]
    file = tmp_path / "vectors.npz"
    np.savez(file, ids=np.array(IDS)[mixed], audioset=values[mixed])
    table = load_network_vectors(file)["audioset"]
    assert table.ids.tolist() == ["blues.00001", "disco.00000", "rock.00016"]
    assert table.read().tolist() == values[KEPT].tolist()


def test_tags_that_a_student_predicts(tmp_path: Path) -> None:
    file, values = tmp_path / "vectors.npz", vectors(len(MUSICNN.tags))
    np.savez(file, ids=np.array(IDS), student_musicnn=values)
    table = load_network_vectors(file)["student_musicnn"]
    assert table.read().tolist() == values[KEPT].tolist()
    (warning,) = pretrained_warnings(table)
    assert warning.startswith(f"student_musicnn was trained on the tags of musicnn ({MSD})")
    np.savez(file, ids=np.array(IDS), student_musicnn=vectors(MUSICNN.dims))
    with pytest.raises(DataError, match=f"student_musicnn has 50 values, not \\({MUSICNN.dims},"):
        load_network_vectors(file)


def test_stores_of_an_extraction(tmp_path: Path) -> None:
    values = vectors(MUSICNN.dims)
    with StoreWriter(tmp_path / "musicnn", "musicnn", MUSICNN.columns, job={}) as writer:
        writer.append(IDS, values)
        writer.finish({})
    table = load_network_vectors(tmp_path)["musicnn"]
    assert table.read().tolist() == values[KEPT].tolist()


def test_what_is_no_vectors(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no vectors of audioset, musicnn, musicnn-mtt"):
        load_network_vectors(tmp_path)
    file = tmp_path / "vectors.npz"
    file.write_bytes(b"no archive")
    with pytest.raises(DataError, match="not an NPZ file of vectors"):
        load_network_vectors(file)
    np.savez(file, ids=np.array(IDS), audioset=vectors(7))
    with pytest.raises(DataError, match=f"audioset has {AUDIOSET.dims} values, not \\(7,\\)"):
        load_network_vectors(file)
    np.savez(file, ids=np.array(["a"] * len(IDS)), audioset=vectors(AUDIOSET.dims))
    with pytest.raises(DataError, match="none of GTZAN's built-in songs"):
        load_network_vectors(file)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"ids": np.arange(5)}, "audioset: none of GTZAN's built-in songs"),
        ({"ids": np.array([IDS[0]] * 5)}, r"x.npz: audioset: blues.00001 is there twice"),
        ({"audioset": np.full((5, AUDIOSET.dims), 1e200)}, "a value of blues.00001 is not finite"),
        ({"audioset": np.full((5, AUDIOSET.dims), np.nan)}, "a value of blues.00001 is not finite"),
        ({"audioset": np.full((5, AUDIOSET.dims), "a")}, "x.npz: not an NPZ file of vectors"),
    ],
)
def test_what_is_no_vectors_of_songs_is_named(tmp_path: Path, change: dict, message: str) -> None:
    made = {"ids": np.array(IDS), "audioset": vectors(AUDIOSET.dims)} | change
    np.savez(tmp_path / "x.npz", **made)
    with pytest.raises(DataError, match=message):
        load_network_vectors(tmp_path / "x.npz")


def test_an_archive_that_declares_more_than_memory_holds_is_none(tmp_path: Path) -> None:
    header = io.BytesIO()
    declared = {"descr": "<f8", "fortran_order": False, "shape": (1 << 40, 1 << 20)}
    np.lib.format.write_array_header_1_0(header, declared)
    with zipfile.ZipFile(tmp_path / "x.npz", "w") as archive:
        for name in ("ids.npy", "audioset.npy"):
            archive.writestr(name, header.getvalue())
    with pytest.raises(DataError, match="not an NPZ file of vectors"):
        load_network_vectors(tmp_path / "x.npz")
