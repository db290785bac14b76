"""Reading the statistics: sums of cohorts, for a producer of its own and for an administrator of all (docs/analytics.md).

It reads a row for each day, source and type and never a notification, so it costs the same however many were sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Final, Literal

from msgspec import Struct
from sqlalchemy import BigInteger, Select, cast, func, select
from sqlalchemy.engine import Connection

from handbell_server.actions.counting import is_complete
from handbell_server.errors import Invalid
from handbell_server.models import Cohort
from handbell_server.reads.uncounted import FACTS

By = Literal["day", "type", "source"]

BY: Final[tuple[By, ...]] = ("day", "type", "source")
DAYS_AT_MOST: Final = 400
ROWS_AT_MOST: Final = 5_000
_EPOCH: Final = date(1970, 1, 1).toordinal()


class Figures(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """How many were sent, and how far they have come by now. A rate is null where there is nothing to have a share of."""

    day: str | None = None
    type: str | None = None
    source: str | None = None
    sent: int
    delivered: int
    shown: int
    read: int
    clicked: int
    dismissed: int
    answered: int
    expired: int
    delivery_rate: float | None
    click_rate: float | None
    dismissal_rate: float | None


class Wanted(Struct, frozen=True, gc=False):
    """Whose statistics, of which days, of what, and what each row is about. `producer_id` is None for everybody's."""

    producer_id: int | None
    first: date
    last: date
    by: tuple[By, ...]
    type: str | None = None
    source: str | None = None


class Found(Struct, frozen=True, gc=False):
    complete: bool
    total: Figures
    rows: tuple[Figures, ...]


def statistics(connection: Connection, wanted: Wanted) -> Found:
    groups = connection.execute(_query(wanted).limit(ROWS_AT_MOST + 1)).all()
    if len(groups) > ROWS_AT_MOST:
        raise Invalid(
            f"That is more than {ROWS_AT_MOST} rows: ask for fewer days, for one type, or group by less.", field="by"
        )
    words = len(wanted.by)
    rows = tuple(_figures(dict(zip(wanted.by, group[:words], strict=True)), group[words:]) for group in groups)
    total = _figures({}, [sum(group[words + place] for group in groups) for place in range(len(FACTS))])
    return Found(is_complete(connection), total, rows)


def _query(wanted: Wanted) -> Select[*tuple[Any, ...]]:
    group = [getattr(Cohort, name) for name in wanted.by]
    query = select(*group, *(cast(func.sum(getattr(Cohort, fact)), BigInteger) for fact in FACTS))
    query = query.where(Cohort.day.between(_day(wanted.first), _day(wanted.last)))
    if wanted.producer_id is not None:
        query = query.where(Cohort.producer_id == wanted.producer_id)
    if wanted.type is not None:
        query = query.where(Cohort.type == wanted.type)
    if wanted.source is not None:
        query = query.where(Cohort.source == wanted.source)
    return query.group_by(*group).order_by(*group)


def _figures(about: dict[By, Any], counts: Sequence[int]) -> Figures:
    sent, delivered, shown, read, clicked, dismissed, answered, expired = counts
    day = about.get("day")
    return Figures(
        day=None if day is None else date.fromordinal(_EPOCH + day).isoformat(),
        type=about.get("type"),
        source=about.get("source"),
        sent=sent,
        delivered=delivered,
        shown=shown,
        read=read,
        clicked=clicked,
        dismissed=dismissed,
        answered=answered,
        expired=expired,
        delivery_rate=_share(delivered, sent),
        click_rate=_share(clicked, shown),
        dismissal_rate=_share(dismissed, shown),
    )


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def _day(moment: date) -> int:
    return moment.toordinal() - _EPOCH
