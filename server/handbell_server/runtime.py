"""The loop: eventlet's hub in the main thread, native threads for everything that blocks.

Nothing is monkey-patched. The main thread runs greenlets and never waits for a disk, a database or a hash; those run
in native threads with untouched libraries and come back through `Runtime`. Only this module and `socket/edge/` know
eventlet, so another loop can take its place here.

Three ways in and out of the loop:

- `offload(fn)` runs `fn` in a native thread while the calling greenlet waits;
- `call_soon_threadsafe(fn)` brings a call from any thread (or a signal handler) into the loop;
- `promise()` lets a greenlet wait for something that a later call in the loop settles.
"""

import contextlib
import ctypes
import gc
import logging
import os
import sys
import threading
import warnings
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Generic, Literal, ParamSpec, TypeVar, cast

# Names are resolved by the operating system, in native threads: eventlet's own resolver would import dnspython and
# answer differently from everything else on the machine. It is decided while eventlet is imported.
os.environ.setdefault("EVENTLET_NO_GREENDNS", "yes")
with warnings.catch_warnings():
    # Known and contained (decision 0002); silenced here and nowhere else.
    warnings.filterwarnings("ignore", message=r"(?s).*Eventlet is deprecated.*")
    import eventlet
    import eventlet.hubs
    import eventlet.wsgi  # so that nobody else is the first to import a part of eventlet
    from greenlet import getcurrent

log = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

Pool = Literal["work", "hash", "issuer", "calls", "mail"]
CALLS_AT_ONCE = 40
_M_ARENA_MAX = -8  # of malloc.h


class Promise(Generic[T]):
    """One value that will come. Greenlets wait for it; code in the loop's thread settles it, once."""

    __slots__ = ("_error", "_hub", "_settled", "_value", "_waiters")

    def __init__(self, hub: Any) -> None:
        self._hub = hub
        self._settled = False
        self._value: T | None = None
        self._error: BaseException | None = None
        self._waiters: list[Any] = []

    @property
    def settled(self) -> bool:
        return self._settled

    def resolve(self, value: T) -> None:
        """Settle with a value; settling twice changes nothing."""
        self._settle(value, None)

    def fail(self, error: BaseException) -> None:
        """Settle with an exception, raised in every greenlet that waits."""
        self._settle(None, error)

    def wait(self, timeout: float | None = None) -> T:
        """Wait in the calling greenlet; TimeoutError when `timeout` seconds pass first."""
        if not self._settled:
            self._wait(timeout)
        if self._error is not None:
            raise self._error
        return cast(T, self._value)

    def _settle(self, value: T | None, error: BaseException | None) -> None:
        if self._settled:
            return
        self._settled, self._value, self._error = True, value, error
        for waiter in self._waiters:
            # Not switched to directly: whoever settles goes on first, wherever in the loop it stands.
            self._hub.schedule_call_global(0, waiter.switch, True)
        self._waiters.clear()

    def _wait(self, timeout: float | None) -> None:
        me = getcurrent()
        timer = None
        if timeout is not None:
            timer = self._hub.schedule_call_global(timeout, self._expire, me)
        self._waiters.append(me)
        try:
            if not self._hub.switch():
                raise TimeoutError(f"nothing came within {timeout} s")
        finally:
            if timer is not None:
                timer.cancel()
            if me in self._waiters:
                self._waiters.remove(me)

    def _expire(self, waiter: Any) -> None:
        if waiter in self._waiters:
            self._waiters.remove(waiter)
            waiter.switch(False)


