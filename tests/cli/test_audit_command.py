"""`genrescope data audit`, run as users run it."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

import pytest

from genrescope.data.corpora.gtzan import load_gtzan


@pytest.fixture
def audit(command):
    return partial(command, "data", "audit")


def test_findings_are_no_failure(audit, tmp_path: Path):
    output = tmp_path / "new" / "audit.json"
    code, out, err = audit(
        "gtzan", "--sets", "rh", "--max-label-rows", 0, "--examples", 1, "-o", output
    )
    assert (code, err) == (0, "")
    assert out.splitlines()[:2] == [
        f"GTZAN, built in: {len(load_gtzan('rh'))} songs, rh",
        "1 error, 1 warning, 3 notes",
    ]
    assert "    metal.00058 [metal] = rock.00016 [rock]\n" in out
    assert "    disco.00098 = disco.00099\n    and 28 more\n" in out
    assert out.endswith(f"report: {output}\n")
    document = json.loads(output.read_text())
    assert document["command"].startswith("genrescope data audit gtzan --sets rh")
    assert len(document["copies"]) == 30
    assert document["labels"] is None


def test_errors_as_usual(audit, tmp_path: Path):
    code, out, err = audit("gtzan", "--sets", "nothing")
    assert (code, out) == (2, "")
    assert err.startswith("genrescope: no feature set 'nothing' (choose from rp, ")
    code, _, err = audit(tmp_path / "none.arff")
    assert (code, err) == (
        3,
        f"genrescope: {tmp_path / 'none.arff'}: no such file (check the path)\n",
    )


def test_a_made_up_file(audit, tmp_path: Path):
    file = tmp_path / "songs.arff"
    rows = [f"{i},{i * i % 7},{i * i % 11},{'nan' if i == 3 else 1},s{i}" for i in range(20)]
    rows.append("5,4,3,1,copy")
    head = "".join(f"@attribute {name} real\n" for name in "abcd")
    file.write_text(f"{head}@attribute id string\n@data\n" + "\n".join(rows) + "\n")
    code, out, _ = audit(file)
    assert code == 0
    assert "songs: 1 values are missing or not finite, in 1 column" in out
    assert "s5 = copy" in out
    assert "no labels known" in out
