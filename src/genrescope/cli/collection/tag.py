"""`genrescope tag`: what genres to write into which files, and writing them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from genrescope.cli.options import (
    SOME_FAILED,
    BreakLinks,
    IndexFile,
    ModelOfResults,
    names_of,
    output_option,
    share_option,
)
from genrescope.cli.output import write_line

if TYPE_CHECKING:
    from genrescope.library.index.locate import Place
    from genrescope.library.tagging.outcome import Outcomes
    from genrescope.library.tagging.plan import PlanRow

_MOST_ALBUMS = 30


def tag(
    path: Annotated[
        Path,
        typer.Argument(metavar="PATH", help="A library's folder, or a folder or file below it."),
    ] = Path(),
    only_missing: Annotated[
        bool, typer.Option("--only-missing", help="Fill empty fields; this is the default.")
    ] = False,
    replace: Annotated[
        bool, typer.Option("--replace", help="Replace genres that are there.")
    ] = False,
    append: Annotated[
        bool, typer.Option("--append", help="Add to the genres that are there.")
    ] = False,
    top: Annotated[int, typer.Option(min=1, help="Most genres for a file.")] = 1,
    threshold: Annotated[
        float | None,
        share_option("Confidence from which a genre is written; by default the model's."),
    ] = None,
    map_: Annotated[
        str | None,
        typer.Option(
            "--vocabulary",
            "--map",
            metavar="NAME|FILE",
            help="Write genres of a vocabulary (GTZAN, topMAGD), or those of a mapping file (CSV "
            "or JSON: the model's genre, yours).",
        ),
    ] = None,
    field: Annotated[
        str, typer.Option(help="The field for genres: genre, comment or custom:NAME.")
    ] = "genre",
    write: Annotated[
        str,
        typer.Option(
            metavar="PARTS",
            help="What is written, separated by commas: genre; style, behind the genre in the same "
            "field; mood; own, fields of genrescope's own, by which a later run recognises what it "
            "wrote.",
        ),
    ] = "genre",
    join: Annotated[
        str,
        typer.Option(
            metavar="SIGN",
            help="Make one value of several, with this sign between them; for players that show "
            "the first one only.",
            show_default=False,
        ),
    ] = "",
    album: Annotated[
        bool, typer.Option("--album", help="One prediction an album: same folder, same album tag.")
    ] = False,
    placeholder: Annotated[
        list[str] | None,
        typer.Option(
            help="A genre that counts as missing, beside Other, Unknown and the like; may be "
            "repeated.",
            show_default=False,
        ),
    ] = None,
    model: ModelOfResults = None,
    index: IndexFile = None,
    all_: Annotated[bool, typer.Option("--all", help="Show all albums, not only 30.")] = False,
    output: Annotated[
        Path | None, output_option("Write the plan to this file (CSV).", "--output", "-o")
    ] = None,
    plan: Annotated[
        Path | None, typer.Option(help="Take this plan, perhaps edited, and make none.")
    ] = None,
    apply: Annotated[bool, typer.Option("--apply", help="Write what is planned.")] = False,
    keep_times: Annotated[
        bool, typer.Option("--keep-times", help="Leave files their time of last change.")
    ] = False,
    break_links: BreakLinks = False,
    verify: Annotated[
        str,
        typer.Option(
            metavar="places|full",
            help="How much of the sound of long files is decoded and compared before they are "
            "written: beginning, places between and end, or all.",
        ),
    ] = "places",
) -> None:
    """Show what genres would be written into which files; with --apply, write them.

    The genres come from the index: `genrescope library scan DIR --classify` first. Without --apply
    no music file is touched. The plan can be written to a file, edited, and applied:
    `genrescope tag PATH --output plan.csv`, then `genrescope tag PATH --plan plan.csv --apply`.
    `genrescope undo` takes a run back.

    Exit code: 0 all done, 2 wrong use, 3 some files were refused and the others are done, 130
    interrupted.
    """
    from genrescope.cli.collection.plan_table import show_plan
    from genrescope.cli.output import console
    from genrescope.files.atomic import write_errors
    from genrescope.library.index.database import Index
    from genrescope.library.index.locate import find_place
    from genrescope.library.index.scan import refresh, refresh_existing
    from genrescope.library.tagging.outcome import REFUSED
    from genrescope.library.tagging.plan import read_plan, write_plan
    from genrescope.library.tagging.planning import Plan, PlanOptions, make_plan

    full = _is_full(verify)
    mode = _mode(only_missing=only_missing, replace=replace, append=append)
    place = find_place(path, index)
    if plan is not None:
        rows = _of_place(read_plan(_there(plan)), place)
        made = Plan(rows, files=len({row.path for row in rows}))
    else:
        options = PlanOptions(
            *(mode, top, threshold, map_, field, album, model, tuple(placeholder or ())),
            write=tuple(names_of(write) or ()),
            join=join,
        )
        with Index(place.root, index) as opened:
            refresh(opened)
            made = make_plan(opened, options, place.within)
    if not apply or all_:
        show_plan(made, console(), None if all_ else _MOST_ALBUMS)
    if output is not None:
        with write_errors(output, "make room there, or name another file"):
            write_plan(output, made.rows)
        write_line(f"the plan is in {output}: genrescope tag {path} --plan {output} --apply")
    if apply:
        applied = carry_out(
            made.rows, place.root, keep_times=keep_times, break_links=break_links, full=full
        )
        refresh_existing(place.root, index)
        _classify_replaced(applied, place.root, index, model)
        if applied.count(REFUSED):
            raise typer.Exit(SOME_FAILED)


def carry_out(
    rows: Iterable[PlanRow],
    root: Path,
    *,
    keep_times: bool = False,
    break_links: bool = False,
    full: bool = False,
) -> Outcomes:
    """Write a plan's tags; report and return what became of them."""
    from genrescope.cli.collection.outcomes import show_refusal
    from genrescope.cli.progress import progress_display
    from genrescope.library.tagging.apply import apply_plan
    from genrescope.library.tagging.outcome import REFUSED, UNCHANGED, WRITTEN, counting

    with progress_display("Writing") as show:
        applied = apply_plan(
            rows,
            root,
            keep_times=keep_times,
            break_links=break_links,
            full=full,
            report=counting(show, show_refusal),
        )
    counts = {status: applied.count(status) for status in (WRITTEN, UNCHANGED, REFUSED)}
    written = ", ".join(f"{count} {status}" for status, count in counts.items() if count)
    undo = f"; genrescope undo {applied.run} takes it back" if applied.count(WRITTEN) else ""
    write_line(f"{written or 'nothing to write'}{undo}")
    return applied


