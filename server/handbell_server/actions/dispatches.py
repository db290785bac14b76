"""Carrying a dispatch on: the next recipients of a fan-out, or the one of a scheduled notification.

Two moments matter. Finding the next users is a read of its own; reaching them is a command in a group commit, which
moves the cursor in the same transaction and does nothing when somebody else has moved it meanwhile. So a fan-out can be
killed anywhere and carried on by any process, and nobody is told twice or left out.
"""

from __future__ import annotations

import msgspec
from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import Integer, Select, Text, and_, cast, func, literal, select, update
from sqlalchemy.engine import Connection

from handbell_server.actions import alarms, answers
from handbell_server.actions.drafts import Draft, Sender, spoken
from handbell_server.actions.produce import Recipient, is_open, tell
from handbell_server.engine.feed import Needs, Work
from handbell_server.models import Dispatch, NotificationRow, Producer, Subscription, User
from handbell_shared.clock import now_ms
from handbell_shared.ids import new_id

CHUNK = 250
TOLD = "told:"  # a target: whoever has a notification of this life-cycle key

_decode = msgspec.json.Decoder(tuple[Draft, bool]).decode
# What a disabled producer has waiting is told to nobody; `actions/stopping.py` withdraws it.
_MAY_BE_TOLD = Dispatch.producer_id.not_in(select(Producer.id).where(Producer.disabled_at.is_not(None)))


class Leg(Struct, frozen=True, gc=False):
    """The next stretch of a dispatch."""

    dispatch_id: str
    target: str
    sender: Sender
    draft: Draft
    notify_actor: bool
    cursor: int
    users: tuple[Recipient, ...]

    @property
    def size(self) -> int:
        return len(self.users)

    @property
    def last(self) -> bool:
        return len(self.users) < CHUNK


class Reach:
    """Tell the users of one leg, and move the dispatch behind them."""

    __slots__ = ("leg",)

    def __init__(self, leg: Leg) -> None:
        self.leg = leg

    @property
    def weight(self) -> int:
        return len(self.leg.users) + 1

    def needs(self, needs: Needs) -> None:
        needs.dispatches.add(self.leg.dispatch_id)
        if self.leg.draft.question is not None:
            needs.questions.add(self.leg.draft.question.id)
        for user in self.leg.users:
            needs.inboxes.add(user.user_id)
            if self.leg.draft.key is not None:
                needs.keys.add((user.user_id, self.leg.sender.id, self.leg.draft.key))
            if self.leg.draft.translations is not None:
                needs.languages.add(user.user_id)
        if self.leg.draft.alarm is not None:
            needs.vigils.add(self.leg.draft.alarm.id)
            needs.ringing.add(self.leg.sender.id)

    def run(self, work: Work) -> bool:
        """Whether there is more to do for this dispatch."""
        leg = self.leg
        journey = work.journeys.get(leg.dispatch_id)
        if journey is None or journey.state != "waiting" or journey.cursor != leg.cursor:
            return False
        if leg.draft.expires_at is not None and leg.draft.expires_at <= work.now:
            work.move(replace(journey, state="done"))  # it was over before it could be told
            return False
        if leg.draft.question is not None and answers.is_withdrawn(work, leg.draft.question.id):
            work.move(replace(journey, state="recalled"))
            return False
        reached = 0
        for user in leg.users:
            inbox = work.inboxes.get(user.user_id)
            actor = leg.draft.actor
            if inbox is None or (actor and actor.user == user.name and not leg.notify_actor):
                continue
            if leg.target.startswith(TOLD) and inbox.with_key(leg.sender.id, leg.draft.key or "") is None:
                continue  # deleted since it was found: there is nothing to say more of
            single = leg.target.startswith("user:")
            an_id = leg.dispatch_id if single else new_id()
            draft = leg.draft
            if draft.if_open and not is_open(inbox, leg.sender, draft):
                continue
            if draft.alarm is not None or work.vigils:
                draft = alarms.carried_on(work, inbox, leg.sender, draft, leg.notify_actor)
                draft = alarms.within_bounds(work, leg.sender, draft)
            words = draft
            if draft.translations is not None:
                words = spoken(draft, work.languages.get(user.user_id))
            record, _ = tell(inbox, leg.sender, words, work.now, an_id=an_id, dispatch_id=leg.dispatch_id)
            alarms.reached(work, inbox, record, leg.sender, draft, leg.notify_actor)
            if draft.question is not None:
                answers.reached(work, inbox, inbox.records[record.id], draft.question)
            reached += 1
        cursor = leg.users[-1].user_id if leg.users else leg.cursor
        state = "done" if leg.last else "waiting"
        work.move(replace(journey, state=state, cursor=cursor, reached=journey.reached + reached))
        return state == "waiting"


