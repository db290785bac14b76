"""Who asks too often pays for it alone: wrong tokens, an issuer that says nothing, sockets without end."""

from __future__ import annotations

import socket as sockets
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import jwt
import pytest
from sqlalchemy import text

from handbell_server.actions import mailboxes
from handbell_server.channels.mail.passes import Passes
from handbell_server.sealing import derived
from tests.server.http.stage import GENEROUS, Person, Socket, Stage, created
from tests.server.security.identities import ISSUER, signed
from tests.support.rest import Answer
from tests.support.waiting import until


def test_wrong_tokens_are_refused_after_a_while_and_a_good_one_goes_on(tmp_path: Path) -> None:
    rare = {"HANDBELL_SIGN_IN_RATE": "0.001", "HANDBELL_SIGN_IN_BURST": "1"}
    with Stage(tmp_path, **rare) as stage:
        ana, ci = stage.person("ana"), stage.producer()
        wrong = stage.rest("hbd_wrong")
        created(ci.notify(ana.name, "Before"))

        guess = stage.rest().post("/message?token=Abcdefghij12345", {"message": "A guess"})
        answers = [guess, *(wrong.get("/v1/stats") for _ in range(11))]
        another = stage.rest().post("/message?token=Abcdefghij54321", {"message": "Another"})
        # Longer than an identity is remembered: it is looked up again, and still no guess.
        over = time.monotonic() + 1.5
        good = []
        while time.monotonic() < over:
            good.append(ci.notify(ana.name, "All the same").status)

        assert [answer.status for answer in answers] == [401] * 10 + [429] * 2
        assert answers[-1].code == "rate_limited"
        assert int(answers[-1].headers["retry-after"]) >= 1
        assert (another.status, another.body["errorCode"]) == (429, 429)
        assert set(good) == {201}


def test_wrong_tokens_of_sockets_are_counted_with_those_of_requests(tmp_path: Path) -> None:
    rare = {"HANDBELL_SIGN_IN_RATE": "0.001", "HANDBELL_SIGN_IN_BURST": "1"}
    with Stage(tmp_path, **rare) as stage:
        ana = stage.person("ana")
        good = Socket(stage.url, {"token": ana.token, "protocol": 1})
        good.hears("hello")

        said = [refusal_of(stage, "hbd_wrong") for _ in range(12)]

        assert [code for code, _ in said] == ["auth"] * 10 + ["busy"] * 2
        assert all(retry_ms > 50_000 for code, retry_ms in said if code == "busy"), "it says when to come back"
        assert stage.rest("hbd_wrong").get("/v1/stats").status == 429
        assert refusal_of(stage, ana.token) == (None, 0), "a token that was good is no guess"
        assert ana.rest.get("/v1/stats").status == 200
        good.close()


def test_a_token_that_was_good_over_rest_is_no_guess_on_a_socket(tmp_path: Path) -> None:
    rare = {"HANDBELL_SIGN_IN_RATE": "0.001", "HANDBELL_SIGN_IN_BURST": "1"}
    with Stage(tmp_path, **rare) as stage:
        ana, ben = stage.person("ana"), stage.person("ben")
        assert ana.rest.get("/v1/stats").status == 200
        for _ in range(10):
            assert stage.rest("hbd_wrong").get("/v1/stats").status == 401

        assert refusal_of(stage, ana.token) == (None, 0)
        assert refusal_of(stage, ben.token)[0] == "busy"


def refusal_of(stage: Stage, token: str) -> tuple[str | None, int]:
    """The code of a refused CONNECT and when to come back."""
    socket = Socket(stage.url, {"token": token, "protocol": 1})
    rejected = socket.rejection()
    socket.close()
    return (rejected.code, rejected.retry_ms) if rejected is not None else (None, 0)


