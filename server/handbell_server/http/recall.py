"""Taking back: by id or by the producer's own key, before delivery and after."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from handbell_server.actions import answers, dispatches
from handbell_server.actions.recall import Remove, Withdraw
from handbell_server.engine.feed import grouped
from handbell_server.errors import NotFound
from handbell_server.http.endpoint import Answer, Call, endpoint
from handbell_server.reads import listing
from handbell_shared.ids import is_id

_AT_ONCE = 500


class ByKey(Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    key: Annotated[str, Meta(min_length=1, max_length=128)]


class Recalled(Struct, frozen=True, gc=False):
    recalled: int


@endpoint("DELETE", "/v1/notifications/{id}", "producer", answers={200: Recalled}, problems=(403, 404))
def recall(call: Call) -> Answer:
    """Take back a notification, or a dispatch with all it has reached."""
    call.producer.must("recall")
    an_id, services, producer_id = call.path["id"], call.services, call.producer.id
    if not is_id(an_id):
        raise _nothing()
    owner = services.read(listing.owner_of, producer_id, an_id)
    if owner is not None:
        return Answer(200, Recalled(services.change(Remove(owner, [an_id], "recalled"))))
    withdrawn = services.change(Withdraw(an_id, producer_id))
    # What was sent to several with one question: also what of it is still to be delivered to somebody.
    withdrawn |= services.errand(lambda c: answers.withdraw(c, an_id, producer_id))
    recalled = 0
    for find in (dispatches.ids_reached, answers.ids_asked):
        while reached := services.read(find, an_id, producer_id, _AT_ONCE):
            recalled += _remove(call, reached)
    # Withdrawn before, and cut off in the middle of the rest: who asks again gets the rest back.
    if not (withdrawn or recalled):
        raise _nothing()
    return Answer(200, Recalled(recalled))


@endpoint("DELETE", "/v1/notifications", "producer", query=ByKey, answers={200: Recalled}, problems=(403, 404, 422))
def recall_by_key(call: Call) -> Answer:
    """Take back what you sent with this life-cycle key, whoever received it."""
    call.producer.must("recall")
    if not call.query.key.isprintable():  # no notification has such a key, and PostgreSQL cannot be asked for NUL
        raise _nothing()
    recalled = call.services.errand(lambda c: dispatches.withdraw_key(c, call.producer.id, call.query.key))
    while sent := call.services.read(listing.sent_with_key, call.producer.id, call.query.key, _AT_ONCE):
        recalled += _remove(call, sent)
    if not recalled:
        raise _nothing()
    return Answer(200, Recalled(recalled))


def _remove(call: Call, sent: list[tuple[int, str]]) -> int:
    return sum(call.services.change_all([Remove(user, ids, "recalled") for user, ids in grouped(sent).items()]))


def _nothing() -> NotFound:
    return NotFound("There is no such notification.")
