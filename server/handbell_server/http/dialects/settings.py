"""What a producer's key carries for senders that speak another system's language."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import asdict, replace

from handbell_server.actions import dialects
from handbell_server.actions.dialects import (
    Defaults,
    DialectChange,
    DialectSettings,
    Mapping,
    Names,
    People,
    Priorities,
    Routes,
)
from handbell_server.addressing import Whom
from handbell_server.errors import Unavailable
from handbell_server.http.endpoint import Answer, Call, endpoint
from handbell_server.http.produce import take
from handbell_server.sealing import seal_row


class ShownDialects(Struct, frozen=True, gc=False):
    """The settings; of the secret only whether there is one."""

    to: Whom | None
    routes: Routes
    priorities: Priorities
    defaults: Defaults
    mapping: Mapping
    people: People
    speaks: Names | None
    secret: bool


_EXAMPLE = {
    "to": {"topic": "deploys"},
    "routes": {"backups": {"topic": "backups"}},
    "priorities": {"gotify": {"8": "urgent"}},
    "defaults": {"group": "house"},
}


@endpoint("GET", "/v1/producers/me/dialects", "producer", answers={200: ShownDialects})
def show(call: Call) -> Answer:
    """What holds for your senders that speak another system's language."""
    return Answer(200, _shown(call.services.read(dialects.read, call.producer.id)))


@endpoint(
    "PATCH",
    "/v1/producers/me/dialects",
    "producer",
    body=DialectChange,
    answers={200: ShownDialects},
    problems=(429,),
    example=_EXAMPLE,
)
def change(call: Call) -> Answer:
    """Change what holds for them; what is not given stays, and null takes it back."""
    take(call, 1)
    wanted: DialectChange = call.body
    producer = call.producer
    if isinstance(wanted.secret, str):
        if call.services.seal is None:
            raise Unavailable("Secrets need HANDBELL_SECRET_KEY here; the operator sets it.", retry_after=3_600)
        wanted = replace(wanted, secret=call.services.seal.close(wanted.secret, seal_row(producer.id)))
    after = call.services.errand(lambda c: dialects.change(c, producer.id, wanted, producer.name))
    call.services.auth.forget()
    return Answer(200, _shown(after))


def _shown(settings: DialectSettings) -> ShownDialects:
    return ShownDialects(**(asdict(settings) | {"secret": settings.secret is not None}))
