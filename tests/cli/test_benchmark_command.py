"""`genrescope benchmark`, run as users run it: real data, real training, resumed and misused."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from generate_msd import generate
from genrescope.backbones.musicnn import MUSICNN
from genrescope.data.corpora.gtzan import load_gtzan
from genrescope.data.corpora.msd import load_msd
from genrescope.errors import LeakError
from genrescope.evaluation.predictions import Predictions
from genrescope.evaluation.record import read_record
from genrescope.evaluation.runner import evaluate_classifier
from genrescope.learning.export.model_folder import load_model_folder
from genrescope.learning.networks.network import Recipe
from genrescope.taxonomy.vocabulary import GTZAN, TOP_MAGD

Run = Callable[..., tuple[int, str, str]]
AUDIO = Path(__file__).parents[1] / "data" / "reference" / "audio"


@pytest.fixture
def brief(monkeypatch: pytest.MonkeyPatch) -> None:
    """Networks are trained for three epochs, where it does not matter how well."""
    fitted = Recipe.fitted_to
    monkeypatch.setattr(Recipe, "fitted_to", lambda one, n: replace(fitted(one, n), epochs=3))


@pytest.mark.slow
def test_gtzan_benchmark_writes_what_it_prints_and_is_not_run_twice(
    benchmark_command: Run, tmp_path: Path
) -> None:
    arguments = ("gtzan", "--sets", "jmir_lpc", "--folds", 2, "-o", tmp_path)
    code, out, _ = benchmark_command(*arguments)
    assert code == 0
    records = sorted((tmp_path / "records").iterdir())
    assert [path.stem for path in records] == [
        "jmir_lpc-perceptron",
        "jmir_lpc-svm_linear",
        "jmir_lpc-svm_rbf",
    ]
    record = read_record(records[0])
    assert record.command.startswith("genrescope benchmark gtzan --sets jmir_lpc")
    assert record.protocol == "stratified 2-fold"
    assert f"{100 * record.scores.macro_recall.value:.1f}" in out
    # Well above chance (10) and below what nobody reaches with LPC alone.
    assert 0.3 < record.scores.macro_recall.value < 0.9
    predictions = Predictions.load(tmp_path / "predictions" / "jmir_lpc-perceptron.npz")
    right = predictions.probabilities.argmax(axis=1) == predictions.truth
    recalls = [right[predictions.truth == genre].mean() for genre in range(10)]
    assert np.mean(recalls) == pytest.approx(record.scores.macro_recall.value)
    row = _classified(
        tmp_path / "models" / "jmir_lpc-perceptron", AUDIO / "band_22050_mono_31s.flac"
    )
    assert row["genres"] == list(GTZAN.genres)
    assert row["like"] == "default"
    page = (tmp_path / "report.html").read_text()
    assert "jmir_lpc" in page
    assert "svm_rbf" in page

    before = [path.stat().st_mtime_ns for path in records]
    assert benchmark_command(*arguments)[0] == 0
    assert [path.stat().st_mtime_ns for path in records] == before  # read, not made again
    assert benchmark_command(*arguments, "--seed", 1, "--learners", "perceptron")[0] == 0
    assert records[0].stat().st_mtime_ns != before[0]


@pytest.mark.slow
def test_a_network_on_sets_side_by_side_leaves_no_model(
    benchmark_command: Run, brief: None, tmp_path: Path
) -> None:
    chosen = ("--sets", "jmir_lpc,rh+jmir_lpc", "--learners", "perceptron", "--no-baselines")
    code, _, err = benchmark_command(
        "gtzan", *chosen, "--protocol", "fault-filtered", "-o", tmp_path
    )
    assert code == 0, err
    assert len(list((tmp_path / "records").iterdir())) == 2
    assert [path.name for path in (tmp_path / "models").iterdir()] == ["jmir_lpc-perceptron"]


def test_networks_take_part_over_the_whole_genres(benchmark_command: Run, tmp_path: Path) -> None:
    songs = load_gtzan("rh")
    assert songs.labels is not None
    place = np.array([GTZAN.genres.index(genre) for genre in songs.labels.tolist()])
    vectors = np.random.default_rng(0).normal(size=(len(songs), MUSICNN.dims))
    vectors[:, 0] += 4 * place  # some genres can be distinguished
    np.savez(tmp_path / "vectors.npz", ids=songs.ids, musicnn=vectors.astype(np.float32))
    plain = ("gtzan", "--learners", "lda", "--no-baselines", "--protocol", "fault-filtered")
    code, out, _ = benchmark_command(
        *(*plain, "--sets", "rh,musicnn,rh+musicnn", "--vectors", tmp_path / "vectors.npz"),
        *("--whole-genres", "-o", tmp_path),
    )
    assert code == 0
    records = {path.stem: read_record(path) for path in (tmp_path / "records").iterdir()}
    assert set(records) == {"rh-lda", "musicnn-lda", "rh+musicnn-lda"}
    for name, record in records.items():
        assert record.dataset == "gtzan, seven genres"
        assert [item.genre for item in record.scores.genres] == [
            *("blues", "classical", "country", "jazz", "metal", "pop", "rock")
        ]
        marked = [text for text in record.warnings if MUSICNN.trained_on in text]
        assert len(marked) == ("musicnn" in name)
    assert records["musicnn-lda"].scores.macro_recall.value > 0.3  # chance is a seventh
    assert "rh + musicnn †" in out
    assert "†: networks trained on other recordings" in out
    code, _, err = benchmark_command(*plain, "--sets", "audioset", "-o", tmp_path)
    assert (code, err) == (2, "genrescope: no vectors of 'audioset' (name them with --vectors)\n")


@pytest.mark.slow
def test_msd_benchmark_on_files_in_the_published_formats(
    benchmark_command: Run, tmp_path: Path
) -> None:
    root, output = tmp_path / "msd", tmp_path / "out"
    generate(root, 0.002, ("rh", "jmir_mfcc"), seed=1)
    code, out, _ = benchmark_command("msd", "--root", root, "-o", output)
    assert code == 0, out
    assert "labelled ids have no features" in out
    names = {path.stem for path in (output / "records").iterdir()}
    assert names == {f"{s}-{n}" for s in ("rh", "jmir_mfcc") for n in ("student", "perceptron")}
    record = read_record(output / "records" / "rh-perceptron.json")
    assert record.genres == TOP_MAGD.genres
    assert record.scores.macro_recall.value > 0.3  # the made-up genres can be distinguished
    balanced, known, _ = record.rules
    assert balanced.accuracy.value == record.scores.accuracy.value
    assert known.accuracy.value > balanced.accuracy.value  # six of ten test songs are Pop_Rock
    assert known.log_loss.value < record.scores.prior_entropy
    assert "three rules" in out
    assert any("artist" in warning for warning in record.warnings)

    data = load_msd(root)
    assert data.split is not None
    table = next(table for table in data.tables if table.feature_set == "rh")
    model = load_model_folder(output / "models" / "rh-perceptron")
    with pytest.raises(LeakError, match="trained on"):
        evaluate_classifier(model, table, vocabulary=TOP_MAGD)
    tested = evaluate_classifier(model, table.take(data.split.test), vocabulary=TOP_MAGD)
    saved = Predictions.load(output / "predictions" / "rh-perceptron.npz")
    np.testing.assert_allclose(tested.probabilities, saved.probabilities, atol=1e-5)

    for name in sorted(names):
        row = _classified(output / "models" / name, AUDIO / "band_44100_stereo_50s.flac")
        assert row["genres"] == list(TOP_MAGD.genres)
        assert row["like"] == "msd"
        assert sum(row["probabilities"]) == pytest.approx(1)
        assert min(row["probabilities"]) > 0
        assert row["loaded"] == []


@pytest.mark.slow
def test_tuwien_benchmark_in_nine_genres(
    benchmark_command: Run, brief: None, shared: Path, tmp_path: Path
) -> None:
    root = shared / "data" / "gtzan_tuwien_arff"
    arguments = ("tuwien", "--root", root, "--sets", "rh,zcrs", "--protocol", "fault-filtered")
    code, out, _ = benchmark_command(*arguments, "-o", tmp_path)
    assert code == 0, out
    records = {path.stem: read_record(path) for path in (tmp_path / "records").iterdir()}
    kinds = ("perceptron", "svm_linear", "svm_rbf")
    assert set(records) == {"rh-student"} | {
        f"{s}-{k}" for s in ("rh", "gtzan_zcrs") for k in kinds
    }
    for record in records.values():
        assert record.dataset == "GTZAN, TU Wien's files, nine genres"
        assert record.genres == tuple(genre for genre in GTZAN.genres if genre != "disco")
        assert record.scores.rows == 290 - 29  # of the published test part, without disco
        fault = "no disco in gtzan_zcrs: rows 300 to 399 repeat those of hiphop"
        assert fault in record.warnings
    assert records["rh-svm_linear"].scores.accuracy.value > 0.25  # chance is a ninth
    assert "nine genres" in (tmp_path / "report.html").read_text()


# What a user's process does with the folder, and which of the modules it must not load it did.
CLASSIFY = """
import json, sys
from genrescope.inference.model import GenreModel
from genrescope.inference.song import SongClassifier

