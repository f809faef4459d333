import base64
import io
import re
import xml.etree.ElementTree as ElementTree

import matplotlib
import numpy as np
import pytest
from matplotlib.image import imread

from genrescope.report.figures import loss_curves, recall_curves, reliability_curve
from genrescope.report.genre_means import genre_means
from genrescope.report.pictures import MODULATION_STEP, is_pictured, pictures, scales
from genrescope.report.svg import Sheet
from genrescope.taxonomy.vocabulary import GTZAN


def drawings(record):
    return {
        "loss": loss_curves(record, "a"),
        "recall": recall_curves(record, "b"),
        "reliability": reliability_curve(record.scores, "c", "rp · student"),
    }


def test_two_renderings_are_equal_byte_for_byte(make_record):
    assert drawings(make_record(seed=4)) == drawings(make_record(seed=4))


def test_settings_of_matplotlib_are_left_as_they_were(make_record):
    before = dict(matplotlib.rcParams)
    drawings(make_record())
    assert dict(matplotlib.rcParams) == before


@pytest.mark.parametrize("name", ["loss", "recall", "reliability"])
def test_figures_are_well_formed_small_and_take_the_page_s_colours(make_record, name):
    svg = drawings(make_record())[name]
    ElementTree.fromstring(svg)
    assert len(svg) < 30_000
    assert "currentColor" in svg
    assert not re.findall(r"#0[1-4]0[1-4]0[1-4]", svg)
    assert "font-family" not in svg
    assert not re.search(r"\d\.\d{3}", svg)


def test_best_epochs_are_marked_once_a_split(make_record):
    record = make_record()
    assert recall_curves(record, "k").count("<use") == len(record.histories)


def test_the_alternative_text_describes_what_is_seen(make_record):
    record = make_record("rp", "student")
    label = re.search(r'aria-label="([^"]*)"', loss_curves(record, "k"))[1]
    kept = [log.best_epoch + 1 for log in record.histories]
    assert "rp · student" in label
    assert f"epoch {min(kept)} to {max(kept)}" in label


def test_names_inside_begin_with_the_key():
    sheet = Sheet(100, 100)
    sheet.axes[0].plot([0, 1], [0, 1], "o")
    svg = sheet.svg("mine", "two dots")
    names = set(re.findall(r' id="([^"]*)"', svg))
    assert names == set(re.findall(r'(?:href="#|url\(#)([^")]+)', svg))
    assert names
    assert all(name.startswith("mine-") for name in names)


def test_the_modulation_axis_reaches_ten_hertz():
    assert pytest.approx(0.168, abs=3e-4) == MODULATION_STEP
    assert pytest.approx(10.09, abs=0.01) == 60 * MODULATION_STEP


def test_pictured_sets_are_those_over_bands_or_modulation():
    assert [is_pictured(name) for name in ("rp", "rh", "ssd", "tssd", "trh", "mvd")] == [True] * 6
    assert not any(is_pictured(name) for name in ("marsyas_timbral", "jmir_mfcc", "jmir_lpc"))


@pytest.mark.parametrize("name", ["rp", "rh", "ssd", "tssd", "trh", "mvd"])
def test_a_picture_a_genre(make_table, name):
    genres = GTZAN.genres[:3]
    typical = genre_means(make_table(name), genres)
    shown = dict(pictures(typical, "t"))
    assert tuple(shown) == genres
    assert len(set(shown.values())) == 3
    for svg in shown.values():
        ElementTree.fromstring(svg)
        assert svg.count("data:image/png") == (0 if name == "rh" else 2)
    assert len(scales(typical)) == (0 if name == "rh" else 2)


def test_a_rhythm_pattern_is_drawn_with_bands_upwards(make_table):
    """The one lit value, modulation bin 60 of Bark band 1, lies in the lower right corner."""
    typical = genre_means(make_table("rp"), GTZAN.genres)
    typical.means[:] = 0
    typical.means[:, 59 * 24 + 0] = 1
    _, svg = next(pictures(typical, "t"))
    encoded = re.search(r"data:image/png;base64,([^\"]+)", svg)[1]
    image = imread(io.BytesIO(base64.b64decode(re.sub(r"\s", "", encoded))))
    assert image.shape[:2] == (24, 60)
    scale_down = float(re.search(r"matrix\(\S+ \S+ \S+ (\S+)", svg)[1])
    assert np.argwhere(image[..., 1] > 0.5).tolist() == [[0, 59]]
    assert scale_down < 0
