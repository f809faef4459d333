"""Keras starts without a word on standard error."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

TRAIN = """
import sys
from genrescope.learning.backend import keras
model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
model.compile("sgd", "mse")
model.train_on_batch(keras.ops.zeros((4, 3)), keras.ops.zeros((4, 2)))
print("trained", file=sys.stderr)
"""


@pytest.mark.slow
def test_nothing_but_what_the_program_prints_is_on_standard_error() -> None:
    environment = {k: v for k, v in os.environ.items() if k != "TF_CPP_MIN_LOG_LEVEL"}
    command = [sys.executable, "-c", TRAIN]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert done.stderr == "trained\n"
