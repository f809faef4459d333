from __future__ import annotations

from itertools import combinations

import platformdirs
import pytest

from genrescope.backbones.family import (
    BACKBONES,
    FOLDER_VARIABLE,
    missing_networks,
    models_folder,
)
from genrescope.errors import UsageError
from genrescope.inference import registry as find
from genrescope.inference.registry import (
    BEST_FIRST,
    find_model,
    list_models,
)
from toymodel import write_toy_model


def powerset(names):
    return [part for count in range(len(names) + 1) for part in combinations(names, count)]


def test_the_users_folder_is_where_the_system_keeps_data(monkeypatch):
    monkeypatch.delenv(FOLDER_VARIABLE, raising=False)
    assert models_folder() == platformdirs.user_data_path("genrescope") / "models"


def test_models_are_found_by_name_and_by_folder(models, tmp_path, monkeypatch):
    write_toy_model(tmp_path / "elsewhere")
    monkeypatch.chdir(tmp_path)

    assert find_model("toy") == models / "toy"
    assert find_model(tmp_path / "elsewhere") == tmp_path / "elsewhere"
    assert find_model("elsewhere").resolve() == tmp_path / "elsewhere"


def test_a_folder_without_a_graph_is_no_model(models):
    (models / "network").mkdir()
    (models / "half").mkdir()
    (models / "half" / "model.json").write_text("{}")

    assert {"half", "network"}.isdisjoint(list_models())
    with pytest.raises(UsageError, match="no model 'half'") as caught:
        find_model("half")
    assert "toy" in str(caught.value.remedy)


def test_a_bundled_name_is_not_the_users(models, tmp_path, monkeypatch):
    monkeypatch.setattr(find, "_BUNDLED", tmp_path / "bundled")
    write_toy_model(tmp_path / "bundled" / "toy")

    assert list_models() == {"toy": tmp_path / "bundled" / "toy"}


INPUTS = {
    "full": ("audioset", "musicnn", "musicnn-mtt", "ssd"),
    "audioset": ("audioset", "ssd"),
    "musicnn": ("musicnn", "ssd"),
    "descriptors": ("ssd",),
}


@pytest.mark.parametrize("present", powerset(BACKBONES))
def test_the_default_is_the_best_whose_networks_are_here(models, tmp_path, monkeypatch, present):
    monkeypatch.setattr(find, "_BUNDLED", tmp_path / "bundled")
    for name, inputs in INPUTS.items():
        write_toy_model(tmp_path / "bundled" / name, inputs=inputs)
    for name in present:
        (models / name).mkdir()
        (models / name / BACKBONES[name].weights).touch()

    best = next(name for name in BEST_FIRST if {*INPUTS[name]} <= {*present, "ssd"})
    assert find_model() == tmp_path / "bundled" / best
    assert set(missing_networks(BACKBONES)) == set(BACKBONES) - set(present)


def test_a_former_name_finds_the_model(models, tmp_path, monkeypatch):
    monkeypatch.setattr(find, "_BUNDLED", tmp_path / "bundled")
    write_toy_model(tmp_path / "bundled" / "musicnn", inputs=("musicnn", "ssd"))
    assert find_model("backbone") == tmp_path / "bundled" / "musicnn"
