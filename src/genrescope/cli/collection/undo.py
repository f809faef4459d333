"""`genrescope undo`: former tags back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from genrescope.cli.options import SOME_FAILED, BreakLinks, IndexFile
from genrescope.cli.output import write_line


def undo(
    what: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[RUN] [PATHS]...",
            help="The run to take back, by default the last one; and the files or folders that it "
            "is to be taken back in, by default all.",
        ),
    ] = None,
    list_: Annotated[
        bool, typer.Option("--list", help="List the runs that there were, and leave.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only report what would become of each file.")
    ] = False,
    break_links: BreakLinks = False,
    index: IndexFile = None,
) -> None:
    """Give files the tags back that they had before `genrescope tag --apply`.

    A file that is as that run left it becomes byte for byte what it was. Where other tags were
    changed since, these changes stay. Where the tag itself was changed since, it is left alone, and
    a line reports it. Files that were moved are looked for in the library and in the folders named.

    Exit code: 0 all done, 2 wrong use, 3 some files were refused and the others are done.
    """
    from genrescope.cli.collection.outcomes import show_outcome, show_refusal
    from genrescope.cli.progress import progress_display
    from genrescope.errors import UsageError
    from genrescope.library.index.scan import refresh_existing
    from genrescope.library.tagging.journal import read_run, run_names
    from genrescope.library.tagging.outcome import REFUSED, RESTORED, UNCHANGED, counting
    from genrescope.library.tagging.undo import undo as take_back

    if list_:
        _list_runs()
        return
    names = list(what or ())
    run = names.pop(0) if names and names[0] in run_names() else None
    with progress_display("Undoing") as show:
        undone = take_back(
            run,
            [_existing(name) for name in names],
            dry_run=dry_run,
            break_links=break_links,
            report=counting(show, show_outcome if dry_run else show_refusal),
        )
    if names and not undone.outcomes:
        place = ", ".join(names)
        remedy = "name a run, or a file or folder of it: see --list"
        raise UsageError(f"nothing that run {undone.run} wrote", place=place, remedy=remedy)
    if not dry_run:
        refresh_existing(Path(read_run(undone.run).root), index)
    refused = undone.count(REFUSED)
    would = "would be " if dry_run else ""
    write_line(
        f"run {undone.run}: {undone.count(RESTORED)} {would}restored, "
        f"{undone.count(UNCHANGED)} as before already, {refused} refused"
    )
    if refused:
        raise typer.Exit(SOME_FAILED)


def _existing(name: str) -> Path:
    """The file or folder named.

    Raises:
        UsageError: there is none, nor a run of that name.
    """
    from genrescope.errors import UsageError

    path = Path(name)
    if not path.exists() and not path.parent.exists():
        raise UsageError(f"'{name}' is no run, file or folder", remedy="see --list")
    return path


def _list_runs() -> None:
    from genrescope.library.tagging.journal import read_run, run_names

    for name in run_names():
        run = read_run(name)
        taken = f", {len(run.undone)} taken back" if run.undone else ""
        stopped = "" if run.closed else ", was stopped"
        write_line(f"{name}  {len(run.changes)} files{taken}{stopped}  {run.root}")
