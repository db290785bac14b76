"""Without the right key nothing is signed, and nothing is sent unsigned."""

from __future__ import annotations

import pytest

from handbell_server.channels.egress import Egress
from handbell_server.channels.posting import Poster
from handbell_server.errors import Unavailable
from handbell_server.sealing import Seal
from tests.support.receiver import Receiver


def poster(key: str | None) -> Poster:
    return Poster(Egress(["127.0.0.1"]), None if key is None else Seal(key))


def test_where_no_key_was_chosen_no_webhook_is_registered() -> None:
    with pytest.raises(Unavailable, match="HANDBELL_SECRET_KEY"):
        poster(None).new_secret("row")


def test_a_secret_of_another_key_or_another_webhook_sends_nothing() -> None:
    _, sealed = poster("one").new_secret("row")
    with Receiver() as receiver:
        for key, row in (("two", "row"), ("one", "other"), (None, "row")):
            outcome = poster(key).post(row, "id", receiver.url, [sealed], b"{}")
            assert outcome.error == "The webhook's secret cannot be opened with this server's key. Make a new one."

    assert receiver.received == []


def test_after_the_key_was_lost_a_new_secret_signs_and_the_old_one_is_left_out() -> None:
    _, lost = poster("lost").new_secret("row")
    secret, sealed = poster("new").new_secret("row")
    with Receiver() as receiver:
        assert poster("new").post("row", "id", receiver.url, [sealed, lost], b"{}").delivered

    assert receiver.received[0].signed_with(secret)
    assert len(receiver.received[0].headers["webhook-signature"].split()) == 1
