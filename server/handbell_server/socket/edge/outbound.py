"""What waits to be sent to one client: bounded, with a little room above for what must not be dropped.

Pushes are *offered*, and refused when too much waits already: the device heals from the database. Pings, answers and
farewells *must* go; when even their allowance is used up the client is not listening, and the connection ends.
"""

from collections import deque
from typing import Any

from handbell_server.runtime import Promise, Runtime
from handbell_server.socket.edge.limits import EdgeLimits
from handbell_server.socket.edge.packets import Push

_POLLED_AT_ONCE = 16  # python-socketio's client takes no more packets in one payload


class Backlog:
    """Packets that wait, and the two bounds on them."""

    __slots__ = ("_limits", "size", "waiting")

    def __init__(self, limits: EdgeLimits) -> None:
        self._limits = limits
        self.waiting: deque[Any] = deque()
        self.size = 0

    def has_room(self, size: int) -> bool:
        """Room for a push; a single one of any size always has room, or it could never be sent."""
        if not self.waiting:
            return True
        limits = self._limits
        return len(self.waiting) < limits.queued_packets and self.size + size <= limits.queued_bytes

    def has_control_room(self) -> bool:
        limits = self._limits
        return (
            len(self.waiting) < limits.queued_packets + limits.control_packets
            and self.size < limits.queued_bytes + limits.control_bytes
        )


class Mailbox:
    """The outgoing side of the polling transport: packets wait until the client's next request."""

    __slots__ = ("_backlog", "_reader", "_runtime")

    def __init__(self, runtime: Runtime, limits: EdgeLimits) -> None:
        self._runtime = runtime
        self._backlog = Backlog(limits)
        self._reader: Promise[None] | None = None

    @property
    def polled(self) -> bool:
        """A request waits for packets."""
        return self._reader is not None

    def offer(self, push: Push) -> bool:
        if not self._backlog.has_room(len(push.packet)):
            return False
        self._put(push)
        return True

    def must(self, push: Push) -> bool:
        if not self._backlog.has_control_room():
            return False
        self._put(push)
        return True

    def wait(self, seconds: float) -> None:
        """Wait until there is something, or until it is too long."""
        if self._backlog.waiting:
            return
        self._reader = self._runtime.promise()
        try:
            self._reader.wait(seconds)
        except TimeoutError:
            pass  # the ping that was due did not come: the connection is being closed
        finally:
            self._reader = None

    def take(self) -> list[Push]:
        """What the next payload carries."""
        waiting = self._backlog.waiting
        taken = [waiting.popleft() for _ in range(min(len(waiting), _POLLED_AT_ONCE))]
        self._backlog.size -= sum(len(push.packet) for push in taken)
        return taken

    @property
    def empty(self) -> bool:
        return not self._backlog.waiting

    def _put(self, push: Push) -> None:
        self._backlog.waiting.append(push)
        self._backlog.size += len(push.packet)
        if self._reader is not None:
            self._reader.resolve(None)
