"""The routes of the API, by what they are about; `docs/api.md` describes them."""

from genrescope.web.routes import jobs, models, session, song, status

ROUTERS = (status.router, session.router, song.router, jobs.router, models.router)
