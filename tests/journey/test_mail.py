"""Servers that are killed in the middle of sending an e-mail: it is sent by another one, or set aside, and never twice."""

from __future__ import annotations

import time

import psycopg

from tests.conftest import StartsHandbell
from tests.journey.conftest import Fleet
from tests.journey.seeding import PASSWORD, settle
from tests.journey.test_workers import ENDS_WITHIN, SLACK
from tests.server.mail.conftest import mail_settings
from tests.support.mail_server import OK, Hold, MailServer
from tests.support.rest import Rest
from tests.support.waiting import until


def name_address(server_url: str, user: str) -> None:
    with Rest(server_url) as door, door.sign_in(user, PASSWORD) as person:
        assert person.patch("/v1/me", {"email": f"{user}@home.example"}).status == 200


def test_a_server_killed_before_or_behind_the_dot_is_followed_by_one_that_never_sends_twice(
    handbell_server: StartsHandbell,
) -> None:
    with MailServer() as mail:
        server = handbell_server(environment=mail_settings(mail), start=False)
        server.data.mkdir(parents=True, mode=0o700)
        settle({}, ["ana", "bo", "cleo"], data=server.data)
        server.start()

        mail.recipient = hold = Hold()  # before the dot: the server dies while it waits for the answer to RCPT
        name_address(server.url, "ana")
        until(lambda: mail.connections == 1, 15, "the mail server to be called")
        server.kill9()
        mail.recipient = OK
        hold.let_go.set()
        server.start()
        [ana] = mail.wait_for(1)
        assert ana.recipient == "ana@home.example", "what was not sent is sent now"

        mail.end = hold = Hold()  # behind it: the mail server has the e-mail, and nobody hears so
        name_address(server.url, "bo")
        mail.wait_for(2)
        server.kill9()
        hold.let_go.set()
        mail.end = OK
        server.start()
        # The lock of the data folder tells it that whoever was at this is gone.
        until(
            lambda: b"handbell_mails_unknown_total 1.0" in server.rest().get("/metrics").body, 15, "it to be set aside"
        )
        name_address(server.url, "cleo")
        mail.wait_for(3)
        assert [one.recipient.split("@")[0] for one in mail.received] == ["ana", "bo", "cleo"]
        assert len({one.id for one in mail.received}) == 3


def test_of_two_servers_one_is_killed_with_an_e_mail_and_one_ends_and_nobody_is_told_twice(fleet: Fleet) -> None:
    with MailServer() as mail:
        fleet.environment |= mail_settings(mail) | {
            "HANDBELL_SECRET_KEY": "a key of this journey, which is long enough"
        }
        killed, ending = fleet.serve("killed", "ending")
        people = ("ana", "bo", "cleo", "dan")
        fleet.people(*people)
        producer = fleet.producer(ending)
        confirmed = (
            "INSERT INTO mailboxes (user_id, address, confirmed_at) SELECT id, name || '@home.example', 1 FROM users"
        )
        _ask(fleet, confirmed)
        for name in people:
            with Rest(ending.url) as door, door.sign_in(name, PASSWORD) as person:
                assert person.patch("/v1/preferences", {"rules": [{"email": "now"}]}).status == 200
        mail.end = behind = Hold()
        for name in people:
            producer.notify(name, f"For {name}", priority="urgent")
        mail.wait_for(2)  # each server waits for the answer to its dot
        killed.kill9()
        behind.let_go.set()
        mail.end = OK
        mail.wait_for(4, 30)

        mail.recipient = before = Hold()
        for name in people:
            producer.notify(name, f"Again for {name}", priority="urgent")
        until(lambda: mail.connections >= 3, 15, "the next e-mail to be under way")
        began = time.monotonic()
        ending.stop()
        assert time.monotonic() - began < ENDS_WITHIN + SLACK, (
            "a mail server that takes its time does not hold up the end"
        )
        mail.recipient = OK
        before.let_go.set()
        fleet.serve("next")
        mail.wait_for(8, 30)
        told = sorted(str(one.message["Subject"]) for one in mail.received)
        assert told == sorted(f"{how} {name}" for how in ("For", "Again for") for name in people)
        handing = "SELECT count(*) FROM mails WHERE state = 'handing'"
        until(lambda: _ask(fleet, handing) == 1, 15, "all but the one nobody knows of to be noted")
        _ask(fleet, "UPDATE mails SET claimed_until = 0 WHERE state = 'handing'")  # as if the minutes were over
        until(lambda: _ask(fleet, "SELECT count(*) FROM mails WHERE state = 'unknown'") == 1, 15, "it to be set aside")
        assert len(mail.received) == 8


def _ask(fleet: Fleet, statement: str) -> int:
    with psycopg.connect(fleet.environment["HANDBELL_DATABASE_URL"].replace("+psycopg", "")) as connection:
        found = connection.execute(statement)
        row = found.fetchone() if found.description else None
        return int(row[0]) if row is not None else 0
