"""Who wants to hear about what."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sqlalchemy import delete, insert, select
from sqlalchemy.engine import Connection

from handbell_server.errors import Invalid, NotFound
from handbell_server.limits import InputLimits
from handbell_server.models import Subscription, User
from handbell_shared.clock import now_ms

_AT_MOST = InputLimits().topic_chars
_TOPIC = re.compile(rf"[^\W_][\w.-]{{0,{_AT_MOST - 1}}}\Z")
SUBSCRIPTIONS_AT_MOST = 500


def check_topic(topic: str, field: str = "topic") -> None:
    if not _TOPIC.match(topic):
        raise Invalid(
            f"A topic begins with a letter or digit and goes on with letters, digits or . _ - (at most {_AT_MOST}).",
            field=field,
        )


def subscribe(connection: Connection, user_id: int, topic: str) -> None:
    """Subscribing twice is subscribing."""
    check_topic(topic)
    held = select(User.id).where(User.id == user_id).with_for_update(key_share=True)  # two at once are counted in turn
    if connection.execute(held).one_or_none() is None:
        raise NotFound("This inbox is gone.")  # removed a moment ago, while their token was still remembered
    mine = topics_of(connection, user_id)
    if topic in mine:
        return
    if len(mine) >= SUBSCRIPTIONS_AT_MOST:
        raise Invalid(f"At most {SUBSCRIPTIONS_AT_MOST} topics for one person.", field="topic")
    connection.execute(insert(Subscription).values(topic=topic, user_id=user_id, created_at=now_ms()))


def unsubscribe(connection: Connection, user_id: int, topic: str) -> None:
    connection.execute(delete(Subscription).where(Subscription.topic == topic, Subscription.user_id == user_id))


def topics_of(connection: Connection, user_id: int) -> Sequence[str]:
    query = select(Subscription.topic).where(Subscription.user_id == user_id).order_by(Subscription.topic)
    return list(connection.execute(query).scalars())
