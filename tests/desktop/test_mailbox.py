"""What a person is told when their e-mail address cannot be what they want, or the server is another than expected."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest

from handbell_desktop.account import mailbox
from handbell_desktop.account.mailbox import Mailbox
from handbell_desktop.account.trouble import Trouble
from handbell_desktop.kept.settings import Account
from handbell_shared.preferences import Digest, Preferences, Rule
from tests.shared.test_link_rest import Peer, serving

ME: dict[str, Any] = {"user": "ana", "admin": False, "language": None}
HERS = ME | {"email": "ana@home.example", "email_confirmed": False, "email_trouble": None, "email_offered": True}


@pytest.fixture(scope="module")
def at() -> Iterator[Peer]:
    with serving() as peer:
        yield peer


@pytest.fixture
def peer(at: Peer) -> Peer:
    at.asked.clear()
    return at


@pytest.fixture
def ana(peer: Peer) -> Account:
    return Account(id="ana", server=peer.url, user="ana", device="d")


def trouble_of(act: Callable[[], object]) -> Trouble:
    with pytest.raises(Trouble) as caught:
        act()
    return caught.value


@pytest.mark.parametrize(
    ("chosen", "mailed"),
    [
        (Preferences(), False),
        (Preferences(rules=(Rule(email="digest"), Rule(source="ci", email="never"))), False),
        (Preferences(rules=(Rule(email="never"), Rule(source="ci", email="now"))), True),
        (Preferences(digest=Digest(every="weekly")), True),
    ],
)
def test_nothing_is_mailed_that_was_not_chosen(chosen: Preferences, mailed: bool) -> None:
    assert mailbox.asks_for_e_mail(chosen) == mailed


def test_a_server_that_is_older_than_its_e_mail_has_no_mailbox(peer: Peer, ana: Account) -> None:
    peer.will_answer(200, ME)
    peer.will_answer(404, {"code": "not_found", "detail": "There is no such thing."})
    assert mailbox.of(ana, "token") is None
    assert mailbox.of(ana, "token") is None

    peer.will_answer(200, ME | {"email_offered": False})
    assert mailbox.of(ana, "token") == Mailbox(offered=False)
    peer.will_answer(200, HERS | {"email_trouble": "550 nobody", "of tomorrow": 1})
    assert mailbox.of(ana, "token") == Mailbox(offered=True, address="ana@home.example", trouble="550 nobody")
    peer.will_answer(200, HERS | {"email": 7})
    assert "it is no Handbell server" in str(trouble_of(lambda: mailbox.of(ana, "token")))


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("  ", "Please enter your e-mail address."),
        ("ana", "No e-mail can be sent to this address."),
        ("ana@home example", "No e-mail can be sent to this address."),
    ],
)
def test_a_slip_of_the_hand_is_said_without_asking(peer: Peer, ana: Account, typed: str, sentence: str) -> None:
    trouble = trouble_of(lambda: mailbox.name(ana, "token", typed))

    assert (trouble.field, peer.asked) == ("email", [])
    assert sentence in str(trouble)


def test_what_the_server_says_of_an_address_is_said_to_the_person(peer: Peer, ana: Account) -> None:
    name = partial(mailbox.name, ana, "token", " ana@-.example ")
    peer.will_answer(422, {"code": "invalid", "field": "email", "detail": "This is no address."})
    assert "No e-mail can be sent to this address." in str(trouble_of(name))
    assert json.loads(peer.asked[0][3]) == {"email": "ana@-.example"}

    peer.will_answer(429, {"code": "rate_limited", "detail": "Too many."}, Retry_After="3600")
    assert "No more codes are sent for now." in str(trouble_of(name))
    peer.will_answer(503, {"code": "unavailable", "detail": "E-mail is not set up."})
    assert "The server has trouble of its own." in str(trouble_of(name))


def test_a_code_may_be_typed_as_it_is_read_and_a_followed_link_is_as_good(peer: Peer, ana: Account) -> None:
    peer.will_answer(200, HERS | {"email_confirmed": True})
    assert mailbox.confirm(ana, "token", " 042-137 ").confirmed
    assert json.loads(peer.asked[0][3]) == {"code": "042137"}

    over = {"code": "code_expired", "field": "code", "detail": "This is not the code."}
    for confirmed in (True, False):
        peer.will_answer(404, over)
        peer.will_answer(200, HERS | {"email_confirmed": confirmed})
    assert mailbox.confirm(ana, "token", "042137").confirmed
    wrong = trouble_of(lambda: mailbox.confirm(ana, "token", "042137"))
    assert wrong.field == "code" and "This is not the code, or not any more" in str(wrong)
    assert "that has six digits" in str(trouble_of(lambda: mailbox.confirm(ana, "token", "12345")))
    assert len(peer.asked) == 5