def test_whoever_guesses_pairing_codes_is_stopped_with_those_who_guess_tokens(tmp_path: Path) -> None:
    rare = {"HANDBELL_SIGN_IN_RATE": "0.001", "HANDBELL_SIGN_IN_BURST": "1"}
    with Stage(tmp_path, **rare) as stage:
        ana = stage.person("ana")
        offer = created(ana.rest.post("/v1/pairings/offer", None))
        rest = stage.rest()

        guesses = [rest.post("/v1/pairings/redeem", {"code": "2222-2222", "device": {"name": "x"}}) for _ in range(8)]
        guesses += [rest.post("/v1/pairings/claim", {"secret": "hbc_guess"}) for _ in range(2)]
        late = rest.post("/v1/pairings/redeem", {"code": offer["code"], "device": {"name": "x"}})

        assert [guess.status for guess in guesses] == [404] * 9 + [429]
        assert (late.status, late.code) == (429, "rate_limited")
        assert rest.post("/v1/pairings", {"device": {"name": "x"}}).status == 429
        assert stage.rest("hbd_wrong").get("/v1/stats").status == 429
        assert int(late.headers["retry-after"]) >= 1


def test_a_person_who_tries_codes_is_stopped_as_one_who_tries_passwords(tmp_path: Path) -> None:
    rare = {"HANDBELL_SIGN_IN_RATE": "0.001", "HANDBELL_SIGN_IN_BURST": "3"}
    with Stage(tmp_path, **rare) as stage:
        ana, ben = stage.person("ana"), stage.person("ben")

        tried = [ana.rest.post("/v1/pairings/approve", {"code": "2222-2222"}).status for _ in range(5)]

        assert tried == [404] * 3 + [429] * 2
        assert ben.rest.post("/v1/pairings/approve", {"code": "2222-2222"}).status == 404


def test_a_producer_may_ask_as_often_as_it_may_send_and_neither_takes_from_the_other(tmp_path: Path) -> None:
    with Stage(tmp_path, HANDBELL_PRODUCER_RATE="0.001", HANDBELL_PRODUCER_BURST="3") as stage:
        ana, ci, other = stage.person("ana"), stage.producer(), stage.producer()
        sent = created(ci.notify(ana.name, "One"))

        asked = [ci.get(f"/v1/notifications/{sent['id']}") for _ in range(4)]

        assert [answer.status for answer in asked] == [200] * 3 + [429]
        assert int(asked[-1].headers["retry-after"]) >= 1
        assert ci.delete(f"/v1/notifications/{sent['id']}").status == 429
        assert ci.notify(ana.name, "Two").status == 201
        assert other.get(f"/v1/notifications/{sent['id']}").status == 404


def test_a_link_from_an_e_mail_may_be_pressed_often_and_not_without_end(tmp_path: Path) -> None:
    with Stage(tmp_path, HANDBELL_USER_RATE="0.001", HANDBELL_USER_BURST="3") as stage:
        ana, ben = stage.person("ana"), stage.person("ben")
        passes = Passes(derived(GENEROUS["HANDBELL_SECRET_KEY"], "links in e-mail"))
        with stage.engine.execution_options(immediate=True).begin() as connection:
            ids = {row.name: row.id for row in connection.execute(text("SELECT name, id FROM users"))}
            for one in (ana, ben):
                mailboxes.set_confirmed(connection, one.name, f"{one.name}@home.example")

        def press(person: Person) -> Answer:
            link = passes.issue("digest", ids[person.name], f"{person.name}@home.example")
            form = {"Content-Type": "application/x-www-form-urlencoded"}
            return stage.rest().post(f"/v1/unsubscribe/{link}", "List-Unsubscribe=One-Click", headers=form)

        pressed = [press(ana) for _ in range(4)]

        assert [answer.status for answer in pressed] == [200] * 3 + [429]
        assert int(pressed[-1].headers["retry-after"]) >= 1
        assert press(ben).status == 200, "it is each person's own bound"
        assert ana.rest.get("/v1/stats").status == 200, "and takes nothing from what the person may ask"


