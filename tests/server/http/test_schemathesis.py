"""Requests made from the contract itself, right and wrong ones: the server never breaks and answers as it promised."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import hypothesis
import pytest
import schemathesis
from hypothesis import HealthCheck, given
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from handbell_server.http import ENDPOINTS, openapi
from handbell_server.http.endpoint import Endpoint
from tests.conftest import Effort
from tests.server.http.stage import Person, Stage, created
from tests.support.rest import Rest

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
SCHEMA = schemathesis.openapi.from_dict(openapi.document_of(ENDPOINTS))
# What other systems' senders send is described by those systems; its parsers have properties of their own (dialects/).
ASKED = [one for one in ENDPOINTS if one.speaks is None and (one.body or one.query or "{" in one.path)]


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["right", "wrong"])
@pytest.mark.parametrize("endpoint", ASKED, ids=lambda endpoint: endpoint.name)
def test_the_server_answers_as_the_contract_says(
    stage: Stage, ci: Rest, ana: Person, effort: Effort, endpoint: Endpoint, mode: GenerationMode
) -> None:
    sent = created(ci.notify(ana.name, "Here", actions=[{"id": "a", "label": "A"}]))["id"]
    token = {"producer": ci.token, "user": ana.token, "both": ana.token, "anyone": None}[endpoint.audience]
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    # Of a query a mistake may be lost before it is sent, and a batch with a wrong item is no wrong batch.
    wrong = mode is GenerationMode.NEGATIVE and endpoint.body is not None and not endpoint.raw_body
    checks = [*CHECKS, negative_data_rejection] if wrong else CHECKS
    operation = SCHEMA[endpoint.path][endpoint.method]

    @given(case=operation.as_strategy(generation_mode=mode))
    @hypothesis.settings(
        max_examples=effort.of(16, long=3_000),
        deadline=None,
        derandomize=not effort.long,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    def ask(case: Any) -> None:
        if mode is GenerationMode.POSITIVE:
            case.body = deepcopy(case.body)  # it may be the document's own example
            _aim(case, ana.name, sent)
        response = case.call(base_url=stage.url, headers=headers)
        # A body too large to be read is refused as well, whatever else is wrong with it.
        case.validate_response(response, checks=CHECKS if response.status_code == 413 else checks)

    ask()


def _aim(case: Any, name: str, sent: str) -> None:
    """Chance finds no user and no id; half of the requests are to get further than "there is no such thing"."""
    if not isinstance(case.body, dict):
        return
    for item in [case.body, *(one for one in case.body.get("notifications", ()) if isinstance(one, dict))]:
        if isinstance(item.get("to"), str):
            item["to"] = name
        elif isinstance(item.get("to"), list):
            item["to"][0] = name
    for action in case.body.get("actions") or ():
        if isinstance(action, dict) and action.get("ids"):
            action["ids"][0] = [sent, 0]
