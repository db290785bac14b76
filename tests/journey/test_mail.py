"""Servers that are killed in the middle of sending an e-mail: it is sent by another one, or set aside, and never twice."""

from __future__ import annotations

from tests.conftest import StartsHandbell
from tests.journey.conftest import Fleet
from tests.journey.seeding import PASSWORD
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
        for name in ("ana", "bo"):
            server.add_user(name, PASSWORD)
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
        until(lambda: "unknown" in server.cli("mail", "list"), 15, "it to be set aside")
        server.add_user("cleo", PASSWORD)
        name_address(server.url, "cleo")
        mail.wait_for(3)
        assert [one.recipient.split("@")[0] for one in mail.received] == ["ana", "bo", "cleo"]
        assert len({one.id for one in mail.received}) == 3


def test_a_server_that_ends_is_not_held_up_and_another_takes_over(fleet: Fleet) -> None:
    with MailServer() as mail:
        fleet.environment |= mail_settings(mail) | {
            "HANDBELL_SECRET_KEY": "a key of this journey, which is long enough"
        }
        ending, living = fleet.serve("ending", "living")
        fleet.people("ana", "bo", "cleo")
        worker = fleet.work()
        mail.recipient = hold = Hold()
        for name in ("ana", "bo", "cleo"):
            name_address(living.url, name)
        until(lambda: mail.connections == 3, 20, "all three processes to be at it")
        ending.stop()
        worker.stop()
        mail.recipient = OK
        hold.let_go.set()
        mail.wait_for(3, 30)
        assert sorted(one.recipient.split("@")[0] for one in mail.received) == ["ana", "bo", "cleo"]
