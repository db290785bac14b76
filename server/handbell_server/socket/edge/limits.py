"""Every bound of the edge, in one place: what a stranger may cost us before we hang up.

The numbers are the project's decisions (docs/decisions, research F2–F8, F16); tests shorten the times, operators
change the counts.
"""

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class HttpLimits:
    """What one HTTP connection may take. Times are totals, so that a trickle of bytes does not prolong them."""

    header_seconds: float = 5.0
    body_seconds: float = 10.0
    idle_seconds: float = 60.0
    write_seconds: float = 20.0  # without any progress
    header_bytes: int = 16 * 1024
    header_count: int = 100
    body_bytes: int = (
        1024 * 1024 + 16 * 1024
    )  # a batch may be 1 MiB; a little more leaves the answer to the application
    unfinished_bodies_bytes: int = 64 * 1024 * 1024  # announced by all connections together
    connections: int = 20_000  # above this, new ones wait in the backlog


@dataclass(frozen=True, slots=True)
class EdgeLimits:
    """What one Socket.IO connection, and one address, may take."""

    ping_interval: int = 25  # whole seconds: Engine.IO's handshake cuts fractions off
    ping_timeout: float = 20.0
    authenticate_seconds: float = 5.0
    message_bytes: int = 64 * 1024
    stranger_message_bytes: int = 16 * 1024  # before CONNECT was accepted
    json_depth: int = 32
    queued_packets: int = 64
    queued_bytes: int = 256 * 1024
    control_packets: int = 16  # pings, answers and farewells fit above a full queue, up to here
    control_bytes: int = 64 * 1024
    shed_seconds: float = 30.0
    keepalive_seconds: float = 45.0  # of streams; the clients that follow by them wait for 77 s at most
    events_per_second: float = 20.0
    events_burst: int = 60
    sockets: int = 20_000
    sockets_per_address: int = 50
    handshakes_per_second: float = 10.0  # polling sessions per address: each outlives its request
    handshakes_burst: int = 50
    origins: frozenset[str] = frozenset()  # "https://bell.example"; browsers always say theirs, programs need not
    hosts: frozenset[str] | None = None  # None: any Host header
    polling: bool = True  # long-polling as well as WebSocket; off where several processes share a port
    trusted_hops: int = 0  # proxies of ours in front, whose X-Forwarded-For entries may be believed


def _nothing(_sid: str) -> None:
    """The hook of whoever does not care."""


def _no_farewell(_reason: str) -> str | None:
    return None


@dataclass(frozen=True, slots=True)
class EdgeHooks:
    """What the application wants to hear. The sid is Socket.IO's, as the handlers know it."""

    on_shed: Callable[[str], None] = field(default=_nothing)  # a push was refused; called in the loop, must not wait
    on_drained: Callable[[str], None] = field(default=_nothing)  # send one `tip` now; runs in a greenlet
    farewell: Callable[[str], str | None] = field(
        default=_no_farewell
    )  # reason → last Socket.IO packet, before closing
