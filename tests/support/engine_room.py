"""The writer on a real database, without a network around it: commands in, results and what was told out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, nullcontext
from threading import Lock
from typing import Any

from sqlalchemy import Engine, text
from sqlalchemy.engine import Connection

from handbell_server.actions import people, producers
from handbell_server.actions.drafts import Draft, Sender
from handbell_server.actions.inbox import Act
from handbell_server.actions.produce import Once, Produce, Recipient
from handbell_server.cli.common import open_engine
from handbell_server.config import Config
from handbell_server.engine.feed import Command, Told
from handbell_server.engine.writer import Gate, Writer
from handbell_shared.clock import now_ms
from handbell_shared.ids import new_id
from handbell_shared.records import Action, ActionKind, Push, Target

WITHIN = 30.0


class Answer:
    """Where the writer puts a result, for a test that waits in a thread of its own."""

    def __init__(self) -> None:
        self._future: Future[Any] = Future()

    def resolve(self, value: Any) -> None:
        self._future.set_result(value)

    def fail(self, error: BaseException) -> None:
        self._future.set_exception(error)

    def wait(self) -> Any:
        return self._future.result(WITHIN)


class EngineRoom:
    """ana and bo have inboxes, `ci` is a producer."""

    def __init__(
        self,
        engine: Engine,
        *,
        beside: EngineRoom | None = None,
        queue_limit: int = 20_000,
        gate: Gate = nullcontext(),  # noqa: B008 — it holds nothing
    ) -> None:
        self.engine = engine
        self.told: list[Told] = []
        self._loop = Lock()  # the writer is talked to on one thread; here whoever has this is it
        self.writer = Writer(
            engine, on_loop=_at_once, soon=_at_once, tell=self.told.extend, queue_limit=queue_limit, gate=gate
        )
        settled = self._settle_in() if beside is None else (beside.ana, beside.bo, beside.sender)
        self.ana: int = settled[0]
        self.bo: int = settled[1]
        self.sender: Sender = settled[2]

    def _settle_in(self) -> tuple[int, int, Sender]:
        ana = self.errand(lambda c: people.add_user(c, "ana", password_hash=None))
        bo = self.errand(lambda c: people.add_user(c, "bo", password_hash=None))
        ci = self.errand(lambda c: producers.add_producer(c, "ci", [], key_id="k", secret_hash="0" * 64))
        return ana, bo, Sender(ci, "ci")

    def ask(self, command: Command) -> Answer:
        """Hand it over, and do not wait."""
        answer = Answer()
        with self._loop:
            self.writer.submit(command, answer)
        return answer

    def change(self, command: Command) -> Any:
        return self.ask(command).wait()

    def errand(self, run: Callable[[Connection], Any]) -> Any:
        answer = Answer()
        with self._loop:
            self.writer.errand(run, answer)
        return answer.wait()

    def tell(self, user: int, title: str = "Build failed", *, once: str | None = None, **more: Any) -> Produce:
        draft = Draft(title=title, **more)
        name = "ana" if user == self.ana else "bo"
        return Produce(
            self.sender, draft, (Recipient(user, name),), once=None if once is None else Once(once, f"hash of {title}")
        )

    def act(self, user: int, kind: ActionKind, an_id: str, generation: int = 0, *, action: str | None = None) -> Act:
        one = Action(id=action or new_id(), kind=kind, ids=(Target(an_id, generation),), at=now_ms())
        return Act(user, (one,))

    def pushes(self, user: int) -> list[Push]:
        return [told.push for told in self.told if told.user_id == user]

    def number(self, query: str) -> int:
        with self.engine.connect() as connection:
            return int(connection.execute(text(query)).scalar_one())


@contextmanager
def engine_room(
    database_url: str,
    *,
    queue_limit: int = 20_000,
    gate: Gate = nullcontext(),  # noqa: B008 — it holds nothing
) -> Iterator[EngineRoom]:
    with open_engine(Config(database_url=database_url)) as engine:
        room = EngineRoom(engine, queue_limit=queue_limit, gate=gate)
        try:
            yield room
        finally:
            room.writer.close()


@contextmanager
def engine_room_beside(one: EngineRoom) -> Iterator[EngineRoom]:
    """A second process on the same database: it finds ana, bo and the producer there."""
    url = one.engine.url.render_as_string(hide_password=False)
    with open_engine(Config(database_url=url)) as engine:
        room = EngineRoom(engine, beside=one)
        try:
            yield room
        finally:
            room.writer.close()


def _at_once(fn: Callable[..., object], *args: Any) -> None:
    """A loop whose turn is over as soon as it has begun."""
    fn(*args)
