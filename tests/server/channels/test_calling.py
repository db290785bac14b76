"""One call of a webhook against receivers that lie, drip, flood, redirect and pretend, over real sockets."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from handbell_server.channels import calling, signing
from handbell_server.channels.calling import Caller, Outcome
from handbell_server.channels.egress import Egress
from tests.support.receiver import OK, RawReceiver, Received, Receiver, status

PUBLIC = "93.184.215.14"


def call(url: str, *, allowed: tuple[str, ...] = ("127.0.0.1",)) -> Outcome:
    return Caller(Egress(allowed)).post(url, {"webhook-id": "one"}, b"{}")


def saying(text: bytes) -> Callable[[socket.socket], None]:
    return lambda connection: connection.sendall(text)


class Liar:
    """A name server that answers differently every time, and a wire that remembers where it was sent."""

    def __init__(self, *answers: str, port: int) -> None:
        self.answers = list(answers)
        self.asked = 0
        self.dialled: list[str] = []
        self._port = port

    def lookup(self, _host: str, port: int) -> list[tuple[socket.AddressFamily, Any]]:
        self.asked += 1
        return [(socket.AF_INET, (self.answers.pop(0), port))]

    def dial(self, sock: socket.socket, target: Any) -> None:
        self.dialled.append(target[0])
        sock.connect(("127.0.0.1", self._port))  # as far as the caller is concerned, this is the public address

    def caller(self) -> Caller:
        return Caller(Egress(lookup=self.lookup), self.dial)


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A key and a certificate for hooks.example, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "hooks.example")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now, now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("hooks.example")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem, pkcs8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    (tmp_path / "both.pem").write_bytes(
        key.private_bytes(pem, pkcs8, serialization.NoEncryption()) + made.public_bytes(pem)
    )
    return tmp_path / "both.pem"


@pytest.fixture
def trusted(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))


def test_a_call_arrives_as_it_was_made_and_carries_a_signature_that_verifies() -> None:
    secret, old = signing.new_secret(), signing.new_secret()
    with Receiver() as receiver:
        headers = signing.headers("event-1", 1_700_000_000, b'{"a":1}', [secret, old])
        outcome = Caller(Egress(["127.0.0.1"])).post(receiver.url, headers, b'{"a":1}')
        (received,) = receiver.received

    assert (outcome.delivered, outcome.status) == (True, 204)
    assert (received.path, received.id, received.body) == ("/hooks?of=ci", "event-1", b'{"a":1}')
    assert received.headers["content-type"] == "application/json"
    assert received.headers["host"] == f"127.0.0.1:{receiver.port}"
    assert received.signed_with(secret) and received.signed_with(old)
    assert not received.signed_with(signing.new_secret())


def test_the_signature_is_the_one_of_the_specification() -> None:
    """The example of the Standard Webhooks documentation, where every library is tested with it."""
    secret, body = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", b'{"test": 2432232314}'

    signed = signing.headers("msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body, [secret])

    assert signed["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_name_that_changes_its_mind_between_look_up_and_connection_wins_nothing(
    certificate: Path, trusted: None
) -> None:
    with Receiver(certificate=certificate) as receiver:
        liar = Liar(PUBLIC, "127.0.0.1", "127.0.0.1", port=receiver.port)
        caller = liar.caller()
        first = caller.post(f"https://hooks.example:{receiver.port}/", {}, b"{}")
        second = caller.post(f"https://hooks.example:{receiver.port}/", {}, b"{}")

    assert first.delivered
    assert liar.asked == 2, "once for each attempt, and never again for the connection"
    assert liar.dialled == [PUBLIC]
    assert second.error == "The URL leads to no address that may be called."
    assert len(receiver.received) == 1
    assert receiver.received[0].headers["host"] == f"hooks.example:{receiver.port}"


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_a_redirect_into_the_private_network_is_an_answer_and_not_a_way(code: int) -> None:
    with Receiver() as secret_place:

        def redirect(_received: Received) -> bytes:
            return status(code, f"Location: {secret_place.url}")

        with Receiver(redirect) as receiver:
            outcome = call(receiver.url)

        assert (outcome.delivered, outcome.status) == (False, code)
        assert len(receiver.received) == 1
        assert secret_place.received == []


def test_a_certificate_of_nobody_known_is_refused_before_a_byte_is_said(certificate: Path) -> None:
    with Receiver(certificate=certificate) as receiver:
        outcome = Liar(PUBLIC, port=receiver.port).caller().post(f"https://hooks.example:{receiver.port}/", {}, b"{}")

    assert outcome.error == "The receiver's certificate is not valid for this name."
    assert receiver.received == []


def test_a_certificate_for_another_name_is_refused(certificate: Path, trusted: None) -> None:
    with Receiver(certificate=certificate) as receiver:
        outcome = Liar(PUBLIC, port=receiver.port).caller().post(f"https://other.example:{receiver.port}/", {}, b"{}")

    assert outcome.error == "The receiver's certificate is not valid for this name."
    assert receiver.received == []


def test_a_receiver_without_tls_is_not_called_in_clear(trusted: None) -> None:
    with Receiver() as receiver:
        outcome = Liar(PUBLIC, port=receiver.port).caller().post(f"https://hooks.example:{receiver.port}/", {}, b"{}")

    assert outcome.error is not None
    assert receiver.received == []


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calling, "WHOLE_S", 0.6)


@pytest.fixture
def incurious(monkeypatch: pytest.MonkeyPatch) -> None:
    """About bodies; the head has all the time that there is."""
    monkeypatch.setattr(calling, "_BODY_S", 0.2)


@pytest.mark.parametrize("said", [b"H", b"HTTP/1.1 200 OK\r\nX: ", b""])
def test_a_head_that_drips_ends_with_our_patience_and_not_with_its_own(impatient: None, said: bytes) -> None:
    gone = threading.Event()

    def drip(connection: socket.socket) -> None:
        connection.sendall(said)
        while not gone.wait(0.05):
            connection.sendall(b"a")

    with RawReceiver(drip) as receiver:
        began = time.monotonic()
        outcome = call(receiver.url)
        took = time.monotonic() - began
        gone.set()

    assert outcome.error == "The receiver took too long."
    assert took < 10


def test_a_body_that_never_ends_costs_four_kilobytes_and_a_moment(incurious: None) -> None:
    sent = []

    def flood(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            sent.append(connection.send(b"x" * 65_536))

    with RawReceiver(flood) as receiver:
        assert call(receiver.url).delivered
    assert sum(sent) < 50_000_000, "what fits into buffers, and no more"


def test_a_body_that_drips_does_not_change_what_the_status_said(incurious: None) -> None:
    gone = threading.Event()

    def drip(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 4000\r\n\r\n")
        while not gone.wait(0.05):
            connection.sendall(b"a")

    with RawReceiver(drip) as receiver:
        began = time.monotonic()
        assert call(receiver.url).delivered
        assert time.monotonic() - began < 10
        gone.set()


@pytest.mark.parametrize(
    "text",
    [
        b"HTTP/1.1 200 OK\r\nX: " + b"a" * 1_000_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: a\r\n" * 100_000 + b"\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n" * 100_000,
    ],
    ids=["one long line", "many lines", "endless announcements"],
)
def test_a_head_without_bounds_is_no_head(text: bytes) -> None:
    with RawReceiver(saying(text)) as receiver:
        assert call(receiver.url).error == "The head of the receiver's answer is too long."


@pytest.mark.parametrize(
    "text",
    [b"+PONG\r\n\r\n", b"HTTP/2 200\r\n\r\n", b"HTTP/1.1 2000 OK\r\n\r\n", b"HTTP/1.1 999 X\r\n\r\n", b"\r\n\r\n"],
)
def test_what_is_no_http_is_no_answer(text: bytes) -> None:
    with RawReceiver(saying(text)) as receiver:
        assert call(receiver.url).error == "The receiver did not answer in HTTP/1.1."


def test_a_receiver_that_hangs_up_has_not_answered() -> None:
    with RawReceiver(saying(b"HTTP/1.1 20")) as receiver:
        assert call(receiver.url).error == "The receiver closed the connection without an answer."


def test_an_announcement_before_the_answer_is_passed_over() -> None:
    with RawReceiver(saying(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.0 202 OK\r\n\r\n")) as receiver:
        assert call(receiver.url).status == 202


def test_nobody_listening_is_said_plainly() -> None:
    with Receiver() as receiver:
        url = receiver.url

    assert call(url).error == "The connection could not be made, or broke."


@pytest.mark.parametrize(
    ("value", "least", "most"),
    [
        ("120", 120, 120),
        ("0", 0, 0),
        ("99999999999", 86_400, 86_400),
        ("-5", 0, 0),
        ("soon", 0, 0),
        ("in an hour", 3_500, 3_600),
        ("Fri, 31 Dec 1999 23:59:59 GMT", 0, 0),
    ],
)
def test_retry_after_is_understood_in_both_forms_and_bounded_by_a_day(value: str, least: int, most: int) -> None:
    if value == "in an hour":
        value = format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)
    with Receiver(lambda _received: status(503, f"Retry-After: {value}")) as receiver:
        assert least <= call(receiver.url).retry_after_s <= most


def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with Receiver() as proxy, Receiver() as receiver:
        for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        assert call(receiver.url).delivered

    assert (len(proxy.received), len(receiver.received)) == (0, 1)


def test_a_process_that_ends_breaks_its_calls_off_and_begins_no_other() -> None:
    come, go = threading.Event(), threading.Event()

    def hold(_received: Received) -> bytes:
        come.set()
        go.wait(30)
        return OK

    caller = Caller(Egress(["127.0.0.1"]))
    with Receiver(hold) as receiver:
        outcomes: list[Outcome] = []
        thread = threading.Thread(target=lambda: outcomes.append(caller.post(receiver.url, {}, b"{}")))
        thread.start()
        assert come.wait(60)
        caller.abort()
        thread.join(60)
        outcomes.append(caller.post(receiver.url, {}, b"{}"))
        go.set()

    assert [outcome.broken_off for outcome in outcomes] == [True, True]
    assert len(receiver.received) == 1


def test_a_silent_first_address_leaves_time_for_the_second(impatient: None) -> None:
    with Receiver() as receiver:

        def lookup(_host: str, port: int) -> list[tuple[socket.AddressFamily, Any]]:
            return [(socket.AF_INET, ("127.0.0.2", port)), (socket.AF_INET, ("127.0.0.1", port))]

        def dial(sock: socket.socket, target: Any) -> None:
            if target[0] == "127.0.0.2":
                raise TimeoutError
            sock.connect(target)

        caller = Caller(Egress(["127.0.0.0/8"], lookup=lookup), dial)
        assert caller.post(f"http://hooks.example:{receiver.port}/", {}, b"{}").delivered


def test_a_secret_is_long_and_never_the_same() -> None:
    secrets = {signing.new_secret() for _ in range(50)}

    assert len(secrets) == 50
    assert all(one.startswith("whsec_") and len(one) == 50 for one in secrets)
