"""The way to a server: by TLS with certificates of one's own, through a proxy, and never past a redirect."""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from time import monotonic

import pytest

from handbell import HandbellError, Untrusted
from handbell.errors import Refused
from tests.client.conftest import Bell
from tests.shared.link_server import certificate


class Peer(BaseHTTPRequestHandler):
    """Answers in chunks, as a proxy of the operator may; or sends away."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        if self.path.startswith("/moved"):
            self.send_response(307)
            self.send_header("Location", "http://elsewhere.example/")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        self.send_response(201)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for piece in (b'{"id": "x", ', b'"user": "ana"}', b""):
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def tls(tmp_path: Path) -> Iterator[tuple[int, str]]:
    """A port that speaks TLS, and the certificate to trust there."""
    ca_file, key = certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(ca_file, key)
    with ThreadingHTTPServer(("127.0.0.1", 0), Peer) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        serving.start()
        yield server.server_port, str(ca_file)
        server.shutdown()
        serving.join()


class ConnectProxy:
    """Takes CONNECT to any name, leads to one port, and remembers what it was asked."""

    def __init__(self, target: int) -> None:
        self.heard: list[bytes] = []
        self._target = target
        self._loop = asyncio.new_event_loop()
        self._server = self._loop.run_until_complete(asyncio.start_server(self._carry, "127.0.0.1", 0))
        self.port = self._server.sockets[0].getsockname()[1]
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.heard.append(await reader.readuntil(b"\r\n\r\n"))
        there, back = await asyncio.open_connection("127.0.0.1", self._target)
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await asyncio.gather(_pump(reader, back), _pump(there, writer))

    def close(self) -> None:
        async def end() -> None:
            self._server.close()
            rest = asyncio.all_tasks() - {asyncio.current_task()}
            for task in rest:
                task.cancel()
            await asyncio.gather(*rest, return_exceptions=True)

        asyncio.run_coroutine_threadsafe(end(), self._loop).result(60)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while piece := await reader.read(65_536):
            writer.write(piece)
    except OSError:
        pass
    finally:
        writer.transport.abort()


def test_a_certificate_of_ones_own_is_trusted_where_it_was_named_and_only_there(
    make: Bell, tls: tuple[int, str]
) -> None:
    port, ca_file = tls
    bell = make(f"https://127.0.0.1:{port}", "hbp_key", ca_file=ca_file)
    assert [bell.send("ana", "hello").user for _ in range(2)] == ["ana", "ana"]

    began = monotonic()
    with pytest.raises(Untrusted, match="cannot be trusted"):
        make(f"https://127.0.0.1:{port}", "hbp_key").send("ana", "hello")
    with pytest.raises(Untrusted, match="/no/such/file"):
        make(f"https://127.0.0.1:{port}", "hbp_key", ca_file="/no/such/file").send("ana", "hello")
    assert monotonic() - began < 10  # it is not tried again: it would be the same


def test_a_proxy_of_the_environment_is_gone_through(
    make: Bell, tls: tuple[int, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    port, ca_file = tls
    proxy = ConnectProxy(port)
    try:
        monkeypatch.setenv("https_proxy", f"http://ana:p%40ss@127.0.0.1:{proxy.port}")
        with pytest.raises(Untrusted):  # through the proxy, and the name is not the certificate's
            make(f"https://bell.test:{port}", "hbp_key", ca_file=ca_file).send("ana", "hello")
        assert make(f"https://127.0.0.1:{port}", "hbp_key", ca_file=ca_file).send("ana", "hello").id == "x"
        monkeypatch.setenv("no_proxy", "bell.test")
        with pytest.raises(HandbellError, match="cannot be reached"):
            make(f"https://bell.test:{port}", "hbp_key").send("ana", "hello", timeout=0)
    finally:
        proxy.close()

    [head] = proxy.heard  # this machine itself is not asked for through a proxy
    assert head.startswith(f"CONNECT bell.test:{port} HTTP/1.".encode())
    assert b"Proxy-Authorization: Basic YW5hOnBAc3M=\r\n" in head
    assert b"hbp_key" not in head


def test_a_key_does_not_follow_a_redirect(make: Bell, tls: tuple[int, str]) -> None:
    port, ca_file = tls
    with pytest.raises(Refused) as away:
        make(f"https://127.0.0.1:{port}/moved", "hbp_key", ca_file=ca_file).send("ana", "hello")
    assert away.value.status == 307
