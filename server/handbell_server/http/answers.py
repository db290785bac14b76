"""Waiting for the answer to a question, by the producer that asked it."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from handbell_server.errors import Conflict, Gone, NotFound
from handbell_server.http.endpoint import Answer, Call, endpoint
from handbell_server.reads.answering import GivenAnswer
from handbell_shared.ids import is_id


class Patience(Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """How many seconds to wait for an answer that is not there yet."""

    wait: Annotated[int, Meta(ge=0, le=60)] = 0


@endpoint(
    "GET",
    "/v1/notifications/{id}/answer",
    "producer",
    query=Patience,
    answers={200: GivenAnswer, 204: None},
    problems=(403, 404, 409, 410, 429),
)
def wait_for(call: Call) -> Answer:
    """The answer to what you sent; with `wait`, as soon as there is one."""
    call.producer.must("receipts")
    an_id, producer_id = call.path["id"], call.producer.id
    found = call.services.awaited.wait((producer_id, an_id), call.query.wait) if is_id(an_id) else None
    if found is None:
        raise NotFound("There is no such notification.")
    match found.state:
        case "open":
            return Answer(204)
        case "closed":
            raise Gone("Nobody answered, and nobody can any more.")
        case "each":
            raise Conflict("Everybody answers this for themself: ask for the notification of one person.")
        case "no question":
            raise Conflict("This has no actions to answer with.")
        case _:
            return Answer(200, found.answer)
