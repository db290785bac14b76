"""For operators and for people who write clients: health, numbers, the contract."""

from __future__ import annotations

import hmac

from msgspec import Struct
from sqlalchemy import text
from sqlalchemy.engine import Connection

from handbell_server import __version__
from handbell_server.errors import Problem, Unauthenticated
from handbell_server.http.contract_script import POLICY
from handbell_server.http.endpoint import Answer, Call, endpoint


class Health(Struct, frozen=True, gc=False):
    status: str
    version: str


class Readiness(Struct, frozen=True, gc=False):
    """`degraded` still serves: hints between processes are missing and the sweep stands in for them."""

    ready: bool
    database: str
    hints: str


@endpoint("GET", "/healthz", "anyone", answers={200: Health})
def healthz(_call: Call) -> Answer:
    """Whether this process answers. It asks nobody else."""
    return Answer(200, Health("ok", __version__))


@endpoint("GET", "/readyz", "anyone", answers={200: Readiness, 503: Readiness})
def readyz(call: Call) -> Answer:
    """Whether this process should get traffic."""
    services = call.services
    try:
        services.read(_ask)
        database = "ok"
    except Problem:
        database = "away"
    hints = "none" if services.hints is None else "ok" if services.hints.healthy else "degraded"
    ready = database == "ok" and not services.leaving
    return Answer(200 if ready else 503, Readiness(ready, database, hints))


@endpoint("GET", "/metrics", "anyone", answers={200: bytes}, problems=(401,))
def metrics(call: Call) -> Answer:
    """Numbers for Prometheus."""
    wanted = call.services.config.metrics_token
    given = (call.header("Authorization") or "").removeprefix("Bearer ")
    if wanted and not hmac.compare_digest(given.encode(), wanted.encode()):
        raise Unauthenticated("Send the metrics token.")
    return Answer(200, call.services.metrics.text(), content_type="text/plain; version=0.0.4; charset=utf-8")


@endpoint("GET", "/openapi.json", "anyone", answers={200: bytes})
def openapi(call: Call) -> Answer:
    """This contract, as OpenAPI 3.1."""
    return Answer(200, call.services.contract.document)


@endpoint("GET", "/docs", "anyone", answers={200: bytes})
def docs(call: Call) -> Answer:
    """This contract, to read."""
    return Answer(
        200,
        call.services.contract.page,
        {"Content-Security-Policy": POLICY},
        content_type="text/html; charset=utf-8",
    )


def _ask(connection: Connection) -> None:
    connection.execute(text("SELECT 1"))
