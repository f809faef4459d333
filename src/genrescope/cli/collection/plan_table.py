"""A plan as a person reads it: by artist and album a line a song, and how much in all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from genrescope.library.tagging.plan import APPEND, SKIP, PlanRow, path_to_text
from genrescope.library.tagging.planning import Plan
from genrescope.library.tagging.rows.own_fields import is_own, read_own

_BARS = 12  # genres shown in a list of counts
_BAR_WIDTH = 30
_LONGEST_NAME = 40  # that the column of names makes room for; longer ones push the rest on
_LONGEST_CHANGE = 28
_INDENT = 6  # of a reason below its line
Group = tuple[str, str]


def show_plan(plan: Plan, console: Console, most: int | None) -> None:
    """Print the first `most` albums of a plan (all: None), then what there is in all."""
    groups = _groups(plan)
    for group in islice(groups, most):
        _show_group(plan, group, groups[group], console)
    if most is not None and len(groups) > most:
        console.print(
            f"... and {len(groups) - most:,} more albums: --all shows them\n", style="dim"
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
    """Rows by folder and album, in the order of artists and albums; what has no tags is last."""
    groups: dict[Group, list[PlanRow]] = {}
    for row in plan.rows:
        folder = row.path.rpartition("/")[0]
        groups.setdefault((folder, plan.albums.get(row.path, "")), []).append(row)

    def order(group: Group) -> tuple[bool, str, bool, str, str]:
        artist, (folder, album) = _artist(plan, groups[group]), group
        return not artist, artist.casefold(), not album, album.casefold(), folder

    return {group: groups[group] for group in sorted(groups, key=order)}


def _artist(plan: Plan, rows: list[PlanRow]) -> str:
    """The artist of all rows; "several artists" where they differ, empty where none is known."""
    artists = {plan.artists.get(row.path, "") for row in rows}
    return artists.pop() if len(artists) == 1 else "several artists"


def _show_group(plan: Plan, group: Group, rows: list[PlanRow], console: Console) -> None:
    """A line for artist and album, or the folder, and a line a song; nothing is cut."""
    folder, album = group
    tags = " - ".join(filter(None, (_artist(plan, rows), album)))
    head = _plain(tags, "bold cyan").append_text(_plain("  " if tags else ""))
    head.append_text(_plain(f"{folder or '.'}/", "dim" if tags else "bold"))
    count = len({row.path for row in rows})
    head.append(f"  {count} {'files' if count > 1 else 'file'}", "dim not bold")
    console.print(head, soft_wrap=True)
    lines = [(name, _change(row), row) for name, row in _lines(rows)]
    names = _width((name for name, _, _ in lines), _LONGEST_NAME)
    changes = _width((change for _, change, _ in lines), _LONGEST_CHANGE)
    for name, change, row in lines:
        _pad(name, names)
        _pad(change, changes)
        why = _plain("" if is_own(row.field) else row.why, _style(row))
        _print_line(name.append_text(change), why, console)
    console.print()


def _print_line(start: Text, why: Text, console: Console) -> None:
    """Print a row; on a terminal that is too narrow the reason stands below it, indented."""
    if not console.is_terminal or start.cell_len + why.cell_len <= console.width:
        console.print(start.append_text(why), soft_wrap=True)
        return
    start.rstrip()
    console.print(start, soft_wrap=True)
    console.print(Padding(why, (0, 0, 0, _INDENT), expand=False))


def _width(texts: Iterable[Text], most: int) -> int:
    return min(most, max(text.cell_len for text in texts))


def _pad(text: Text, width: int) -> None:
    text.append(" " * (max(0, width - text.cell_len) + 2))


def _lines(rows: list[PlanRow]) -> Iterator[tuple[Text, PlanRow]]:
    """(name, row); one line a field for all where the same becomes of all."""
    files: dict[str, list[tuple[object, ...]]] = {}
    for row in rows:
        why = row.why if row.confidence is None else ""
        change = row.field, row.old, row.new, row.action, row.confidence, why
        files.setdefault(row.path, []).append(change)
    first = files[rows[0].path]
    if len(files) > 1 and all(changes == first for changes in files.values()):
        for number, row in enumerate(rows[: len(first)]):
            yield Text("" if number else f"  all {len(files)} files", "italic"), row
        return
    former = ""
    for row in rows:
        yield _plain("" if row.path == former else f"  {row.path.rpartition('/')[2]}"), row
        former = row.path


def _change(row: PlanRow) -> Text:
    if is_own(row.field):
        noted = read_own(row.new)
        name = row.field.rpartition("_")[2].lower()
        return _plain(f"noted as own {name}: {', '.join(noted.values) if noted else ''}", "dim")
    old, new = ", ".join(row.old), ", ".join(row.new)
    text = _plain(f"{row.field}: " if row.field == "mood" else "", "dim")
    text.append_text(
        _plain(old or "none", "dim" if row.action != "replace" or not old else "red strike")
    )
    if row.action == SKIP:
        return text.append_text(_plain(f"  ? {new}" if new else "  ?", "yellow"))
    sign = " + " if row.action == APPEND else " → "
    return text.append(sign, "dim").append_text(_plain(new or "none", "bold green"))


def _style(row: PlanRow) -> str:
    """The colour of a reason: that of its confidence."""
    if row.confidence is None:
        return "dim"
    return "green" if row.confidence >= 0.8 else "yellow" if row.confidence >= 0.5 else "red"


def _show_counts(plan: Plan, console: Console) -> None:
    actions = plan.actions
    rest = f" of {plan.files:,} files to be changed, {plan.kept:,} kept as they are, "
    counts = Text(f"{plan.changed:,}", "bold").append(rest, "not bold")
    console.print(counts.append(f"{actions[SKIP]:,} left to you", "not bold"))
    for reason, count in plan.skipped.most_common():
        console.print(f"  {count:,} {reason}", style="yellow")
    if plan.contradicting:
        text = f"contradict their tag, album or artist, look at these: {plan.contradicting:,}"
        console.print(text, style="yellow")
    if plan.copies:
        text = f"copies of other files, by their sound: {plan.copies:,}"
        console.print(text, style="dim")
    if plan.genres:
        console.print(bars(plan.genres))


def _plain(text: str, style: str = "") -> Text:
    """Text of files and tags: shown as it is, without what would steer the terminal."""
    shown = path_to_text(text) if "\udc80" <= max(text, default="") <= "\udcff" else text
    return Text("".join(char if char.isprintable() else "�" for char in shown), style)
