"""Tags that are planned, written and taken back."""

from __future__ import annotations

import itertools
from typing import Annotated, Any, Literal

from fastapi import APIRouter, HTTPException, Query
from pydantic import BaseModel, Field

from genrescope.library.index.database import Index
from genrescope.library.index.scan import refresh
from genrescope.library.tagging.plan import SKIP
from genrescope.library.tagging.planning import PlanOptions, make_plan
from genrescope.taxonomy.vocabulary import vocabulary as find_vocabulary
from genrescope.web.jobs import Job
from genrescope.web.library_view import LibraryView
from genrescope.web.plans import KeptPlan, runs_in, take_back, write_rows
from genrescope.web.routes.session import Limit, Offset
from genrescope.web.server import Here, Server

router = APIRouter(tags=["tags"])

_numbers = itertools.count(1)
Words = Annotated[str, Query(max_length=2000)]
Value = Annotated[str, Field(min_length=1, max_length=200)]


class PlanRequest(BaseModel):
    """What to plan."""

    library: int = Field(0, ge=0, le=10_000)
    mode: Literal["only-missing", "replace", "append"] = "only-missing"
    top: int = Field(1, ge=1, le=20)
    threshold: float | None = Field(None, ge=0, le=1)
    vocabulary: str | None = Field(None, max_length=100)
    field: str = Field("genre", max_length=200)
    by_album: bool = False


class ApplyRequest(BaseModel):
    """Which rows of a plan are to be written."""

    plan: str
    rows: list[int] = []
    all: bool = False
    excepted: list[int] = Field([], alias="except")
    edits: dict[int, list[Value]] = {}


class UndoRequest(BaseModel):
    """How a run is to be taken back."""

    dry_run: bool = False


@router.post("/plan", status_code=202)
def plan(server: Here, wanted: PlanRequest) -> dict[str, Any]:
    """Make a plan; nothing is written."""
    view = server.library(wanted.library)
    known = wanted.vocabulary and find_vocabulary(wanted.vocabulary).name  # never a file
    options = PlanOptions(
        mode=wanted.mode,
        top=wanted.top,
        threshold=wanted.threshold,
        vocabulary=known or None,
        field=wanted.field,
        by_album=wanted.by_album,
    )

    def work(_: Job) -> dict[str, Any]:
        with Index(view.root) as index:
            refresh(index)
            made = make_plan(index, options)
        server.plan = KeptPlan(f"p{next(_numbers)}", view.number, view.root, options, made)
        return server.plan.as_json()

    job = server.jobs.new("plan", view.number)
    server.jobs.start(job, work)
    return job.as_json()


@router.get("/plan")
def rows(
    server: Here,
    offset: Offset = 0,
    limit: Limit = 100,
    action: Literal["replace", "append", "skip"] | None = None,
    genre: str | None = None,
    q: Words = "",
) -> dict[str, Any]:
    """Some rows of the plan that was made last."""
    kept = server.plan
    if kept is None:
        return {"plan": None, "total": 0, "offset": offset, "rows": []}
    found = kept.find(action, genre, q)
    page = [kept.row_as_json(number) for number in found[offset : offset + limit]]
    return {"plan": kept.as_json(), "total": len(found), "offset": offset, "rows": page}


@router.post("/plan/apply", status_code=202)
def apply(server: Here, chosen: ApplyRequest) -> dict[str, Any]:
    """Write the chosen rows of the plan that was made last."""
    kept = server.plan
    if kept is None or kept.id != chosen.plan:
        raise HTTPException(409, "that plan is not the last one: make it again")
    count = len(kept.plan.rows)
    if any(not 0 <= number < count for number in (*chosen.rows, *chosen.edits)):
        raise HTTPException(400, f"the plan has rows 0 to {count - 1}")
    numbers = set(chosen.rows)
    if chosen.all:
        numbers |= {n for n, row in enumerate(kept.plan.rows) if row.action != SKIP}
    edits = {number: tuple(values) for number, values in chosen.edits.items()}
    selected = kept.chosen(numbers - set(chosen.excepted), edits)
    view = server.library(kept.library)

    def work(job: Job) -> dict[str, Any]:
        with server.working(job, view) as progress:
            try:
                return write_rows(selected, view.root, progress)
            finally:
                _refresh(view)

    return _started(server, "apply", view, work)


@router.get("/runs")
def runs(server: Here) -> dict[str, Any]:
    """The runs that wrote tags into the libraries, newest first."""
    found = [(run, view.number) for view in server.libraries for run in runs_in(view.root)]
    return {
        "runs": [
            {
                "run": run.name,
                "library": number,
                "files": len(run.changes),
                "undone": len(run.undone),
                "stopped": not run.closed,
            }
            for run, number in sorted(found, key=lambda pair: pair[0].name, reverse=True)
        ]
    }


@router.post("/runs/{run}/undo", status_code=202)
def undo(server: Here, run: str, wanted: UndoRequest) -> dict[str, Any]:
    """Give files the tags back that they had before a run."""
    for view in server.libraries:
        if any(item.name == run for item in runs_in(view.root)):
            break
    else:
        raise HTTPException(404, "no such run in these libraries")

    def work(job: Job) -> dict[str, Any]:
        with server.working(job, view) as progress:
            try:
                return take_back(run, view.root, progress, dry_run=wanted.dry_run)
            finally:
                _refresh(view)

    return _started(server, "undo", view, work)


def _started(server: Server, kind: str, view: LibraryView, work: Any) -> dict[str, Any]:
    job = server.jobs.new(kind, view.number)
    server.jobs.start(job, work)
    return job.as_json()


def _refresh(view: LibraryView) -> None:
    """Record in the index what was written."""
    with Index(view.root) as index:
        refresh(index)
