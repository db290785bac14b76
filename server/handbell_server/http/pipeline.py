"""What every request goes through, whichever router found its endpoint.

    identify → may this identity ask this? → rate → body → the endpoint → answer
                          any Problem on the way ─────────────► problem document

Works on a WSGI environ and gives bytes back; knows neither Flask nor sockets.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from time import perf_counter
from typing import Any
from urllib.parse import parse_qsl

import msgspec

from handbell_server import logs
from handbell_server.actions.producers import KnownProducer
from handbell_server.auth import Identity, SignedIn, bearer, expired
from handbell_server.errors import Forbidden, Invalid, Problem, TooLarge, Unauthenticated
from handbell_server.guessing import address_of, judged, pay
from handbell_server.http import problems
from handbell_server.http.endpoint import Answer, Call, Endpoint
from handbell_server.parsing import decode, invalid, malformed
from handbell_server.services import Services
from handbell_shared.codes import Code
from handbell_shared.ids import new_id

log = logging.getLogger(__name__)

Environ = Mapping[str, Any]

# Answers are data, never pages: nothing in them may be sniffed, framed or kept by a cache.
_ALWAYS = (
    ("X-Content-Type-Options", "nosniff"),
    ("Cache-Control", "no-store"),
    ("Referrer-Policy", "no-referrer"),
)
_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class _Asked:
    """See `endpoint.Asked`."""

    header: Callable[[str], str | None]
    query: Mapping[str, str]
    path: Mapping[str, str]


class Reply(msgspec.Struct, frozen=True, gc=False):
    status: int
    headers: list[tuple[str, str]]
    body: bytes


def perform(services: Services, endpoint: Endpoint, environ: Environ, path: Mapping[str, str]) -> Reply:
    """Carry out one request and write its line into the log."""
    started = perf_counter()
    request_id = new_id()
    out: dict[str, str] = {}
    identity: Identity | None = None
    try:
        identity = _identify(services, endpoint, environ, path)
        answer = endpoint.run(_call(services, endpoint, environ, path, identity, out))
        if answer.stream is not None:
            answer.stream(environ)
        reply = _reply(answer, out, request_id)
        code = None
    except Problem as problem:
        reply = _refused(endpoint, problem, request_id, out)
        code = str(problem.code)
    except Exception:
        log.exception("request %s failed", request_id)
        reply = _refused(endpoint, Problem("Something went wrong here; it has been logged."), request_id, out)
        code = str(Code.INTERNAL)
    seconds = perf_counter() - started
    services.metrics.request(endpoint.method, endpoint.path, reply.status, seconds)
    logs.access(request_id, endpoint.method, endpoint.path, reply.status, seconds, _name_of(identity), code)
    return reply


def refuse(problem: Problem, request_id: str, out: Mapping[str, str] | None = None) -> Reply:
    answer = Answer(
        problem.status,
        problems.document(problem, request_id),
        problems.headers(problem),
        content_type=problems.MEDIA_TYPE,
    )
    return _reply(answer, out or {}, request_id)


def _refused(endpoint: Endpoint, problem: Problem, request_id: str, out: Mapping[str, str]) -> Reply:
    """A problem, in the language in which it was asked."""
    if endpoint.speaks is None:
        return refuse(problem, request_id, out)
    status = endpoint.speaks.status(problem.status)
    if endpoint.speaks.refuse is None:
        problem.status = status
        return refuse(problem, request_id, out)
    said = endpoint.speaks.refuse(problem, status)
    headers = problems.headers(problem)
    if isinstance(said, str):
        headers["Handbell-Refused"] = _one_line(problem)  # a system's word says little to whoever sets it up
        answer = Answer(status, said.encode(), headers, content_type="text/plain; charset=utf-8")
    else:
        answer = Answer(status, said, headers)
    return _reply(answer, out, request_id)


def _one_line(problem: Problem) -> str:
    said = f"{problem.field}: {problem.detail}" if problem.field else problem.detail
    return "".join(c if " " <= c <= "~" else "?" for c in said)[:500]


def _name_of(identity: Identity | None) -> str | None:
    if identity is None:
        return None
    return f"user:{identity.user}" if isinstance(identity, SignedIn) else f"producer:{identity.name}"


def _identify(services: Services, endpoint: Endpoint, environ: Environ, path: Mapping[str, str]) -> Identity | None:
    if endpoint.audience == "anyone":
        return None
    header = environ.get("HTTP_AUTHORIZATION")
    known: Identity | None = None
    if endpoint.speaks is not None:
        asked = _Asked(_headers_of(environ), _open_query(environ.get("QUERY_STRING", "")), path)
        token = endpoint.speaks.token(asked)
        header = None if token is None else bearer(token)
        if endpoint.knock is not None:
            known = endpoint.knock(services, asked, address_of(services.config, environ))
    identity = known or _who(services, environ, header)
    if isinstance(identity, SignedIn):
        if endpoint.audience == "producer":
            raise Forbidden("This is for producers: send a producer's key.")
        if identity.only is not None and (endpoint.speaks is None or endpoint.speaks.name != identity.only):
            raise Forbidden(f"This token is good for {identity.only} and for nothing else.")
        if expired(identity):
            raise Unauthenticated("This token has expired.")
        pay(services.rates.user, f"u{identity.user_id}", "Too many requests of this user.")
    elif endpoint.audience == "user":
        raise Forbidden("This is for people: send a device's token.")
    else:
        if identity.only is not None or endpoint.speaks is not None:
            _check_language(endpoint, identity)
        if not endpoint.hot:  # beside what it may send, which is paid by recipients (`produce.take`)
            pay(services.rates.producer, f"asks {identity.id}", "This producer asks more than it may.")
    return identity


def _check_language(endpoint: Endpoint, producer: KnownProducer) -> None:
    """A token made for one dialect opens no other, and a producer may be kept to some of them."""
    here = None if endpoint.speaks is None else endpoint.speaks.name
    if producer.only is not None and producer.only != here:
        raise Forbidden(f"This token is good for {producer.only} and for nothing else.")
    if here is not None and producer.dialects.speaks is not None and here not in producer.dialects.speaks:
        raise Forbidden(f"This producer does not speak {here} here.")


def _who(services: Services, environ: Environ, header: str | None) -> Identity:
    """The identity, or a 401 that an address can afford only so often."""
    known = services.auth.remembered(header)
    if known is not None:
        return known
    if header is None or services.auth.was_good(header):
        return services.auth.by_header(header)
    return judged(services.rates.address, address_of(services.config, environ), lambda: services.auth.by_header(header))


def _call(
    services: Services,
    endpoint: Endpoint,
    environ: Environ,
    path: Mapping[str, str],
    identity: Identity | None,
    out: dict[str, str],
) -> Call:
    raw = _read_body(services, endpoint, environ)
    body: Any = None
    if endpoint.body is not None and not endpoint.raw_body:
        body = decode(raw, _decoder(endpoint.body))
    query = _query(endpoint, environ.get("QUERY_STRING", ""))
    header = _headers_of(environ)
    dialect = "" if endpoint.speaks is None else endpoint.speaks.name
    return Call(
        services,
        identity,
        path,
        query,
        body,
        raw,
        header,
        address_of(services.config, environ),
        out,
        dialect,
        lambda prefix: _beginning(environ, prefix),
    )


def _beginning(environ: Environ, prefix: str) -> list[tuple[str, str]]:
    """The headers whose names begin so, with these names in small letters."""
    start = f"HTTP_{prefix.upper().replace('-', '_')}"
    return [(key[5:].lower().replace("_", "-"), str(environ[key])) for key in environ if key.startswith(start)]


def _headers_of(environ: Environ) -> Callable[[str], str | None]:
    def header(name: str) -> str | None:
        key = name.upper().replace("-", "_")
        value = environ.get(key if key == "CONTENT_TYPE" else f"HTTP_{key}")
        return None if value is None else str(value)

    return header


def _read_body(services: Services, endpoint: Endpoint, environ: Environ) -> bytes:
    if endpoint.body is None:
        return b""
    if environ.get("HTTP_CONTENT_ENCODING", "identity") != "identity":
        raise Problem("Compressed bodies are not taken.", code=Code.UNSUPPORTED_MEDIA, status=415)
    limit = services.limits.batch_body_bytes if endpoint.large else services.limits.body_bytes
    length = environ.get("CONTENT_LENGTH") or ""
    announced = int(length) if length.isdigit() else limit + 1
    if length and announced > limit:
        raise TooLarge(f"A body may have {limit} bytes here.")
    raw: bytes = environ["wsgi.input"].read(min(announced, limit + 1))
    if len(raw) > limit:
        raise TooLarge(f"A body may have {limit} bytes here.")
    return raw


@lru_cache(64)
def _decoder(kind: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(kind)


def _open_query(text: str) -> dict[str, str]:
    """What stands in the query of a sender whose system never refuses a parameter."""
    try:
        return dict(parse_qsl(text, keep_blank_values=True, max_num_fields=50))
    except ValueError:
        raise malformed("The query has too many parameters.") from None


def _query(endpoint: Endpoint, text: str) -> Any:
    if endpoint.speaks is not None:
        return _open_query(text)
    if endpoint.query is None:
        if text:
            name = parse_qsl(text.partition("&")[0], keep_blank_values=True)[:1]
            raise Invalid("There are no query parameters here.", field=name[0][0] if name else None)
        return None
    try:
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=50, errors="strict")
    except ValueError:
        raise malformed("The query cannot be parsed.") from None
    values = dict(pairs)
    if len(values) != len(pairs):
        raise Invalid("A query parameter is given twice.")
    try:
        return msgspec.convert(values, endpoint.query, strict=False)
    except msgspec.ValidationError as error:
        raise invalid(error) from None


def _reply(answer: Answer, out: Mapping[str, str], request_id: str) -> Reply:
    body = answer.body
    if body is None:
        data = b""
    elif isinstance(body, bytes):
        data = body
    else:
        data = _encode(body)
    headers = [*_ALWAYS, ("X-Request-Id", request_id), *out.items(), *answer.headers.items()]
    if data or answer.status != 204:
        headers.append(("Content-Type", answer.content_type))
        headers.append(("Content-Length", str(len(data))))
    return Reply(answer.status, headers, data)
