"""A bad network on loopback: a TCP proxy that delays, throttles, swallows, cuts, half-closes and resets.

It runs an asyncio loop in a native thread of its own, so that a test, a blocking client and the proxy never wait for
each other. All chance comes from one seed. The weather can change while connections are open; each of them obeys the
new one from the next chunk on.
"""

import asyncio
import random
import socket
import struct
import threading
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Any, Literal, Self, TypeVar

CHUNK = 16_384
IN_FLIGHT = 64  # chunks on the way per direction; beyond that the sender feels the weather, as on a real path

T = TypeVar("T")
Side = Literal["client", "server"]


@dataclass(frozen=True)
class Weather:
    """What happens to bytes, in both directions. The default is a perfect day."""

    delay: float = 0.0
    """Seconds every chunk is under way, give or take …"""
    jitter: float = 0.0
    """… this much. Chunks never overtake each other: it is TCP."""
    rate: int | None = None
    """Bytes a second, per direction of a connection."""
    cut_after: int | None = None
    """A connection is closed once this many bytes, both directions together, have gone through it."""
    blackhole: bool = False
    """Connections are accepted and bytes are taken, and nothing ever arrives."""
    deaf_after: tuple[bytes, ...] | None = None
    """What a client says arrives; from where it has said these words, one after the other, it hears no answer."""


@dataclass(eq=False)
class Link:
    """One connection: the two ends, and what has befallen it."""

    client: asyncio.StreamWriter
    server: asyncio.StreamWriter
    carried: int = 0
    swallowed: set[Side] = field(default_factory=set)
    """On their way to these ends bytes were lost. It stays dark for good: TCP never delivers what follows a gap."""
    words: int = 0
    """How many of the words of `deaf_after` the client has said."""
    deaf: set[Side] = field(default_factory=set)
    """Ends that have been told that nothing more will come."""
    gone: asyncio.Event = field(default_factory=asyncio.Event)

    def end(self, side: Side) -> asyncio.StreamWriter:
        return self.client if side == "client" else self.server

    def close(self) -> None:
        self.gone.set()
        for writer in (self.client, self.server):
            writer.transport.abort()

    def reset(self) -> None:
        for writer in (self.client, self.server):
            # Linger for zero seconds: the kernel then answers with RST instead of FIN.
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close()


