"""Statistics for those who send, and for administrators."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated

from msgspec import Meta, Struct, field

from handbell_server.actions.producers import KnownProducer
from handbell_server.errors import Forbidden, Invalid
from handbell_server.guessing import pay
from handbell_server.http.endpoint import Answer, Call, endpoint
from handbell_server.http.inbox import Term
from handbell_server.reads import analytics
from handbell_server.reads.analytics import BY, DAYS_AT_MOST, By, Figures, Wanted
from handbell_shared.clock import now_ms

_USUAL_DAYS = 30

Day = Annotated[str, Meta(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]


class AnalyticsAsked(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    first: Day | None = field(default=None, name="from")
    last: Day | None = field(default=None, name="to")
    by: Annotated[str, Meta(min_length=1, max_length=40)] = "day"
    type: Term | None = None
    source: Term | None = None


class Analytics(Struct, frozen=True, kw_only=True, gc=False):
    """What became of what was sent on these days (docs/analytics.md says what each number means).

    While `complete` is false there is a backlog to count, and the numbers are still too low.
    """

    first: str = field(name="from")
    last: str = field(name="to")
    by: tuple[By, ...]
    complete: bool
    total: Figures
    rows: tuple[Figures, ...]


@endpoint("GET", "/v1/analytics", "both", query=AnalyticsAsked, answers={200: Analytics}, problems=(403, 422, 429))
def show(call: Call) -> Answer:
    """What became of what you sent, by day, type and source; for an administrator, of what everybody sent."""
    producer_id = _whose(call)
    asked: AnalyticsAsked = call.query
    for name in ("type", "source"):
        if "\x00" in (getattr(asked, name) or ""):
            raise Invalid("Text must not contain the NUL character.", field=name)
    first, last = _days(asked)
    wanted = Wanted(producer_id, first, last, _by(asked.by), asked.type, asked.source)
    found = call.services.read(analytics.statistics, wanted)
    answer = Analytics(
        first=first.isoformat(), last=last.isoformat(), by=wanted.by,
        complete=found.complete, total=found.total, rows=found.rows,
    )  # fmt: skip
    return Answer(200, answer)


def _whose(call: Call) -> int | None:
    """The producer whose statistics these are; None for those of all."""
    if isinstance(call.identity, KnownProducer):
        call.producer.must("receipts")
        pay(call.services.rates.producer, str(call.producer.id), "This producer asks more than it may.")
        return call.producer.id
    if not call.person.admin:
        raise Forbidden("This is for administrators, and for producers with their key.")
    return None


def _by(words: str) -> tuple[By, ...]:
    wanted = words.split(",")
    if len(set(wanted)) != len(wanted) or not set(wanted) <= set(BY):
        raise Invalid(f"Some of {', '.join(BY)}, each once, with commas between them.", field="by")
    return tuple(wanted)  # type: ignore[arg-type]  # just looked


def _days(asked: AnalyticsAsked) -> tuple[date, date]:
    """The first day and the last, which belongs to it."""
    last = _day(asked.last, "to") or datetime.fromtimestamp(now_ms() / 1000, UTC).date()
    first = _day(asked.first, "from") or date.fromordinal(max(1, last.toordinal() - _USUAL_DAYS + 1))
    if first > last:
        raise Invalid("The first day is after the last.", field="from")
    if (last - first).days >= DAYS_AT_MOST:
        raise Invalid(f"At most {DAYS_AT_MOST} days at once.", field="from")
    return first, last


def _day(text: str | None, field: str) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Invalid("There is no such day.", field=field) from None
