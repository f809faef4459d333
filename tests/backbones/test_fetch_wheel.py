"""`genrescope models add musicnn` as a user runs it: pip, its configuration, networks that fail."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from genrescope.backbones.family import FOLDER_VARIABLE
from genrescope.backbones.musicnn import WHEEL as ORIGIN
from genrescope.errors import DataError

pytestmark = pytest.mark.slow

WHEEL = ORIGIN.file


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *arguments: object) -> None:
        """Log nothing."""


@pytest.fixture
def index(tmp_path) -> Iterator[tuple[Path, str]]:
    """(folder, address) of a package index that offers the wheel in the folder."""
    page = tmp_path / "index" / "musicnn"
    page.mkdir(parents=True)
    (page / "index.html").write_text(f'<a href="{WHEEL}">{WHEEL}</a>')
    handler = partial(_Quiet, directory=str(page.parent))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield page, f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def run(models: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """`genrescope models ARGUMENTS` with a folder of models and variables of the environment."""
    command = [sys.executable, "-m", "genrescope", "models", *arguments]
    environment = os.environ | {FOLDER_VARIABLE: str(models)} | variables
    return subprocess.run(command, capture_output=True, text=True, env=environment)


def only(address: str) -> dict[str, str]:
    """What makes pip use this index alone, and not for long."""
    ignored = {"PIP_CONFIG_FILE": os.devnull, "PIP_EXTRA_INDEX_URL": "", "PIP_FIND_LINKS": ""}
    return ignored | {"PIP_INDEX_URL": address, "PIP_RETRIES": "1", "PIP_NO_CACHE_DIR": "1"}


def test_it_comes_from_the_index_that_pip_is_configured_for(index, musicnn_wheel, tmp_path):
    page, address = index
    shutil.copy(musicnn_wheel, page / WHEEL)
    models = tmp_path / "models"
    done = run(models, "add", "musicnn", **only(address))
    assert (done.returncode, done.stdout) == (0, f"{models / 'musicnn'}: ready\n"), done.stderr
    again = run(models, "add", "musicnn", **only("http://127.0.0.1:9"))
    assert again.stdout == f"{models / 'musicnn'}: there already, and in order\n"
    gone = run(models, "remove", "musicnn")
    assert gone.stdout == f"{models / 'musicnn'}: removed\n"
    assert list(models.iterdir()) == []


def test_a_file_of_that_name_with_other_content_is_refused(index, tmp_path):
    page, address = index
    (page / WHEEL).write_bytes(b"PK, but no wheel")
    done = run(tmp_path / "models", "add", "musicnn", **only(address))
    assert done.returncode == DataError.exit_code
    assert "HASH" in done.stderr
    assert not (tmp_path / "models").exists()


def test_without_a_network_the_error_has_a_remedy(tmp_path):
    done = run(tmp_path / "models", "add", "musicnn", **only("http://127.0.0.1:9"))
    assert (done.returncode, done.stdout) == (DataError.exit_code, "")
    assert "Connection refused" in done.stderr
    assert f"genrescope models add musicnn --file {WHEEL} (sha256 f38a4890" in done.stderr
    assert not (tmp_path / "models").exists()


def test_a_file_that_the_user_has_is_taken(musicnn_wheel, tmp_path):
    unreachable = only("http://127.0.0.1:9")
    done = run(tmp_path, "add", "musicnn", "--wheel", str(musicnn_wheel), **unreachable)
    assert (done.returncode, done.stdout) == (0, f"{tmp_path / 'musicnn'}: ready\n")


@pytest.mark.parametrize("command", ["add", "remove"])
def test_another_name_is_wrong_use(command, tmp_path):
    done = run(tmp_path, command, "vgg")
    assert done.returncode == 2
    assert "try: audioset, musicnn, musicnn-mtt" in done.stderr
