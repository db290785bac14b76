"""What a producer can do, each verb once, as a course of requests that `client.py` and `aio.py` carry out alike.

Every verb may be carried out again without harm: sending has an Idempotency-Key made for the call, a promise, a sign of
life and a removal are what they were the first time.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from time import monotonic
from typing import Any, Final
from urllib.parse import quote, urlencode

from handbell.errors import HandbellError, Interrupted, Unreachable
from handbell.messages import Notification, To, body_of, encoded, sayable
from handbell.results import Answer, BatchResult, Expectation, Failed, KnownType, Receipt, Told, Trace, mapping, record
from handbell.retrying import ATTEMPT_SECONDS, Course, Reply, Request, insist, refused_by

BATCH_ITEMS: Final = 1_000
_BATCH_BYTES: Final = 1_000_000  # the server takes 1 MiB
_BATCH_PEOPLE: Final = 10_000  # of all items together
_LONGEST_POLL: Final = 50.0  # the server waits 60 s at most, proxies often no longer
_BATCH_ATTEMPT: Final = 30.0
_REPORT_CHARS: Final = 16_000  # people are shown the last 4,096


def request(
    method: str,
    path: str,
    *,
    json: object = None,
    text: str | None = None,
    idempotency_key: str | None = None,
    repeatable: bool = True,
) -> Request:
    headers = {} if idempotency_key is None else {"Idempotency-Key": idempotency_key}
    if json is not None:
        return Request(method, path, encoded(json), headers | {"Content-Type": "application/json"}, repeatable)
    if text is not None:
        plain = {"Content-Type": "text/plain; charset=utf-8"}
        return Request(method, path, text.encode(errors="replace"), headers | plain, repeatable)
    return Request(method, path, None, headers, repeatable)


def any_request(method: str, path: str, json: object, idempotency_key: str | None, repeatable: bool | None) -> Request:
    if repeatable is None:
        repeatable = idempotency_key is not None or method not in ("POST", "PATCH")
    return request(method, path, json=json, idempotency_key=idempotency_key, repeatable=repeatable)


def send(
    to: To, title: str | None, options: Mapping[str, Any], idempotency_key: str | None, patience: float
) -> Course[Reply]:
    once = idempotency_key or os.urandom(16).hex()
    return (
        yield from insist(
            request("POST", "/v1/notifications", json=body_of(to, title, options), idempotency_key=once), patience
        )
    )


def send_batch(
    items: Iterable[Notification | Mapping[str, Any]],
    idempotency_key: str | None,
    patience: float,
    progress: Callable[[int], None] | None,
) -> Course[BatchResult]:
    """In as many requests as it takes. The first that fails ends it, and what was answered before is not lost."""
    results: list[Told | Failed] = []
    once = idempotency_key or os.urandom(16).hex()
    for number, part in enumerate(_parts(items)):
        asked = Request(
            "POST",
            "/v1/notifications/batch",
            b"\n".join(part),
            {"Content-Type": "application/x-ndjson", "Idempotency-Key": f"{once}.{number}"},
        )
        try:
            reply = yield from insist(asked, patience, _BATCH_ATTEMPT)
            results += _judged(reply, len(part))
        except HandbellError as error:
            error.idempotency_key = once  # of the whole: each request has one made of it
            raise Interrupted(error, tuple(results)) from error
        if progress is not None:
            progress(len(results))
    return BatchResult(tuple(results))


def wait_for_answer(an_id: str, timeout: float) -> Course[Answer | None]:
    """Long polls until there is an answer; None when there is none in time. Outages in between are waited out."""
    ends = monotonic() + timeout
    while True:
        left = max(0.0, ends - monotonic())
        seconds = int(min(left, _LONGEST_POLL))
        asked = request("GET", f"{_of(an_id)}/answer?wait={seconds}")
        reply = yield from insist(asked, max(left, ATTEMPT_SECONDS), seconds + ATTEMPT_SECONDS)
        if reply.status != 204:
            return record(Answer, mapping(reply.json()))
        if monotonic() + 1 > ends:
            return None


def receipt(an_id: str, patience: float) -> Course[Receipt]:
    return Receipt.of((yield from _json(request("GET", _of(an_id)), patience)))


def trace(an_id: str, patience: float) -> Course[Trace]:
    return Trace.of((yield from _json(request("GET", f"{_of(an_id)}/trace"), patience)))


def recall(an_id: str | None, key: str | None, patience: float) -> Course[int]:
    if (an_id is None) == (key is None):
        raise TypeError("say either the id or the life-cycle key of what is to be taken back")
    path = _of(an_id) if an_id is not None else f"/v1/notifications?{urlencode({'key': key})}"
    return int(mapping((yield from _json(request("DELETE", path), patience))).get("recalled", 0))


def types(patience: float) -> Course[tuple[KnownType, ...]]:
    found = mapping((yield from _json(request("GET", "/v1/types"), patience)))
    return tuple(KnownType.of(one) for one in found.get("types", ()))


def define_type(name: str, definition: Mapping[str, Any], patience: float) -> Course[KnownType]:
    asked = request("PUT", f"/v1/types/{quote(name, safe='')}", json=dict(definition))
    return KnownType.of((yield from _json(asked, patience)))


def remove_type(name: str, patience: float) -> Course[None]:
    yield from insist(request("DELETE", f"/v1/types/{quote(name, safe='')}"), patience)


def expect(name: str, promise: Mapping[str, Any], patience: float) -> Course[Expectation]:
    said = {field: sayable(field, value) for field, value in promise.items() if value is not None}
    return record(Expectation, mapping((yield from _json(request("PUT", _expected(name), json=said), patience))))


def expectation(name: str, patience: float) -> Course[Expectation]:
    return record(Expectation, mapping((yield from _json(request("GET", _expected(name)), patience))))


def expectations(patience: float) -> Course[tuple[Expectation, ...]]:
    found = mapping((yield from _json(request("GET", "/v1/expectations"), patience)))
    return tuple(record(Expectation, mapping(one)) for one in found.get("expectations", ()))


def remove_expectation(name: str, patience: float) -> Course[None]:
    yield from insist(request("DELETE", _expected(name)), patience)


def ping(name: str, patience: float) -> Course[None]:
    yield from insist(request("POST", f"{_expected(name)}/ping"), patience)


def fail(name: str, report: str, patience: float) -> Course[None]:
    yield from insist(request("POST", f"{_expected(name)}/fail", text=report[-_REPORT_CHARS:]), patience)


def call(asked: Request, patience: float) -> Course[Any]:
    return (yield from _json(asked, patience))


def _json(asked: Request, patience: float) -> Course[Any]:
    return (yield from insist(asked, patience)).json()


def _of(an_id: str) -> str:
    return f"/v1/notifications/{quote(an_id, safe='')}"


def _expected(name: str) -> str:
    return f"/v1/expectations/{quote(name, safe='')}"


def _parts(items: Iterable[Notification | Mapping[str, Any]]) -> Iterator[list[bytes]]:
    """As many lines at a time as the server takes in one request."""
    part: list[bytes] = []
    size = people = 0
    for item in items:
        body = item.body if isinstance(item, Notification) else dict(item)
        line, to = encoded(body), body.get("to")
        named = len(to) if isinstance(to, list | tuple) else 1
        full = len(part) == BATCH_ITEMS or people + named > _BATCH_PEOPLE
        if part and (full or size + len(line) > _BATCH_BYTES):
            yield part
            part, size, people = [], 0, 0
        part.append(line)
        size += len(line) + 1
        people += named
    if part:
        yield part


def _judged(reply: Reply, count: int) -> list[Told | Failed]:
    results: Sequence[Any] = mapping(reply.json()).get("results", ())
    if len(results) != count:
        raise Unreachable("the server's answer to a batch is not whole")
    return [_one(mapping(one), reply.replayed) for one in results]


def _one(result: Mapping[str, Any], replayed: bool) -> Told | Failed:
    if "error" in result:
        problem = mapping(result["error"])
        return Failed(refused_by(problem, int(problem.get("status", 422))))
    return Told.of(result, replayed=replayed)
