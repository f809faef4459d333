"""Requests made up from the API's own description: none may be an error of the server."""

from __future__ import annotations

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis.checks import not_a_server_error

_ENDLESS = "/api/events"
_EXAMPLES = 25


@pytest.mark.slow
def test_no_request_is_an_error_of_the_server(served):
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
    def ask(case):
        case.call_and_validate(checks=[not_a_server_error], timeout=120)

    ask()
