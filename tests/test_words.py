"""The field's words: no identifier, option or key has an old name, or a story's word."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SRC = ROOT / "src" / "genrescope"

# Old names by room; a room is a folder of src/genrescope, with all that is below it.
BANNED = {
    "benchmark": """Heard HeldOut Dealing hear hear_members members_of as_held_out voices voice said
        heard WAYS Setting NAMED_RIVALS is_shifted unlike rule_scores BALANCED KNOWN Suspect looks
        Mislabels find_mislabels Weight WEIGHTS TRUSTED firm faint judge told tell hears
        taught judged""",
    "learning": """Rival RivalClassifier rival rivals Lesson lesson teach taught Chosen
        ChosenCombination Combiner Combination PlainAverage Weighted PrunedLearner robustness
        least_steps RankGauss exhausted Decision basis save_artefact load_artefact mix smoothed
        steps heard said told tell""",
    "evaluation": """Judged judge judged pool refuse_leak Copy merge_copies suspects noise_share
        heard said told tell""",
    "data": """_deal carve_validation divisible side_by_side _Beside writing_whole replacing
        by_neighbours Subject open_subject Wish wish Listener _bring bring told heard""",
    "files": "writing_whole write_whole replacing recover tell Listener told heard",
    "cli/experiments": "rivals Rivals Networks told tell heard judge print_contributions",
    "cli/corpora": "judge Wish wish told tell heard Listener",
    "library": "KeptModel kept_model Heard heard keep_result _Ballot Wish wish told tell",
    "cli/collection": "Wish wish Heard heard told tell tell_refusal tell_outcome",
    "web": "KeptModel Wish wish",
}
# Words of stories about people, in no identifier of the code, its tests and its scripts.
STORIES = """hear hears heard hearing tells told telling untold say says said saying speak speaks
    speaking ask asks asked asking deal deals dealt dealing anew teach teaches taught untaught
    lesson believe believes believed think thinks thought know knows judge judges judged judging
    rival rivals guess guesses guessed wish wishes wished opinion opinions answer answers answered
    answering"""
PUBLISHED = {"answer"}  # a parameter and a key of the HTTP API
FORMER_OPTIONS = {"--rivals", "--no-rivals", "--networks", "--judge"}  # aliases for one version


def names_of(tree: ast.AST) -> Iterator[str]:
    """Every name that the code defines, takes, imports or sets."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.keyword) and node.arg:
            yield node.arg
        elif isinstance(node, ast.alias):
            yield node.asname or node.name.rpartition(".")[2]


def keys_of(tree: ast.AST) -> Iterator[str]:
    """Every key of a dictionary that is written out."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Dict):
            for key in node.keys:
                if isinstance(key, ast.Constant) and isinstance(key.value, str):
                    yield key.value


@pytest.mark.parametrize("room", BANNED)
def test_no_old_word_in_identifiers_and_keys(room: str) -> None:
    banned = set(BANNED[room].split())
    found = {
        f"{path.relative_to(SRC)}: {name}"
        for path in sorted((SRC / room).rglob("*.py"))
        for tree in [ast.parse(path.read_text(encoding="utf-8"))]
        for name in (*names_of(tree), *keys_of(tree))
        if name in banned and path.name != "diff.py"
    }
    assert found == set()


@pytest.mark.parametrize("folder", ["src", "tests", "benchmarks", "training", "packaging"])
def test_identifiers_are_no_words_of_stories(folder: str) -> None:
    stories = set(STORIES.split())
    found = {
        f"{path.relative_to(ROOT)}: {name}"
        for path in sorted((ROOT / folder).rglob("*.py"))
        for name in names_of(ast.parse(path.read_text(encoding="utf-8")))
        if stories & {part.lower() for part in re.findall(r"[A-Z]?[a-z]+|[A-Z]+", name)}
    }
    assert {name for name in found if name.rpartition(" ")[2] not in PUBLISHED} == set()


def test_help_names_old_options_as_former_ones_only() -> None:
    lines = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8").splitlines()
    for line in lines:
        old = FORMER_OPTIONS & set(re.findall(r"--[a-z-]+", line))
        assert not old or "former name" in line, line
        assert not re.search(r"\b(dealt|hears?|heard|rivals?|judge[sd]?)\b", line) or (
            "benchmark" not in line and "data audit" not in line
        ), line