def _classify_replaced(
    applied: Outcomes, folder: Path, index: Path | None, model: str | None
) -> None:
    """Classify the songs that are no longer those that the plan is of."""
    from genrescope.library.index.database import Index, default_index
    from genrescope.library.index.models import has_results
    from genrescope.library.index.results import classify_library
    from genrescope.library.tagging.apply import OTHER_SOUND

    replaced = [outcome.path for outcome in applied.outcomes if outcome.why == OTHER_SOUND]
    if not replaced or not (index or default_index(folder)).exists():
        return
    with Index(folder, index) as opened:
        if has_results(opened):
            again = classify_library(opened, model, paths=replaced)
            write_line(f"{again.done} replaced songs classified again: plan again", err=True)


def _is_full(verify: str) -> bool:
    from genrescope.errors import UsageError

    if verify not in ("places", "full"):
        raise UsageError(f"no way to verify is '{verify}'", remedy="give places or full")
    return verify == "full"


def _mode(*, only_missing: bool, replace: bool, append: bool) -> str:
    from genrescope.errors import UsageError
    from genrescope.library.tagging.planning import ONLY_MISSING

    modes = {ONLY_MISSING: only_missing, "replace": replace, "append": append}
    chosen = [mode for mode, wanted in modes.items() if wanted]
    if len(chosen) > 1:
        raise UsageError(f"--{chosen[0]} and --{chosen[1]} exclude each other", remedy="give one")
    return chosen[0] if chosen else ONLY_MISSING


def _there(plan: Path) -> Path:
    from genrescope.errors import UsageError

    if not plan.is_file():
        raise UsageError("no such plan", place=plan, remedy="write one with --output")
    return plan


def _of_place(rows: list[PlanRow], place: Place) -> list[PlanRow]:
    """The rows of a plan for what is there; refused where it is a plan for another folder."""
    from genrescope.errors import UsageError

    if rows and not any((place.root / row.path).exists() for row in rows):
        raise UsageError(
            "none of the plan's songs is here",
            place=place.root.absolute(),
            remedy="name the library's folder: genrescope tag DIR --plan PLAN",
        )
    return [row for row in rows if place.has(row.path)]
