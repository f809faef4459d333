"""Distils the pretrained networks into descriptors: what ships inside predicts as they would.

    python training/distil.py --shared ../shared --networks FOLDER --music FOLDER --work FOLDER

Students are fitted to both sources (the one that ships), without each fold of both, and in the same
way to GTZAN and to AllMusic alone, which shows what a student is worth on music from elsewhere.
Sounds that are no music, and the music without labels of `--music` (`free_music.py`), take part in
every fit. What is done is kept in `--work`: `students/NAME.npz` holds the predictions of each kind,
`student.onnx` what ships. `mel_patches` is a set that others extract, too, so the student that
ships takes the atoms that the package has.
"""

from __future__ import annotations

import argparse
import io
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from distil_targets import FOLDS, DistilRows, Targets, folds, make_targets, read_rows
from genrescope.descriptors.extra.mel_patches import shipped_atoms
from genrescope.files.atomic import write_atomic
from genrescope.learning.export.graph import Graph
from kernel_student import Coder, KernelStudent, StudentRecipe, fit_student
from mel_dictionary import learn_atoms
from vectors import read_embeddings

RECIPE = StudentRecipe(
    {
        "mel_patches": 3.0,
        "marsyas_timbral": 2.0,
        "loudness_fluctuation": 2.0,
        "band_correlation": 1.0,
        "spectral_contrast": 1.0,
        "rp": 1.0,
        "tssd": 1.0,
    }
)


def fitted_on(rows: DistilRows, source: str) -> NDArray[np.bool_]:
    """(n,) rows that a student of "gtzan", "allmusic" or "both" may learn from."""
    if source == "both":
        return np.ones(len(rows.ids), bool)
    return ~rows.songs | (rows.gtzan == (source == "gtzan"))


def add_patches(
    rows: DistilRows, fitted: NDArray[np.bool_], path: Path, *, shipped: bool
) -> DistilRows:
    """The rows with the set `mel_patches`, of atoms shipped or learnt on clips `fitted`."""
    if not path.exists():
        clean = np.flatnonzero(fitted & (rows.forms == "clean"))
        atoms = shipped_atoms() if shipped else learn_atoms([rows.mels[row] for row in clean])
        vectors = np.stack([atoms.describe(levels) for levels in rows.mels])
        _save(path, vectors=vectors, ids=rows.ids, forms=rows.forms)
    with np.load(path, allow_pickle=False) as archive:
        kept = dict(archive)
    if not (np.array_equal(kept["ids"], rows.ids) and np.array_equal(kept["forms"], rows.forms)):
        raise SystemExit(f"{path}: of other rows; remove it")
    return replace(rows, vectors=rows.vectors | {"mel_patches": kept["vectors"]})


def student_of(
    rows: DistilRows, targets: Targets, coder: Coder, fitted: NDArray[np.bool_]
) -> KernelStudent:
    """A student of the rows `fitted`."""
    chosen = np.flatnonzero(fitted)
    place = np.full(len(fitted), -1)
    place[chosen] = np.arange(len(chosen))
    return fit_student(
        {name: rows.vectors[name][chosen] for name in RECIPE.sets},
        targets.values[chosen],
        coder,
        rows.weights[chosen],
        place[rows.clean_row[chosen]],
        RECIPE,
    )


def predictions(
    rows: DistilRows, targets: Targets, source: str, fold_of: dict[str, int]
) -> dict[str, NDArray[Any]]:
    """Codes and tags of clips and sounds, by students of a source not fitted to the clip.

    A clip of the source, in either form, is predicted by the student that was fitted without its
    fold, a sound by those fitted to the first sounds of its kind, any other by one of all folds.
    """
    may = fitted_on(rows, source)
    coder = coder_of(rows, targets, may)
    fold = np.array([fold_of.get(name, -1) for name in rows.ids.tolist()])
    later = rows.later_sound
    codes = np.zeros((len(may), coder.basis.shape[0]), np.float32)
    for number in range(-1, FOLDS):
        left_out = may & rows.songs & (fold == number)
        chosen = left_out if number >= 0 else (~may | ~rows.songs) & ~rows.pieces
        if chosen.any():
            student = student_of(rows, targets, coder, may & ~left_out & ~later)
            codes[chosen] = student.codes(
                {name: rows.vectors[name][chosen] for name in RECIPE.sets}
            )
    tags = coder.first(len(targets.tags)).decode(codes).astype(np.float16)
    found = {"ids": rows.ids, "forms": rows.forms, "codes": codes, "tags": tags}
    return {name: values[~rows.pieces] for name, values in found.items()}


def coder_of(rows: DistilRows, targets: Targets, fitted: NDArray[np.bool_]) -> Coder:
    """Of what the networks predict of unchanged clips and sounds."""
    plain = fitted & (rows.forms != "changed")
    return Coder.of(targets.values[plain], targets.importance)


def write_onnx(student: KernelStudent, tags: int) -> bytes:
    """A graph with an input for each set; outputs `embedding` (codes) and `tags`."""
    graph = Graph()
    shipped = replace(student, coder=student.coder.first(tags))
    codes, predicted = shipped.write(graph, {name: name for name in student.inputs})
    graph.rename(codes, "embedding")
    graph.rename(predicted, "tags")
    proto = graph.model(
        {name: (None, dims) for name, dims in student.inputs.items()},
        {"embedding": (None, student.coefficients.shape[1]), "tags": (None, tags)},
    )
    return bytes(proto.SerializeToString(deterministic=True))


def _save(path: Path, **arrays: NDArray[Any]) -> None:
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomic(path, buffer.getvalue())


def main() -> None:
    """Distil; see the module."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("--shared", "--networks", "--music", "--work"):
        parser.add_argument(name, type=Path, required=True)
    options = parser.parse_args()
    vectors, students = options.work / "vectors", options.work / "students"
    script = [sys.executable, Path(__file__).with_name("distil_rows.py"), "--output", vectors]
    for name in ("shared", "networks", "music"):
        script += [f"--{name}", getattr(options, name)]
    subprocess.run(script, check=True)
    rows = read_rows(vectors)
    targets = make_targets(rows, *read_embeddings(options.shared, "musicnn"))
    fold_of = folds(options.shared)
    for source in ("gtzan", "allmusic", "both"):
        fitted = fitted_on(rows, source)
        patches = options.work / f"patches_{source}.npz"
        known = add_patches(rows, fitted, patches, shipped=source == "both")
        path = students / f"{source}.npz"
        if not path.exists():
            _save(path, **predictions(known, targets, source, fold_of))
        print(f"{source}: predicted", flush=True)
    student = student_of(known, targets, coder_of(known, targets, fitted), fitted)
    write_atomic(options.work / "student.onnx", write_onnx(student, len(targets.tags)))
    _save(
        students / "teachers.npz",
        ids=rows.ids[~rows.pieces],
        forms=rows.forms[~rows.pieces],
        tags=targets.values[~rows.pieces, : len(targets.tags)],
        names=np.array(targets.tags),
    )


if __name__ == "__main__":
    main()
