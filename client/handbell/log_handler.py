"""What a program logs as errors, told to people: a `logging.Handler`.

    logging.getLogger().addHandler(HandbellHandler("ana"))

A program must not wait for its log, nor die of it, nor flood anybody with it:

- `emit` forms the text, puts it into a bounded queue and returns. A thread of our own does the telling. What does not fit
  is dropped and counted, and the next notification says how many.
- One line of code is one incident: its life-cycle key is made from where it was logged and which exception it was, so a
  crash loop, over restarts too, is one notification that counts. It is told at once, and then at most once in `every`
  seconds; all incidents together at most `per_minute` times a minute.
- While the server is away the incidents stay, with their counts, and are told when it is back.
- When the program ends, what is untold is told within `flush_within` seconds.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
from hashlib import blake2b
from queue import Empty, SimpleQueue
from time import monotonic
from typing import Final

from handbell.client import Handbell
from handbell.errors import HandbellError
from handbell.incidents import Happening, Incident, Incidents
from handbell.messages import Priority, To

_TRY_FOR: Final = 3.0
_AWAY_SECONDS: Final = 10.0
_TITLE: Final = 200
_BODY: Final = 3_900  # the server takes 4,096; the rest is for what is counted
_STOP: Final = threading.Event()


class _NoLock:
    """`emit` may be called by any number of threads: nobody has to wait for anybody, least of all while we flush."""

    def acquire(self) -> bool:
        return True

    def release(self) -> None:
        pass

    def __enter__(self) -> None:
        pass

    def __exit__(self, *_: object) -> None:
        pass


class HandbellHandler(logging.Handler):
    """Tells `to` of what is logged. Without `client` it is the one that HANDBELL_SERVER and HANDBELL_KEY say."""

    def __init__(
        self,
        to: To,
        *,
        client: Handbell | None = None,
        level: int | str = logging.ERROR,
        link: str | None = None,
        every: float = 60.0,
        per_minute: int = 30,
        queue_size: int = 1_000,
        flush_within: float = 5.0,
    ) -> None:
        super().__init__(level)
        self._to = to
        self._client = client or Handbell()
        self._own_client = client is None
        self._link = link
        self._every, self._per_minute = every, per_minute
        self._queue_size = queue_size
        self._flush_within = flush_within
        self._closed = False
        self._begin()

    def createLock(self) -> None:  # noqa: N802 — logging's name for it
        self.lock = _NoLock()  # type: ignore[assignment]

    @property
    def dropped(self) -> int:
        """How many records did not fit into the queue."""
        return self._dropped

    def emit(self, record: logging.LogRecord) -> None:
        if threading.current_thread() is self._thread:
            return  # what our own telling makes somebody log
        if self._owner != os.getpid():  # forked: the thread stayed with the parent
            self._begin()
        if self._closed:
            return
        if self._queue.qsize() >= self._queue_size:
            with self._guard:
                self._dropped += 1
            return
        try:
            self._queue.put(self._happening(record))
            self._wake()
        except Exception:
            self.handleError(record)

    def flush(self) -> None:
        """Tell what is untold, in `flush_within` seconds at most."""
        if self._owner != os.getpid() or threading.current_thread() is self._thread:
            return
        done = threading.Event()
        self._queue.put(done)
        if self._wake():
            done.wait(self._flush_within)
        else:  # the interpreter ends and starts no thread any more
            self._work(until=done)

    def close(self) -> None:
        if not self._closed:
            self.flush()
            self._closed = True
            self._queue.put(_STOP)
            if self._own_client:
                self._client.close()
        super().close()

    def _begin(self) -> None:
        self._owner = os.getpid()
        self._guard = threading.RLock()
        self._queue: SimpleQueue[Happening | threading.Event] = SimpleQueue()  # may be used from a signal's handler
        self._incidents = Incidents(self._every, self._per_minute)
        self._thread: threading.Thread | None = None
        self._dropped = self._dropped_told = 0
        self._complained = False
        self._away_until = 0.0

    def _wake(self) -> bool:
        """Whether there is a thread that tells."""
        if self._thread is not None and self._thread.is_alive():
            return True
        with self._guard:
            if self._thread is None or not self._thread.is_alive():
                thread = threading.Thread(target=self._work, name="handbell-log", daemon=True)
                try:
                    thread.start()
                except RuntimeError:
                    return False
                self._thread = thread
        return True

    def _happening(self, record: logging.LogRecord) -> Happening:
        text = self.format(record)
        first = record.getMessage().strip().partition("\n")[0] or record.levelname
        kind = record.exc_info[0].__name__ if record.exc_info and record.exc_info[0] is not None else ""
        title = f"{record.name}: {first}" + (f" ({kind})" if kind and kind not in first else "")
        priority: Priority = "high" if record.levelno >= logging.ERROR else "normal"
        return Happening(_key(record, kind), _cut(_sayable(title), _TITLE), _sayable(text)[-_BODY:], priority)

    # ---- the thread

    def _work(self, until: threading.Event | None = None) -> None:
        while True:
            try:
                heard = self._queue.get(timeout=self._seconds_to_wait())
            except Empty:
                heard = None
            if isinstance(heard, Happening):
                self._incidents.add(heard, monotonic())
                if not self._queue.empty():
                    continue  # a burst is counted first and told then
            flushing = isinstance(heard, threading.Event)
            self._tell(monotonic() + self._flush_within if flushing else None)
            if isinstance(heard, threading.Event):
                heard.set()
                if heard is _STOP or heard is until:
                    return

    def _seconds_to_wait(self) -> float | None:
        due = self._incidents.next_due()
        return None if due is None else max(0.0, max(due, self._away_until) - monotonic())

    def _tell(self, flushing_ends: float | None) -> None:
        now = monotonic()
        if flushing_ends is None and now < self._away_until:
            return
        for incident in self._incidents.due(now, everything=flushing_ends is not None):
            seconds = _TRY_FOR if flushing_ends is None else flushing_ends - monotonic()
            if seconds <= 0:
                return
            try:
                self._send(incident, seconds)
            except HandbellError as error:
                if error.temporary:
                    self._away_until = monotonic() + _AWAY_SECONDS
                    return
                self._complain(error)
            self._incidents.told(incident, monotonic())

    def _send(self, incident: Incident, seconds: float) -> None:
        dropped = self._dropped - self._dropped_told
        told = f"\n({incident.times} times by now)" if incident.times > 1 else ""
        told += f"\n({dropped} records of other troubles were dropped)" if dropped else ""
        self._client.send(
            self._to,
            incident.title,
            body=incident.text + told,
            key=incident.key,
            type="error",
            priority=incident.priority,
            link=self._link,
            data={"times": incident.times},
            timeout=seconds,
        )
        self._dropped_told += dropped

    def _complain(self, error: HandbellError) -> None:
        """Once: whoever set this up wrong should hear of it, and a program's error stream is not ours to fill."""
        if not self._complained and logging.raiseExceptions and sys.stderr is not None:
            self._complained = True
            print(f"handbell: what is logged cannot be told to anybody: {error}", file=sys.stderr)


def _key(record: logging.LogRecord, kind: str) -> str:
    """The same for the same trouble, in every process and after every restart."""
    place = f"{record.pathname}:{record.lineno}"
    trace = record.exc_info[2] if record.exc_info else None
    while trace is not None:
        place += (
            f" {trace.tb_frame.f_code.co_filename}:{trace.tb_frame.f_code.co_name}" if trace.tb_next is None else ""
        )
        trace = trace.tb_next
    return f"log:{blake2b(f'{record.name} {place} {kind}'.encode(errors='replace'), digest_size=12).hexdigest()}"


def _sayable(text: str) -> str:
    return text.replace("\x00", "\N{REPLACEMENT CHARACTER}")


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"
