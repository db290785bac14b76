"""What an HTTP connection may take, and what it gets."""

import http.client
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from statistics import median

import pytest

from handbell_server.socket.edge import AddressInUseError, listen
from tests.server.edge.raw import Bell, connect, read_to_end, trickle
from tests.support.waiting import until


def answer_to(bell: Bell, request: bytes) -> bytes:
    with connect(bell) as sock:
        sock.sendall(request)
        return read_to_end(sock)


def times_of_health(bell: Bell) -> list[float]:
    took = []
    for _ in range(11):
        began = time.perf_counter()
        assert bell.get("/healthz") == b"ok"
        took.append(time.perf_counter() - began)
    return took


@contextmanager
def closed_between(least: float, most: float) -> Iterator[None]:
    """From before the connection: not sooner than it was promised, and sooner than by the usual deadlines."""
    began = time.monotonic()
    yield
    assert least < time.monotonic() - began < most


def test_three_thousand_half_open_connections_do_not_slow_the_health_check(bell: Bell) -> None:
    half_open = []
    alone = median(times_of_health(bell))
    try:
        for _ in range(3000):
            sock = connect(bell)
            sock.send(b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-")
            half_open.append(sock)
        assert median(times_of_health(bell)) < max(0.1, 10 * alone)
    finally:
        for sock in half_open:
            sock.close()


def test_a_trickle_of_headers_is_closed_at_the_deadline(quick_bell: Bell) -> None:
    with closed_between(0.9, 4.5), connect(quick_bell) as sock:
        trickle(sock, b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: " + b"a" * 99, every=0.2)


def test_a_trickle_of_body_is_closed_at_the_deadline(quick_bell: Bell) -> None:
    with closed_between(1.4, 9), connect(quick_bell) as sock:
        sock.sendall(b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n")
        trickle(sock, b"b" * 1000, every=0.2)


def test_an_idle_connection_is_closed_without_a_word(quick_bell: Bell) -> None:
    with closed_between(1.9, 20), connect(quick_bell) as sock:
        sock.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        assert read_to_end(sock).endswith(b"\r\n\r\nok")


def test_who_says_nothing_at_all_is_closed_at_the_header_deadline(quick_bell: Bell) -> None:
    with closed_between(0.9, 4.5), connect(quick_bell) as sock:
        assert read_to_end(sock) == b""


def test_many_requests_share_one_connection_and_may_be_sent_ahead(bell: Bell) -> None:
    one = b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\n%04d"
    last = b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    answer = answer_to(bell, b"".join(one % i for i in range(50)) + last)
    assert answer.count(b"HTTP/1.1 200 OK") == 51
    places = [answer.find(b"\r\n\r\n%04d" % i) for i in range(50)]
    assert all(0 < first < second for first, second in pairwise(places))


def test_a_request_is_understood_wherever_the_network_cuts_it(bell: Bell) -> None:
    with connect(bell) as sock:
        for byte in b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc":
            sock.sendall(bytes((byte,)))
            time.sleep(0.001)  # or the kernel puts the bytes together again
        assert read_to_end(sock).endswith(b"\r\n\r\nabc")


def test_curl_waits_for_continue_and_gets_it(bell: Bell) -> None:
    done = subprocess.run(
        ["curl", "-s", "-i", "-H", "Expect: 100-continue", "--data-binary", "x" * 5000, f"{bell.url}/echo"],
        capture_output=True,
        timeout=60,
        check=True,
    )
    assert done.stdout.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n")
    assert done.stdout.endswith(b"x" * 5000)


def test_a_body_above_the_bound_is_answered_and_not_read(bell: Bell) -> None:
    head = b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 2000000\r\n\r\n"
    assert answer_to(bell, head).startswith(b"HTTP/1.1 413 ")


def test_a_client_that_sends_the_too_large_body_still_sees_the_answer(bell: Bell) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", bell.port, timeout=60)
    connection.request("POST", "/echo", body=b"x" * 3_000_000)
    assert connection.getresponse().status == 413
    connection.close()


def test_chunks_become_a_body_and_are_bounded_like_one(bell: Bell) -> None:
    head = b"POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    assert answer_to(bell, head + b"3\r\nabc\r\n4;ext=1\r\ndefg\r\n0\r\nTrailer: x\r\n\r\n").endswith(b"\r\nabcdefg")
    chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
    assert answer_to(bell, head + chunk * 20).startswith(b"HTTP/1.1 413 ")


@pytest.mark.parametrize(
    "request_head",
    [
        b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc",
        b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: +3\r\n\r\nabc",
        b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length : 3\r\n\r\nabc",
        b"GET /healthz HTTP/1.1\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: x\r\nX: a\r\n folded\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: x\nX: bare line feed\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: x\r\nX: nul\0\r\n\r\n",
        b"GET  /healthz HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /healthz HTTP/2.0\r\nHost: x\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n",
        b"POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcdef",
    ],
)
def test_what_is_not_well_formed_is_refused_and_the_connection_ends(bell: Bell, request_head: bytes) -> None:
    answer = answer_to(bell, request_head)
    assert answer.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert answer.count(b"HTTP/1.1") == 1


@pytest.mark.parametrize(
    "request_head",
    [
        b"GET /healthz HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 20_000 + b"\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: x\r\n" + b"X: a\r\n" * 200 + b"\r\n",
    ],
)
def test_headers_are_bounded_in_size_and_in_number(bell: Bell, request_head: bytes) -> None:
    assert answer_to(bell, request_head).startswith(b"HTTP/1.1 431 ")


def test_a_failing_application_shows_no_traceback() -> None:
    with Bell() as bell:
        answer = answer_to(bell, b"POST /boom HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 500 ")
        assert b"secret" not in answer
        _, log = bell.stop()
        assert "secret-in-a-traceback" in log


def test_a_stopping_server_finishes_its_requests_and_takes_no_more() -> None:
    with Bell() as bell, connect(bell) as at_work, connect(bell) as idle:
        idle.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        idle.recv(4096)
        at_work.sendall(b"POST /held HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n")
        assert bell.get("/healthz") == b"ok"  # answered later than the held request began
        bell.ask_to_end()
        until(lambda: _is_refused(bell), 5, "the door to close")
        said, _ = bell.stop("go on\n")
        answer = read_to_end(at_work)
        assert answer.endswith(b"done")
        assert b"Connection: close" in answer
        assert read_to_end(idle) == b""
        assert said == "drained\n"
        with pytest.raises(ConnectionRefusedError):
            connect(bell)


def test_who_knocks_while_the_last_requests_end_is_refused_at_once_and_not_kept_waiting() -> None:
    """A proxy goes to the next server then; a connection that nobody takes looks to it like a server at work."""
    with Bell() as bell, connect(bell) as at_work:
        at_work.sendall(b"POST /held HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n")
        assert bell.get("/healthz") == b"ok"  # answered later than the held request began
        bell.ask_to_end()
        until(lambda: _is_refused(bell), 5, "the door to close")
        said, _ = bell.stop("go on\n")
        assert read_to_end(at_work).endswith(b"done")
        assert said == "drained\n"


def _is_refused(bell: Bell) -> bool:
    try:
        connect(bell).close()
    except (ConnectionRefusedError, ConnectionResetError):
        return True
    return False


def test_a_second_server_on_the_same_port_is_told_so() -> None:
    with listen("127.0.0.1", 0) as first:
        port = first.getsockname()[1]
        with pytest.raises(AddressInUseError, match=f"127.0.0.1:{port} is in use"):
            listen("127.0.0.1", port)


def test_a_full_descriptor_table_does_not_end_the_server() -> None:
    """The accept loop waits, and goes on when descriptors come back."""
    import resource

    with Bell() as bell:
        pid = bell._process.pid
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (24, 24))
        many: list[socket.socket] = [connect(bell) for _ in range(60)]
        for sock in many:
            sock.close()
        assert until(lambda: bell.get("/healthz"), 5, "the server to answer again") == b"ok"
