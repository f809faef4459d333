"""The routes of the API, by what they are about; `docs/api.md` describes them."""

from genrescope.web.routes import (
    jobs,
    labels,
    library,
    models,
    plan,
    results,
    session,
    song,
    status,
)

ROUTERS = tuple(
    module.router
    for module in (status, session, song, library, labels, plan, jobs, results, models)
)
