"""What the server answers, as frozen records. Moments are datetimes in UTC; what a newer server adds is left aside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, Self, TypeVar

from handbell.errors import HandbellError, Refused, Unreachable

_MOMENTS: Final = {"at", "until", "last_seen", "down_since"}

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Told:
    """What became of one notification.

    `id` is missing where nobody was told (`skipped`), and where several were told one by one: each has its own in
    `recipients`. `raw` is the answer as it came.
    """

    id: str | None = None
    user: str | None = None
    revision: int | None = None
    created_at: datetime | None = None
    deliver_at: datetime | None = None
    updated: bool = False
    skipped: str | None = None
    accepted: int = 1
    replayed: bool = False
    recipients: tuple[Told, ...] = ()
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def of(cls, raw: Any, *, replayed: bool = False, **more: Any) -> Self:
        raw = mapping(raw)
        each = tuple(Told.of(one) for one in raw.get("notifications", ()))
        told = 0 if "skipped" in raw else raw.get("accepted", raw.get("reaches", 1))
        return record(cls, raw, accepted=told, replayed=replayed, recipients=each, raw=raw, **more)

    @property
    def _id(self) -> str:
        if self.id is None:
            raise ValueError("nobody was told, or each of several for themself: there is no one id to ask about")
        return self.id


@dataclass(frozen=True)
class Failed:
    """One item of a batch that the server refused; `error` is what sending it alone would have raised."""

    error: Refused


@dataclass(frozen=True)
class BatchResult:
    """A result for each item, in the order they were sent."""

    results: tuple[Told | Failed, ...]

    @property
    def accepted(self) -> int:
        return sum(isinstance(one, Told) for one in self.results)

    @property
    def failed(self) -> tuple[tuple[int, Refused], ...]:
        """The items that were refused: the place of each, and why."""
        return tuple((place, one.error) for place, one in enumerate(self.results) if isinstance(one, Failed))


@dataclass(frozen=True, kw_only=True)
class Answer:
    """The answer that won. Nobody gave it when it is a default that held at a `deadline`."""

    action: str
    at: datetime
    text: str | None = None
    user: str | None = None
    deadline: bool = False


@dataclass(frozen=True, kw_only=True)
class DeviceReceipt:
    device: str
    delivered: bool
    delivered_at: datetime | None = None
    shown_at: datetime | None = None
    clicked_at: datetime | None = None
    dismissed_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """How what rings `until_acknowledged` stands; `told` are the notifications by which it reached people."""

    state: str
    rings: int
    people: tuple[str, ...] = ()
    told: tuple[Told, ...] = ()
    next_at: datetime | None = None
    acknowledged_by: str | None = None
    acknowledged_at: datetime | None = None

    @classmethod
    def of(cls, raw: Any) -> Alarm:
        raw = mapping(raw)
        told = tuple(Told.of(one) for one in raw.get("told", ()))
        return record(cls, raw, people=tuple(raw.get("people", ())), told=told)


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """What became of a notification, per device."""

    id: str
    state: str
    user: str | None = None
    revision: int | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    read_at: datetime | None = None
    seen: bool = False
    deliver_at: datetime | None = None
    reached: int | None = None
    answer: Answer | None = None
    alarm: Alarm | None = None
    devices: tuple[DeviceReceipt, ...] = ()

    @classmethod
    def of(cls, raw: Any) -> Receipt:
        raw = mapping(raw)
        given, alarm = raw.get("answer"), raw.get("alarm")
        devices = tuple(record(DeviceReceipt, mapping(one)) for one in raw.get("devices", ()))
        return record(
            cls,
            raw,
            answer=None if given is None else record(Answer, mapping(given)),
            alarm=None if alarm is None else Alarm.of(alarm),
            devices=devices,
        )


@dataclass(frozen=True, kw_only=True)
class Step:
    """One thing that happened to a notification or was decided about it. `rule` is (source, type, category)."""

    step: str
    at: datetime | None = None
    device: str | None = None
    channel: str | None = None
    rule: tuple[str | None, ...] | None = None
    why: str | None = None
    by: str | None = None
    until: datetime | None = None
    count: int | None = None


@dataclass(frozen=True)
class Trace:
    """Why it rang or did not."""

    id: str
    steps: tuple[Step, ...]

    @classmethod
    def of(cls, raw: Any) -> Trace:
        raw = mapping(raw)
        return cls(str(raw.get("id")), tuple(_step(mapping(one)) for one in raw.get("steps", ())))


@dataclass(frozen=True, kw_only=True)
class Expectation:
    """A sign of life that is promised, and how it stands."""

    name: str
    state: str
    every: int
    grace: int
    to: Any
    what: str
    paused: bool
    priority: str
    type: str
    title: str | None = None
    body: str = ""
    link: str | None = None
    last_seen: datetime | None = None
    due_at: datetime | None = None
    down_since: datetime | None = None
    created_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class KnownType:
    """A type of notifications; `origin` says whose it is: own, house or built-in."""

    name: str
    origin: str
    definition: Mapping[str, Any]

    @classmethod
    def of(cls, raw: Any) -> KnownType:
        rest = dict(mapping(raw))
        return cls(name=rest.pop("name", ""), origin=rest.pop("origin", ""), definition=rest)


def record(kind: type[T], raw: Mapping[str, Any], /, **known: Any) -> T:
    """The record that an object of JSON is, with what we know of it otherwise."""
    names: Mapping[str, Any] = kind.__dataclass_fields__  # type: ignore[attr-defined]
    said = {name: moment(raw[name]) if _is_moment(name) else raw[name] for name in names if name in raw}
    try:
        return kind(**(said | known))
    except TypeError:  # something that every server says is missing
        raise odd() from None


def mapping(raw: Any) -> Mapping[str, Any]:
    if not isinstance(raw, Mapping):
        raise odd()
    return raw


def moment(ms: Any) -> datetime | None:
    return datetime.fromtimestamp(ms / 1_000, UTC) if isinstance(ms, int) else None


def odd() -> HandbellError:
    return Unreachable("what answers there is not a Handbell server, or a much newer one")


def _is_moment(name: str) -> bool:
    return name.endswith("_at") or name in _MOMENTS


def _step(raw: Mapping[str, Any]) -> Step:
    rule = raw.get("rule")
    return record(Step, raw, rule=None if rule is None else tuple(rule))
