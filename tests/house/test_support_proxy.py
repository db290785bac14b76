"""The bad network, put to the test against an echo."""

import random
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from functools import partial

import pytest

from tests.support.proxy import Proxy
from tests.support.waiting import until


@pytest.fixture
def heard() -> bytearray:
    """Everything the echo has been told."""
    return bytearray()


def echo(listener: socket.socket, heard: bytearray) -> None:
    while True:
        try:
            link, _ = listener.accept()
        except OSError:
            return
        threading.Thread(target=echo_one, args=(link, heard), daemon=True).start()


def echo_one(link: socket.socket, heard: bytearray) -> None:
    with link, suppress(OSError):
        while data := link.recv(65_536):
            heard += data
            link.sendall(data)
        link.sendall(b"bye")


@pytest.fixture
def proxy(heard: bytearray) -> Iterator[Proxy]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=echo, args=(listener, heard), daemon=True)
        thread.start()
        with Proxy(listener.getsockname()[1], seed=7) as proxy:
            yield proxy
        listener.shutdown(socket.SHUT_RDWR)  # wakes the thread that accepts
        thread.join(5)


@pytest.fixture
def link(proxy: Proxy) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", proxy.port), timeout=30) as link:
        assert said(link, b"hello") == b"hello"
        yield link


def said(link: socket.socket, words: bytes) -> bytes:
    link.sendall(words)
    return received(link, len(words))


def received(link: socket.socket, size: int) -> bytes:
    answer = b""
    while len(answer) < size and (data := link.recv(size - len(answer))):
        answer += data
    return answer


def test_on_a_calm_day_everything_arrives(link: socket.socket, proxy: Proxy) -> None:
    words = bytes(range(256)) * 4_000
    sender = threading.Thread(target=link.sendall, args=(words,))
    sender.start()
    answer = received(link, len(words))
    sender.join()
    assert answer == words
    assert proxy.connections == 1


def test_delay_is_felt_both_ways_and_is_no_throttle(link: socket.socket, proxy: Proxy) -> None:
    proxy.set(delay=0.05, jitter=0.02)
    started = time.monotonic()
    assert said(link, b"x" * 300_000) == b"x" * 300_000
    took = time.monotonic() - started
    assert 0.06 <= took < 1.0  # chunk by chunk, nineteen of them would need almost two seconds


def test_a_rate_makes_bytes_trickle(link: socket.socket, proxy: Proxy) -> None:
    proxy.set(rate=100_000)
    started = time.monotonic()
    assert len(said(link, b"x" * 40_000)) == 40_000
    assert time.monotonic() - started >= 0.2


def test_a_connection_is_cut_after_so_many_bytes(link: socket.socket, proxy: Proxy) -> None:
    proxy.set(cut_after=10 + 100 + 60)  # the hello went both ways already
    link.sendall(b"x" * 100)
    assert received(link, 100) == b"x" * 60
    until(lambda: proxy.connections == 0, 5, "the connection to be gone")


def test_a_cut_and_a_reset_tell_both_ends(link: socket.socket, proxy: Proxy) -> None:
    assert proxy.reset() == 1
    with pytest.raises(ConnectionResetError):
        link.recv(1)
    with socket.create_connection(("127.0.0.1", proxy.port), timeout=30) as other:
        assert said(other, b"again") == b"again"
        assert proxy.cut() == 1
        assert other.recv(1) == b""


def stand(proxy: Proxy, connections: int) -> bool:
    return proxy.connections == connections


def test_a_share_of_the_connections_is_chosen_by_the_seed(proxy: Proxy) -> None:
    chance = random.Random(7)
    expected = [chance.random() < 0.3 for _ in range(20)]
    with ExitStack() as stack:
        links = []
        for n in range(1, 21):
            link = stack.enter_context(socket.create_connection(("127.0.0.1", proxy.port), timeout=30))
            until(partial(stand, proxy, n), 5, f"connection {n} to stand")
            links.append(link)

        assert proxy.cut(share=0.3) == sum(expected)

        for link, cut in zip(links, expected, strict=True):
            if not cut:
                link.sendall(b"hello")
            assert link.recv(5) == (b"" if cut else b"hello")


def test_a_half_closed_server_hears_the_end_and_may_still_answer(link: socket.socket, proxy: Proxy) -> None:
    proxy.half_close("server")
    assert received(link, 3) == b"bye"


def test_a_half_closed_client_hears_the_end_and_may_still_speak(
    link: socket.socket, proxy: Proxy, heard: bytearray
) -> None:
    proxy.half_close("client")
    assert link.recv(1) == b""
    link.sendall(b"still here")
    until(lambda: heard.endswith(b"still here"), 5, "the server to hear it")


def test_a_black_hole_takes_everything_and_never_gives_back_what_it_took(link: socket.socket, proxy: Proxy) -> None:
    proxy.set(blackhole=True)
    link.sendall(b"lost")
    link.settimeout(0.2)
    with pytest.raises(TimeoutError):
        link.recv(1)
    proxy.calm()
    link.sendall(b"after the gap")
    with pytest.raises(TimeoutError):
        link.recv(1)
    with socket.create_connection(("127.0.0.1", proxy.port), timeout=30) as other:
        assert said(other, b"a new day") == b"a new day"


def test_who_is_deaf_is_heard_and_hears_nothing_from_the_word_on(
    link: socket.socket, proxy: Proxy, heard: bytearray
) -> None:
    proxy.set(deaf_after=(b"commit",))
    assert said(link, b"begin") == b"begin"
    link.sendall(b"commit")
    until(lambda: heard.endswith(b"commit"), 5, "the server to hear it")
    link.settimeout(0.2)
    with pytest.raises(TimeoutError):
        link.recv(1)
    proxy.calm()
    link.sendall(b"more")
    until(lambda: heard.endswith(b"more"), 5, "the server to hear that, too")
    with pytest.raises(TimeoutError):
        link.recv(1)


def test_a_frozen_line_delivers_late_and_whole(link: socket.socket, proxy: Proxy) -> None:
    proxy.freeze()
    link.sendall(b"patience")
    link.settimeout(0.2)
    with pytest.raises(TimeoutError):
        link.recv(1)
    proxy.thaw()
    link.settimeout(5)
    assert received(link, 8) == b"patience"


def test_a_target_that_is_down_closes_the_connection(proxy: Proxy) -> None:
    with Proxy(target=1) as nowhere, socket.create_connection(("127.0.0.1", nowhere.port), timeout=30) as link:
        assert link.recv(1) == b""
