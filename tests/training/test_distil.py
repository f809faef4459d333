"""Distillation: what a student learns, what it predicts, and what of it ships."""

import numpy as np
import onnxruntime
import pytest

import distil
import distillation
from distil_targets import DistilRows, Targets, make_targets
from kernel_student import Coder, StudentRecipe, fit_student

RECIPE = StudentRecipe({"a": 2.0, "b": 1.0}, components=12)


def sources(count: int, seed: int = 0) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Vectors of three hidden causes, some columns skewed, and targets that depend on them."""
    rng = np.random.default_rng(seed)
    causes = rng.normal(size=(count, 3))
    mixing = np.random.default_rng(1).normal(size=(3, 20))
    columns = np.exp(causes @ mixing / 2)
    targets = np.column_stack([np.sin(causes[:, 0]), causes[:, 1], causes[:, 0] * causes[:, 2]])
    vectors = {"a": columns[:, :12], "b": columns[:, 12:]}
    return {name: part.astype(np.float32) for name, part in vectors.items()}, targets.astype(
        np.float32
    )


def test_a_student_predicts_clips_that_it_was_not_fitted_to() -> None:
    vectors, targets = sources(500)
    coder = Coder.of(targets, np.ones(3, np.float32))
    student = fit_student(vectors, targets, coder, np.ones(500), np.arange(500), RECIPE)
    new, wanted = sources(200, seed=7)
    found = coder.decode(student.codes(new))
    assert (distillation.correlations(found, wanted) > 0.9).all()


def test_codes_hold_the_targets_where_there_are_as_many() -> None:
    _, targets = sources(100)
    coder = Coder.of(targets, np.array([1, 2, 0.5], np.float32))
    codes = coder.encode(targets)
    np.testing.assert_allclose(coder.decode(codes), targets, atol=1e-5)
    np.testing.assert_allclose(coder.first(2).decode(codes), targets[:, :2], atol=1e-5)
    np.testing.assert_allclose(codes.mean(axis=0), 0, atol=1e-5)


def test_important_targets_come_first() -> None:
    targets = np.random.default_rng(0).normal(size=(200, 5)).astype(np.float32)
    coder = Coder.of(targets, np.array([1, 1, 9, 1, 1], np.float32), count=1)
    assert abs(coder.basis[0]).argmax() == 2


def test_the_graph_predicts_as_the_student_does() -> None:
    vectors, targets = sources(300)
    coder = Coder.of(targets, np.ones(3, np.float32))
    student = fit_student(vectors, targets, coder, np.ones(300), np.arange(300), RECIPE)
    session = onnxruntime.InferenceSession(distil.write_onnx(student, 2))
    new, wanted = sources(50, seed=3)
    new["a"][0] = 1e30  # a broken recording
    embedding, tags = session.run(["embedding", "tags"], new)
    assert np.isfinite(embedding).all()
    assert tags.shape == (50, 2)
    np.testing.assert_allclose(embedding, student.codes(new), atol=0.03)
    assert (distillation.correlations(tags[1:], wanted[1:, :2]) > 0.9).all()


def test_columns_that_a_changed_recording_moves_count_less() -> None:
    rng = np.random.default_rng(0)
    clean = rng.normal(size=(200, 2)).astype(np.float32)
    moved = np.column_stack([clean[:, 0] + 2 * rng.normal(size=200), clean[:, 1]])
    vectors = {"a": np.concatenate([clean, moved]).astype(np.float32)}
    same = np.tile(np.arange(200), 2)
    targets = np.tile(clean, (2, 1))
    student = fit_student(
        vectors,
        targets,
        Coder.of(clean, np.ones(2, np.float32)),
        np.ones(400),
        same,
        StudentRecipe({"a": 1.0}, components=2),
    )
    weight = np.linalg.norm(student.projection, axis=1)
    assert weight[0] < 0.6 * weight[1]


def rows_of(clips: int) -> DistilRows:
    """Two forms of clips of two sources, sounds, and two pieces of music without labels."""
    names = [f"blues.{n:05}" if n % 2 else f"MT{n:010}" for n in range(clips)]
    ids = [name for name in names for _ in range(2)] + ["rain"] * 16 + ["a-game,usr,the.title"] * 2
    forms = ["clean", "changed"] * clips + [f"clip{n:02}" for n in range(16)] + ["piece0", "piece1"]
    rows = len(ids)
    networks = np.zeros((rows, 1039), np.float32), np.full((rows, 250), 0.25, np.float32)
    return DistilRows(np.array(ids), np.array(forms), {}, [], *networks)


def test_rows_have_their_source_and_their_clip() -> None:
    rows = rows_of(4)
    assert rows.clean_row[:8].tolist() == [0, 0, 2, 2, 4, 4, 6, 6]
    assert rows.clean_row[8:].tolist() == list(range(8, 26))
    assert rows.gtzan.tolist() == [False, False, True, True] * 2 + [False] * 18
    assert rows.later_sound.tolist() == [False] * 16 + [True] * 8 + [False] * 2
    assert rows.pieces.tolist() == [False] * 24 + [True] * 2
    assert distil.fitted_on(rows, "gtzan").tolist() == [False, False, True, True] * 2 + [True] * 18
    np.testing.assert_array_equal(rows.weights, np.float32([1, 0.3] * 4 + [0.5] * 16 + [1] * 2))


def test_targets_of_pieces_are_their_own_and_those_of_sounds_the_mean() -> None:
    rows = rows_of(2)
    ids = np.array(["blues.00001", "MT0000000000"])
    targets = make_targets(rows, ids, np.array([[0.5] * 250, [0.1] * 250], np.float32))
    tags = targets.values[:, targets.tags.index("msd: 0")]
    np.testing.assert_allclose(tags[[2, 0, -1]], np.log([1, 1 / 9, 1 / 3]), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(tags[4:20], np.log(3 / 7), rtol=1e-5)


def test_no_student_predicts_a_clip_that_it_was_fitted_to(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rows = rows_of(20)
    fold_of = {name: n % 5 for n, name in enumerate(np.unique(rows.ids[rows.songs]).tolist())}
    fitted = []

    class Recorder:
        def __init__(self, mask: np.ndarray) -> None:
            self.mask = mask

        def codes(self, new: dict[str, np.ndarray]) -> np.ndarray:
            positions = new["row"][:, 0].astype(int)
            fitted.append((self.mask, positions))
            return np.zeros((len(positions), 3), np.float32)

    rows.vectors["row"] = np.arange(len(rows.ids), dtype=np.float32)[:, None]
    monkeypatch.setattr(distil, "RECIPE", StudentRecipe({"row": 1.0}))
    monkeypatch.setattr(distil, "student_of", lambda rows, targets, coder, mask: Recorder(mask))
    targets = Targets(
        np.random.default_rng(0).normal(size=(len(rows.ids), 3)).astype(np.float32),
        np.ones(3, np.float32),
        ("a", "b"),
    )
    for source in ("gtzan", "allmusic", "both"):
        fitted.clear()
        distil.predictions(rows, targets, source, fold_of)
        new = np.concatenate([positions for _, positions in fitted])
        assert sorted(new.tolist()) == np.flatnonzero(~rows.pieces).tolist()  # each once
        for mask, positions in fitted:
            learnt = set(rows.ids[mask & rows.songs].tolist())
            assert not learnt & set(rows.ids[positions].tolist())
            assert not mask[rows.later_sound].any()


def test_macro_recall_and_names_of_the_six() -> None:
    names = ["audioset: " + tag for _, _, tags in distillation.SIX.values() for tag in tags]
    tags = np.eye(len(names))[[0, 3, 8]]  # Blues, Hip hop music, and one of rock
    assert distillation.named(tags, names).tolist() == [0, 2, 5]
    genres = np.array([0, 1, 2, 3, 4, 5, -1])
    assert distillation.macro_recall(genres, np.array([0, 0, 2, 0, 0, 5, 0])) == 50.0