model = GenreModel.load(sys.argv[1])
song = SongClassifier(model).classify(sys.argv[2])
loaded = {"keras", "tensorflow", "onnx", "sklearn", "polars"} & set(sys.modules)
found = song.prediction
print(json.dumps({
    "genres": found.genres, "probabilities": found.probabilities.tolist(),
    "like": model.card.settings.like, "loaded": sorted(loaded),
}))
"""


def _classified(model: Path, song: Path) -> dict[str, Any]:
    command = [sys.executable, "-c", CLASSIFY, str(model), str(song)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return dict(json.loads(done.stdout))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("gtzan", "--protocol", "lottery"), "no protocol 'lottery'"),
        (("gtzan", "--sets", "rp,xyz"), "no feature set 'xyz'"),
        (("gtzan", "--variant", "1999"), "no variant '1999'"),
        (("gtzan", "--sets", "jmir_lpc", "--variant", "2012"), "no variant '2012' of 'jmir_lpc'"),
        (("gtzan", "--sets", "jmir_lpc", "--learners", "lda,x"), "no learner 'x'"),
        (
            ("gtzan", "--sets", "jmir_lpc", "--learners", "student", "--no-baselines"),
            "nothing to train",
        ),
        (("gtzan", "--seed", "-1"), "Invalid value for '--seed'"),
        (("msd", "--root", "nowhere"), "nowhere"),
        (("tuwien", "--root", "nowhere"), "nowhere"),
    ],
)
def test_wrong_use_is_reported_in_a_line(
    benchmark_command: Run, tmp_path: Path, arguments: tuple[str, ...], message: str
) -> None:
    code, _, err = benchmark_command(*arguments, "-o", tmp_path)
    assert code == 2
    assert message in err
    assert "Traceback" not in err


def test_broken_file_is_bad_data(benchmark_command: Run, tmp_path: Path) -> None:
    root = tmp_path / "msd"
    generate(root, 0.0003, ("rh",), seed=1)
    file = root / "msd-rh-v1.0.arff"
    file.write_text(file.read_text().replace(",", ",x", 1) + "1,2,3\n")
    code, _, err = benchmark_command("msd", "--root", root, "-o", tmp_path / "out")
    assert code == 3
    assert "msd-rh-v1.0.arff:" in err


def test_an_ensemble_stands_beside_its_members(benchmark_command: Run, tmp_path: Path) -> None:
    chosen = ("--sets", "rh,jmir_lpc", "--learners", "lda,kda", "--no-baselines", "--ensemble")
    split = ("--protocol", "fault-filtered")
    code, out, err = benchmark_command("gtzan", *chosen, *split, "-o", tmp_path)
    assert code == 0, err
    records = {path.stem: read_record(path) for path in (tmp_path / "records").iterdir()}
    assert {"ensemble-average", "ensemble-weighted", "ensemble-logistic"} < set(records)
    ensemble = records["ensemble-weighted"]
    assert ensemble.feature_sets == ("rh", "jmir_lpc")
    assert len(ensemble.notes["members"]) == 4
    assert f"{100 * ensemble.scores.macro_recall.value:.1f}" in out
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "weighted" in page


def test_an_ensemble_of_one_is_an_error(benchmark_command: Run, tmp_path: Path) -> None:
    chosen = ("--sets", "rh", "--learners", "lda", "--no-baselines", "--folds", 2, "--ensemble")
    code, _, err = benchmark_command("gtzan", *chosen, "-o", tmp_path)
    assert code == 2
    assert "two members" in err
