"""Expected signs of life: promising them, giving them, and telling people when one does not come.

Every move locks its row, so a sign and the round that misses it come one after the other, on whatever servers. What
people are told of a move is written as dispatches in its transaction: killed before the commit, nothing has happened and
the next round finds it again; killed after it, any process carries the dispatches on. The incident has one life-cycle
key, so a person has one row of it. A move first takes back what still waits of the move before: who has not heard of an
incident need not hear that it is over, and "it is over" never arrives before or after the wrong one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any, Final

import msgspec
from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import Select, delete, exists, func, insert, select, update
from sqlalchemy.engine import Connection

from handbell_server.actions import dispatches
from handbell_server.actions.drafts import Draft
from handbell_server.actions.installation import audit
from handbell_server.actions.produce import dispatch_row
from handbell_server.errors import Invalid, NotFound
from handbell_server.models import Dispatch, Expectation, Installation, Producer, User
from handbell_server.rules import expecting
from handbell_server.rules import expecting_words as words
from handbell_server.rules.expecting import AWAY_MS, Standing, State, What
from handbell_shared.clock import now_ms
from handbell_shared.ids import new_id

OF_A_PRODUCER: Final = 100
KEY: Final = "expectation:"  # the life-cycle key of an incident, before the name
AT_ONCE: Final = 50

_NAME: Final = re.compile(r"[^\W_][\w.-]{0,63}\Z")
Row = Expectation
_decode = msgspec.json.Decoder(Draft).decode


class Wanted(Struct, frozen=True, gc=False):
    """An expectation as its producer wants it, checked. `draft` has no title where the standing sentence is to be said."""

    every: int
    grace: int
    what: What
    to: Any
    draft: Draft
    paused: bool


class ExpectationShown(Struct, frozen=True, gc=False):
    """What is promised, and how it stands. `due_at` is when people are told if nothing is heard until then."""

    name: str
    state: State
    every: int
    grace: int
    to: Any
    what: What
    paused: bool
    title: str | None
    body: str
    link: str | None
    priority: str
    type: str
    last_seen: int | None
    due_at: int | None
    down_since: int | None
    created_at: int


def check_name(name: str) -> None:
    if not _NAME.match(name):
        raise Invalid(
            "A name begins with a letter or digit and goes on with letters, digits or . _ - (at most 64).", field="name"
        )


def define(connection: Connection, producer_id: int, name: str, wanted: Wanted) -> ExpectationShown:
    """Expect this from now on. Said again, it changes nothing; a new period or the end of a pause begins now."""
    attend(connection)
    now = now_ms()
    given = {
        "every": wanted.every,
        "grace": wanted.grace,
        "what": wanted.what,
        "recipients": json.dumps(wanted.to),
        "says": msgspec.json.encode(wanted.draft).decode(),
        "paused": wanted.paused,
    }
    row = connection.execute(_mine(select(Row), producer_id, name).with_for_update()).one_or_none()
    if row is None:
        has = select(func.count()).select_from(Row).where(Row.producer_id == producer_id)
        if connection.execute(has).scalar_one() >= OF_A_PRODUCER:
            raise Invalid(f"A producer expects at most {OF_A_PRODUCER} signs of life.", field="name")
        standing = expecting.awaiting(_promised(wanted, since=now), now)
        values = given | {"producer_id": producer_id, "name": name, "created_at": now} | _moving(standing)
        connection.execute(insert(Row).values(values))
    elif any(getattr(row, field) != value for field, value in given.items()):
        known = _standing(row)
        standing = _promised(wanted, known.since, known.due_at, known.last_seen, known.down_since)
        if standing != known:
            standing = expecting.awaiting(standing, now)
        connection.execute(_mine(update(Row), producer_id, name).values(given | _moving(standing)))
    else:
        return _shown(row, now)  # as programs do that promise at every start
    audit(connection, f"producer:{producer_id}", "expectation.define", name)
    return one_of(connection, producer_id, name)


def all_of(connection: Connection, producer_id: int) -> list[ExpectationShown]:
    now = now_ms()
    query = select(Row).where(Row.producer_id == producer_id).order_by(Row.name)
    return [_shown(row, now) for row in connection.execute(query)]


def one_of(connection: Connection, producer_id: int, name: str) -> ExpectationShown:
    row = connection.execute(_mine(select(Row), producer_id, name)).one_or_none()
    if row is None:
        raise nothing()
    return _shown(row, now_ms())


def remove(connection: Connection, producer_id: int, name: str) -> None:
    """Expect it no more. What people were told stays with them."""
    if not connection.execute(_mine(delete(Row), producer_id, name)).rowcount:
        raise nothing()
    dispatches.withdraw_key(connection, producer_id, KEY + name)
    audit(connection, f"producer:{producer_id}", "expectation.remove", name)


# ---- the moves; each answers the dispatches to be carried


def ping(connection: Connection, producer_id: int, name: str) -> list[str]:
    """A sign of life."""
    return _alive(connection, _locked(connection, producer_id, name))


def anything(connection: Connection, producer_id: int) -> list[str]:
    """The producer has sent something, which is a sign of life wherever it said so."""
    rows = (
        select(Row).where(Row.producer_id == producer_id, Row.what == "anything").order_by(Row.name).with_for_update()
    )
    return [an_id for row in connection.execute(rows).all() for an_id in _alive(connection, row)]


def fail(connection: Connection, producer_id: int, name: str, report: str) -> list[str]:
    """It says itself that something went wrong: people are told at once, and once until the next sign of life."""
    row = _locked(connection, producer_id, name)
    now, standing = now_ms(), _standing(row)
    if standing.paused or standing.down_since is not None:
        connection.execute(_this(row).values(last_seen=now))
        return []
    _move(connection, row, expecting.down(replace(standing, last_seen=now), now))
    return _tell(connection, row, words.failing(_decode(row.says), row.name, report), now)


def miss(connection: Connection, producer_id: int, name: str) -> list[str]:
    """Nothing was heard in time; looked at again under the lock, for a sign may have come or another process been faster."""
    row = connection.execute(_mine(select(Row), producer_id, name).with_for_update()).one_or_none()
    now = now_ms()
    if row is None or row.due_at is None or row.due_at > now or not connection.execute(_attended(now)).scalar_one():
        return []
    standing = _standing(row)
    rests = select(Producer.disabled_at).where(Producer.id == producer_id)
    if connection.execute(rests).scalar_one() is not None:
        _move(connection, row, expecting.awaiting(standing, now))  # it cannot ping; looked at again a period later
        return []
    _move(connection, row, expecting.down(standing, now))
    silent = now - (row.last_seen or row.since)
    return _tell(connection, row, words.missing(_decode(row.says), row.name, silent), now)


def due(connection: Connection, now: int) -> list[tuple[int, str]]:
    """What is missing, as far as somebody was there to hear it: after an absence nobody is accused before `attend`."""
    missing = (Row.due_at <= now, Row.due_at.is_not(None), _attended(now).scalar_subquery())
    query = select(Row.producer_id, Row.name).where(*missing)
    return [(row.producer_id, row.name) for row in connection.execute(query.order_by(Row.due_at).limit(AT_ONCE))]


def begin_anew(connection: Connection, producer_id: int) -> None:
    """The producer may speak again: what is expected of it has its whole time from now on."""
    now = now_ms()
    mine = select(Row).where(Row.producer_id == producer_id).order_by(Row.name).with_for_update()
    for row in connection.execute(mine).all():
        _move(connection, row, expecting.awaiting(_standing(row), now))


# ---- being there


def is_unattended(connection: Connection, now: int) -> bool:
    """Whether it is time to write down again that somebody listens; never where nothing is expected."""
    latest = select(Installation.attended_at).where(exists(select(Row.name)))
    row = connection.execute(latest).one_or_none()
    return row is not None and (row.attended_at is None or abs(now - row.attended_at) > AWAY_MS / 6)


def _attended(now: int) -> Select[bool]:
    """Whether somebody listened a moment ago."""
    return select(func.coalesce(Installation.attended_at, 0) > now - AWAY_MS)


def attend(connection: Connection) -> None:
    """Somebody listens now. After an absence, nobody is blamed for signs that may have come in vain."""
    now = now_ms()
    left = connection.execute(select(Installation.attended_at).with_for_update()).scalar_one()
    if left is not None and now - left > AWAY_MS:
        waiting = select(Row).where(Row.due_at.is_not(None)).order_by(Row.producer_id, Row.name).with_for_update()
        for row in connection.execute(waiting).all():
            standing = _standing(row)
            after = expecting.after_absence(standing, left, now)
            if after != standing:
                _move(connection, row, after)
    connection.execute(update(Installation).values(attended_at=now))


# ---- parts


def nothing() -> NotFound:
    return NotFound("There is no such expectation.")


def _alive(connection: Connection, row: Any) -> list[str]:
    now, standing = now_ms(), _standing(row)
    _move(connection, row, expecting.heard(standing, now))
    if standing.down_since is None:
        return []
    draft = words.back(_decode(row.says), row.name, now - standing.down_since)
    return _tell(connection, row, draft, now, [f"{dispatches.TOLD}{KEY}{row.name}"])


def _tell(connection: Connection, row: Any, draft: Draft, now: int, targets: Sequence[str] | None = None) -> list[str]:
    key = KEY + row.name
    dispatches.withdraw_key(connection, row.producer_id, key)
    wanted = _targets(connection, json.loads(row.recipients)) if targets is None else targets
    keyed = replace(draft, key=key)
    rows = [dispatch_row(new_id(), row.producer_id, target, keyed, now, now) for target in wanted]
    if rows:
        connection.execute(insert(Dispatch), rows)
    return [one["id"] for one in rows]


def _targets(connection: Connection, to: Any) -> list[str]:
    """Whom the names mean now."""
    if isinstance(to, dict):
        return [f"topic:{to['topic']}" if to.get("topic") is not None else "everyone"]
    names = [to] if isinstance(to, str) else to
    people = select(User.id).where(User.name.in_(names), User.disabled_at.is_(None)).order_by(User.id)
    return [f"user:{user_id}" for user_id in connection.execute(people).scalars()]


def _mine(statement: Any, producer_id: int, name: str) -> Any:
    return statement.where(Row.producer_id == producer_id, Row.name == name)


def _this(row: Any) -> Any:
    return _mine(update(Row), row.producer_id, row.name)


def _locked(connection: Connection, producer_id: int, name: str) -> Any:
    row = connection.execute(_mine(select(Row), producer_id, name).with_for_update()).one_or_none()
    if row is None:
        raise nothing()
    return row


def _move(connection: Connection, row: Any, standing: Standing) -> None:
    connection.execute(_this(row).values(_moving(standing)))


def _moving(standing: Standing) -> dict[str, Any]:
    return {
        "since": standing.since,
        "due_at": standing.due_at,
        "last_seen": standing.last_seen,
        "down_since": standing.down_since,
    }


def _promised(
    wanted: Wanted, since: int, due_at: int | None = None, last_seen: int | None = None, down_since: int | None = None
) -> Standing:
    every, grace = wanted.every * 1_000, wanted.grace * 1_000
    return Standing(every, grace, wanted.what, since, due_at, last_seen, down_since, wanted.paused)


def _standing(row: Any) -> Standing:
    return Standing(
        row.every * 1_000, row.grace * 1_000, row.what, row.since, row.due_at, row.last_seen, row.down_since,
        bool(row.paused),
    )  # fmt: skip


def _shown(row: Any, now: int) -> ExpectationShown:
    says = _decode(row.says)
    return ExpectationShown(
        row.name, expecting.state_at(_standing(row), now), row.every, row.grace, json.loads(row.recipients), row.what,
        bool(row.paused), says.title or None, says.body, says.link, says.priority, says.type, row.last_seen, row.due_at,
        row.down_since, row.created_at,
    )  # fmt: skip
