"""Problem documents (RFC 9457): one shape for everything that goes wrong, with a stable code and the field's name."""

from __future__ import annotations

from http import HTTPStatus
from math import ceil

import msgspec

from handbell_server.errors import Problem

MEDIA_TYPE = "application/problem+json"


class ProblemDocument(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a client gets instead of an answer. `code` is stable; `detail` is for people."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    field: str | None = None
    request_id: str | None = None


def document(problem: Problem, request_id: str | None) -> ProblemDocument:
    return ProblemDocument(
        type=f"urn:handbell:problem:{problem.code}",
        title=HTTPStatus(problem.status).phrase,
        status=problem.status,
        code=str(problem.code),
        detail=problem.detail,
        field=problem.field,
        request_id=request_id,
    )


def headers(problem: Problem) -> dict[str, str]:
    more = dict(problem.headers)
    if problem.retry_after is not None:
        more["Retry-After"] = str(max(1, ceil(problem.retry_after)))
    if problem.status == 401:
        more["WWW-Authenticate"] = "Bearer"
    return more
