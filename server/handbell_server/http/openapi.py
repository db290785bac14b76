"""The contract as a document: OpenAPI 3.1, made from the endpoints and their structs.

    Endpoint ─► operation: parameters, body, answers, problems, who may call, an example of each
    Struct   ─► schema (by msgspec), with the words of `contract_words`
    events   ─► webhooks (`contract_webhooks`)
    document ─► page (`contract_page`), so that both say the same

Made once at the start. What every request goes through (`pipeline.py`) can refuse in ways that no endpoint has to list:
those problems are added here, so that a generated client knows every answer it can get.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any, get_origin

import msgspec

from handbell_server import __version__
from handbell_server.errors import Problem
from handbell_server.http import contract_webhooks, problems
from handbell_server.http import contract_words as words
from handbell_server.http.bodies import Approval, Batch, Claim, NewNotification, Redemption
from handbell_server.http.contract_page import page_of
from handbell_server.http.contract_samples import FORMS, IN_QUERIES, in_path, sample_of
from handbell_server.http.contract_schemas import Json, members_of, ref, schemas_of
from handbell_server.http.endpoint import Dialect, Endpoint
from handbell_server.http.expectations import NewExpectation
from handbell_server.http.me import EmailCode
from handbell_server.http.problems import MEDIA_TYPE, ProblemDocument
from handbell_server.limits import InputLimits
from handbell_server.rules.kinds import TypeDefinition
from handbell_server.services import Contract
from handbell_shared.codes import Code

_TEXT = ("text/plain",)  # the one body that is no JSON, and may be left out
_SCHEMES = {"producer": "producerKey", "user": "deviceToken"}
_WHO_MAY = {
    "producer": "A producer's key (`hbp_…`), made by `handbell producer add`.",
    "user": "A device's token (`hbd_…`), from `POST /v1/sessions`; or a JWT of the configured issuer.",
    "metrics": "The operator's metrics token, where one is configured.",
}
_BATCHES = ("application/cloudevents-batch+json",)
_SHAPES = {"text/plain": "string"} | dict.fromkeys(_BATCHES, "array")  # otherwise an object
_IN_ONE_FIELD = {"slack": "payload", "github": "payload", "gitea": "payload", "uptime-kuma": "data"}
_REQUEST = "0193f0c8-77aa-7e0f-b1f0-3a4d5c6e7f80"
_TEXT_SCHEMA: Json = {"type": "string"}
_LINE = '{"id":"2ax0193","time":1764150000,"event":"message","topic":"inbox","message":"main is red"}'
# Answers that are no JSON of ours: media type, schema, and how one begins.
_BYTES_OF: dict[str, tuple[str, Json, Any]] = {
    "/v1/confirm-email/{pass}": ("text/html", _TEXT_SCHEMA, "<!doctype html>…"),
    "/v1/unsubscribe/{pass}": ("text/html", _TEXT_SCHEMA, "<!doctype html>…"),
    "/{topic}/json": ("application/x-ndjson", _TEXT_SCHEMA, _LINE + "\n"),
    "/{topic}/sse": ("text/event-stream", _TEXT_SCHEMA, f"data: {_LINE}\n\n"),
    "/{topic}/raw": ("text/plain", _TEXT_SCHEMA, "main is red\n"),
    "/metrics": ("text/plain", _TEXT_SCHEMA, "# TYPE handbell_sockets gauge\nhandbell_sockets 12.0\n"),
    "/docs": ("text/html", _TEXT_SCHEMA, "<!doctype html>…"),
    "/openapi.json": ("application/json", {"type": "object"}, {"openapi": "3.1.0"}),
}


def contract_of(endpoints: Iterable[Endpoint]) -> Contract:
    """The document to serve, and the page to read."""
    document = document_of(tuple(endpoints))
    return Contract(msgspec.json.encode(document), page_of(document).encode())


def document_of(endpoints: tuple[Endpoint, ...]) -> Json:
    paths: Json = {}
    schemas = schemas_of(endpoints) | contract_webhooks.schemas()
    for one in endpoints:
        paths.setdefault(one.path, {})[one.method.lower()] = _operation(one, schemas)
    asked = {tag for methods in paths.values() for operation in methods.values() for tag in operation["tags"]}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Handbell", "version": __version__, "description": words.INTRODUCTION},
        "servers": [{"url": "/"}],
        "tags": [{"name": name, "description": about} for name, about in words.in_order() if name in asked],
        "paths": paths,
        "webhooks": contract_webhooks.webhooks_of(),
        "components": {
            "schemas": schemas,
            "headers": _headers(),
            "responses": {f"Problem{status}": _problem(status, codes) for status, codes in words.CODES.items()},
            "securitySchemes": {
                "producerKey": {"type": "http", "scheme": "bearer", "description": _WHO_MAY["producer"]},
                "deviceToken": {"type": "http", "scheme": "bearer", "description": _WHO_MAY["user"]},
                "metricsToken": {"type": "http", "scheme": "bearer", "description": _WHO_MAY["metrics"]},
            },
        },
    }


# ---- one operation


def _operation(one: Endpoint, schemas: Json) -> Json:
    operation: Json = {
        "operationId": one.name,
        "tags": [words.group_of(one.name.partition(".")[0], dialect=one.speaks is not None)[0]],
        "summary": one.summary,
        "security": _security(one),
        "responses": _answers(one, schemas),
    }
    if one.speaks is not None:
        operation |= words.of_dialect(one.speaks.name, one.also)
    parameters = [*_path_parameters(one), *_query_parameters(one, schemas), *_header_parameters(one)]
    if parameters:
        operation["parameters"] = parameters
    if one.speaks is not None and one.body is not None:
        operation["requestBody"] = {"required": False, "content": _foreign_content(one)}
    elif one.body is not None:
        operation["requestBody"] = {"required": one.media != _TEXT, "content": _content(one)}
    return operation


def _security(one: Endpoint) -> list[Json]:
    if one.audience == "both":
        return [{scheme: []} for scheme in _SCHEMES.values()]
    if one.audience in _SCHEMES:
        return [{_SCHEMES[one.audience]: []}]
    return [{}, {"metricsToken": []}] if one.path == "/metrics" else []


def _path_parameters(one: Endpoint) -> list[Json]:
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "description": words.PATH_PARAMETERS.get(one.path, ""),
            "schema": {"type": "string", "minLength": 1, "maxLength": 64},
            "example": in_path(one.path, name),
        }
        for name in re.findall(r"\{(\w+)\}", one.path)
    ]


def _query_parameters(one: Endpoint, schemas: Json) -> list[Json]:
    if one.query is None:
        return []
    described = schemas[one.query.__name__]
    return [
        {
            "name": name,
            "in": "query",
            "required": name in described.get("required", ()),
            "description": schema.get("description", ""),
            "schema": _without_null({key: value for key, value in schema.items() if key != "description"}),
        }
        | ({"example": IN_QUERIES[name]} if name in described.get("required", ()) else {})
        for name, schema in described["properties"].items()
    ]


def _without_null(schema: Json) -> Json:
    """A query cannot say null; leaving the parameter out is how that is said."""
    if "anyOf" not in schema:
        return schema
    left = [choice for choice in schema["anyOf"] if choice.get("type") != "null"]
    return left[0] if len(left) == 1 else {"anyOf": left}


def _header_parameters(one: Endpoint) -> list[Json]:
    if not _retryable(one):
        return [
            {
                "name": name,
                "in": "header",
                "required": True,
                "description": words.HEADERS[name],
                "schema": {"type": "string"},
                "example": example,
            }
            for name, example in one.headers.items()
        ]
    longest = InputLimits().idempotency_key_chars
    schema = {"type": "string", "minLength": 1, "maxLength": longest, "pattern": "^[!-~]([ -~]*[!-~])?$"}
    about = "Makes a retry harmless for 72 hours: the same key with the same body finds the first answer."
    if one.path.endswith("/batch"):
        about += " Items that were refused with 429 or 503 are tried anew."
    return [{"name": "Idempotency-Key", "in": "header", "required": False, "description": about, "schema": schema}]


def _retryable(one: Endpoint) -> bool:
    return one.name.startswith("produce.") and one.method == "POST"


def _content(one: Endpoint) -> Json:
    if one.media == _TEXT:
        schema = {"type": "string", "description": words.TEXTS[one.path]}
        return {media: {"schema": schema, "example": one.example} for media in one.media}
    if one.body is bytes and not one.large:
        form = {"type": "object", "properties": {"List-Unsubscribe": {"const": "One-Click"}}}
        return {
            media: {"schema": form | {"required": ["List-Unsubscribe"]}, "example": one.example} for media in one.media
        }
    body: Json = {"schema": {"$ref": ref(Batch if one.raw_body else one.body)}}
    content = {media: dict(body) for media in one.media}
    if one.example is not None:
        content[one.media[0]]["example"] = one.example
    if "application/x-ndjson" in content:
        content["application/x-ndjson"] = {
            "schema": {"type": "string", "description": "One notification a line."},
            "example": "\n".join(msgspec.json.encode(item).decode() for item in one.example["notifications"]),
        }
    return content


def _foreign_content(one: Endpoint) -> Json:
    """What another system's senders send is that system's to describe; here stands an example."""
    content: Json = {media: {"schema": {"type": _SHAPES.get(media, "object")}} for media in one.media}
    for media, described in content.items():
        if media == one.media[0]:
            described["example"] = one.example
        elif media in FORMS:
            described["example"] = _as_form(one)
        elif media in _BATCHES:
            described["example"] = [one.example]
    return content


def _as_form(one: Endpoint) -> Any:
    """The same in a form: its fields, or the whole of it in the one field in which its senders put it."""
    field = None if one.speaks is None else _IN_ONE_FIELD.get(one.speaks.name)
    return one.example if field is None else {field: msgspec.json.encode(one.example).decode()}


# ---- answers and problems


def _answers(one: Endpoint, schemas: Json) -> Json:
    answers = {str(status): _answer(one, status, kind, schemas) for status, kind in one.answers.items()}
    if one.speaks is not None and one.speaks.error is not None:
        return dict(sorted((_foreign_problems(one, one.speaks) | answers).items()))
    for status in sorted(_problems_of(one) - set(one.answers)):
        special = _special_codes(one, status)
        shared = {"$ref": f"#/components/responses/Problem{status}"}
        answers[str(status)] = _problem(status, (*words.CODES[status], *special)) if special else shared
    return dict(sorted(answers.items()))


def _foreign_problems(one: Endpoint, dialect: Dialect) -> Json:
    """Problems as the dialect says them."""
    described: Json = {}
    for ours in sorted(_problems_of(one)):
        status = dialect.status(ours)
        refused = None if dialect.refuse is None else dialect.refuse(_example_of(ours), status)
        if dialect.error is str:
            content: Json = {"text/plain": {"schema": _TEXT_SCHEMA}}
        else:
            content = _json_of(dialect.error)
        content[next(iter(content))]["example"] = msgspec.to_builtins(refused)
        about = {"description": words.PROBLEMS[ours], "headers": _headers_of("X-Request-Id"), "content": content}
        described.setdefault(str(status), about)
    return described


def _example_of(status: int, code: Code | None = None) -> Problem:
    field = "titel" if status == 422 else None
    return Problem(words.PROBLEMS[status], status=status, code=code or words.CODES[status][0], field=field)


def _json_of(kind: Any) -> Json:
    refs: list[Json] = [{"$ref": ref(member)} for member in members_of(kind)]
    schema = refs[0] if len(refs) == 1 else {"anyOf": refs}
    return {"application/json": {"schema": {"type": "array", "items": schema} if get_origin(kind) is list else schema}}


def _answer(one: Endpoint, status: int, kind: Any, schemas: Json) -> Json:
    answer: Json = {"description": HTTPStatus(status).phrase, "headers": _headers_of("X-Request-Id")}
    if _retryable(one):
        answer["headers"] |= _headers_of("RateLimit", "RateLimit-Policy", "Idempotency-Replayed")
    if kind is bytes:
        media, schema, example = _BYTES_OF.get(one.path, ("text/plain", _TEXT_SCHEMA, "ok"))
        answer["content"] = {media: {"schema": schema, "example": example}}
    elif kind is not None:
        content = answer["content"] = _json_of(kind)
        content["application/json"] |= _examples_of(kind, schemas, ready=status == 200)
    return answer


def _examples_of(kind: Any, schemas: Json, *, ready: bool) -> Json:
    """An example, or one for each kind of answer by its name."""
    known = {"components": {"schemas": schemas}}
    samples = {member.__name__: sample_of(known, {"$ref": ref(member)}) for member in members_of(kind)}
    if "Readiness" in samples and not ready:
        samples["Readiness"] |= {"ready": False, "database": "away"}
    if len(samples) == 1:
        sample = next(iter(samples.values()))
        return {"example": [sample] if get_origin(kind) is list else sample}
    return {"examples": {name: {"value": value} for name, value in samples.items()}}


def _problems_of(one: Endpoint) -> set[int]:
    """What the endpoint says, and what everything before it can say."""
    found = {*one.problems, 422, 500}
    if one.body is not None:
        found |= {400, 413, 415}
    if one.query is not None:
        found |= {400}
    if "{" in one.path:
        found |= {404}
    if one.audience != "anyone":
        found |= {401, 403, 429, 503}
    if one.method != "GET":
        found |= {503, 507}
    return found


def _special_codes(one: Endpoint, status: int) -> tuple[Code, ...]:
    if status == 401 and one.path == "/v1/sessions":
        return (Code.WRONG_PASSWORD,)
    if status == 404 and one.body in (Claim, Approval, Redemption, EmailCode):
        return (Code.CODE_EXPIRED,)
    if status == 404 and one.body in (NewNotification, NewExpectation):
        return (Code.UNKNOWN_USER,)
    if status == 422 and one.body is NewNotification:
        return (Code.LINK_REFUSED, Code.IDEMPOTENCY_MISMATCH)
    if status == 422 and one.body in (TypeDefinition, NewExpectation):
        return (Code.LINK_REFUSED,)
    return (Code.IDEMPOTENCY_MISMATCH,) if status == 422 and _retryable(one) else ()


def _problem(status: int, codes: tuple[Code, ...]) -> Json:
    names = ["X-Request-Id"]
    if status in (429, 503, 507):
        names.append("Retry-After")
    if status == 401:
        names.append("WWW-Authenticate")
    narrowed = {"properties": {"code": {"enum": [str(code) for code in codes]}, "status": {"const": status}}}
    schema = {"allOf": [{"$ref": ref(ProblemDocument)}, narrowed]}
    example = problems.document(_example_of(status, codes[-1]), _REQUEST)
    return {
        "description": words.PROBLEMS[status],
        "headers": _headers_of(*names),
        "content": {MEDIA_TYPE: {"schema": schema, "example": msgspec.to_builtins(example)}},
    }


def _headers_of(*names: str) -> Json:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def _headers() -> Json:
    texts = {
        "X-Request-Id": "The number of this request in the server's log.",
        "RateLimit": "What is left of the quota, and when it is full again (draft-ietf-httpapi-ratelimit-headers).",
        "RateLimit-Policy": "The quota itself.",
        "WWW-Authenticate": "Always `Bearer`.",
    }
    headers = {name: {"description": text, "schema": {"type": "string"}} for name, text in texts.items()}
    headers["Idempotency-Replayed"] = {
        "description": (
            "Sent when this request told nobody anything, because an earlier one with the same key had: the answer is that one's. "
            "A retry of a batch that tells an item which was refused before is not marked."
        ),
        "schema": {"const": "true"},
    }
    headers["Retry-After"] = {
        "description": "Seconds to wait before the next attempt.",
        "schema": {"type": "integer", "minimum": 1},
    }
    return headers