def test_a_device_that_waits_may_ask_often_and_not_without_end(tmp_path: Path) -> None:
    with Stage(tmp_path, HANDBELL_USER_RATE="0.001", HANDBELL_USER_BURST="5") as stage:
        rest = stage.rest()
        asking = created(rest.post("/v1/pairings", {"device": {"name": "x"}}))

        asked = [rest.post("/v1/pairings/claim", {"secret": asking["secret"]}).status for _ in range(6)]

        assert asked == [202] * 5 + [429]


@pytest.fixture
def silent_issuer() -> Iterator[tuple[int, threading.Event]]:
    """An address that takes connections and says nothing, and whether somebody has come."""
    came, over = threading.Event(), threading.Event()
    with sockets.create_server(("127.0.0.1", 0), backlog=64) as server:
        server.settimeout(0.05)
        kept = []

        def accept() -> None:
            while not over.is_set():
                try:
                    kept.append(server.accept()[0])
                except TimeoutError:
                    continue
                came.set()

        thread = threading.Thread(target=accept)
        thread.start()
        yield server.getsockname()[1], came
        over.set()
        thread.join()
        for connection in kept:
            connection.close()


def test_an_issuer_that_says_nothing_delays_only_its_own_tokens(
    tmp_path: Path, silent_issuer: tuple[int, threading.Event]
) -> None:
    port, asked = silent_issuer
    issuer = {"HANDBELL_JWT_ISSUER": ISSUER, "HANDBELL_JWT_ALGORITHM": "RS256"}
    waiting = 20
    with Stage(tmp_path, **issuer, HANDBELL_JWT_JWKS_URL=f"https://127.0.0.1:{port}/keys") as stage:
        ana, producers = stage.person("ana"), [stage.producer() for _ in range(3)]
        token = f"{header_of_rs256()}.{signed(600).split('.', 1)[1]}"
        answered: list[Answer] = []

        def knock() -> None:
            answered.append(stage.rest(token).get("/v1/stats"))

        with ThreadPoolExecutor(waiting) as pool:
            for _ in range(waiting):
                pool.submit(knock)
            assert asked.wait(60)
            for producer in producers:
                assert producer.notify(ana.name, "Meanwhile").status == 201
            meanwhile = len(answered)

        assert meanwhile == 0, "the producers waited for the issuer"
        assert {answer.status for answer in answered} == {503}
        assert len(answered) == waiting


def header_of_rs256() -> str:
    return jwt.utils.base64url_encode(b'{"alg":"RS256","typ":"JWT","kid":"one"}').decode()


def test_thirty_sockets_of_one_person_leave_the_ten_newest(tmp_path: Path) -> None:
    with Stage(tmp_path, HANDBELL_SOCKETS_PER_USER="10") as stage:
        ana = stage.person("ana")
        sockets = []
        for _ in range(30):
            sockets.append(Socket(stage.url, {"token": ana.token, "protocol": 1}))
            sockets[-1].hears("hello")

        until(lambda: sum(socket.over for socket in sockets) == 20, 60, "the oldest to be ended")

        assert [socket.over for socket in sockets] == [True] * 20 + [False] * 10
        for socket in sockets[20:]:
            assert "changes" in socket.call("snapshot", {}), "one of the newest is no use"
        until(
            lambda: "handbell_devices_online 10.0" in stage.rest().get("/metrics").body.decode(), 10, "ten to be left"
        )
        for socket in sockets[20:]:
            socket.close()


def test_who_comes_many_at_a_time_leaves_as_many_as_there_may_be(tmp_path: Path) -> None:
    with Stage(tmp_path, HANDBELL_SOCKETS_PER_USER="3") as stage:
        ana = stage.person("ana")
        for _ in range(4):
            together = [Socket(stage.url, {"token": ana.token, "protocol": 1}) for _ in range(5)]
            until(lambda some=together: sum(socket.over for socket in some) == 2, 60, "three of them to be left")  # type: ignore[misc]
            left = [socket for socket in together if not socket.over]
            for socket in left:
                socket.hears("hello")  # nothing can be asked before
            assert all("changes" in socket.call("snapshot", {}) for socket in left)
        for socket in together:
            if not socket.over:
                socket.close()
