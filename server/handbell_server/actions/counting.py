"""Counting what became of notifications, portion by portion, each once (docs/analytics.md).

`uncounted.py` finds a portion; `take` adds it to the cohorts in one transaction. What has been counted of a notification
stands in `counted` as bits, and bits are only ever added. So a portion that is taken twice, after a kill or by two
processes at once, changes nothing the second time; the cursors, which move in the same transaction, only save looking.

A notification belongs to the cohort in which it was first counted: what happens weeks later is counted for the day it was
sent, also if it was told anew as another type. Cohorts outlive it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final, TypeVar

import msgspec
from msgspec import Struct
from msgspec.structs import asdict, replace
from sqlalchemy import delete, select, update
from sqlalchemy.engine import Connection

from handbell_server.engine.sql import dialect_of
from handbell_server.models import Cohort, CountingState
from handbell_server.reads.uncounted import FACTS, Portion, Sighting

DAY_MS: Final = 86_400_000
KEPT_DAYS: Final = 3 * 366
TYPES_A_DAY: Final = 200  # of one producer; a word of its own for each notification must not make a row for each

K = TypeVar("K")
_encode = msgspec.json.Encoder().encode


class Key(Struct, frozen=True, order=True, gc=False):
    """What the notifications of a cohort have in common."""

    producer_id: int
    day: int
    source: str
    type: str


def take(connection: Connection, portion: Portion) -> Counter[str]:
    """Count what is new in a portion, and say how much of what that was."""
    _lock(connection, more=portion.more)
    seen = _merged(portion.sightings)
    fresh, grown = _news_in(connection, seen)
    cohorts = _add_to_cohorts(connection, [seen[seq] for seq in fresh])
    begun = [{"seq": seq, "cohort_id": cohorts[_key(seen[seq])], "facts": seen[seq].facts} for seq in fresh]
    _run(connection, _BEGIN, ("seq", "cohort_id", "facts"), begun)
    _run(connection, _GROW, ("seq", "facts"), grown)
    sums = _sums((row["cohort_id"], row["facts"]) for row in grown)
    _run(
        connection,
        _ADD,
        ("cohort_id", *FACTS),
        [{"cohort_id": cohort} | added for cohort, added in sorted(sums.items())],
    )
    _move(connection, "rev", portion.revs)
    _move(connection, "delivered", portion.delivered)
    told = [{"id": an_id, "device_id": device, "moments": moments} for an_id, device, moments in portion.moments]
    _run(connection, _TICK_OFF, ("id", "device_id", "moments"), told)
    return Counter(name for row in (*begun, *grown) for name in _NAMES[row["facts"]])


def finish(connection: Connection) -> None:
    """Nothing was left to count."""
    connection.execute(update(CountingState).values(complete=True))


def is_complete(connection: Connection) -> bool:
    return connection.execute(select(CountingState.complete)).scalar_one()


def forget(connection: Connection, now: int) -> int:
    """Drop the numbers of years ago."""
    return connection.execute(delete(Cohort).where(Cohort.day < now // DAY_MS - KEPT_DAYS)).rowcount


# ---- parts

_VALUES = ", ".join(f"v.{fact}" for fact in FACTS)
_KNOWN = (
    "SELECT v.seq, c.cohort_id, c.facts FROM {v} "
    "JOIN notifications n ON n.seq = v.seq AND n.id = v.id "  # it may be gone, and another have its number
    "LEFT JOIN counted c ON c.seq = v.seq"
)
_BEGIN = "INSERT INTO counted (seq, cohort_id, facts) SELECT v.seq, v.cohort_id, v.facts FROM {v}"
_GROW = "UPDATE counted SET facts = counted.facts | v.facts FROM {v} WHERE counted.seq = v.seq"
_HELD = (
    "SELECT c.producer_id, c.day, count(*) FROM {v} "
    "JOIN cohorts c ON c.producer_id = v.producer_id AND c.day = v.day GROUP BY c.producer_id, c.day"
)
_FIND_OR_MAKE = (
    f"INSERT INTO cohorts (producer_id, day, source, type, {', '.join(FACTS)}) "
    f"SELECT v.producer_id, v.day, v.source, v.type, {_VALUES} FROM {{v}} WHERE true "
    "ON CONFLICT (producer_id, day, source, type) DO UPDATE SET "
    + ", ".join(f"{fact} = cohorts.{fact} + excluded.{fact}" for fact in FACTS)
    + " RETURNING id, producer_id, day, source, type"
)
_ADD = (
    "UPDATE cohorts SET "
    + ", ".join(f"{fact} = cohorts.{fact} + v.{fact}" for fact in FACTS)
    + " FROM {v} WHERE cohorts.id = v.cohort_id"
)
# Forward only, for another process may have come further; and not for who was removed since it was looked.
_MOVE = (
    "INSERT INTO counting_progress (user_id, {cursor}) "
    "SELECT v.user_id, v.place FROM {v} JOIN inboxes i ON i.user_id = v.user_id WHERE true "
    "ON CONFLICT (user_id) DO UPDATE SET {cursor} = excluded.{cursor} "
    "WHERE counting_progress.{cursor} < excluded.{cursor}"
)
# A moment that was told since it was looked is not among these, and makes the receipt be found again.
_TICK_OFF = (
    "UPDATE receipts SET counted = v.moments FROM {v} "
    "WHERE receipts.notification_id = v.id AND receipts.device_id = v.device_id"
)


def _run(connection: Connection, statement: str, columns: tuple[str, ...], rows: Sequence[Mapping[str, Any]]) -> Any:
    """One statement for all rows, which it finds as a table `v`."""
    if not rows:
        return ()
    shaped = statement.replace("{v}", dialect_of(connection.dialect.name).table(columns))
    result = connection.exec_driver_sql(shaped, (_encode(rows).decode(),))
    return result.all() if result.returns_rows else ()


def _lock(connection: Connection, *, more: bool) -> None:
    """One portion at a time, over all processes: what is read after this nobody changes before our commit."""
    complete = connection.execute(select(CountingState.complete).with_for_update()).scalar_one()
    if complete and more:
        connection.execute(update(CountingState).values(complete=False))


def _merged(sightings: Iterable[Sighting]) -> dict[int, Sighting]:
    """Each notification once, with all that was seen of it: two devices may have told."""
    found: dict[int, Sighting] = {}
    for one in sightings:
        before = found.get(one.seq)
        found[one.seq] = one if before is None else replace(one, facts=one.facts | before.facts)
    return found


def _news_in(connection: Connection, seen: Mapping[int, Sighting]) -> tuple[list[int], list[dict[str, int]]]:
    """Notifications that were never counted, and what is new of those that were."""
    asked = [{"seq": seq, "id": one.id} for seq, one in seen.items()]
    fresh: list[int] = []
    grown: list[dict[str, int]] = []
    for seq, cohort_id, facts in sorted(_run(connection, _KNOWN, ("seq", "id"), asked)):
        if cohort_id is None:
            fresh.append(seq)
        elif seen[seq].facts & ~facts:
            grown.append({"seq": seq, "cohort_id": cohort_id, "facts": seen[seq].facts & ~facts})
    return fresh, grown


def _add_to_cohorts(connection: Connection, fresh: Iterable[Sighting]) -> dict[Key, int]:
    """Count those that were never counted. Where each went, by what it is; cohorts that are missing are made."""
    sums = _sums((_key(one), one.facts) for one in fresh)
    places = _places(connection, sums)
    placed = _joined((places[key], added) for key, added in sums.items())
    rows = [asdict(key) | added for key, added in sorted(placed.items())]
    columns = ("producer_id", "day", "source", "type", *FACTS)
    cohorts = {Key(*key): cohort for cohort, *key in _run(connection, _FIND_OR_MAKE, columns, rows)}
    return {key: cohorts[place] for key, place in places.items()}


def _places(connection: Connection, keys: Collection[Key]) -> dict[Key, Key]:
    """The cohort for each: its own, or that for the rest where a day has too many already."""
    days = Counter((key.producer_id, key.day) for key in keys)
    asked = [{"producer_id": producer_id, "day": day} for producer_id, day in sorted(days)]
    held = {(producer, day): count for producer, day, count in _run(connection, _HELD, ("producer_id", "day"), asked)}
    places = {key: key for key in keys}
    for of in days:
        if held.get(of, 0) + days[of] <= TYPES_A_DAY:
            continue
        known = _known_of(connection, *of)
        new = sorted(key for key in keys if (key.producer_id, key.day) == of and key not in known)
        for key in new[max(0, TYPES_A_DAY - len(known)) :]:
            places[key] = Key(*of, key.source, "")
    return places


def _known_of(connection: Connection, producer_id: int, day: int) -> set[Key]:
    query = select(Cohort.source, Cohort.type).where(Cohort.producer_id == producer_id, Cohort.day == day)
    return {Key(producer_id, day, source, kind) for source, kind in connection.execute(query)}


def _key(one: Sighting) -> Key:
    return Key(one.producer_id, one.created_at // DAY_MS, one.source, one.type)


_NAMES = [tuple(name for place, name in enumerate(FACTS) if facts >> place & 1) for facts in range(1 << len(FACTS))]


def _sums(facts: Iterable[tuple[K, int]]) -> dict[K, dict[str, int]]:
    """How often each fact, of each."""
    sums: dict[K, dict[str, int]] = {}
    for of, bits in facts:
        added = sums.setdefault(of, dict.fromkeys(FACTS, 0))
        for name in _NAMES[bits]:
            added[name] += 1
    return sums


def _joined(sums: Iterable[tuple[Key, dict[str, int]]]) -> dict[Key, dict[str, int]]:
    """Those that go to the same place together."""
    joined: dict[Key, dict[str, int]] = {}
    for key, added in sums:
        before = joined.get(key)
        joined[key] = added if before is None else {fact: before[fact] + added[fact] for fact in FACTS}
    return joined


def _move(connection: Connection, cursor: str, moved: Mapping[int, int]) -> None:
    rows = [{"user_id": user_id, "place": place} for user_id, place in sorted(moved.items())]
    _run(connection, _MOVE.replace("{cursor}", cursor), ("user_id", "place"), rows)
