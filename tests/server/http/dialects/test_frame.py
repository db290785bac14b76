"""What holds for every dialect: tokens, recipients, words for urgency, and that nothing of what is said gets lost unsaid."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from handbell_server.actions.dialects import DIALECTS
from handbell_server.errors import RateLimited
from handbell_server.http import ENDPOINTS
from handbell_server.http.dialects import places
from handbell_server.http.dialects.reading import number_of, text_of
from handbell_server.http.dialects.saying import _title_and_text, _word
from handbell_server.http.pipeline import _refused
from handbell_server.limits import InputLimits
from tests.server.http.dialects.speaking import Speaker, left_out
from tests.server.http.stage import Person, Stage

SAY = "/message"
LIMITS = InputLimits()


def test_every_dialect_that_can_be_set_has_an_endpoint_and_the_other_way_round() -> None:
    assert {one.speaks.name for one in ENDPOINTS if one.speaks is not None} == set(DIALECTS)


def test_no_two_endpoints_share_an_address() -> None:
    addresses = [address for one in ENDPOINTS for address in ((one.method, one.path), *one.also)]

    assert len(addresses) == len(set(addresses))


# ---- tokens


@pytest.mark.parametrize("shape", ["gotify", "gotify3"])
def test_a_token_of_a_dialect_opens_that_and_nothing_else(sender: Speaker, ana: Person, shape: str) -> None:
    token = sender.token("gotify", shape)

    said = sender.ask_bare("POST", f"{SAY}?token={token}", {"message": "Hello"})
    elsewhere = sender.stage.rest(token).notify(ana.name, "Through the front door")
    settings = sender.stage.rest(token).get("/v1/producers/me/dialects")

    assert said.status == 200, said
    assert ana.titles() == ["Hello"]
    assert (elsewhere.status, elsewhere.code) == (403, "forbidden")
    assert settings.status == 403


def test_a_producer_can_be_kept_to_some_dialects(sender: Speaker, ana: Person) -> None:
    sender.set(speaks=[])

    assert sender.ask("POST", SAY, {"message": "Hello"}).status == 403

    sender.set(speaks=None)

    assert sender.ask("POST", SAY, {"message": "Hello again"}).status == 200
    assert ana.titles() == ["Hello again"]


def test_a_persons_token_is_no_producers(ana: Person) -> None:
    answer = ana.rest.post(SAY, {"message": "Hello"})

    assert (answer.status, answer.body["errorCode"]) == (403, 403)


def test_no_token_reaches_the_log(sender: Speaker) -> None:
    token = sender.token("gotify")

    sender.ask_bare("POST", f"{SAY}?token={token}", {"message": "Hello"})
    sender.ask_bare("POST", f"{SAY}?token={sender.key}", b"\xff{")
    sender.ask_bare("POST", SAY, b"{", X_Gotify_Key=token)

    log = sender.stage.log()
    assert token not in log
    assert sender.key not in log


@given(st.text(max_size=80) | st.from_regex(r"(?i)(basic|bearer) [!-~]{0,40}", fullmatch=True))
def test_any_authorization_is_a_token_or_none(value: str) -> None:
    token = places.of_authorization(value)

    assert token is None or isinstance(token, str)
    assert isinstance(places.unpacked(value), str)


# ---- whom


def test_whoever_is_nobodys_is_told_so(stage: Stage) -> None:
    answer = Speaker.of(stage).ask("POST", SAY, {"message": "Hello"})

    assert answer.status == 400
    assert "no recipient" in answer.body["errorDescription"]


def test_the_settings_give_no_rights(stage: Stage, ana: Person) -> None:
    sender = Speaker.of(stage, scopes=("send:topic:ops",), to=ana.name)

    assert sender.ask("POST", SAY, {"message": "Hello"}).status == 403
    assert ana.titles() == []


def test_many_people_and_topics_can_be_told(sender: Speaker, ana: Person, ben: Person) -> None:
    sender.set(to=[ana.name, ben.name])
    assert sender.ask("POST", SAY, {"message": "To both"}).status == 200
    assert (ana.titles(), ben.titles()) == (["To both"], ["To both"])

    sender.set(to={"topic": "ops"})
    assert sender.ask("POST", SAY, {"message": "To whom it may concern"}).status == 200


# ---- what is said


def test_what_is_too_long_is_cut_and_told(sender: Speaker, ana: Person) -> None:
    answer = sender.ask("POST", SAY, {"title": "t" * 300, "message": "m" * 60_000})

    assert answer.status == 200, answer
    [told] = ana.inbox()
    assert told["title"] == "t" * 199 + "…"
    assert told["body"].startswith("t" * 300 + "\n\nmmm")
    assert told["body"].endswith("m…")
    assert len(told["body"]) == LIMITS.text_chars


def test_what_cannot_be_carried_over_is_left_out_and_named(sender: Speaker, ana: Person) -> None:
    extras = {
        "client::notification": {"click": {"url": "javascript:alert(1)"}, "bigImageUrl": "file:///etc/passwd"},
        "big": "x" * 9_000,
    }

    answer = sender.ask("POST", SAY, {"message": "Hello", "extras": extras})

    assert answer.status == 200, answer
    assert set(left_out(answer)) == {"link", "image", "data"}
    assert "link" not in ana.inbox()[0]


def test_defaults_fill_in_what_a_sender_leaves_open(sender: Speaker, ana: Person) -> None:
    sender.set(defaults={"type": "backup", "priority": "high", "group": "house", "link": "https://nas.example/"})

    sender.ask("POST", SAY, {"message": "Hello"})
    sender.ask("POST", SAY, {"message": "Quietly", "priority": 1})

    quiet, plain = ana.inbox()
    assert (plain["type"], plain["priority"], plain["group"]) == ("backup", "high", "house")
    assert plain["link"] == "https://nas.example/"
    assert quiet["priority"] == "low"


def test_a_retry_with_a_key_is_told_once(sender: Speaker, ana: Person) -> None:
    body = {"message": "Hello"}
    first, second = (sender.ask("POST", SAY, body, Idempotency_Key="k-1") for _ in range(2))
    other = sender.ask("POST", SAY, {"message": "Something else"}, Idempotency_Key="k-1")

    assert first.body == second.body
    assert second.headers["idempotency-replayed"] == "true"
    assert other.status == 400
    assert ana.titles() == ["Hello"]


def test_who_sends_too_much_is_told_in_their_own_words() -> None:
    endpoint = next(one for one in ENDPOINTS if one.name == "gotify.message")

    reply = _refused(endpoint, RateLimited("Too much.", headers={"Retry-After": "7"}), "a-request", {})

    assert reply.status == 429
    assert ("Retry-After", "7") in reply.headers
    assert msgspec.json.decode(reply.body)["errorCode"] == 429


@given(st.text(), st.text(), st.text(min_size=1, max_size=64).filter(str.strip))
def test_a_title_always_says_something_and_nothing_is_too_long(title: str, text: str, otherwise: str) -> None:
    title, text = _title_and_text(title, text, otherwise)

    assert title.strip()
    assert "\x00" not in title + text
    assert len(title) <= LIMITS.title_chars
    assert len(text) <= LIMITS.text_chars
    assert (title + text).encode()


@given(st.text(min_size=1))
def test_a_key_is_always_printable_and_short(text: str) -> None:
    word = _word(text)

    assert word is not None
    assert word.isprintable()
    assert 0 < len(word) <= LIMITS.key_chars


def test_long_keys_that_differ_stay_different() -> None:
    assert _word("x" * 500 + "1") != _word("x" * 500 + "2")
    assert _word("a\tb") != _word("a\nb")


Json = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers(-(2**63), 2**64 - 1) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(Json)
def test_every_value_can_be_text_and_may_be_a_number(value: object) -> None:
    assert isinstance(text_of(value), str)
    assert number_of(value) is None or isinstance(number_of(value), int)
