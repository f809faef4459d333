"""The tour of the Python interface runs as it stands, and prints what it shows."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path

import pytest

from toymodel import write_toy_network

TOUR = Path(__file__).parent.parent / "docs" / "python.md"
BLOCK = re.compile(r"```python\n(?P<code>.*?)```(?:\n\n```text\n(?P<printed>.*?)```)?", re.DOTALL)


@pytest.mark.slow
def test_the_blocks_run_in_their_order(tmp_path, models, monkeypatch):
    write_toy_network(models / "musicnn")
    monkeypatch.chdir(tmp_path)
    names = {"__name__": "__main__"}
    blocks = list(BLOCK.finditer(TOUR.read_text(encoding="utf-8")))
    assert blocks
    for block in blocks:
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile(block["code"], TOUR.name, "exec"), names)
        if block["printed"] is not None:
            assert printed.getvalue() == block["printed"]
    assert (tmp_path / "report.html").stat().st_size > 10_000
