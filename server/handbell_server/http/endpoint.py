"""What an endpoint is: a function with its method, path, audience, body and answers written down as data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any, Literal, Protocol, TypeVar

from handbell_server.actions.producers import KnownProducer
from handbell_server.auth import SignedIn
from handbell_server.errors import Problem
from handbell_server.services import Services

Audience = Literal["anyone", "producer", "user", "both"]
F = TypeVar("F", bound=Callable[..., "Answer"])

_MARK = "__handbell_endpoints__"


@dataclass(slots=True)
class Answer:
    """What goes back; `body` is encoded as JSON unless it is bytes."""

    status: int
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = "application/json"
    stream: Callable[[Any], None] | None = None  # takes the connection of the request over; then nothing else is sent


def _no_headers(_: str) -> list[tuple[str, str]]:
    return []


@dataclass(slots=True)
class Call:
    """One request, parsed: the endpoint sees nothing else of HTTP."""

    services: Services
    identity: Any
    path: Mapping[str, str]
    query: Any
    body: Any
    raw: bytes
    header: Callable[[str], str | None]
    address: str
    headers_out: dict[str, str]
    speaks: str = ""  # the dialect's name, where it is one
    headers: Callable[[str], list[tuple[str, str]]] = _no_headers  # those whose names begin so

    @property
    def producer(self) -> KnownProducer:
        assert isinstance(self.identity, KnownProducer)
        return self.identity

    @property
    def person(self) -> SignedIn:
        assert isinstance(self.identity, SignedIn)
        return self.identity


class Asked(Protocol):
    """What of a request may hold a sender's token."""

    @property
    def header(self) -> Callable[[str], str | None]: ...
    @property
    def query(self) -> Mapping[str, str]: ...
    @property
    def path(self) -> Mapping[str, str]: ...


@dataclass(frozen=True)
class Dialect:
    """How senders of another system ask, as far as it concerns what happens before and after the endpoint.

    `refuse` says a problem in that system's shape: as text, or as a struct of the type `error`; without it problems are
    said in ours. `statuses` has its statuses where they differ from ours.
    """

    name: str
    token: Callable[[Asked], str | None]
    error: Any = None
    refuse: Callable[[Problem, int], Any] | None = None
    statuses: Mapping[int, int] = field(default_factory=dict)

    def status(self, ours: int) -> int:
        return self.statuses.get(ours, ours)


@dataclass(frozen=True)
class Endpoint:
    method: str
    path: str
    audience: Audience
    run: Callable[[Call], Answer]
    summary: str
    body: Any = None
    query: Any = None
    answers: Mapping[int, Any] = field(default_factory=dict)
    tag: str = ""
    media: tuple[str, ...] = ("application/json",)
    example: Any = None
    large: bool = False  # a batch: its body may be bigger
    hot: bool = False  # answered before Flask's router; see express.py
    problems: tuple[int, ...] = ()
    speaks: Dialect | None = (
        None  # then `body` is bytes, the query is a plain dictionary, and nothing unknown is refused
    )
    headers: Mapping[str, str] = field(default_factory=dict)  # that a request must have, each with an example
    knock: Callable[[Services, Asked, str], SignedIn | None] | None = None  # who else it may be, without a token
    also: tuple[tuple[str, str], ...] = ()  # more methods and paths, for senders whose address cannot be chosen

    @property
    def name(self) -> str:
        return f"{self.run.__module__.rsplit('.', 1)[-1]}.{self.run.__name__}"

    @property
    def raw_body(self) -> bool:
        """Whether the endpoint decodes its body by itself."""
        return self.body is bytes


def endpoint(method: str, path: str, audience: Audience, **more: Any) -> Callable[[F], F]:
    """Mark a function as an endpoint. Nothing is registered anywhere; `endpoints_of` finds the marks."""

    def mark(run: F) -> F:
        described = Endpoint(
            method, path, audience, run, summary=(run.__doc__ or "").strip().split("\n")[0].rstrip("."), **more
        )
        run.__dict__.setdefault(_MARK, []).append(described)
        return run

    return mark


def endpoints_of(*modules: ModuleType) -> tuple[Endpoint, ...]:
    """Every marked function of these modules, in the order they are written."""
    return tuple(
        described
        for module in modules
        for function in vars(module).values()
        if callable(function) and getattr(function, "__module__", "") == module.__name__
        for described in getattr(function, _MARK, ())
    )
