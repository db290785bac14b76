"""Trying it out: a person has themself told something, the way any producer would tell them."""

from __future__ import annotations

from typing import Final

from handbell_server.actions.drafts import Draft, Sender
from handbell_server.actions.produce import Produce, Produced, Recipient
from handbell_server.guessing import pay
from handbell_server.http.endpoint import Answer, Call, endpoint
from handbell_server.http.produce import Created

OURSELVES: Final = Sender(0, "Handbell")  # no producer has this number
_DRAFT: Final = Draft(
    title="This is a test notification",
    body="You asked for it, and it has come the whole way: through the server's database to every device of yours.",
    type="info",
)


@endpoint("POST", "/v1/test-notification", "user", answers={201: Created})
def notify_me(call: Call) -> Answer:
    """Tell yourself something, to see whether it arrives; ten at once, then one every few seconds."""
    person = call.person
    pay(call.services.rates.sign_in, f"test {person.user_id}", "Too many test notifications.")
    produced: Produced = call.services.change(Produce(OURSELVES, _DRAFT, (Recipient(person.user_id, person.user),)))
    call.services.metrics.accept(_DRAFT.type, 1)
    return Answer(201, produced.outcomes[0])
