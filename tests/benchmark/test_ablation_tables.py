"""The tables of what sets contribute hold the numbers given."""

from __future__ import annotations

import re

import numpy as np

from ablation import Contributions, Gain
from ablation_tables import contribution_lines
from genrescope.evaluation.paired import Difference
from genrescope.featuresets import FEATURE_SETS
from genrescope.report.wording import percent, points, signed
from genrescope.taxonomy.vocabulary import GTZAN

SETS = tuple(FEATURE_SETS)


def made(seed: int = 0) -> Contributions:
    """Random gains of all sets, all numbers different."""
    rng = np.random.default_rng(seed)

    def difference(spread: float) -> Difference:
        base, gain, half = rng.uniform(0.4, 0.8), rng.normal(0, spread), rng.uniform(0, spread)
        return Difference(base + gain, base, gain, gain - half, gain + half, 0.3)

    def gain(to: tuple[str, ...], added: tuple[str, ...]) -> Gain:
        genres = {genre: difference(0.1) for genre in GTZAN.genres}
        return Gain(to, added, difference(0.04), difference(0.04), difference(0.02), genres)

    others = {name: tuple(other for other in SETS if other != name) for name in SETS}
    return Contributions(
        dataset="gtzan",
        protocol="stratified 5-fold",
        command="a command",
        combiner="logistic",
        ordered_by="weighted",
        members=tuple(f"{name}-lda" for name in SETS),
        songs={genre: 40 + number for number, genre in enumerate(GTZAN.genres)},
        without=tuple(gain(others[name], (name,)) for name in SETS),
        alone=tuple(gain((name,), others[name]) for name in SETS if name != "trh"),
        forward=tuple(gain(SETS[:number], (name,)) for number, name in enumerate(SETS)),
        pairs=((gain(("marsyas_timbral",), ("rp",)), gain(("rp",), ("marsyas_timbral",))),),
        versions={},
    )


def rows_of(text: str) -> list[list[str]]:
    """Cells of every line of the tables, without emphasis."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip(" *") for cell in line.strip("|").split("|")] for line in lines]


def test_all_numbers_are_there() -> None:
    found = made()
    rows = rows_of("\n".join(contribution_lines(found)))
    for gain in (*found.without, *found.forward):
        recall = gain.macro_recall
        ends = (signed(100 * end, 1) for end in (recall.low, recall.high))
        shown = f"{points(recall.value)} [{', '.join(ends)}]"
        assert any(gain.added[0] in row[0] and shown in row for row in rows)
    ((first, second),) = found.pairs
    for genre in GTZAN.genres:
        on_a, on_b = first.genres[genre], second.genres[genre]
        shown = [percent(on_a.b), percent(on_b.b), percent(on_a.a)]
        assert any(row[:4] == [genre, *shown] for row in rows)


def test_the_largest_gain_comes_first_and_what_has_no_members_alone_has_a_dash() -> None:
    found = made()
    rows = rows_of("\n".join(contribution_lines(found)))[2:15]
    gains = {gain.added[0]: gain.macro_recall.value for gain in found.without}
    assert [row[0] for row in rows] == sorted(gains, key=lambda name: -gains[name])
    alone = {row[0]: row[1] for row in rows}
    assert alone["trh"] == "–"
    assert alone["rp"] == percent(found.alone[0].macro_recall.b)


def test_markdown_holds_the_same_tables() -> None:
    found = made()
    text = "\n".join(contribution_lines(found))
    assert text.count("### ") == 4
    row = next(line for line in text.splitlines() if re.match(r"\|(\*\*| )jmir_lpc", line))
    gain = next(gain for gain in found.without if gain.added == ("jmir_lpc",))
    assert points(gain.accuracy.low) in row
    assert signed(gain.log_loss.high, 3) in row
    clear = gain.macro_recall.low > 0 or gain.macro_recall.high < 0
    assert row.startswith("|**") == clear
