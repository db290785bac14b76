"""Talking to a real mail server: with TLS and without, signing in, and every way it may refuse, stall or die."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from handbell_server.channels.mail import line as lines
from handbell_server.channels.mail.line import Line, NoAnswerError, RefusedError, UnreachableError, ended_after
from handbell_server.channels.mail.relay import relay_of
from tests.shared.link_server import certificate
from tests.support.mail_server import DROP, PASSWORD, Hold, MailServer
from tests.support.ports import free_port
from tests.support.waiting import until

MAIL = b"Subject: Hello\r\n\r\n.one dot\r\n..two\r\n.\r\nthe end\r\n"


@pytest.fixture(scope="module")
def pem(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    return certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def server() -> Iterator[MailServer]:
    with MailServer() as server:
        yield server


def line_to(server: MailServer, *, ca: str = "", password: str = "") -> Line:
    return Line(relay_of(server.url, password, ca), "bell.example")


def send(line: Line) -> None:
    line.to_the_brink("bell@handbell.example", "ana@home.example", MAIL)
    line.over()


@pytest.mark.parametrize("tls", [False, True], ids=["starttls", "implicit"])
def test_mail_goes_through_tls_signed_in_and_as_it_is(pem: tuple[str, str], tls: bool) -> None:
    with MailServer(pem, tls=tls, sign_in=True) as server:
        line = line_to(server, ca=pem[0], password=PASSWORD)
        line.open()
        send(line)
        send(line)
        line.close()

    first, second = server.received
    assert first.raw == second.raw == MAIL, "lines that begin with a dot arrive as they were"
    assert (first.sender, first.recipient) == ("bell@handbell.example", "ana@home.example")
    assert (first.secure, first.user, server.connections) == (True, "bell", 1)


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("smtp+starttls://127.0.0.1:{plain}", "no STARTTLS"),
        ("smtps://127.0.0.1:{plain}", "TLS"),
        ("smtp+starttls://127.0.0.1:{secure}", "certificate is not valid"),
        ("smtps://127.0.0.1:{nobody}", "could not be made"),
        ("smtp://no.such.host.invalid", "could not be made"),
    ],
)
def test_nothing_is_sent_to_a_server_that_is_not_what_it_should_be(
    pem: tuple[str, str], server: MailServer, url: str, says: str
) -> None:
    with MailServer(pem) as secure:
        there = url.format(plain=server.port, secure=secure.port, nobody=free_port())
        line = Line(relay_of(there, "", ""), "bell.example")
        with pytest.raises(UnreachableError, match=says):
            line.open()
        line.close()


def test_a_wrong_password_is_a_matter_for_the_operator(pem: tuple[str, str]) -> None:
    with MailServer(pem, sign_in=True) as server:
        line = line_to(server, ca=pem[0], password="wrong")
        with pytest.raises(UnreachableError, match="did not let us in: 535"):
            line.open()
        line.close()


@pytest.mark.parametrize(
    ("said", "for_good", "nobody_there"),
    [
        ("450 4.2.1 try later", False, False),
        ("550 5.1.1 no such user", True, True),
        ("550 no such user", True, True),
        ("550 5.7.1 relaying denied", True, False),
    ],
)
def test_a_refused_recipient_is_told_apart(server: MailServer, said: str, for_good: bool, nobody_there: bool) -> None:
    line = line_to(server)
    line.open()
    server.recipient = said
    with pytest.raises(RefusedError) as refused:
        send(line)
    assert (refused.value.for_good, refused.value.nobody_there) == (for_good, nobody_there)
    assert refused.value.said == said

    assert line.forget()
    server.recipient = "250 fine"
    send(line)
    line.close()
    assert len(server.received) == 1


@pytest.mark.parametrize(("said", "for_good"), [("451 4.3.0 full", False), ("554 5.6.0 not this", True)])
def test_a_refusal_of_the_whole_mail_is_an_answer(server: MailServer, said: str, for_good: bool) -> None:
    line = line_to(server)
    line.open()
    server.end = said
    with pytest.raises(RefusedError) as refused:
        send(line)
    line.close()
    assert (refused.value.for_good, refused.value.nobody_there) == (for_good, False)


def test_a_sender_that_is_not_taken_is_no_fault_of_the_mail(server: MailServer) -> None:
    line = line_to(server)
    line.open()
    server.sender = "553 5.7.1 not you"
    with pytest.raises(UnreachableError, match=r"takes nothing from .*: 553"):
        send(line)
    line.close()


def test_a_connection_that_breaks_before_the_dot_has_sent_nothing(server: MailServer) -> None:
    line = line_to(server)
    line.open()
    server.recipient = DROP
    with pytest.raises(UnreachableError):
        send(line)
    line.close()
    assert server.received == []


def test_a_line_that_is_broken_off_at_the_brink_has_sent_nothing(server: MailServer) -> None:
    line = line_to(server)
    line.open()
    line.to_the_brink("bell@handbell.example", "ana@home.example", MAIL)
    line.abort()
    line.close()
    other = line_to(server)
    other.open()
    send(other)
    other.close()
    assert len(server.received) == 1


def test_no_answer_to_the_dot_is_told_apart_from_a_no(server: MailServer) -> None:
    line = line_to(server)
    line.open()
    server.end = DROP
    with pytest.raises(NoAnswerError):
        send(line)
    line.close()


def test_a_server_that_is_silent_is_left_in_time(server: MailServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "OVER_S", 0.2)
    server.end = hold = Hold()
    line = line_to(server)
    line.open()
    with pytest.raises(NoAnswerError):
        send(line)
    line.close()
    hold.let_go.set()


def test_any_thread_can_break_a_line_off(server: MailServer) -> None:
    server.recipient = hold = Hold()
    line = line_to(server)
    line.open()
    failed: list[Exception] = []

    def try_it() -> None:
        try:
            send(line)
        except UnreachableError as error:
            failed.append(error)

    thread = threading.Thread(target=try_it)
    thread.start()
    began = time.monotonic()
    line.abort()
    thread.join(60)
    assert failed and time.monotonic() - began < 30
    hold.let_go.set()
    line.close()

    with ended_after(unopened := line_to(server), 0.01):
        until(lambda: unopened._ending, 5, "the timer")
    with pytest.raises(UnreachableError):
        unopened.open()
