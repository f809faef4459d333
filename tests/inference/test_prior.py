"""Genre shares: corrected, estimated, and read from what a user writes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from genrescope.calibration.label_shift import correct_prior, estimate_prior
from genrescope.errors import DataError, UsageError
from genrescope.inference.prior import parse_prior
from genrescope.taxonomy.vocabulary import GTZAN

GENRES = ("blues", "jazz", "rock")
EVEN = np.full(3, 1 / 3)


def _posteriors(
    shares: np.ndarray, assumed: np.ndarray, songs: int, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Exact posteriors under shares `assumed` of songs drawn with `shares`, and their genres.

    Genre y gives a normal vector about the unit vector y, so the posterior has a closed form.
    """
    rng = np.random.default_rng(seed)
    truth = rng.choice(len(shares), songs, p=shares)
    x = 2 * np.eye(len(shares))[truth] + rng.normal(0, 1, (songs, len(shares)))
    joint = np.exp(2 * x - 2) * assumed
    return joint / joint.sum(axis=1, keepdims=True), truth


def test_closed_form_of_two_genres() -> None:
    moved = correct_prior([0.5, 0.5], [0.5, 0.5], [0.8, 0.2])
    np.testing.assert_allclose(moved, [0.8, 0.2], rtol=1e-14)
    moved = correct_prior([0.6, 0.4], [0.75, 0.25], [0.25, 0.75])
    np.testing.assert_allclose(moved, [0.2 / 1.4, 1.2 / 1.4], rtol=1e-14)


def test_is_the_posterior_under_the_other_shares() -> None:
    old, new = np.array([0.2, 0.3, 0.5]), np.array([0.6, 0.3, 0.1])
    before, _ = _posteriors(new, old, 100, seed=1)
    after, _ = _posteriors(new, new, 100, seed=1)
    np.testing.assert_allclose(correct_prior(before, old, new), after, rtol=1e-12)


def test_a_share_of_zero_is_never_predicted() -> None:
    moved = correct_prior([[0.9, 0.1, 0.0], [1.0, 0.0, 0.0]], EVEN, [0.0, 0.5, 0.5])
    np.testing.assert_allclose(moved, [[0, 1, 0], [0, 0.5, 0.5]], atol=1e-12)


@settings(max_examples=50)
@given(
    p=arrays(np.float64, (4, 5), elements=st.floats(0, 1)).filter(
        lambda p: p.sum(axis=1).min() > 0
    ),
    old=arrays(np.float64, 5, elements=st.floats(0.01, 1)),
    new=arrays(np.float64, 5, elements=st.floats(0.01, 1)),
)
def test_sums_to_one_and_goes_back(p: np.ndarray, old: np.ndarray, new: np.ndarray) -> None:
    p, old, new = p / p.sum(axis=1, keepdims=True), old / old.sum(), new / new.sum()
    moved = correct_prior(p, old, new)
    np.testing.assert_allclose(moved.sum(axis=1), 1, rtol=1e-12)
    np.testing.assert_allclose(correct_prior(moved, new, old), p, rtol=1e-9, atol=1e-15)
    np.testing.assert_allclose(correct_prior(p, old, old), p, rtol=1e-12, atol=1e-15)
    estimate = estimate_prior(p, old)
    assert estimate.sum() == pytest.approx(1, rel=1e-12)
    assert estimate.min() > 0


def test_estimates_the_true_shares() -> None:
    old, true = np.array([0.25, 0.25, 0.25, 0.25]), np.array([0.7, 0.2, 0.08, 0.02])
    probabilities, truth = _posteriors(true, old, 20_000, seed=2)
    found = estimate_prior(probabilities, old, pseudo_songs=0)
    np.testing.assert_allclose(found, true, atol=0.015)
    before = (probabilities.argmax(axis=1) == truth).mean()
    after = (correct_prior(probabilities, old, found).argmax(axis=1) == truth).mean()
    assert after > before + 0.05


def test_shares_that_did_not_shift_stay() -> None:
    old = np.array([0.5, 0.3, 0.2])
    probabilities, _ = _posteriors(old, old, 20_000, seed=3)
    np.testing.assert_allclose(estimate_prior(probabilities, old), old, atol=0.015)


def test_is_a_fixed_point() -> None:
    old = np.array([0.5, 0.3, 0.2])
    probabilities, _ = _posteriors(EVEN, old, 300, seed=4)
    found = estimate_prior(probabilities, old, tolerance=1e-12, iterations=10_000)
    again = correct_prior(probabilities, old, found).sum(axis=0)
    np.testing.assert_allclose(found, (again + 10 * old) / 310, atol=1e-10)


