"""What is being done, how far it is, and how to stop it."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException
from fastapi.responses import StreamingResponse

from genrescope.web.http.events import event
from genrescope.web.jobs import Job
from genrescope.web.server import Here

router = APIRouter(tags=["jobs"])


def job_of(server: Here, name: str) -> Job:
    """The job of that id; 404 where there is none."""
    job = server.jobs.find(name)
    if job is None:
        raise HTTPException(404, "no such job")
    return job


Named = Annotated[Job, Depends(job_of)]


@router.get("/jobs")
def jobs(server: Here) -> dict[str, Any]:
    """All jobs of late, newest first."""
    return {"jobs": [job.as_json() for job in server.jobs.all()]}


@router.get("/jobs/{name}")
def job(job: Named) -> dict[str, Any]:
    """One job."""
    return job.as_json()


@router.post("/jobs/{name}/cancel")
def cancel(server: Here, job: Named) -> dict[str, Any]:
    """Stop a job as soon as can be; what is done stays."""
    if job.kind == "classify":
        server.session.cancel(job)
    elif not job.over:
        server.jobs.cancel(job)
    return job.as_json()


@router.get("/events", response_class=StreamingResponse)
async def events(server: Here) -> StreamingResponse:
    """What happens, as server-sent events without end."""
    if len(server.events) >= server.settings.limits.subscribers:
        raise HTTPException(429, "too many open pages", headers={"Retry-After": "30"})
    first = [event("job", job.as_json()) for job in server.jobs.all() if not job.over]
    return StreamingResponse(server.events.subscribe(first), media_type="text/event-stream")
