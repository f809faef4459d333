"""`audioset` fetched from its address: broken lines, other files, and what is left behind."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from genrescope.backbones.audioset import AUDIOSET
from genrescope.backbones.backbone import Backbone
from genrescope.backbones.install import add_backbone, is_in_order, remove_backbone
from genrescope.errors import DataError
from genrescope.files import fetch
from unruly_server import Served, serving

FILE = AUDIOSET.origin.file
RUNS_SOMETHING = b"cos\nsystem\n(S'touch harmed'\ntR."


@pytest.fixture(scope="module")
def published(shared) -> bytes:
    """The file as it is published."""
    return (shared / "data/weights" / FILE).read_bytes()


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch) -> None:
    monkeypatch.setattr(fetch.time, "sleep", lambda _: None)


@contextmanager
def published_at(served: Served) -> Iterator[Backbone]:
    """The network, with the address of a server here."""
    with serving({f"/{FILE}": served}) as base:
        yield replace(AUDIOSET, origin=replace(AUDIOSET.origin, url=f"{base}{FILE}"))


def names(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_a_broken_line_is_taken_up_and_nothing_is_left(published, tmp_path):
    served, steps = Served(published, break_after=[1_000_000, 2_000_000]), []
    with published_at(served) as network:
        assert add_backbone(network, tmp_path / "models", progress=steps.append)
    assert len(served.requests) == 3
    assert steps[0] == f"fetching {FILE} (4 MB)"
    assert {Path(name).parent.name for name in names(tmp_path / "models")} == {"audioset"}
    assert is_in_order(AUDIOSET, tmp_path / "models" / "audioset")
    licence = (tmp_path / "models" / "audioset" / "LICENSE.md").read_text("utf-8")
    assert "MIT License" in licence
    assert remove_backbone(AUDIOSET, tmp_path / "models")
    assert names(tmp_path) == []


def test_what_has_come_is_kept_for_the_next_run(published, tmp_path):
    served = Served(published, break_after=[1_000_000, 0, 0, 0, 0])
    with published_at(served) as network:
        with pytest.raises(DataError, match="1,000,000 bytes are kept"):
            add_backbone(network, tmp_path)
        assert names(tmp_path) == [f".fetching/{FILE}.part", f".fetching/{FILE}.part.json"]
        served.break_after.clear()
        assert add_backbone(network, tmp_path)
    assert served.requests[-1]["Range"] == "bytes=1000000-"
    assert not (tmp_path / ".fetching").exists()


@pytest.mark.parametrize("damage", ["cut", "one bit", "another file", "a program", "nothing"])
def test_another_file_is_refused_and_nothing_is_left(damage, published, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    flipped = bytearray(published)
    flipped[2_000_000] ^= 1
    wrong = {
        "cut": published[:-1],
        "one bit": bytes(flipped),
        "another file": b"<html>moved</html>",
        "a program": RUNS_SOMETHING,
        "nothing": b"",
    }[damage]
    with published_at(Served(wrong)) as network, pytest.raises(DataError) as caught:
        add_backbone(network, tmp_path / "models")
    assert f"--file {FILE} (sha256 899a8c62" in (caught.value.remedy or "")
    assert list(tmp_path.iterdir()) == []

    (tmp_path / FILE).write_bytes(wrong)
    with pytest.raises(DataError, match=f"this is not {FILE}"):
        add_backbone(AUDIOSET, tmp_path / "models", tmp_path / FILE)
    assert names(tmp_path) == [FILE]


def test_a_server_without_the_file_or_without_a_response(tmp_path):
    with serving({}) as base:
        origin = replace(AUDIOSET.origin, url=f"{base}{FILE}")
        with pytest.raises(DataError, match="404"):
            add_backbone(replace(AUDIOSET, origin=origin), tmp_path / "models")
    with pytest.raises(DataError, match="connection failed") as caught:
        add_backbone(replace(AUDIOSET, origin=origin), tmp_path / "models")
    assert "where there is a network" in (caught.value.remedy or "")
    assert list(tmp_path.iterdir()) == []
