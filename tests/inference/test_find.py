from __future__ import annotations

import platformdirs
import pytest

from genrescope.backbones.musicnn import WEIGHTS
from genrescope.errors import UsageError
from genrescope.inference import registry as find
from genrescope.inference.registry import FOLDER_VARIABLE, find_model, list_models, models_folder
from toymodel import write_toy_model


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
    (models / "musicnn").mkdir()
    (models / "half").mkdir()
    (models / "half" / "model.json").write_text("{}")

    assert {"half", "musicnn"}.isdisjoint(list_models())
    with pytest.raises(UsageError, match="no model 'half'") as caught:
        find_model("half")
    assert "toy" in str(caught.value.remedy)


def test_a_bundled_name_is_not_the_users(models, tmp_path, monkeypatch):
    monkeypatch.setattr(find, "_BUNDLED", tmp_path / "bundled")
    write_toy_model(tmp_path / "bundled" / "toy")

    assert list_models() == {"toy": tmp_path / "bundled" / "toy"}


def test_the_default_is_the_backbone_as_soon_as_it_is_installed(models, tmp_path, monkeypatch):
    monkeypatch.setattr(find, "_BUNDLED", tmp_path / "bundled")
    write_toy_model(tmp_path / "bundled" / "descriptors")
    write_toy_model(tmp_path / "bundled" / "backbone", inputs=("musicnn", "ssd"))
    assert find_model() == tmp_path / "bundled" / "descriptors"

    (models / "musicnn").mkdir()
    (models / "musicnn" / WEIGHTS).touch()
    assert find_model() == tmp_path / "bundled" / "backbone"
