"""Expected signs of life: a producer promises them, gives them, and looks how they stand."""

from __future__ import annotations

from functools import partial
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from handbell_server.actions import expectations
from handbell_server.actions.drafts import Draft
from handbell_server.actions.expectations import ExpectationShown, Wanted
from handbell_server.addressing import Whom, Word
from handbell_server.errors import Invalid
from handbell_server.http.bodies import Link, Text, Title, check_link, check_text
from handbell_server.http.endpoint import Answer, Call, endpoint
from handbell_server.http.produce import take
from handbell_server.http.telling import Telling, judged
from handbell_server.limits import InputLimits
from handbell_server.rules.expecting import EVERY_AT_LEAST, EVERY_AT_MOST, What, usual_grace
from handbell_shared.records import Priority

_LONGEST_REPORT = InputLimits().text_chars
_CUT = "…\n"


class NewExpectation(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """How often a sign of life is expected, and whom to tell when there is none."""

    every: Annotated[int, Meta(ge=EVERY_AT_LEAST, le=EVERY_AT_MOST)]
    grace: Annotated[int, Meta(ge=0, le=EVERY_AT_MOST)] | None = None
    to: Whom
    what: What = "ping"
    title: Title | None = None
    body: Text = ""
    link: Link | None = None
    priority: Priority = "high"
    type: Word = "error"
    paused: bool = False


class Expectations(Struct, frozen=True, gc=False):
    expectations: tuple[ExpectationShown, ...]


@endpoint("GET", "/v1/expectations", "producer", answers={200: Expectations}, problems=(429,))
def show_all(call: Call) -> Answer:
    """The signs of life that are expected of you, and how they stand."""
    take(call, 1)
    return Answer(200, Expectations(tuple(call.services.read(expectations.all_of, call.producer.id))))


@endpoint("GET", "/v1/expectations/{name}", "producer", answers={200: ExpectationShown}, problems=(404, 429))
def show(call: Call) -> Answer:
    """One of them."""
    take(call, 1)
    return Answer(200, call.services.read(expectations.one_of, call.producer.id, _name(call)))


@endpoint(
    "PUT",
    "/v1/expectations/{name}",
    "producer",
    body=NewExpectation,
    answers={200: ExpectationShown},
    problems=(403, 404, 429),
    example={"every": 86_400, "grace": 3_600, "to": "ana", "link": "https://wiki.example/backup"},
)
def define(call: Call) -> Answer:
    """Promise a sign of life every so often; people are told when one does not come."""
    take(call, 1)
    name, producer_id = call.path["name"], call.producer.id
    expectations.check_name(name)
    wanted = _wanted(call, name, call.body)
    shown = call.services.errand(lambda c: expectations.define(c, producer_id, name, wanted))
    call.services.auth.forget()  # whether anything it sends counts is remembered with its key
    return Answer(200, shown)


@endpoint("DELETE", "/v1/expectations/{name}", "producer", answers={204: None}, problems=(404, 429))
def remove(call: Call) -> Answer:
    """Expect it no more."""
    take(call, 1)
    name, producer_id = _name(call), call.producer.id
    call.services.errand(lambda c: expectations.remove(c, producer_id, name))
    call.services.auth.forget()
    return Answer(204)


@endpoint("POST", "/v1/expectations/{name}/ping", "producer", answers={204: None}, problems=(404, 429))
def ping(call: Call) -> Answer:
    """A sign of life; whoever was told that there is none hears that it is back."""
    take(call, 1)
    call.services.tell_of(partial(expectations.ping, producer_id=call.producer.id, name=_name(call)))
    return Answer(204)


@endpoint(
    "POST",
    "/v1/expectations/{name}/fail",
    "producer",
    body=bytes,
    media=("text/plain",),
    answers={204: None},
    problems=(404, 429),
    example="The disk is full.",
)
def fail(call: Call) -> Answer:
    """Tell people at once that it failed; the body, if there is one, is a text for them."""
    take(call, 1)
    report = _report(call.raw)
    call.services.tell_of(partial(expectations.fail, producer_id=call.producer.id, name=_name(call), report=report))
    return Answer(204)


def _name(call: Call) -> str:
    """The name in the path; one that nothing can have is not there, and PostgreSQL is not asked for NUL."""
    try:
        expectations.check_name(call.path["name"])
    except Invalid:
        raise expectations.nothing() from None
    return call.path["name"]


def _wanted(call: Call, name: str, sent: NewExpectation) -> Wanted:
    Telling(call).check_recipients(sent.to)
    check_text(name if sent.title is None else sent.title, sent.body)
    if sent.link is not None:
        check_link(sent.link, "link")
    if not sent.type.isprintable():
        raise Invalid("Only printable characters here.", field="type")
    # The words are the expectation's own; what a registered type brings is how it looks.
    kind = call.services.book_of(call.producer).get(sent.type)
    draft = Draft(
        title=sent.title or "",
        body=sent.body,
        type=sent.type,
        link=sent.link,
        priority=sent.priority,
        looks=None if kind is None else kind.looks,
    )
    grace = usual_grace(sent.every) if sent.grace is None else sent.grace
    return Wanted(
        sent.every,
        grace,
        sent.what,
        msgspec.to_builtins(sent.to),
        judged(draft, call.services.config.critical_categories),
        sent.paused,
    )


def _report(raw: bytes) -> str:
    """What went wrong, as far as it fits; of a long log the end says most."""
    text = raw.decode(errors="replace").replace("\x00", "\N{REPLACEMENT CHARACTER}").strip()
    return text if len(text) <= _LONGEST_REPORT else _CUT + text[len(_CUT) - _LONGEST_REPORT :]