def test_a_genre_that_does_not_occur_keeps_a_share() -> None:
    probabilities = np.tile([0.98, 0.019, 0.001], (20, 1))
    bare = estimate_prior(probabilities, EVEN, pseudo_songs=0, iterations=10_000)
    kept = estimate_prior(probabilities, EVEN)
    assert bare[2] < 1e-6
    assert 0.1 < kept[2] < 1 / 3  # 10 / 3 of 30 songs
    few = estimate_prior(probabilities[:1], EVEN)
    np.testing.assert_allclose(few, EVEN, atol=0.1)


@pytest.mark.parametrize(
    ("text", "shares"),
    [
        ("rock=0.5", [0.25, 0.25, 0.5]),
        ("Rock = 50%, JAZZ=20%", [0.3, 0.2, 0.5]),
        ("rock=0", [0.5, 0.5, 0]),
        ("rock=0.5,jazz=0.5", [0, 0.5, 0.5]),
        ("blues=10,jazz=30,rock=60", [0.1, 0.3, 0.6]),
    ],
)
def test_reads_text(text: str, shares: list[float]) -> None:
    np.testing.assert_allclose(parse_prior(text, GENRES), shares, atol=1e-12)


def test_other_spellings_are_recognised() -> None:
    shares = parse_prior("Hip-Hop=0.4,heavy metal=0.2", GTZAN.genres)
    assert shares[GTZAN.index("hiphop")] == pytest.approx(0.4)
    assert shares[GTZAN.index("metal")] == pytest.approx(0.2)
    assert shares[0] == pytest.approx(0.4 / 8)


@pytest.mark.parametrize(
    "text",
    [
        *("", "rock", "rock=", "rock=x", "rock=nan", "rock=-0.1", "rok=0.5", "rock=0.7,jazz=0.7"),
        *("rock=0.1,Rock=0.2", "rock=0,jazz=0,blues=0"),
    ],
)
def test_refuses_text_without_shares(text: str) -> None:
    with pytest.raises(UsageError, match="prior: "):
        parse_prior(text, GENRES)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", "genre,share\n# mine\nrock,0.5\n\njazz,20%\n"),
        ("a.csv", "\ufeffrock;0.5\r\njazz;0.2\r\n"),
        ("a.tsv", "rock\t0.5\njazz\t.2"),
        ("a.json", '{"rock": 0.5, "jazz": "20%"}'),
    ],
)
def test_reads_files(tmp_path: Path, name: str, content: str) -> None:
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    for source in (path, str(path)):
        np.testing.assert_allclose(parse_prior(source, GENRES), [0.3, 0.2, 0.5], rtol=1e-12)


@pytest.mark.parametrize(
    ("name", "content", "place", "message"),
    [
        ("a.csv", "rock,0.5\nrok,0.2", ":2", "did you mean 'rock'"),
        ("a.csv", "rock,0.5\njazz", ":2", "1 columns, not 2"),
        ("a.csv", "rock,half", ":1", "'half' is no share of 'rock'"),
        ("a.csv", "# nothing", "", "nothing in it"),
        ("a.csv", "rock,0.9\njazz,0.9", "", "sum to 1.8"),
        ("a.json", '{"rock": 0.5, "rock": 0.2}', "", "two shares"),
        ("a.json", '{"rock": [1]}', "", "not one JSON object"),
        ("a.json", "[1, 2]", "", "not one JSON object"),
        ("a.json", "{", "", "not JSON"),
    ],
)
def test_names_what_is_wrong_in_a_file(
    tmp_path: Path, name: str, content: str, place: str, message: str
) -> None:
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    with pytest.raises(DataError, match=message) as caught:
        parse_prior(path, GENRES)
    assert caught.value.place == f"{path}{place}"


def test_names_a_file_that_is_not_there_or_no_text(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot be read"):
        parse_prior(tmp_path / "none.csv", GENRES)
    (tmp_path / "latin.csv").write_bytes("rock,0.5 # caf\xe9".encode("latin-1"))
    with pytest.raises(DataError, match=r"latin\.csv:1: not UTF-8 text .*Latin-1"):
        parse_prior(tmp_path / "latin.csv", GENRES)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ([0.5, 0.5], EVEN),
        (EVEN, [0.5, 0.5]),
        ([0.5, 0.5, 0.0], EVEN),
        (EVEN, [0.5, 0.6, -0.1]),
        (EVEN, [0.5, 0.6, 0.1]),
        (EVEN, [np.nan, 0.5, 0.5]),
    ],
)
def test_refuses_shares_that_are_none(old: list[float], new: list[float]) -> None:
    with pytest.raises(DataError):
        correct_prior(EVEN, old, new)


def test_refuses_an_empty_collection() -> None:
    with pytest.raises(DataError):
        estimate_prior(np.zeros((0, 3)), EVEN)
