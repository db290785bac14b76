"""Requests over asyncio's streams: HTTP/1.1 as our server and the proxies before it speak it.

No thread anywhere: a thousand programs' parts that wait for answers are a thousand sockets of one loop, and to cancel one
closes it. Connections are kept and used again within one loop, by the same rules as in `connections.py`.
"""

from __future__ import annotations

import asyncio
import http.client
from collections.abc import Mapping
from contextlib import suppress
from io import BytesIO
from typing import Final, NamedTuple

from handbell.address import LONGEST_ANSWER, Address
from handbell.retrying import Reply, Request

_KEPT_AT_MOST: Final = 8
_LONGEST_HEAD: Final = 65_536
_PIECE: Final = 65_536


class _Broken(Exception):
    """What came is not an answer of HTTP."""


_TROUBLE: Final = (OSError, EOFError, asyncio.LimitOverrunError, _Broken)  # a TimeoutError is an OSError


class _Pipe(NamedTuple):
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    def close(self) -> None:
        self.writer.transport.abort()


class Streams:
    def __init__(self, address: Address, headers: dict[str, str]) -> None:
        self._address = address
        self._headers = headers | dict(address.own_headers)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._kept: list[_Pipe] = []

    async def exchange(self, request: Request, timeout: float) -> Reply:
        """One request and its answer; raises `Unreachable`."""
        pipe = self._take() if request.repeatable else None
        stood = pipe is not None
        try:
            async with asyncio.timeout(timeout):
                if pipe is not None:
                    with suppress(*_TROUBLE):  # closed while nobody looked
                        return await self._exchange(pipe, request)
                pipe = await self._open()
                stood = True
                return await self._exchange(pipe, request)
        except _TROUBLE as error:
            raise (self._address.no_answer if stood else self._address.unreachable)(error) from error

    async def close(self) -> None:
        kept, self._kept = self._kept, []
        for pipe in kept:
            pipe.close()
        await asyncio.sleep(0)  # the loop forgets an aborted socket in its next turn

    async def _open(self) -> _Pipe:
        address = self._address
        host, port = address.first_hop
        if not address.tunnelled:
            return _Pipe(*await asyncio.open_connection(host, port, ssl=address.tls, limit=_LONGEST_HEAD))
        pipe = _Pipe(*await asyncio.open_connection(host, port, limit=_LONGEST_HEAD))
        try:
            assert address.proxy is not None
            assert address.tls is not None
            named = f"{address.host}:{address.port}"
            pipe.writer.write(_head(f"CONNECT {named}", {"Host": named, **address.proxy.headers}))
            status, _ = await _read_head(pipe.reader)
            if status != 200:
                raise OSError(f"the proxy answered {status}")
            await pipe.writer.start_tls(address.tls, server_hostname=address.host)
        except BaseException:
            pipe.close()
            raise
        return pipe

    async def _exchange(self, pipe: _Pipe, request: Request) -> Reply:
        whole = False
        try:
            headers = {**self._headers, **request.headers, "Host": self._address.authority}
            if request.body is not None or request.method in ("POST", "PUT", "PATCH"):
                headers["Content-Length"] = str(len(request.body or b""))
            pipe.writer.write(_head(f"{request.method} {self._address.target(request.path)}", headers))
            pipe.writer.write(request.body or b"")
            with suppress(BrokenPipeError, ConnectionResetError):  # perhaps it has said why before it hung up
                await pipe.writer.drain()
            status, told = await _read_head(pipe.reader)
            while 100 <= status < 200:
                status, told = await _read_head(pipe.reader)
            body, ended = await _read_body(pipe.reader, status, told)
            whole = not ended and told.get("connection", "").lower() != "close"
            return Reply(status, told, body)
        finally:
            if whole and len(self._kept) < _KEPT_AT_MOST:
                self._kept.append(pipe)
            else:
                pipe.close()

    def _take(self) -> _Pipe | None:
        loop = asyncio.get_running_loop()
        if self._loop is not loop:  # connections cannot move from one loop to another
            self._loop, self._kept = loop, []
        while self._kept:
            pipe = self._kept.pop()
            if not pipe.reader.at_eof() and not pipe.writer.is_closing():
                return pipe
            pipe.close()
        return None


def _head(first: str, headers: Mapping[str, str]) -> bytes:
    lines = [f"{first} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    if any("\r" in line or "\n" in line for line in lines):
        raise ValueError("a header has one line")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


async def _read_head(reader: asyncio.StreamReader) -> tuple[int, dict[str, str]]:
    first, _, rest = (await reader.readuntil(b"\r\n\r\n")).partition(b"\r\n")
    words = first.split(None, 2)
    if len(words) < 2 or not words[0].startswith(b"HTTP/1.") or not words[1].isdigit():
        raise _Broken("the answer is not one of HTTP")
    try:
        headers = http.client.parse_headers(BytesIO(rest))
    except http.client.HTTPException as error:
        raise _Broken(str(error)) from error
    return int(words[1]), {name.lower(): value for name, value in headers.items()}


async def _read_body(reader: asyncio.StreamReader, status: int, headers: Mapping[str, str]) -> tuple[bytes, bool]:
    """The body, and whether the end of the connection was its end."""
    if status in (204, 304):
        return b"", False
    if headers.get("transfer-encoding", "").lower() == "chunked":
        return await _read_chunks(reader), False
    length = headers.get("content-length")
    if length is None:
        return await _read_to_the_end(reader), True
    return await reader.readexactly(_size(length, 10)), False


async def _read_chunks(reader: asyncio.StreamReader) -> bytes:
    body = bytearray()
    while size := _size((await reader.readuntil(b"\n")).partition(b";")[0].decode("latin-1").strip(), 16):
        body += await reader.readexactly(size)
        if len(body) > LONGEST_ANSWER or await reader.readexactly(2) != b"\r\n":
            raise _Broken("the answer is too long, or cut in the wrong places")
    while (await reader.readuntil(b"\n")).strip():
        pass  # trailers
    return bytes(body)


async def _read_to_the_end(reader: asyncio.StreamReader) -> bytes:
    body = bytearray()
    while piece := await reader.read(_PIECE):
        body += piece
        if len(body) > LONGEST_ANSWER:
            raise _Broken("the answer is too long")
    return bytes(body)


def _size(text: str, base: int) -> int:
    try:
        size = int(text, base)
    except ValueError:
        raise _Broken("the answer does not say how long it is") from None
    if not 0 <= size <= LONGEST_ANSWER:
        raise _Broken("the answer is too long")
    return size
