"""A plan as a person reads it: what would change, folder by folder, and how much."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from genrescope.cli.output import console
from genrescope.library.tagging.plan import APPEND, SKIP, PlanRow, path_to_text
from genrescope.library.tagging.planning import Plan

_BARS = 12  # genres shown in a list of counts
_BAR_WIDTH = 30
_WIDTH_ELSEWHERE = 140  # columns where it is no terminal
Group = tuple[str, str]


def diff_console() -> Console:
    """A console for diffs, wide enough where its width is not known."""
    found = console()
    return found if found.is_terminal else console(width=_WIDTH_ELSEWHERE)


def show_plan(plan: Plan, console: Console, most: int | None) -> None:
    """Print the first `most` folders of a plan (all: None), then what there is in all."""
    groups = _groups(plan)
    for group in islice(groups, most):
        _show_group(group, groups[group], console)
    if most is not None and len(groups) > most:
        console.print(
            f"... and {len(groups) - most:,} more folders: --all shows them\n", style="dim"
        )
    _show_counts(plan, console)


def bars(counts: Mapping[str, int]) -> RenderableType:
    """The largest counts as bars."""
    table = Table.grid(padding=(0, 2))
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    for name, count in ranked[:_BARS]:
        length = max(1, round(_BAR_WIDTH * count / ranked[0][1]))
        table.add_row(_plain(name, "green"), Text(f"{count:,}", justify="right"), "█" * length)
    if len(ranked) > _BARS:
        rest = sum(count for _, count in ranked[_BARS:])
        table.add_row(Text(f"{len(ranked) - _BARS} others", "dim"), f"{rest:,}")
    return table


def _groups(plan: Plan) -> dict[Group, list[PlanRow]]:
    """Rows by folder and album, in order."""
    groups: dict[Group, list[PlanRow]] = {}
    for row in plan.rows:
        folder = row.path.rpartition("/")[0]
        groups.setdefault((folder, plan.albums.get(row.path, "")), []).append(row)
    return groups


def _show_group(group: Group, rows: list[PlanRow], console: Console) -> None:
    folder, album = group
    head = _plain(f"{folder or '.'}/", "bold")
    if album:
        head.append_text(_plain(f"  {album}", "bold cyan"))
    head.append(f"  {len(rows)} {'files' if len(rows) > 1 else 'file'}", "dim")
    console.print(head, no_wrap=True, overflow="ellipsis")
    table = Table.grid(padding=(0, 2), expand=True)
    table.add_column(ratio=4, no_wrap=True, overflow="ellipsis")
    table.add_column(ratio=4, no_wrap=True, overflow="ellipsis")
    table.add_column(width=4, justify="right")
    table.add_column(ratio=5, no_wrap=True, overflow="ellipsis")
    for name, row in _lines(rows):
        table.add_row(
            Text("  ").append_text(name), _change(row), _confidence(row), _plain(row.why, "dim")
        )
    console.print(table)
    console.print()


def _lines(rows: list[PlanRow]) -> Iterator[tuple[Text, PlanRow]]:
    """(name, row); one line for all where the same becomes of all."""
    first = rows[0]
    if len(rows) > 1 and len({(row.old, row.new, row.action, row.confidence) for row in rows}) == 1:
        yield Text(f"  all {len(rows)} files", "italic"), first
        return
    for row in rows:
        yield _plain(f"  {row.path.rpartition('/')[2]}"), row


def _change(row: PlanRow) -> Text:
    old, new = ", ".join(row.old), ", ".join(row.new)
    text = _plain(old or "none", "dim" if row.action != "replace" or not old else "red strike")
    if row.action == SKIP:
        return text.append_text(_plain(f"  ? {new}" if new else "  ?", "yellow"))
    sign = " + " if row.action == APPEND else " → "
    return text.append(sign, "dim").append_text(_plain(new or "none", "bold green"))


def _confidence(row: PlanRow) -> Text:
    if row.confidence is None:
        return Text("")
    style = "green" if row.confidence >= 0.8 else "yellow" if row.confidence >= 0.5 else "red"
    return Text(f"{row.confidence:.2f}", style)


def _show_counts(plan: Plan, console: Console) -> None:
    actions = plan.actions
    written = actions.total() - actions[SKIP]
    rest = f" of {plan.files:,} files to be changed, {plan.kept:,} kept as they are, "
    counts = Text(f"{written:,}", "bold").append(rest, "not bold")
    console.print(counts.append(f"{actions[SKIP]:,} left to you", "not bold"))
    for reason, count in plan.skipped.most_common():
        console.print(f"  {count:,} {reason}", style="yellow")
    if plan.genres:
        console.print(bars(plan.genres))


def _plain(text: str, style: str = "") -> Text:
    """Text of files and tags: shown as it is, without what would steer the terminal."""
    shown = path_to_text(text) if "\udc80" <= max(text, default="") <= "\udcff" else text
    return Text("".join(char if char.isprintable() else "�" for char in shown), style)
