"""Subscribing to topics."""

from __future__ import annotations

from msgspec import Struct

from handbell_server.actions import topics
from handbell_server.http.endpoint import Answer, Call, endpoint


class Topics(Struct, frozen=True, gc=False):
    topics: tuple[str, ...]


@endpoint("GET", "/v1/topics", "user", answers={200: Topics})
def mine(call: Call) -> Answer:
    """The topics you subscribe to."""
    return Answer(200, Topics(tuple(call.services.read(topics.topics_of, call.person.user_id))))


@endpoint("PUT", "/v1/topics/{topic}/subscription", "user", answers={204: None}, problems=(404, 422))
def subscribe(call: Call) -> Answer:
    """Subscribe to a topic; subscribing twice changes nothing."""
    topics.check_topic(call.path["topic"])
    call.services.errand(lambda c: topics.subscribe(c, call.person.user_id, call.path["topic"]))
    return Answer(204)


@endpoint("DELETE", "/v1/topics/{topic}/subscription", "user", answers={204: None}, problems=(422,))
def unsubscribe(call: Call) -> Answer:
    """Leave a topic; leaving what you never joined changes nothing."""
    topics.check_topic(call.path["topic"])
    call.services.errand(lambda c: topics.unsubscribe(c, call.person.user_id, call.path["topic"]))
    return Answer(204)
