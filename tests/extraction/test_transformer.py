"""Feature sets as a scikit-learn transformer."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from genrescope import DescriptorTransformer, extract
from genrescope.errors import AudioError, UsageError


def test_rows_are_what_extract_gives_in_the_order_of_the_files(song):
    files = [str(song("b.wav")), str(song("a.wav")), str(song("b.wav"))]
    transformer = DescriptorTransformer(["rh", "jmir_lpc"], jobs=1)
    rows = transformer.fit_transform(files)
    assert rows.shape == (3, 80)
    vectors = extract(files[1], ["rh", "jmir_lpc"])
    np.testing.assert_array_equal(
        rows[1], np.concatenate([vectors["rh"], vectors["jmir_lpc"]]).astype(np.float32)
    )
    np.testing.assert_array_equal(rows[0], rows[2])
    names = transformer.get_feature_names_out()
    assert (len(names), len(set(names))) == (80, 80)
    assert names[0].startswith("rh: ")
    assert names[-1].startswith("jmir_lpc: ")


def test_it_is_a_step_of_a_pipeline_and_gives_frames(song):
    files = [song("a.wav"), song("b.wav")]
    transformer = clone(DescriptorTransformer(["rh"], jobs=1)).set_output(transform="polars")
    assert transformer.fit(files).transform(files).columns == list(
        transformer.get_feature_names_out()
    )
    scaled = make_pipeline(clone(transformer), StandardScaler()).fit_transform(files)
    assert np.allclose(np.asarray(scaled).mean(axis=0), 0, atol=1e-6)


def test_what_cannot_be_read_is_named(song, tmp_path):
    (tmp_path / "text.wav").write_text("no sound")
    with pytest.raises(AudioError, match=r"text\.wav"):
        DescriptorTransformer(["rh"], 1).transform([tmp_path / "text.wav"])
    short = song("short.wav", seconds=2)
    with pytest.raises(AudioError, match=r"short\.wav: too short for rh"):
        DescriptorTransformer(["jmir_lpc", "rh"], 1).transform([short])
    with pytest.raises(UsageError, match="rx"):
        DescriptorTransformer(["rx"], 1).transform([short])
