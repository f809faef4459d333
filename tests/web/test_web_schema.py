"""Requests made up from the API's own description, and the responses."""

from __future__ import annotations

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis.checks import not_a_server_error

REFUSED = {400, 401, 403, 404, 405, 408, 409, 413, 422, 429}
_ENDLESS = "/api/events"
_EXAMPLES = 25


@pytest.mark.slow
def test_every_response_is_as_it_is_described(served):
    """No error of the server; what is wrong in words; the headers of safety; JSON where noted."""
    schema = schemathesis.openapi.from_url(f"{served.url}openapi.json")
    tried = 0
    for result in schema.get_all_operations():
        operation = result.ok()
        if operation.path != _ENDLESS:
            _try(operation)
            tried += 1
    assert tried > 30


def _try(operation):
    @seed(1)
    @given(case=operation.as_strategy())
    @settings(
        max_examples=_EXAMPLES,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def check(case):
        response = case.call_and_validate(checks=[not_a_server_error], timeout=120)
        assert response.headers["x-content-type-options"] == ["nosniff"]
        assert response.headers["cache-control"][0] in ("no-store", "private, max-age=3600")
        if response.status_code >= 400:
            error = response.json()
            assert set(error) == {"detail", "remedy"}
            assert error["detail"]
            assert response.status_code in REFUSED
        elif response.headers["content-type"] == ["application/json"]:
            assert isinstance(response.json(), dict | list)

    check()
