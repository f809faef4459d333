"""The tables of what sets contribute: the numbers given, at every width, and on the page."""

from __future__ import annotations

import io
import re

import numpy as np
import pytest
from rich.console import Console

from genrescope.benchmark.contributions import Contributions, Gain
from genrescope.evaluation.paired import Difference
from genrescope.featuresets import FEATURE_SETS
from genrescope.report.contributions import contribution_lines, contribution_tables
from genrescope.report.page import write_report
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


def printed(found: Contributions, width: int) -> str:
    buffer = io.StringIO()
    for table in contribution_tables(found, width=width):
        Console(file=buffer, width=width).print(table)
    return buffer.getvalue()


@pytest.mark.parametrize("width", [80, 100, 120])
def test_all_numbers_are_whole_at_every_width(width: int) -> None:
    found = made()
    text = printed(found, width)
    lines = text.splitlines()
    assert max(map(len, lines)) <= width
    for gain in (*found.without, *found.forward):
        recall = gain.macro_recall
        shown = f"{points(recall.value)} [{points(recall.low)}, {points(recall.high)}]"
        assert any(gain.added[0] in line and shown in line for line in lines)
    ((first, second),) = found.pairs
    for genre in GTZAN.genres:
        on_a, on_b = first.genres[genre], second.genres[genre]
        shown = [percent(on_a.b), percent(on_b.b), percent(on_a.a), points(on_a.value)]
        assert any(line.split()[:5] == [genre, *shown] for line in lines)
    assert ("by genre" in text) == (width > 80)


def test_the_largest_gain_comes_first_and_what_has_no_members_alone_has_a_dash() -> None:
    found = made()
    lines = printed(found, 120).splitlines()
    start = next(number for number, line in enumerate(lines) if "───" in line)
    rows = [line.split() for line in lines[start + 1 : start + 14]]
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


def test_the_page_has_a_cell_for_every_set_and_genre(tmp_path, make_record) -> None:
    found = made()
    path = tmp_path / "report.html"
    options = {"title": "Title", "introduction": "One.", "published": ()}
    write_report(path, [make_record()], **options, contributions=found)
    text = path.read_text(encoding="utf-8")
    cells = re.findall(
        r'<td class="on-(?:dark|light)( framed)?" style="background:#\w{6}" data-value="([^"]+)">',
        text,
    )
    changes = {item.value: item for gain in found.without for item in gain.genres.values()}
    assert sorted(float(value) for _, value in cells) == sorted(changes)
    for framed, value in cells:
        change = changes[float(value)]
        assert bool(framed) == (change.low > 0 or change.high < 0)
    assert text.count('id="contributions"') == 1
    for gain in found.forward:
        assert f"<b>{percent(gain.macro_recall.a)}</b>" in text
    write_report(path, [make_record()], **options)
    assert "contributions" not in path.read_text(encoding="utf-8")
