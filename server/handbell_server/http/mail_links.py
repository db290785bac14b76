"""What the links in e-mail open: small pages, one button each, for whoever holds the link; nobody signs in.

Looking changes nothing, for mail programs and scanners fetch every link; pressing the button does. A pass is never logged (the log
has the route), and leaks by no Referer (the pipeline forbids it).
"""

from __future__ import annotations

from email import message_from_bytes
from urllib.parse import parse_qs

from msgspec import to_builtins
from msgspec.structs import replace
from sqlalchemy.engine import Connection

from handbell_server.actions import mailboxes, people
from handbell_server.channels.mail import rendering
from handbell_server.channels.mail.passes import Pass
from handbell_server.channels.mail.words import words_in
from handbell_server.errors import Invalid, NotFound
from handbell_server.guessing import judged, pay
from handbell_server.http.endpoint import Answer, Call, endpoint
from handbell_server.reads import reading
from handbell_shared.clock import now_ms
from handbell_shared.ids import new_id
from handbell_shared.preferences import CHANNELS, Digest, Preferences, name_of_rule, preferences_of
from handbell_shared.records import Action, Chosen

_ONE_CLICK = ("List-Unsubscribe", "One-Click")
_ONE_CLICK_BYTES = 4_096  # it says two words; of parts within parts a parser has work, and the loop is everybody's
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


@endpoint("GET", "/v1/unsubscribe/{pass}", "anyone", answers={200: bytes}, problems=(429,))
def look_at_leaving(call: Call) -> Answer:
    """A page that asks whether you want no more of these e-mails. Looking changes nothing."""
    language = _language(call, _pass(call, "at_once", "digest"))
    words = words_in(language)
    return _page(language, words.leave_question, more=words.leave_text, button=words.leave_button, field=_ONE_CLICK)


@endpoint(
    "POST",
    "/v1/unsubscribe/{pass}",
    "anyone",
    body=bytes,
    media=("application/x-www-form-urlencoded", "multipart/form-data"),
    answers={200: bytes},
    problems=(429,),
    example=dict([_ONE_CLICK]),
)
def leave(call: Call) -> Answer:
    """End e-mails of this kind: what mail programs POST for one click (RFC 8058), and the button of the page."""
    known = _pass(call, "at_once", "digest")
    if not _is_one_click(call):
        raise Invalid("Send List-Unsubscribe=One-Click, as RFC 8058 says.", field="List-Unsubscribe")
    box, preferences = call.services.read(_now, known.user_id)
    if box is None or not known.is_for(box.address):
        raise _over()
    chosen = _without_digests(preferences) if known.purpose == "digest" else _without_mail_at_once(preferences)
    # As if it were chosen on a device: so all devices hear of it, and the last writer wins.
    actions = [Action(id=new_id(), kind="choose", ids=(), at=now_ms(), choice=one) for one in chosen]
    if actions:
        call.services.act(known.user_id, actions)
    language = _language(call, known)
    return _page(language, words_in(language).leave_done)


def _now(connection: Connection, user_id: int) -> tuple[mailboxes.MailboxShown | None, Preferences]:
    return mailboxes.mailbox_of(connection, user_id), preferences_of(reading.choices(connection, user_id, 0))


def _without_digests(preferences: Preferences) -> list[Chosen]:
    never: Digest = replace(preferences.digest, every="never")
    return [] if preferences.digest == never else [Chosen("digest", to_builtins(never))]


def _without_mail_at_once(preferences: Preferences) -> list[Chosen]:
    """What rules said of other channels stays, and digests go on."""
    found = []
    for rule in preferences.rules:
        if rule.email == "now":
            says = {channel: said for channel in CHANNELS if (said := getattr(rule, channel)) is not None}
            found.append(Chosen(name_of_rule(rule.scope), says | {"email": "digest"}))
    return found


def _is_one_click(call: Call) -> bool:
    kind = call.header("Content-Type") or ""
    if len(call.raw) > _ONE_CLICK_BYTES:
        return False
    if not kind.lower().startswith("multipart/form-data"):
        return parse_qs(call.raw.decode("ascii", "replace")).get(_ONE_CLICK[0]) == [_ONE_CLICK[1]]
    form = message_from_bytes(b"Content-Type: " + kind.encode("latin-1", "replace") + b"\r\n\r\n" + call.raw)
    return any(
        part.get_param("name", header="Content-Disposition") == _ONE_CLICK[0]
        and str(part.get_payload()).strip() == _ONE_CLICK[1]
        for part in form.walk()
        if not part.is_multipart()
    )


def _pass(call: Call, *purposes: str) -> Pass:
    """The pass in the path. Wrong ones cost the address that tries them, and good ones the links of their person."""

    def look() -> Pass:
        office = call.services.office
        known = None if office is None else office.read_pass(call.path["pass"])
        if known is None or known.purpose not in purposes:
            raise _over()
        return known

    known = judged(call.services.rates.address, call.address, look, wrong=NotFound)
    # A link may be in many hands, and pressing it costs a commit: as often as its person may ask, and not from their account.
    pay(call.services.rates.user, f"m{known.user_id}", "This link is asked for too often.")
    return known


def _language(call: Call, known: Pass) -> str | None:
    return call.services.read(people.language_of, known.user_id)


def _over() -> NotFound:
    return NotFound("This link is not valid, or not any more.")


def _page(
    language: str | None,
    text: str,
    *,
    more: str = "",
    button: str | None = None,
    field: tuple[str, str] | None = None,
) -> Answer:
    body = rendering.page(language, text, more=more, button=button, field=field)
    return Answer(200, body, {"Content-Security-Policy": _POLICY}, content_type="text/html; charset=utf-8")
