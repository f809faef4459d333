"""musicnn from its true wheel: converted, checked, whole or not at all."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from genrescope.backbones.backbone import CHECKSUM, Network
from genrescope.backbones.check import check_network
from genrescope.backbones.install import add_backbone, remove_backbone
from genrescope.backbones.musicnn import MUSICNN, WHEEL
from genrescope.backbones.musicnn_mtt import MUSICNN_MTT
from genrescope.errors import DataError, UsageError
from genrescope.files.scratch import _machine

pytestmark = pytest.mark.slow

GRAPH, WEIGHTS = MUSICNN.graph, MUSICNN.weights
FILES = ["LICENSE.md", GRAPH, WEIGHTS, CHECKSUM]

# Adds musicnn in one forked process after the other, which kill themselves just before the first,
# second, ... change that they make below the folder, until one ends or musicnn is there. Prints how
# each ended.
KILLED = """
import os, signal, sys
from pathlib import Path
from genrescope.backbones.install import add_backbone
from genrescope.backbones.musicnn import MUSICNN

folder, wheel = sys.argv[1:]
changes = last = 0

def watch(event, arguments):
    global changes
    if event in ("os.mkdir", "open", "os.rename", "os.rmdir"):
        if str(arguments[0]).startswith(folder):
            changes += 1
            if changes == last:
                os.kill(os.getpid(), signal.SIGKILL)

sys.addaudithook(watch)
ended = None
while ended != 0 and not Path(folder, "musicnn").exists():
    last += 1
    process = os.fork()
    if process == 0:
        add_backbone(MUSICNN, Path(folder), Path(wheel))
        os._exit(0)
    ended = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
    print(ended, flush=True)
"""


def in_it(folder: Path) -> list[str]:
    """Names in a folder, hidden ones too."""
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def models(musicnn_models, tmp_path) -> Path:
    """A folder of models of one's own with musicnn in it."""
    return shutil.copytree(musicnn_models, tmp_path / "models")


def test_it_is_there_whole_and_nothing_else(musicnn_wheel, tmp_path):
    steps: list[str] = []
    folder = tmp_path / "not" / "yet" / "there"
    assert add_backbone(MUSICNN, folder, musicnn_wheel, progress=steps.append)
    assert in_it(folder) == ["musicnn"]
    assert in_it(folder / "musicnn") == FILES
    assert steps == ["converting the network", "checking it against known values"]
    check_network(Network.load(MUSICNN, folder / "musicnn"))


def test_the_licence_travels_along(models):
    text = (models / "musicnn" / "LICENSE.md").read_text("utf-8")
    assert text.startswith("Copyright (c) Music Technology Group, Universitat Pompeu Fabra 2019")
    assert "Permission to use, copy, modify, and/or distribute" in text


def test_what_is_in_order_is_left_alone_and_needs_no_wheel(models):
    before = [(models / "musicnn" / name).stat().st_ino for name in FILES]
    assert not add_backbone(MUSICNN, models, models / "no.whl")
    assert [(models / "musicnn" / name).stat().st_ino for name in FILES] == before


@pytest.mark.parametrize("damage", ["cut", "noise", "one bit", "no graph", "empty"])
def test_what_is_damaged_is_replaced(damage, models, musicnn_wheel):
    target = models / "musicnn"
    if damage == "cut":
        os.truncate(target / WEIGHTS, 1_000_000)
    elif damage == "noise":
        noise = np.random.default_rng(0).standard_normal(3_150_880 // 4, np.float32)
        (target / WEIGHTS).write_bytes(noise.tobytes())
    elif damage == "one bit":
        content = bytearray((target / WEIGHTS).read_bytes())
        content[1234] ^= 1
        (target / WEIGHTS).write_bytes(content)
    elif damage == "no graph":
        (target / GRAPH).unlink()
    else:
        shutil.rmtree(target)
        target.mkdir()
    assert add_backbone(MUSICNN, models, musicnn_wheel)
    assert in_it(models) == ["musicnn"]
    assert in_it(target) == FILES
    check_network(Network.load(MUSICNN, target))


def test_a_wrong_wheel_is_refused_and_leaves_nothing(musicnn_wheel, tmp_path):
    content = bytearray(musicnn_wheel.read_bytes())
    content[WHEEL.size // 2] ^= 1
    folder, wrong = tmp_path / "models", tmp_path / "wrong.whl"
    for data in (b"", bytes(content[:-1]), bytes(content)):
        wrong.write_bytes(data)
        with pytest.raises(DataError, match="this is not musicnn") as caught:
            add_backbone(MUSICNN, folder, wrong)
        assert caught.value.place == str(wrong)
        assert "sha256 f38a4890" in (caught.value.remedy or "")
    assert not folder.exists()


@pytest.mark.parametrize("name", ["no.whl", "."])
def test_a_wheel_that_is_no_file_is_an_error(name, tmp_path):
    with pytest.raises(UsageError, match="no such file"):
        add_backbone(MUSICNN, tmp_path / "models", tmp_path / name)


def test_a_folder_that_cannot_be_made_is_an_error(musicnn_wheel, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match=r"cannot be written.*GENRESCOPE_MODELS"):
        add_backbone(MUSICNN, tmp_path / "file", musicnn_wheel)


def test_whenever_it_is_killed_nothing_is_half_there(musicnn_wheel, tmp_path):
    folder = tmp_path / "models"
    command = [sys.executable, "-c", KILLED, str(folder), str(musicnn_wheel)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    *killed, last = map(int, done.stdout.split())
    assert set(killed) == {-signal.SIGKILL}
    assert last in (0, -signal.SIGKILL)  # it may have been killed while it tidied up
    assert len(killed) >= 6  # before the folder, two in it, four files, the renaming
    check_network(Network.load(MUSICNN, folder / "musicnn"))
    assert in_it(folder / "musicnn") == FILES
    assert not add_backbone(MUSICNN, folder)


def test_what_killed_processes_left_is_removed(musicnn_wheel, tmp_path):
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    left, mine = (f".adding-{_machine()}-{number}-x" for number in (ended.pid, os.getpid()))
    for name in (left, mine):
        (tmp_path / name).mkdir()
        (tmp_path / name / WEIGHTS).write_text("half")
    assert add_backbone(MUSICNN, tmp_path, musicnn_wheel)
    assert in_it(tmp_path) == [mine, "musicnn"]  # somebody is at work on that one


def test_it_is_removed(models):
    (models / "mine").mkdir()
    assert remove_backbone(MUSICNN, models)
    assert in_it(models) == ["mine"]
    assert not remove_backbone(MUSICNN, models)


def test_the_other_network_of_the_wheel(musicnn_wheel, tmp_path):
    assert add_backbone(MUSICNN_MTT, tmp_path, musicnn_wheel)
    network = Network.load(MUSICNN_MTT, tmp_path / "musicnn-mtt")
    check_network(network)
    with pytest.raises(DataError, match="known values"):
        check_network(Network(MUSICNN, network.session))


def test_a_folder_of_an_earlier_version_is_in_order(models):
    (models / "musicnn" / CHECKSUM).unlink()
    assert not add_backbone(MUSICNN, models)
