from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genrescope.audio.excerpt import Excerpt, Span, clock
from genrescope.errors import UsageError


def test_middle_is_centred() -> None:
    assert Excerpt.middle(30).spans(240 * 100, 100) == [Span(105 * 100, 30 * 100)]


def test_short_file_is_taken_whole() -> None:
    for excerpt in (Excerpt.middle(30), Excerpt.windows(3, 30), Excerpt.whole()):
        assert excerpt.spans(1234, 100) == [Span(0, 1234)]


def test_windows_stand_in_the_middle_of_equal_parts() -> None:
    assert Excerpt.windows(3, 10).spans(90, 1) == [Span(10, 10), Span(40, 10), Span(70, 10)]


def test_what_is_no_longer_than_all_windows_is_read_whole() -> None:
    for frames in (5, 25, 30):
        assert Excerpt.windows(3, 10).spans(frames, 1) == [Span(0, frames)]
    assert Excerpt.windows(3, 10).spans(33, 1) == [Span(0, 10), Span(11, 10), Span(22, 10)]


@given(
    frames=st.integers(0, 10**9),
    rate=st.integers(1, 192_000),
    seconds=st.floats(0.01, 600),
    count=st.integers(1, 20),
)
def test_windows_lie_inside_in_order_without_overlap(
    frames: int, rate: int, seconds: float, count: int
) -> None:
    spans = Excerpt.windows(count, seconds).spans(frames, rate)
    assert 1 <= len(spans) <= count
    ends = [0, *(start + (length or 0) for start, length in spans)]
    assert all(start >= end for (start, _), end in zip(spans, ends, strict=False))
    assert ends[-1] <= frames
    margins = spans[0].start, frames - ends[-1]
    assert abs(margins[0] - margins[1]) <= 1  # symmetric


@pytest.mark.parametrize(("seconds", "count"), [(0, 1), (-1, 1), (float("nan"), 1), (1, 0)])
def test_impossible_excerpts_are_refused(seconds: float, count: int) -> None:
    with pytest.raises(UsageError):
        Excerpt(seconds, count)


def test_names_itself() -> None:
    assert str(Excerpt.middle(30)) == "middle 30 s"
    assert str(Excerpt.windows(3, 7.5)) == "3 windows of 7.5 s"
    assert str(Excerpt.whole()) == "whole file"


@pytest.mark.parametrize(
    ("seconds", "count"),
    [(1e300, 1), (1e-9, 1), (float("nan"), 1), (float("inf"), 1), (1.0, 10**9), (-1.0, 1)],
)
def test_absurd_excerpts_are_refused(seconds: float, count: int) -> None:
    with pytest.raises(UsageError, match="an excerpt of"):
        Excerpt.windows(count, seconds)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0:00"),
        (59.4, "0:59"),
        (59.6, "1:00"),
        (125, "2:05"),
        (3599.5, "1:00:00"),
        (7385, "2:03:05"),
    ],
)
def test_positions_are_shown_as_players_do(seconds, text):
    assert clock(seconds) == text
