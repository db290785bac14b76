"""A request body in chunks, put together as it arrives; pure, and bounded in bytes and in overhead."""

import re

from handbell_server.socket.edge.http_head import BAD_REQUEST, Refused

_SIZE_LINE = re.compile(rb"([0-9A-Fa-f]{1,8})[ \t]*(?:;[^\r\n]*)?")
_LONGEST_LINE = 1024
_MOST_CHUNKS = 4096  # chunks of one byte would cost a thousand times their size


class ChunkedBody:
    """Feed it the connection's buffer until `done`; what follows the body stays in the buffer."""

    def __init__(self, max_bytes: int) -> None:
        self.data = bytearray()
        self.done = False
        self._max_bytes = max_bytes
        self._left = 0  # of the chunk being read, its CRLF included; 0: a size line is next
        self._chunks = 0
        self._in_trailers = False

    def feed(self, buffer: bytearray) -> None:
        while not self.done and (self._take_data(buffer) if self._left else self._take_line(buffer)):
            pass

    def _take_data(self, buffer: bytearray) -> bool:
        if self._left > 2:
            part = buffer[: self._left - 2]
            self.data += part
            del buffer[: len(part)]
            self._left -= len(part)
        if self._left > 2 or len(buffer) < 2:
            return False
        if buffer[:2] != b"\r\n":
            raise Refused(BAD_REQUEST)
        del buffer[:2]
        self._left = 0
        return True

    def _take_line(self, buffer: bytearray) -> bool:
        end = buffer.find(b"\r\n", 0, _LONGEST_LINE)
        if end < 0:
            if len(buffer) >= _LONGEST_LINE:
                raise Refused(BAD_REQUEST)
            return False
        line = bytes(buffer[:end])
        del buffer[: end + 2]
        self._chunks += 1
        if self._chunks > _MOST_CHUNKS:
            raise Refused("413 Content Too Large")
        if self._in_trailers:
            self.done = not line  # trailers mean nothing to us, and never become headers
            return True
        self._begin_chunk(line)
        return True

    def _begin_chunk(self, line: bytes) -> None:
        match = _SIZE_LINE.fullmatch(line)
        if match is None:
            raise Refused(BAD_REQUEST)
        size = int(match[1], 16)
        if len(self.data) + size > self._max_bytes:
            raise Refused("413 Content Too Large")
        if size:
            self._left = size + 2
        else:
            self._in_trailers = True
