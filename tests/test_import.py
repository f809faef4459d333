"""Importing the package, and its help, loads nothing that is slow to load."""

from __future__ import annotations

import subprocess
import sys

import pytest

import genrescope
from genrescope.version import __version__

HEAVY = (
    *("keras", "tensorflow", "jax", "matplotlib", "polars", "sklearn", "onnxruntime", "av"),
    *("scipy", "numpy.ma"),
)

# What a command line prints goes to standard error, so that standard output is the result.
SCRIPT = """
import contextlib, sys
{statement}
print(*sorted({heavy} & sys.modules.keys()))
"""
CALL = """
sys.argv = ["genrescope", *{argument!r}.split()]
with contextlib.redirect_stdout(sys.stderr), contextlib.suppress(SystemExit):
    from genrescope.cli.app import main
    main()
"""


def heavy_modules_after(statement: str) -> list[str]:
    """Which of the heavy modules a fresh interpreter has loaded after `statement`."""
    script = SCRIPT.format(statement=statement, heavy=set(HEAVY))
    command = [sys.executable, "-c", script]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()


def test_importing_is_light():
    assert heavy_modules_after("import genrescope") == []


@pytest.mark.parametrize("argument", ["--help", "--version"])
def test_help_and_version_are_light(argument):
    assert heavy_modules_after(CALL.format(argument=argument)) == []


def test_describing_is_light():
    statement = """
from numpy import cos, arange
from genrescope.descriptors import describe
from genrescope.featuresets import KNOWN_SETS
describe(cos(arange(1 << 18)), 22050, [*KNOWN_SETS])"""
    assert heavy_modules_after(statement) == []


@pytest.mark.slow
def test_a_benchmark_that_trains_no_network_does_not_import_keras(tmp_path):
    options = f"--sets jmir_lpc --folds 2 --learners lda,kda --ensemble -o {tmp_path}"
    loaded = heavy_modules_after(CALL.format(argument=f"benchmark gtzan {options}"))
    assert not {"keras", "tensorflow"} & {*loaded}
    assert "sklearn" in loaded
    assert {path.stem for path in (tmp_path / "records").iterdir()} >= {
        "jmir_lpc-lda",
        "jmir_lpc-svm_rbf",
        "ensemble-logistic",
    }


def test_the_check_sees_what_is_heavy():
    assert heavy_modules_after("import polars") == ["polars"]


def test_every_public_name_is_there():
    assert {name: getattr(genrescope, name) for name in genrescope.__all__}
    assert genrescope.__version__ == __version__
    assert len(genrescope.FEATURE_SETS) == 13
    assert callable(genrescope.extract)
    assert callable(genrescope.classify)


def test_dir_shows_the_public_names():
    assert dir(genrescope) == sorted(genrescope.__all__)


def test_a_name_that_nobody_has_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'clasify'"):
        genrescope.clasify  # noqa: B018


def test_the_version_is_printed_by_the_module_too():
    command = [sys.executable, "-m", "genrescope", "--version"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, f"genrescope {__version__}\n", "")