class Runtime:
    """The loop of this process. Make one, in the main thread."""

    def __init__(self, *, workers: int = 8, hashers: int = 2) -> None:
        self.hub = eventlet.hubs.get_hub()
        self._thread = threading.get_ident()
        # Password hashes take 40 ms of a core each: two at a time, so that a wave of sign-ins starves nobody else.
        self._pools: dict[Pool, ThreadPoolExecutor] = {
            "work": ThreadPoolExecutor(workers, "handbell-work"),
            "hash": ThreadPoolExecutor(hashers, "handbell-hash"),
            # The organisation's issuer may be slow to hand out its keys; only its own tokens wait for that.
            "issuer": ThreadPoolExecutor(2, "handbell-issuer"),
            # Calls to receivers of webhooks, which may take their time. Threads are made when they are needed.
            "calls": ThreadPoolExecutor(CALLS_AT_ONCE, "handbell-calls"),
            # The mail server may take its time too, and webhooks should not wait for it.
            "mail": ThreadPoolExecutor(2, "handbell-mail"),
        }
        self._calls: deque[tuple[Callable[..., object], tuple[Any, ...]]] = deque()
        self._woken = False
        self._stopped: Promise[None] = self.promise()
        self._wake_read, self._wake_write = os.pipe()
        os.set_blocking(self._wake_read, False)
        os.set_blocking(self._wake_write, False)
        self._listener = self.hub.add(self.hub.READ, self._wake_read, self._on_wake, _raise_in_hub, lambda: None)

    # What runs in the loop.

    def spawn(self, fn: Callable[P, object], *args: P.args, **kwargs: P.kwargs) -> None:
        """Run `fn` in a greenlet of its own; an exception that escapes it is logged."""
        eventlet.spawn_n(_guarded, fn, args, kwargs)

    def sleep(self, seconds: float = 0) -> None:
        eventlet.sleep(seconds)

    def call_soon(self, fn: Callable[..., object], *args: Any) -> None:
        """Call `fn` when this turn of the loop is over. It must not wait."""
        self.hub.schedule_call_global(0, _guarded, fn, args, {})

    def call_later(self, seconds: float, fn: Callable[..., object], *args: Any) -> "Timer":
        """Call `fn` in the loop after a while. It must not wait; spawn from it what waits."""
        return Timer(self.hub.schedule_call_global(seconds, _guarded, fn, args, {}))

    def promise(self) -> Promise[Any]:
        return Promise(self.hub)

    # What comes from, and goes to, native threads.

    def call_soon_threadsafe(self, fn: Callable[..., object], *args: Any) -> None:
        """Call `fn` in the loop, soon and in order. For any thread; it must not wait.

        Only the first call after the loop went to sleep costs a system call.
        """
        self._calls.append((fn, args))
        if not self._woken:
            self._woken = True
            with contextlib.suppress(BlockingIOError):  # a full pipe wakes just as well
                os.write(self._wake_write, b"\0")

    def offload(self, fn: Callable[..., T], *args: Any, pool: Pool = "work", within: float | None = None) -> T:
        """Run `fn` in a native thread; the calling greenlet waits and gets its result or its exception.

        `within` seconds later the greenlet goes on with a TimeoutError; the thread stays busy until `fn` returns.
        """
        if threading.get_ident() != self._thread:
            raise RuntimeError("offload() belongs to the loop's thread; a native thread may simply call")
        promise: Promise[T] = Promise(self.hub)

        def done(future: "Future[T]") -> None:
            error = future.exception() if not future.cancelled() else RuntimeError("the runtime is closing")
            if error is not None:
                self.call_soon_threadsafe(promise.fail, error)
            else:
                self.call_soon_threadsafe(promise.resolve, future.result())

        future = self._pools[pool].submit(fn, *args)
        future.add_done_callback(done)
        try:
            return promise.wait(within)
        except TimeoutError:
            future.cancel()  # what has not begun must not be done for nobody, ahead of those who wait
            raise

    # Its life.

    def run_until_stopped(self) -> None:
        """Run the loop in the main greenlet until somebody calls `stop`."""
        self._stopped.wait()

    def stop(self) -> None:
        """Let `run_until_stopped` return. For any thread, and for signal handlers."""
        self.call_soon_threadsafe(self._stopped.resolve, None)

    def close(self) -> None:
        """Let native work that runs finish, drop what waits, give the descriptors back."""
        for pool in self._pools.values():
            pool.shutdown(wait=True, cancel_futures=True)
        self.hub.remove(self._listener)
        os.close(self._wake_read)
        os.close(self._wake_write)

    def _on_wake(self, _fileno: int) -> None:
        os.read(self._wake_read, 4096)
        # Cleared before the queue is looked at: a call that comes now either is seen below or wakes us again.
        self._woken = False
        for _ in range(len(self._calls)):
            fn, args = self._calls.popleft()
            _guarded(fn, args, {})


class Timer:
    """A call that is still to come and may be taken back."""

    __slots__ = ("_timer",)

    def __init__(self, timer: Any) -> None:
        self._timer = timer

    def cancel(self) -> None:
        self._timer.cancel()


def tune_malloc() -> None:
    """Let the native threads share an arena, where the C library is glibc: call once, before there are any.

    Each would get one of its own, and what SQLite and the statements give back there is at nobody else's disposal: 10 MB
    after a thousand devices have come.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    if mallopt is not None:
        mallopt(_M_ARENA_MAX, 2)


def tune_gc() -> None:
    """Keep the collector from stopping the loop: call once, when everything is imported and wired.

    With the default thresholds a full collection walks a thousand sockets for 60–110 ms, several times a minute.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 50, 100)


def _guarded(fn: Callable[..., object], args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    try:
        fn(*args, **kwargs)
    except Exception:
        log.exception("%s failed in the loop", getattr(fn, "__qualname__", fn))


def _raise_in_hub(error: BaseException) -> None:
    raise error
