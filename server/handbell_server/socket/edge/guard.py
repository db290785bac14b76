"""At the door: from where, how many, how fast. Decided from the request alone, before anything is kept."""

import ipaddress
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from handbell_server.socket.edge.limits import EdgeLimits

_MOST_BUCKETS = 10_000


class Bucket:
    """A token bucket."""

    __slots__ = ("_at", "_burst", "_left", "_rate")

    def __init__(self, rate: float, burst: int, now: float) -> None:
        self._rate, self._burst = rate, burst
        self._left, self._at = float(burst), now

    def take(self, now: float) -> bool:
        self._left = min(self._burst, self._left + (now - self._at) * self._rate)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True

    def full(self, now: float) -> bool:
        return self._left + (now - self._at) * self._rate >= self._burst


class Guard:
    """Refuses with an HTTP status; counts the sockets of each address."""

    def __init__(self, limits: EdgeLimits, clock: Callable[[], float] = time.monotonic) -> None:
        self._limits = limits
        self._clock = clock
        self._sockets: Counter[str] = Counter()
        self._total = 0
        self._handshakes: dict[str, Bucket] = {}

    def check(self, environ: dict[str, Any]) -> str | None:
        """The status to refuse a request of Socket.IO's with, or None."""
        limits = self._limits
        refusal = self.check_stranger(environ)
        if refusal is not None:
            return refusal
        query = environ.get("QUERY_STRING", "")
        parts = query.split("&")
        if any(part.partition("=")[0] == "j" for part in parts):
            return "400 Bad Request"  # JSONP hands the answer to any page that asks
        if not limits.polling and "transport=websocket" not in parts:
            return "400 Bad Request"  # the requests of one polling client would land on different processes
        return None

    def check_stranger(self, environ: dict[str, Any]) -> str | None:
        """The status to refuse anybody with who comes to a wrong name or from a foreign page, or None."""
        limits = self._limits
        if limits.hosts is not None and _host_name(environ.get("HTTP_HOST", "")) not in limits.hosts:
            return "421 Misdirected Request"  # also what stops DNS rebinding
        origin = environ.get("HTTP_ORIGIN")
        if origin is not None and not self.allows_origin(origin, environ):
            return "403 Forbidden"
        return None

    def allows_origin(self, origin: str | None, environ: dict[str, Any]) -> bool:
        """Whether pages of this origin may talk to us: those of the list, and our own.

        "Our own" is Origin = Host, which also some clients send that are no browsers. An attacker can make it true for
        a name that resolves to us, so the name must be known; an address cannot be bent that way.
        """
        if origin is None:
            return False  # Engine.IO asks on its way to CORS headers, which then nobody needs
        if origin in self._limits.origins:
            return True
        host = environ.get("HTTP_HOST", "").lower()
        if origin.lower() not in (f"http://{host}", f"https://{host}"):
            return False
        name = _host_name(host)
        return name in (self._limits.hosts or ()) or name == "localhost" or _is_address(name)

    def admit(self, address: str, transport: str) -> str | None:
        """The status to refuse a new socket with, or None: then the socket counts until `left`."""
        limits = self._limits
        if self._total >= limits.sockets:
            return "503 Service Unavailable"
        if self._sockets[address] >= limits.sockets_per_address:
            return "429 Too Many Requests"
        if transport == "polling" and not self._may_shake_hands(address):
            return "429 Too Many Requests"
        self._sockets[address] += 1
        self._total += 1
        return None

    def left(self, address: str) -> None:
        self._total -= 1
        self._sockets[address] -= 1
        if not self._sockets[address]:
            del self._sockets[address]

    def address(self, environ: dict[str, Any]) -> str:
        """Whose connection this is; X-Forwarded-For counts only as far as proxies of ours wrote it."""
        peer: str = environ["REMOTE_ADDR"]
        hops = self._limits.trusted_hops
        if not hops:
            return peer
        chain = [part.strip() for part in environ.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
        return chain[-hops] if len(chain) >= hops else peer

    def _may_shake_hands(self, address: str) -> bool:
        now = self._clock()
        bucket = self._handshakes.get(address)
        if bucket is None:
            if len(self._handshakes) >= _MOST_BUCKETS:
                self._handshakes = {k: b for k, b in self._handshakes.items() if not b.full(now)}
            bucket = Bucket(self._limits.handshakes_per_second, self._limits.handshakes_burst, now)
            self._handshakes[address] = bucket
        return bucket.take(now)


def _host_name(host: str) -> str:
    """A Host header without its port, in lower case."""
    name, colon, port = host.rpartition(":")
    if host.endswith("]"):
        return host.lower()
    return (name if colon and port.isdigit() else host).lower()


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return False
    return True
