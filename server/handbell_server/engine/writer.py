"""Group commit: one native thread, one transaction at a time, whatever has come in since the last one.

Requests hand a command over and wait; the thread takes what is waiting, runs it as one transaction and hands the results
back to the loop, which tells the devices and lets the requests go. What comes in successive turns of the loop is
handed over together, so requests that were there at the same time share a transaction. There is no timer: while a commit
is on its way to the disk, the next group gathers by itself, so a quiet server answers at once and a busy one amortises.

What can fail, and what happens:

- a command raises a Problem: it changed nothing; its caller hears the Problem, the group goes on;
- two processes collide (deadlock, a key taken meanwhile): the group is rolled back and run again;
- the database is away: the group is tried again for `PATIENCE` seconds, then every caller hears "unavailable";
- the connection breaks *during* COMMIT, so nobody knows: the next connection asks PostgreSQL what became of that
  transaction, and waits while it is under way; only a group that was rolled back runs again;
- a group fails for a reason of its own: its commands run one by one, so that only the guilty one fails;
- the disk is full: everything is rolled back, callers hear so, and the next group tries anew.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import Engine, exc
from sqlalchemy.engine import Connection

from handbell_server.database import is_sqlite
from handbell_server.engine.feed import Command, Told, run_group
from handbell_server.engine.store import Shelf, SqlSession
from handbell_server.errors import Problem, Unavailable
from handbell_shared.clock import now_ms
from handbell_shared.codes import Code

log = logging.getLogger(__name__)

PATIENCE = 2.0
_GROUP_AT_MOST = 2_000  # rows; a bigger group would only make its first caller wait
_COLLISIONS_AT_MOST = 5
_TURNS_AT_MOST = 3


Gate = AbstractContextManager[Any]
"""What every transaction goes through; somebody who cannot do with one beside him holds it."""


class Waiter(Protocol):
    """Where a result goes; `runtime.Promise` is one. Used on the loop only."""

    def resolve(self, value: Any) -> None: ...
    def fail(self, error: BaseException) -> None: ...


@dataclass(slots=True)
class _Waiting:
    command: Command
    waiter: Waiter


@dataclass(slots=True)
class _Errand:
    """A rare transaction of its own: people, keys, topics. It takes its turn, so SQLite has one writer only."""

    run: Callable[[Connection], Any]
    waiter: Waiter


class Writer:
    """Commands in, commits out. `submit` and `errand` are called on the loop and never block."""

    def __init__(
        self,
        engine: Engine,
        *,
        on_loop: Callable[..., None],
        soon: Callable[..., None],
        tell: Callable[[list[Told]], None],
        queue_limit: int,
        gate: Gate = nullcontext(),  # noqa: B008 — it holds nothing
    ) -> None:
        self._engine = engine.execution_options(immediate=True)
        self._on_loop = on_loop
        self._soon = soon
        self._tell = tell
        self._brought: list[_Waiting | _Errand] = []  # by the last turns of the loop
        self._queue: queue.SimpleQueue[list[_Waiting | _Errand] | None] = queue.SimpleQueue()
        self._queue_limit = queue_limit
        self._gate = gate
        self._shelf = Shelf()
        self._waiting = 0
        self._connection: Connection | None = None
        self.groups = 0
        self.commands = 0
        self._thread = threading.Thread(target=self._work, name="handbell-writer", daemon=True)
        self._thread.start()

    @property
    def backlog(self) -> int:
        """Rows handed over and not yet committed."""
        return self._waiting

    def submit(self, command: Command, waiter: Waiter) -> None:
        """Queue a command; a full queue refuses at once, so that memory stays bounded and the producer knows."""
        self._admit(command.weight)
        self._bring(_Waiting(command, waiter))

    def errand(self, run: Callable[[Connection], Any], waiter: Waiter) -> None:
        self._admit(1)
        self._bring(_Errand(run, waiter))

    def _bring(self, waiting: _Waiting | _Errand) -> None:
        self._brought.append(waiting)
        if len(self._brought) == 1:
            self._soon(self._look_again, 0, _TURNS_AT_MOST)

    def _look_again(self, before: int, turns: int) -> None:
        """A turn of the loop is over. As long as each brings more, the group had better wait for it."""
        if turns and len(self._brought) > before:
            self._soon(self._look_again, len(self._brought), turns - 1)
        else:
            self._hand_over()

    def _hand_over(self) -> None:
        brought, self._brought = self._brought, []
        if brought:
            self._queue.put(brought)

    def _admit(self, weight: int) -> None:
        if self._waiting + weight > self._queue_limit and self._waiting:
            raise Unavailable("The server has more to write than it can take.", code=Code.OVERLOADED, retry_after=1)
        self._waiting += weight

    def close(self, timeout: float = 5.0) -> None:
        """Commit what is waiting, then end."""
        self._hand_over()
        self._queue.put(None)
        self._thread.join(timeout)

    # ---- on the loop

    def _finish(self, waiting: Sequence[_Waiting], results: Sequence[Any], told: list[Told]) -> None:
        self._waiting -= sum(w.command.weight for w in waiting)
        try:
            self._tell(told)
        except Exception:
            log.exception("devices were not told; the sweep will find them behind")
        for one, result in zip(waiting, results, strict=True):
            if isinstance(result, BaseException):
                one.waiter.fail(result)
            else:
                one.waiter.resolve(result)

    def _finish_errand(self, errand: _Errand, result: Any) -> None:
        self._waiting -= 1
        if isinstance(result, BaseException):
            errand.waiter.fail(result)
        else:
            errand.waiter.resolve(result)

    # ---- in the writer's thread

    def _work(self) -> None:
        waiting = deque[_Waiting | _Errand]()
        last = False
        while waiting or not last:
            last = last or self._take(waiting)
            if not waiting:
                continue
            first = waiting[0]
            if isinstance(first, _Errand):
                waiting.popleft()
                with self._gate:
                    done = self._run_errand(first)
                self._on_loop(self._finish_errand, first, done)
                continue
            group = _group(waiting)
            with self._gate:
                results, told = self._commit([w.command for w in group])
            self._on_loop(self._finish, group, results, told)
        self._drop_connection()

    def _take(self, waiting: deque[_Waiting | _Errand]) -> bool:
        """Everything that was handed over by now, or the first of it when there is nothing else to do; whether that was all."""
        try:
            while True:
                brought = self._queue.get(block=not waiting)
                if brought is None:
                    return True
                waiting += brought
        except queue.Empty:
            return False

    def _commit(self, commands: list[Command]) -> tuple[list[Any], list[Told]]:
        self.groups += 1
        self.commands += len(commands)
        try:
            return self._attempt(commands)
        except Exception as error:
            problem = _problem_of(error)
            if problem is not None or len(commands) == 1:
                if problem is None:
                    log.exception("a command failed")
                return [problem or error] * len(commands), []
        # One of them is guilty of something nobody foresaw: let the others through.
        results: list[Any] = []
        told: list[Told] = []
        for command in commands:
            result, heard = self._commit([command])
            results += result
            told += heard
        return results, told

    def _attempt(self, commands: list[Command]) -> tuple[list[Any], list[Told]]:
        deadline = time.monotonic() + PATIENCE
        collisions = 0
        pause = 0.02
        while True:
            done: tuple[list[Any], list[Told]] | None = None
            transaction: int | None = None
            try:
                connection = self._connect()
                with connection.begin():
                    session = SqlSession(connection, self._shelf)
                    done = run_group(session, commands, now_ms())
                    transaction = session.transaction
                return done
            except exc.IntegrityError:
                collisions += 1
                if collisions >= _COLLISIONS_AT_MOST:
                    raise
            except exc.DBAPIError as error:
                self._drop_connection()
                if done is not None and transaction is not None and error.connection_invalidated:
                    if self._arrived(transaction, deadline):
                        return done
                elif not _worth_another_try(error):
                    raise
                if time.monotonic() + pause > deadline:
                    raise
                time.sleep(pause)
                pause = min(pause * 2, 0.5)

    def _arrived(self, transaction: int, deadline: float) -> bool:
        """After a COMMIT with an unknown end: PostgreSQL knows what became of the transaction.

        It may still be under way there, in a backend that has not noticed that we are gone. Neither answer is true
        then, and running the group again could store it twice.
        """
        while True:
            state = None
            try:
                connection = self._connect()
                with connection.begin():
                    state = connection.exec_driver_sql("SELECT txid_status(%s)", (transaction,)).scalar_one()
            except exc.DBAPIError:
                self._drop_connection()
            if state in ("committed", "aborted"):
                return bool(state == "committed")
            if time.monotonic() > deadline:
                raise _unknown()
            time.sleep(0.02)

    def _run_errand(self, errand: _Errand, *, again: bool = False) -> Any:
        done = False
        try:
            connection = self._connect()
            with connection.begin():
                result = errand.run(connection)
                done = True
            return result
        except exc.IntegrityError as error:
            # Somebody was faster with the same thing: looked at again, it is there.
            return error if again else self._run_errand(errand, again=True)
        except Problem as problem:
            return problem
        except Exception as error:
            self._drop_connection()
            if done and isinstance(error, exc.DBAPIError) and error.connection_invalidated:
                return _unknown()  # it was committing; who asks again finds out
            translated = _problem_of(error)
            if translated is None:
                log.exception("an errand failed")
            return translated or error

    def _connect(self) -> Connection:
        if self._connection is None:
            connection = self._engine.connect()
            if is_sqlite(self._engine):
                raw = connection.connection.driver_connection
                assert raw is not None
                raw.execute("PRAGMA wal_autocheckpoint=0")  # the Checkpointer does it beside us
            self._connection = connection
        return self._connection

    def _drop_connection(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            try:
                connection.invalidate()
                connection.close()
            except exc.SQLAlchemyError:
                log.debug("closing a broken connection failed", exc_info=True)


def _group(waiting: deque[_Waiting | _Errand]) -> list[_Waiting]:
    """What waits first, up to an errand, which takes its own turn after the group."""
    group: list[_Waiting] = []
    weight = 0
    while waiting and weight < _GROUP_AT_MOST and isinstance(waiting[0], _Waiting):
        following = waiting.popleft()
        assert isinstance(following, _Waiting)
        group.append(following)
        weight += following.command.weight
    return group


def _worth_another_try(error: exc.DBAPIError) -> bool:
    """Whether the same group may well succeed in a moment."""
    if _disk_is_full(error):
        return False
    if error.connection_invalidated or isinstance(error, exc.OperationalError):
        return True
    # 40001 serialization failure, 40P01 deadlock, 57P0x the server is shutting down or starting
    state = str(getattr(error.orig, "sqlstate", "") or "")
    return state.startswith(("40", "57P", "08"))


def _disk_is_full(error: BaseException) -> bool:
    text = str(error).lower()
    return "disk is full" in text or "no space left" in text or "disk i/o error" in text or "53100" in text


def _unknown() -> Problem:
    detail = "The database went away while it was writing; it is not known whether this was stored."
    return Unavailable(detail, retry_after=2)


def _problem_of(error: BaseException) -> Problem | None:
    if isinstance(error, Problem):
        return error
    if not isinstance(error, exc.SQLAlchemyError):
        return None
    if _disk_is_full(error):
        return Unavailable(
            "The server's disk is full; nothing was stored.", code=Code.DISK_FULL, status=507, retry_after=10
        )
    if isinstance(error, (exc.OperationalError, exc.InterfaceError, exc.TimeoutError)):
        log.warning("the database is away: %s", type(error).__name__)
        return Unavailable("The database does not answer; nothing was stored.", retry_after=2)
    return None
