"""The documentation as a site, and the pages that are written from other files."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from genrescope.inference.registry import BEST_FIRST

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"


def test_the_site_is_built_without_a_warning(tmp_path):
    pytest.importorskip("material")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", tmp_path]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert {page.stem for page in DOCS.glob("*.md")} - {"index"} <= {
        page.name for page in tmp_path.iterdir()
    }


def test_every_link_of_the_repository_leads_to_a_file():
    """Those of `docs` within the site are checked as it is built."""
    for page in (*DOCS.glob("*.md"), *ROOT.glob("*.md")):
        for goal in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text(encoding="utf-8")):
            assert "://" in goal or (page.parent / goal).exists(), f"{page.name}: {goal}"


@pytest.fixture(scope="module")
def cards(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("cards")
    subprocess.run([sys.executable, DOCS / "make_model_cards.py", folder], check=True)
    return folder


@pytest.mark.parametrize("name", BEST_FIRST)
def test_a_model_card_is_that_of_its_model(cards, name):
    made = (cards / f"{name}.md").read_text(encoding="utf-8")
    written = (DOCS / "model_cards" / f"{name}.md").read_text(encoding="utf-8")
    assert made == written, "run `make docs`"
    head = yaml.safe_load(written.split("---\n")[1])
    assert head["license"] == "mit"
    results = head["model-index"][0]["results"]
    assert [result["dataset"]["type"] for result in results] == ["gtzan", "allmusic"]
    assert all(0 < metric["value"] < 1 for result in results for metric in result["metrics"])


def test_workflows_and_compose_file_are_yaml_that_names_what_is_there():
    for path in (*(ROOT / ".github" / "workflows").glob("*.yml"), ROOT / "compose.yaml"):
        assert yaml.safe_load(path.read_text(encoding="utf-8"))
        for named in re.findall(r"packaging/[\w./]+", path.read_text(encoding="utf-8")):
            assert (ROOT / named).exists(), named


def test_the_paper_cites_what_its_bibliography_holds():
    paper = (ROOT / "paper" / "paper.md").read_text(encoding="utf-8")
    keys = re.findall(r"^@\w+\{(\w+),", (ROOT / "paper" / "paper.bib").read_text("utf-8"), re.M)
    assert set(re.findall(r"@(\w+)", paper.split("---")[2])) == set(keys)