def due(connection: Connection, now: int, limit: int = 500) -> list[str]:
    """Dispatches whose time has come, the oldest first."""
    query = select(Dispatch.id).where(Dispatch.state == "waiting", Dispatch.due_at <= now, _MAY_BE_TOLD)
    return list(connection.execute(query.order_by(Dispatch.due_at).limit(limit)).scalars())


def legs_due(connection: Connection, now: int, limit: int = 200) -> list[Leg]:
    """Scheduled notifications to one person each whose time has come: many at once, for many are due on the hour."""
    to_one = Dispatch.target == literal("user:") + cast(User.id, Text)
    whose = User.id == cast(func.substr(Dispatch.target, len("user:") + 1), Integer)
    due_now = (
        select(Dispatch.id)
        .where(
            Dispatch.state == "waiting",
            Dispatch.due_at <= now,
            Dispatch.target.like("user:%"),
            Dispatch.cursor == 0,
            _MAY_BE_TOLD,
        )
        .order_by(Dispatch.due_at)
        .limit(limit)
        .scalar_subquery()
    )
    query = (
        select(
            Dispatch.id,
            Dispatch.target,
            Dispatch.payload,
            Dispatch.cursor,
            Producer.id,
            Producer.name,
            User.id,
            User.name,
        )
        .join(Producer, Producer.id == Dispatch.producer_id)
        .join(User, and_(whose, to_one))
        .where(Dispatch.id.in_(due_now), User.disabled_at.is_(None))
    )
    legs = []
    for an_id, target, payload, cursor, producer_id, producer, user_id, user in connection.execute(query):
        draft, notify_actor = _decode(payload)
        sender, person = Sender(producer_id, producer), Recipient(user_id, user)
        legs.append(Leg(an_id, target, sender, draft, notify_actor, cursor, (person,)))
    return legs


def next_leg(connection: Connection, dispatch_id: str) -> Leg | None:
    """What a dispatch has to do next; None when it is finished or recalled, or its producer is disabled."""
    row = connection.execute(
        select(Dispatch.target, Dispatch.payload, Dispatch.cursor, Producer.id, Producer.name)
        .join(Producer, Producer.id == Dispatch.producer_id)
        .where(Dispatch.id == dispatch_id, Dispatch.state == "waiting", Producer.disabled_at.is_(None))
    ).one_or_none()
    if row is None:
        return None
    target, payload, cursor, producer_id, producer_name = row
    draft, notify_actor = _decode(payload)
    users = connection.execute(_recipients(target, producer_id).where(User.id > cursor).order_by(User.id).limit(CHUNK))
    found = tuple(Recipient(user.id, user.name) for user in users)
    return Leg(dispatch_id, target, Sender(producer_id, producer_name), draft, notify_actor, cursor, found)


def reach_of(connection: Connection, target: str) -> int:
    """How many people a target means now."""
    return connection.execute(select(func.count()).select_from(_recipients(target, None).subquery())).scalar_one()


def _recipients(target: str, producer_id: int | None) -> Select[int, str]:
    people = select(User.id, User.name).where(User.disabled_at.is_(None))
    kind, _, name = target.partition(":")
    match kind:
        case "everyone":
            return people
        case "topic":
            return people.join(Subscription, Subscription.user_id == User.id).where(Subscription.topic == name)
        case "told":
            return people.join(NotificationRow, NotificationRow.user_id == User.id).where(
                NotificationRow.producer_id == producer_id,
                NotificationRow.key == name,
                NotificationRow.key.is_not(None),
                NotificationRow.deleted == "",
            )
        case _:
            return people.where(User.id == int(name))


def ids_reached(connection: Connection, dispatch_id: str, producer_id: int, limit: int) -> list[tuple[int, str]]:
    """Live notifications that a dispatch of this producer has made, with their owners."""
    query = select(NotificationRow.user_id, NotificationRow.id).where(
        NotificationRow.dispatch_id == dispatch_id,
        NotificationRow.dispatch_id.is_not(None),
        NotificationRow.producer_id == producer_id,
        NotificationRow.deleted == "",
    )
    return [(row.user_id, row.id) for row in connection.execute(query.limit(limit))]


def withdraw_key(connection: Connection, producer_id: int, key: str) -> int:
    """Take back what waits under this life-cycle key; how many dispatches that were."""
    query = (
        update(Dispatch)
        .where(Dispatch.producer_id == producer_id, Dispatch.key == key, Dispatch.state == "waiting")
        .values(state="recalled", finished_at=now_ms())
        .returning(Dispatch.id)
    )
    return len(connection.execute(query).all())
