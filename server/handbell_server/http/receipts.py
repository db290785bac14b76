"""What a device did with notifications, over REST, for clients that poll."""

from __future__ import annotations

from handbell_server.actions.receipts import write
from handbell_server.errors import Forbidden
from handbell_server.http.endpoint import Answer, Call, endpoint
from handbell_server.parsing import ToldMarks
from handbell_shared.clock import now_ms


@endpoint(
    "POST",
    "/v1/receipts",
    "user",
    body=ToldMarks,
    answers={204: None},
    problems=(403, 422, 503),
    example={"receipts": [{"id": "0193f0c8-5a11-7c2e-8a7b-0c9b8f7e6d5c", "shown": 1764150000000}]},
)
def tell(call: Call) -> Answer:
    """Tell that this device showed notifications, and what you did with them there."""
    device, user_id = call.person.device, call.person.user_id
    if device is None:
        raise Forbidden("This is for devices: a token of the organisation's issuer has none.")
    sent: ToldMarks = call.body
    call.services.metrics.told(sent.receipts)
    marks = {mark.id: mark for mark in sent.receipts}
    call.services.errand(lambda connection: write(connection, user_id, device, marks, now_ms()))
    return Answer(204)
