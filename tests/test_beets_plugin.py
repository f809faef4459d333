"""The plugin in real beets: its command and its import stage, on real files and a real library."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import mutagen.flac
import numpy as np
import pytest
import soundfile

from genrescope.backbones.family import FOLDER_VARIABLE
from genrescope.taxonomy.tag_names import tag_names
from toymodel import GENRES, write_toy_model

pytest.importorskip("beets")

RATE = 22050
WRITTEN = set(tag_names(GENRES, {}).values())
CONFIG = """
directory: {folder}/music
library: {folder}/library.db
import: {{copy: no, write: yes, autotag: no, quiet: yes}}
plugins: genrescope
genrescope: {{model: toy{more}}}
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with two songs of one album, one of them with a genre, and a model."""
    write_toy_model(tmp_path / "models" / "toy", extras=False)
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path / "models"))
    monkeypatch.setenv("BEETSDIR", str(tmp_path))
    (tmp_path / "music").mkdir()
    for number, genre in enumerate(("", "Polka")):
        path = tmp_path / "music" / f"{number}.flac"
        noise = np.random.default_rng(number).normal(0, 0.1, 7 * RATE)
        soundfile.write(path, noise, RATE)
        song = mutagen.flac.FLAC(path)
        song["title"], song["album"], song["artist"] = str(number), "Album", "Artist"
        if genre:
            song["genre"] = genre
        song.save()
    configure(tmp_path)
    return tmp_path


def configure(home: Path, more: str = "") -> None:
    (home / "config.yaml").write_text(CONFIG.format(folder=home, more=more))


def beet(*arguments: str) -> str:
    """What beets, a process of its own, prints."""
    command = [sys.executable, "-m", "beets", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ)
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def genres(home: Path) -> list[list[str]]:
    """In the tags of the files."""
    songs = [mutagen.flac.FLAC(path) for path in sorted((home / "music").glob("*.flac"))]
    return [song.get("genre", []) for song in songs]


@pytest.mark.slow
def test_importing_fills_in_what_is_missing(home):
    configure(home, ", threshold: 0")
    beet("import", "-A", str(home / "music"))
    title, genre, *rest = beet("ls", "-f", "$title $genres").split()
    assert (title, rest) == ("0", ["1", "Polka"])
    assert genre in WRITTEN
    # As everywhere in beets, importing as it is does not write tags.
    assert genres(home) == [[], ["Polka"]]
    beet("genrescope", "--force", "--threshold", "0", "title:1")
    assert genres(home)[0] == []
    assert genres(home)[1][0] in WRITTEN


@pytest.mark.slow
def test_the_command(home):
    configure(home, ", auto: no, top: 3")
    beet("import", "-A", str(home / "music"))
    assert "0: unsure: " in beet("genrescope", "--threshold", "1.0")
    printed = beet("genrescope", "--pretend", "--threshold", "0")
    assert "Artist - Album - 0: none -> " in printed
    assert "Album - 1" not in printed
    assert genres(home) == [[], ["Polka"]]
    beet("genrescope", "--threshold", "0")
    assert set(genres(home)[0]) <= set(WRITTEN)
    assert f"0: none -> {', '.join(genres(home)[0])}" in printed
    assert beet("ls", "-a", "-f", "$genres").strip() in (genres(home)[0][0], "Polka")
    (home / "music" / "0.flac").write_bytes(b"no more")
    assert "0.flac" in beet("genrescope", "--force", "title:0")


@pytest.mark.slow
def test_what_has_no_genre_nor_title_is_one_line_with_its_path(home):
    song = mutagen.flac.FLAC(home / "music" / "1.flac")
    song["title"], song["artist"], song["genre"] = "", "", "Other"
    song.save()
    configure(home, ", auto: no, threshold: 0")
    beet("import", "-A", str(home / "music"))
    lines = beet("-v", "genrescope", "--pretend").splitlines()
    printed = [line for line in lines if "1.flac" in line]
    assert len(printed) == 1
    assert printed[0].startswith(f"{home / 'music' / '1.flac'}: Other -> ")


def test_a_text_of_older_versions_is_filled_too(monkeypatch):
    """Where an item has no list of genres, but one text."""
    from types import SimpleNamespace

    from beetsplug import genrescope as plugin

    monkeypatch.setattr(plugin, "_LIST", False)
    item = SimpleNamespace(genre="")
    assert plugin.genres_of(item) == []
    plugin.set_genres(item, ["Jazz", "Rock"])
    assert (item.genre, plugin.genres_of(item)) == ("Jazz, Rock", ["Jazz, Rock"])


def test_styles_follow_the_genre(home):
    from dataclasses import replace

    from beetsplug import genrescope as plugin
    from genrescope.inference.labels.fits import label_fits
    from genrescope.inference.options import PredictionOptions
    from genrescope.inference.prediction import Prediction

    [fit] = [fit for fit in label_fits() if set(fit.values) == {"musicnn"}]
    place = [label.name for label in fit.labels].index("folk")
    weights = zip(fit.values["musicnn"], fit.kernel[:, place].tolist(), strict=True)
    tags = {tag: 0.95 if weight > 0.2 else 0.02 for tag, weight in weights}
    shares = np.full(len(GENRES), 0.1 / (len(GENRES) - 1))
    shares[0] = 0.9
    predicted = Prediction(GENRES, shares, 0.5, tags={"musicnn": tags})
    styles = [label.name.capitalize() for label in predicted.labels if label.kind == "style"]
    assert styles
    options = PredictionOptions(plugin.ModelCard.read(home / "models" / "toy"), top=1)
    [genre] = plugin.written(options, predicted, plugin.Counter(), False)
    assert plugin.written(options, predicted, plugin.Counter(), True) == [genre, *styles]
    plain = replace(predicted, tags={})
    assert plugin.written(options, plain, plugin.Counter(), True) == [genre]
