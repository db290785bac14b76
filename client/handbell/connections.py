"""Requests over sockets that block. Connections are kept and used again, by any number of threads.

A connection that was kept may have been closed by the other side meanwhile, which is found out by using it. Then the
request goes over a fresh one at once, and what may not be repeated never goes over a kept one.
"""

from __future__ import annotations

import http.client
import os
from threading import Lock
from time import monotonic
from typing import Final

from handbell.address import LONGEST_ANSWER, Address
from handbell.errors import Unreachable
from handbell.retrying import Reply, Request

_KEPT_AT_MOST: Final = 8
_PIECE: Final = 65_536


class Connections:
    def __init__(self, address: Address, headers: dict[str, str]) -> None:
        self._address = address
        self._headers = headers | dict(address.own_headers)
        self._lock = Lock()
        self._kept: list[http.client.HTTPConnection] = []
        self._owner = os.getpid()

    def exchange(self, request: Request, timeout: float) -> Reply:
        """One request and its answer; raises `Unreachable`."""
        ends = monotonic() + timeout
        kept = self._take() if request.repeatable else None
        if kept is not None:
            try:
                return self._exchange(kept, request, ends)
            except TimeoutError as error:
                raise self._address.no_answer(error) from error
            except (OSError, http.client.HTTPException):
                pass  # closed while nobody looked; the finally of `_exchange` has put it away
        connection = self._open(ends)
        try:
            return self._exchange(connection, request, ends)
        except (OSError, http.client.HTTPException) as error:
            raise self._address.no_answer(error) from error

    def close(self) -> None:
        with self._lock:
            kept, self._kept = self._kept, []
        for connection in kept:
            connection.close()

    def __del__(self) -> None:
        self.close()  # `Handbell().send(…)` in one line is no mistake to warn of

    def _open(self, ends: float) -> http.client.HTTPConnection:
        address, timeout = self._address, max(0.1, ends - monotonic())
        host, port = address.first_hop
        connection: http.client.HTTPConnection
        if address.tls is not None:
            connection = http.client.HTTPSConnection(host, port, timeout=timeout, context=address.tls)
        else:
            connection = http.client.HTTPConnection(host, port, timeout=timeout)
        if address.tunnelled and address.proxy is not None:
            connection.set_tunnel(address.host, address.port, dict(address.proxy.headers))
        try:
            connection.connect()
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            raise address.unreachable(error) from error
        return connection

    def _exchange(self, connection: http.client.HTTPConnection, request: Request, ends: float) -> Reply:
        whole = False
        try:
            connection.sock.settimeout(_left(ends))
            headers = {**self._headers, **request.headers, "Host": self._address.authority}
            try:
                connection.request(request.method, self._address.target(request.path), request.body, headers)
                heard = True
            except BrokenPipeError:
                heard = False  # perhaps it has said why before it hung up
            response = connection.getresponse()
            body = _body(response, connection, ends)
            response.close()
            whole = heard and not response.will_close
            return Reply(response.status, {name.lower(): value for name, value in response.getheaders()}, body)
        finally:
            if whole:
                self._keep(connection)
            else:
                connection.close()

    def _take(self) -> http.client.HTTPConnection | None:
        with self._lock:
            if self._owner != os.getpid():  # forked: the connections are the parent's
                self._kept, self._owner = [], os.getpid()
            return self._kept.pop() if self._kept else None

    def _keep(self, connection: http.client.HTTPConnection) -> None:
        with self._lock:
            if self._owner == os.getpid() and len(self._kept) < _KEPT_AT_MOST:
                self._kept.append(connection)
                return
        connection.close()


def _body(response: http.client.HTTPResponse, connection: http.client.HTTPConnection, ends: float) -> bytes:
    """All of it, within the time and the size that are allowed."""
    pieces, size = [], 0
    while True:
        if connection.sock is not None:  # given to the answer when it is the last of its connection
            connection.sock.settimeout(_left(ends))
        elif monotonic() > ends:
            raise TimeoutError("timed out")
        piece = response.read1(_PIECE)
        if not piece:
            break
        pieces.append(piece)
        size += len(piece)
        if size > LONGEST_ANSWER:
            raise Unreachable(f"the answer has more than {LONGEST_ANSWER} bytes")
    if response.length:
        raise http.client.IncompleteRead(b"", response.length)
    return b"".join(pieces)


def _left(ends: float) -> float:
    left = ends - monotonic()
    if left <= 0:
        raise TimeoutError("timed out")
    return left
