"""Why a notification rang or did not, for its person and for the producer that sent it."""

from __future__ import annotations

from handbell_server.errors import NotFound
from handbell_server.http.endpoint import Answer, Call, endpoint
from handbell_server.reads import tracing
from handbell_shared.ids import is_id
from handbell_shared.traces import Trace


@endpoint("GET", "/v1/notifications/{id}/trace", "producer", answers={200: Trace}, problems=(403, 404))
def of_mine(call: Call) -> Answer:
    """What was decided about a notification you sent: why it rang, was held, muted or grouped, and when."""
    call.producer.must("receipts")
    an_id = call.path["id"]
    return _found(call.services.read(tracing.for_producer, call.producer.id, an_id) if is_id(an_id) else None)


@endpoint("GET", "/v1/inbox/{id}/trace", "user", answers={200: Trace}, problems=(404,))
def why(call: Call) -> Answer:
    """Why a notification of yours rang or did not, on which device, and by which rule."""
    an_id = call.path["id"]
    return _found(call.services.read(tracing.for_person, call.person.user_id, an_id) if is_id(an_id) else None)


def _found(trace: Trace | None) -> Answer:
    if trace is None:
        raise NotFound("There is no such notification.")
    return Answer(200, trace)
