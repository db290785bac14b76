"""What the links in e-mail open: small pages, one button each, for whoever holds the link; nobody signs in.

Looking changes nothing, for mail programs and scanners fetch every link; pressing the button does. A pass is never logged (the log
has the route), and leaks by no Referer (the pipeline forbids it).
"""

from __future__ import annotations

from handbell_server.actions import mailboxes, people
from handbell_server.channels.mail import rendering
from handbell_server.channels.mail.passes import Pass
from handbell_server.channels.mail.words import words_in
from handbell_server.errors import NotFound
from handbell_server.guessing import judged
from handbell_server.http.endpoint import Answer, Call, endpoint

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"


@endpoint("GET", "/v1/confirm-email/{pass}", "anyone", answers={200: bytes}, problems=(429,))
def look_at_confirming(call: Call) -> Answer:
    """A page that asks whether this address is yours. Looking changes nothing."""
    language = _language(call, _pass(call, "confirm"))
    words = words_in(language)
    return _page(language, words.confirm_subject, button=words.confirm_button)


@endpoint("POST", "/v1/confirm-email/{pass}", "anyone", answers={200: bytes}, problems=(429,))
def confirm(call: Call) -> Answer:
    """Confirm the address that the link was sent to."""
    known = _pass(call, "confirm")
    if not call.services.errand(lambda c: mailboxes.confirm_by_link(c, known.user_id, known.is_for)):
        raise _over()
    language = _language(call, known)
    return _page(language, words_in(language).confirm_done)


def _pass(call: Call, *purposes: str) -> Pass:
    """The pass in the path. Wrong ones cost the address that tries them."""

    def look() -> Pass:
        office = call.services.office
        known = None if office is None else office.read_pass(call.path["pass"])
        if known is None or known.purpose not in purposes:
            raise _over()
        return known

    return judged(call.services.rates.address, call.address, look, wrong=NotFound)


def _language(call: Call, known: Pass) -> str | None:
    return call.services.read(people.language_of, known.user_id)


def _over() -> NotFound:
    return NotFound("This link is not valid, or not any more.")


def _page(language: str | None, text: str, *, more: str = "", button: str | None = None) -> Answer:
    body = rendering.page(language, text, more=more, button=button)
    return Answer(200, body, {"Content-Security-Policy": _POLICY}, content_type="text/html; charset=utf-8")
