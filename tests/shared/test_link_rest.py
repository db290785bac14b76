"""The few requests of a client: what it is told when the answer is yes, no, or none at all."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from handbell_shared import rest
from tests.shared.link_server import silent_listener
from tests.support.ports import free_port


class _Handler(BaseHTTPRequestHandler):
    def answer(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        self.server.asked.append((self.command, self.path, dict(self.headers), self.rfile.read(length)))  # type: ignore[attr-defined]
        status, headers, body = self.server.answers.pop(0)  # type: ignore[attr-defined]
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PATCH = do_DELETE = answer  # noqa: N815 — the names are the library's

    def log_message(self, *about: object) -> None:
        pass


class Peer:
    """Answers what it is given to answer, and remembers what it was asked."""

    def __init__(self, server: ThreadingHTTPServer) -> None:
        self.url = f"http://127.0.0.1:{server.server_address[1]}"
        self.asked: list[tuple[str, str, dict[str, str], bytes]] = server.asked  # type: ignore[attr-defined]
        self._answers = server.answers  # type: ignore[attr-defined]

    def will_answer(self, status: int, body: object = None, **headers: str) -> None:
        content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        self._answers.append((status, {name.replace("_", "-"): value for name, value in headers.items()}, content))


@contextmanager
def serving() -> Iterator[Peer]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        server.asked, server.answers = [], []  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield Peer(server)
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def peer() -> Iterator[Peer]:
    with serving() as one:
        yield one


def test_signing_in_makes_a_device_and_signing_out_ends_it(peer: Peer) -> None:
    peer.will_answer(201, {"token": "hbd_secret", "device": "d1", "user": "ana", "of tomorrow": 1})
    peer.will_answer(204)

    session = rest.sign_in(peer.url + "/", "ana", "pässword", "laptop", "linux")
    rest.sign_out(peer.url, session.token)

    assert (session.token, session.device, session.user) == ("hbd_secret", "d1", "ana")
    assert "hbd_secret" not in repr(session)
    (method, path, headers, body), (method2, path2, headers2, _) = peer.asked
    assert (method, path, headers["Content-Type"]) == ("POST", "/v1/sessions", "application/json")
    about = {"name": "laptop", "platform": "linux"}
    assert json.loads(body) == {"user": "ana", "password": "pässword", "device": about}
    assert (method2, path2, headers2["Authorization"]) == ("DELETE", "/v1/sessions/current", "Bearer hbd_secret")


def test_a_no_carries_its_code_its_sentence_and_when_to_come_back(peer: Peer) -> None:
    peer.will_answer(429, {"code": "rate_limited", "detail": "Too many attempts.", "status": 429}, Retry_After="7")

    with pytest.raises(rest.Refused, match="Too many attempts") as caught:
        rest.sign_in(peer.url, "ana", "wrong", "laptop", "linux")

    no = caught.value
    assert (no.code, no.detail, no.status, no.retry_after) == ("rate_limited", "Too many attempts.", 429, 7)


@pytest.mark.parametrize("body", [b"", b"<h1>Bad gateway</h1>", b"[1]", b"\xff"])
def test_a_no_of_somebody_in_between_is_still_a_no(peer: Peer, body: bytes) -> None:
    peer.will_answer(502, body)

    with pytest.raises(rest.Refused, match="502") as caught:
        rest.request(peer.url, "GET", "/v1/inbox", token="t")

    assert caught.value.code == "http_502"


@pytest.mark.parametrize("body", [b"welcome", b"[]", b'{"token": 1}', b""])
def test_a_yes_that_is_no_session_is_not_believed(peer: Peer, body: bytes) -> None:
    peer.will_answer(201, body)

    with pytest.raises(rest.Unreachable):
        rest.sign_in(peer.url, "ana", "p", "laptop", "linux")


def test_a_redirect_is_not_followed_so_the_token_goes_nowhere_else(peer: Peer) -> None:
    with serving() as elsewhere:
        peer.will_answer(302, Location=elsewhere.url)
        with pytest.raises(rest.Refused, match="302"):
            rest.request(peer.url, "GET", "/v1/inbox", token="hbd_secret")
        assert elsewhere.asked == []


def test_an_answer_that_ends_too_early_is_no_answer(peer: Peer) -> None:
    peer.will_answer(200, b'{"notifications": [', Content_Length="500")

    with pytest.raises(rest.Unreachable, match="no whole answer"):
        rest.request(peer.url, "GET", "/v1/inbox")


def test_nobody_there_is_said_in_a_sentence_that_names_the_server_and_no_secret() -> None:
    address = f"http://ana:secret@127.0.0.1:{free_port()}"

    with pytest.raises(rest.Unreachable, match=r"http://127\.0\.0\.1:\d+ cannot be reached") as caught:
        rest.request(address, "GET", "/healthz")

    assert "secret" not in str(caught.value)
    assert not caught.value.sent


def test_what_got_no_answer_may_have_been_heard(peer: Peer) -> None:
    peer.will_answer(200, b'{"notifications": [', Content_Length="500")
    with pytest.raises(rest.Unreachable) as cut_short:
        rest.request(peer.url, "GET", "/v1/inbox")
    with silent_listener() as url, pytest.raises(rest.Unreachable) as silence:
        rest.request(url, "GET", "/healthz", timeout=0.2)

    assert cut_short.value.sent
    assert silence.value.sent


def test_silence_has_an_end() -> None:
    with silent_listener() as url, pytest.raises(rest.Unreachable, match="timed out"):
        rest.request(url, "GET", "/healthz", timeout=0.2)


@pytest.mark.parametrize("url", ["example.org", "ftp://example.org", "file:///etc/passwd", "http://", ""])
def test_an_address_that_is_none_is_said_so(url: str) -> None:
    with pytest.raises(rest.Unreachable, match="not the address of a server"):
        rest.request(url, "GET", "/healthz")


def test_a_certificate_nobody_vouches_for_is_no_server(peer: Peer) -> None:
    with pytest.raises(rest.Unreachable):
        rest.request(peer.url.replace("http:", "https:"), "GET", "/healthz")
    with pytest.raises(rest.Unreachable, match="certificates in /no/such/file"):
        rest.request(peer.url.replace("http:", "https:"), "GET", "/healthz", ca_file="/no/such/file")


def test_a_proxy_from_the_environment_is_not_asked_for_this_machine(
    peer: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{free_port()}")
    monkeypatch.setenv("no_proxy", "example.org")
    peer.will_answer(200, {"fine": True})

    assert rest.request(peer.url, "GET", "/healthz") == {"fine": True}


@pytest.mark.parametrize(
    ("url", "loopback"),
    [
        ("http://localhost:8080", True),
        ("http://bell.localhost", True),
        ("https://127.8.9.1", True),
        ("http://[::1]:8080", True),
        ("http://localhost.example.org", False),
        ("http://10.0.0.1", False),
        ("https://bell.example.org", False),
        ("", False),
    ],
)
def test_this_machine_is_known_by_its_names(url: str, loopback: bool) -> None:
    answer: Any = rest.is_loopback(url)
    assert answer is loopback