class Proxy:
    """Listens on `port` of loopback and carries everything to `target`, through the weather."""

    def __init__(self, target: int, *, seed: int = 0) -> None:
        self.port = 0
        self.target = target
        self._weather = Weather()
        self._chance = random.Random(seed)
        self._links: dict[Link, None] = {}  # in the order of their arrival, or the seed would mean nothing
        self._loop = asyncio.new_event_loop()
        self._moving = asyncio.Event()
        self._moving.set()
        self._over = asyncio.Event()
        ready = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(ready,), name="proxy", daemon=True)
        self._thread.start()
        assert ready.wait(60), "the proxy did not start"

    # What a test says. Each call returns when it has taken effect.

    def set(self, **changes: Any) -> None:
        """Change some of the weather: `proxy.set(delay=0.3, jitter=0.1)`; the rest stays as it is."""
        weather = replace(self._weather, **changes)

        def change() -> None:
            self._weather = weather

        self._in_loop(change)

    def calm(self) -> None:
        """A perfect day again, for new connections and for those that lost nothing."""
        self.set(**vars(Weather()))
        self.thaw()

    def freeze(self) -> None:
        """Nothing is read and nothing is sent, the connections stay: the cable of a machine that sleeps."""
        self._in_loop(self._moving.clear)

    def thaw(self) -> None:
        self._in_loop(self._moving.set)

    def cut(self, share: float = 1.0) -> int:
        """Close some of the connections (all, if nothing is said), both ends; answers how many."""
        return self._to_some(Link.close, share)

    def reset(self, share: float = 1.0) -> int:
        """The same with RST, as from a router that lost its tables."""
        return self._to_some(Link.reset, share)

    def half_close(self, side: Side) -> int:
        """Tell this end of every connection that nothing more will come; what it says still goes through."""

        def close(link: Link) -> None:
            self._say_end(link, side)

        return self._to_some(close, 1.0)

    @property
    def connections(self) -> int:
        return self._in_loop(lambda: len(self._links))

    def stop(self) -> None:
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._over.set)
            self._thread.join(60)
            assert not self._thread.is_alive(), "the proxy did not stop"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    # What the loop does.

    def _run(self, ready: threading.Event) -> None:
        try:
            self._loop.run_until_complete(self._serve(ready))
            self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        finally:
            self._loop.close()

    async def _serve(self, ready: threading.Event) -> None:
        tasks: set[asyncio.Task[None]] = set()
        writers: list[asyncio.StreamWriter] = []

        def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writers.append(writer)
            task = asyncio.ensure_future(self._carry(reader, writer))
            tasks.add(task)
            task.add_done_callback(tasks.discard)

        server = await asyncio.start_server(accept, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        ready.set()
        await self._over.wait()
        # Nobody more comes in; who is just being let in gets the turns of the loop that this takes: a server that is closed
        # meanwhile would drop them with their sockets open.
        for listener in server.sockets:
            self._loop.remove_reader(listener.fileno())
        await _turns()
        server.close()
        for link in list(self._links):
            link.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for writer in writers:  # a task that was ended before its first step has closed nothing
            writer.transport.abort()
        await server.wait_closed()
        await _turns()

    async def _carry(self, from_client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        try:
            from_server, to_server = await asyncio.open_connection("127.0.0.1", self.target)
        except BaseException as error:  # also when the proxy ends at this moment
            to_client.transport.abort()
            if not isinstance(error, OSError):
                raise
            return
        link = Link(to_client, to_server)
        self._links[link] = None
        pumps = [
            asyncio.ensure_future(self._pump(link, from_client, "server")),
            asyncio.ensure_future(self._pump(link, from_server, "client")),
        ]
        try:
            await asyncio.gather(*pumps)
        except OSError:
            pass  # one end is gone; so is the connection
        finally:
            for pump in pumps:
                pump.cancel()
            await asyncio.gather(*pumps, return_exceptions=True)
            del self._links[link]
            link.close()

    async def _pump(self, link: Link, reader: asyncio.StreamReader, side: Side) -> None:
        """Carry one direction: one task takes bytes in and stamps them, another delivers them when they are due."""
        path: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(IN_FLIGHT)
        delivery = asyncio.ensure_future(self._deliver(link, path, side))
        due = 0.0
        try:
            while True:
                await self._moving.wait()
                data = await reader.read(CHUNK)
                due = max(due, self._loop.time() + self._travel_time())
                await path.put((due, data))
                if not data:
                    await delivery
                    return
        finally:
            delivery.cancel()
            await asyncio.gather(delivery, return_exceptions=True)

    async def _deliver(self, link: Link, path: asyncio.Queue[tuple[float, bytes]], side: Side) -> None:
        while True:
            due, data = await path.get()
            await asyncio.sleep(max(0.0, due - self._loop.time()))
            await self._moving.wait()
            if self._weather.blackhole:
                link.swallowed |= {"client", "server"}
            elif self._hears_nothing(link, side, data):
                link.swallowed.add(side)
            if side in link.swallowed:
                if not data:
                    await link.gone.wait()  # the news of the end does not arrive either
                continue
            if not data:
                self._say_end(link, side)
                return
            if side in link.deaf:
                continue
            limit = self._weather.cut_after
            room = len(data) if limit is None else max(0, limit - link.carried)
            link.carried += len(data)
            link.end(side).write(data[:room])
            await link.end(side).drain()
            if limit is not None and link.carried >= limit:
                link.close()
                return
            if self._weather.rate is not None:
                await asyncio.sleep(len(data) / self._weather.rate)

    def _hears_nothing(self, link: Link, side: Side, data: bytes) -> bool:
        """Listens to the client before its words are passed on, so no answer to them can be faster."""
        words = self._weather.deaf_after
        if words is None:
            return False
        if side == "client":
            return link.words >= len(words)
        while link.words < len(words) and (place := data.find(words[link.words])) >= 0:
            data = data[place + len(words[link.words]) :]
            link.words += 1
        return False

    def _travel_time(self) -> float:
        weather = self._weather
        return max(0.0, weather.delay + self._chance.uniform(-weather.jitter, weather.jitter))

    def _say_end(self, link: Link, side: Side) -> None:
        if side not in link.deaf and not link.end(side).is_closing():
            link.deaf.add(side)
            link.end(side).write_eof()

    def _to_some(self, what: Callable[[Link], None], share: float) -> int:
        def do() -> int:
            chosen = [link for link in self._links if self._chance.random() < share]
            for link in chosen:
                what(link)
            return len(chosen)

        return self._in_loop(do)

    def _in_loop(self, what: Callable[[], T]) -> T:
        async def run() -> T:
            return what()

        work: Coroutine[Any, Any, T] = run()
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(60)


async def _turns() -> None:
    for _ in range(5):
        await asyncio.sleep(0)
