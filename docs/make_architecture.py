"""Draw the rooms of the package and what they import: `make_architecture.py FILE.svg`.

A line that follows from others (cli imports library, library imports errors) is left out.
"""

from __future__ import annotations

import ast
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src/genrescope"
_WIDTH, _HEIGHT, _GAP, _ROW = 150, 44, 26, 84
_PAGE = 860


def layers() -> list[list[str]]:
    """Rooms by layer, the uppermost first, as the contract in pyproject.toml has them."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    contract = settings["tool"]["importlinter"]["contracts"][0]["layers"]
    return [[name.strip(" ()").rpartition(".")[2] for name in row.split("|")] for row in contract]


def imports() -> Counter[tuple[str, str]]:
    """How many files of one room import another: (importer, imported) to a count."""
    found: Counter[tuple[str, str]] = Counter()
    for path in SOURCE.rglob("*.py"):
        room = _room(path)
        found.update({(room, other) for other in _imported(path) if other != room})
    return found


def direct(edges: Counter[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """The edges that no longer way implies: the transitive reduction of the graph."""
    below: dict[str, set[str]] = {}

    def reach(room: str) -> set[str]:
        if room not in below:
            nearest = {two for one, two in edges if one == room}
            below[room] = nearest.union(*map(reach, nearest)) if nearest else set()
        return below[room]

    return {
        (one, two): count
        for (one, two), count in edges.items()
        if not any(two in reach(via) for (start, via) in edges if start == one and via != two)
    }


def sizes() -> dict[str, tuple[int, int]]:
    """(files, lines) of Python in each room."""
    found: dict[str, tuple[int, int]] = {}
    for path in SOURCE.rglob("*.py"):
        files, lines = found.get(_room(path), (0, 0))
        found[_room(path)] = files + 1, lines + len(path.read_text("utf-8").splitlines())
    return found


def _room(path: Path) -> str:
    return path.relative_to(SOURCE).parts[0].removesuffix(".py")


def _imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("genrescope."):
            yield str(node.module).split(".")[1]


def picture() -> str:
    """The drawing as SVG: one row a layer, lines from a room to those that it imports."""
    rows, counted = layers(), sizes()
    places = {
        room: (
            (_PAGE - len(row) * (_WIDTH + _GAP) + _GAP) // 2 + n * (_WIDTH + _GAP),
            16 + y * _ROW,
        )
        for y, row in enumerate(rows)
        for n, room in enumerate(row)
    }
    lines = [
        _line(places[one], places[two], count)
        for (one, two), count in sorted(direct(imports()).items())
        if one in places and two in places
    ]
    boxes = [_box(room, place, counted[room]) for room, place in places.items()]
    height = 16 + len(rows) * _ROW
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_PAGE} {height}" '
    return "\n".join(
        [
            head + 'font-family="sans-serif" text-anchor="middle">',
            f'<rect width="{_PAGE}" height="{height}" fill="#ffffff"/>',
            *lines,
            *boxes,
            "</svg>\n",
        ]
    )


def _left(row: list[str]) -> int:
    return (_PAGE - len(row) * (_WIDTH + _GAP) + _GAP) // 2


def _line(start: tuple[int, int], end: tuple[int, int], count: int) -> str:
    """From the foot of one box to the head of another, the thicker the more files import."""
    (x1, y1), (x2, y2) = start, end
    points = f'x1="{x1 + _WIDTH // 2}" y1="{y1 + _HEIGHT}" x2="{x2 + _WIDTH // 2}" y2="{y2}"'
    return f'<line {points} stroke="#9db4c8" stroke-width="{min(4, 0.6 + count / 8):.1f}"/>'


def _box(room: str, place: tuple[int, int], size: tuple[int, int]) -> str:
    x, y = place
    middle = x + _WIDTH // 2
    return (
        f'<rect x="{x}" y="{y}" width="{_WIDTH}" height="{_HEIGHT}" rx="6" fill="#eef4f9" '
        f'stroke="#2c5a7d"/><text x="{middle}" y="{y + 19}" font-size="15">{room}</text>'
        f'<text x="{middle}" y="{y + 35}" font-size="11" fill="#567">'
        f"{size[0]} files, {size[1]:,} lines</text>"
    )


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(picture(), encoding="utf-8")
