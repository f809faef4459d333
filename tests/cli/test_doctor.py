"""What `genrescope` alone and `genrescope doctor` print."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

from genrescope.cli.songs.doctor import EXTRAS
from genrescope.version import __version__
from toymodel import write_toy_network

ROOT = Path(__file__).parents[2]
MODULES = {"scikit-learn": "sklearn", "python-multipart": "python_multipart"}


def test_the_parts_are_those_that_can_be_installed():
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"][
        "optional-dependencies"
    ]
    wanted = {
        name: {re.split(r"[^\w-]", item)[0] for item in items if "genrescope[" not in item}
        for name, items in extras.items()
        if name not in ("dev", "docs")
    }
    known = {name: {MODULES.get(item, item) for item in items} for name, items in wanted.items()}
    assert {name: set(modules) for name, (_, modules) in EXTRAS.items()} == known


def test_it_lists_what_is_here_and_how_to_add_the_rest(models, command):
    write_toy_network(models / "musicnn")

    done = command("doctor")

    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert lines[0].startswith(f"genrescope {__version__}, Python ")
    found = {line.split("  ")[1]: line.split() for line in lines if line.startswith("  ")}
    assert found["musicnn"][1:] == ["yes", str(models / "musicnn")]
    assert found["audioset"][1] == "no"
    assert found["audioset"][-4:] == ["genrescope", "models", "add", "audioset"]
    assert (found["tags"][1], found["web"][1]) == ("yes", "yes")
    assert f"models         {models}" in lines
    assert "default model  musicnn" in lines


def test_a_part_that_is_not_installed_is_named_with_its_command(tmp_path):
    code = (
        "import sys\n"
        "import importlib.util as u; find = u.find_spec\n"
        "u.find_spec = lambda name: None if name in ('mutagen', 'av') else find(name)\n"
        "from genrescope.cli.app import main; sys.argv[1:] = ['doctor']; main()\n"
    )
    environment = {"PYTHONPATH": str(ROOT / "src"), "PATH": str(tmp_path), "HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment
    )
    assert done.returncode == 0, done.stderr
    assert re.search(r"tags +no .*pip install 'genrescope\[tags\]'", done.stdout)
    assert re.search(r"M4A.* no .*genrescope\[av\]', or put ffmpeg on the PATH", done.stdout)


def test_alone_it_shows_what_to_do_next_in_five_lines(command):
    done = command()
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert len(lines) == 5
    assert all(line.startswith("genrescope ") and len(line) <= 90 for line in lines)
    assert command("--version").stdout == f"genrescope {__version__}\n"
