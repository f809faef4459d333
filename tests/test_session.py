"""Graphs opened quickly give what others give."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import genrescope
from genrescope.session import open_session

MODELS = sorted((Path(genrescope.__file__).parent / "models").glob("*/model.onnx"))


@pytest.mark.parametrize("graph", MODELS, ids=lambda graph: graph.parent.name)
def test_a_graph_opened_quickly_gives_the_same(graph: Path) -> None:
    plain, quick = open_session(graph), open_session(graph, quick=True)
    rng = np.random.default_rng(0)
    songs = {
        item.name: rng.normal(size=(3, item.shape[-1])).astype(np.float32)
        for item in plain.get_inputs()
    }
    for one, other in zip(plain.run(None, songs), quick.run(None, songs), strict=True):
        np.testing.assert_allclose(other, one, rtol=1e-4, atol=1e-4)
