"""What the outer layers are given: the collaborators of one running server, and the three ways to use the database.

`read` looks at one moment, `change` goes through the feed and is told to devices, `errand` is for the rare rest. All
three are called from greenlets and come back with a result or a Problem; where they wait, the loop goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

from sqlalchemy import Engine, select
from sqlalchemy.engine import Connection

from handbell_server.actions import types
from handbell_server.actions.inbox import Act
from handbell_server.actions.producers import KnownProducer
from handbell_server.auth import Authenticator
from handbell_server.backlog import Backlog
from handbell_server.channels.mail.office import Office
from handbell_server.channels.posting import Poster
from handbell_server.config import Config
from handbell_server.delivery import Delivery
from handbell_server.engine.feed import Command
from handbell_server.engine.writer import Writer
from handbell_server.errors import NotFound, Unavailable
from handbell_server.hints import Hints
from handbell_server.limits import InputLimits, RateLimiter
from handbell_server.metrics import Metrics
from handbell_server.models import User
from handbell_server.reads.answering import AwaitedAnswers
from handbell_server.reads.looking import Looks
from handbell_server.rules.builtin_types import BUILT_IN
from handbell_server.rules.kinds import Book
from handbell_server.runtime import Runtime
from handbell_server.sealing import Seal
from handbell_server.signs import Signs
from handbell_shared.codes import Code
from handbell_shared.records import Ack, Action

P = ParamSpec("P")
T = TypeVar("T")

_COMMIT_WITHIN = 10.0
_NAMES_AT_MOST = 200_000
_TYPES_AT_MOST = 20_000


@dataclass(frozen=True)
class Rates:
    producer: RateLimiter
    user: RateLimiter
    sign_in: RateLimiter  # one account from one address
    address: RateLimiter  # everything that an address may get wrong


class Directory:
    """User ids by name, as long as nothing about people has changed.

    A number is never given to a second person, so the worst that a stale entry does, until the sweep hears of the
    change, is to find no inbox.
    """

    def __init__(self) -> None:
        self._ids: dict[str, int] = {}
        self.known: Callable[[str], int | None] = self._ids.get

    def learn(self, connection: Connection, names: Iterable[str]) -> dict[str, int]:
        if len(self._ids) > _NAMES_AT_MOST:
            self._ids.clear()
        wanted = [name for name in names if "\x00" not in name]  # PostgreSQL cannot even be asked
        query = select(User.name, User.id).where(User.name.in_(wanted), User.disabled_at.is_(None))
        found = {row.name: row.id for row in connection.execute(query)}
        self._ids.update(found)
        return found

    def forget(self) -> None:
        self._ids.clear()


class Books:
    """The types each producer may use, as long as nobody has registered another.

    How far the types have come is read together with the producer's key, so every process follows a change within the
    second that a key is remembered.
    """

    def __init__(self) -> None:
        self._books: dict[int, tuple[int, Book]] = {}
        self._types = 0

    def known(self, producer_id: int, rev: int) -> Book | None:
        if rev == 0:
            return BUILT_IN
        known = self._books.get(producer_id)
        return known[1] if known is not None and known[0] >= rev else None

    def learn(self, connection: Connection, producer_id: int) -> Book:
        rev, house, own = types.types_of(connection, producer_id)
        self._types += len(house) + len(own)
        if self._types > _TYPES_AT_MOST:
            self._books.clear()
            self._types = len(house) + len(own)
        book = {**BUILT_IN, **house, **own}
        self._books[producer_id] = (rev, book)
        return book


@dataclass(frozen=True)
class Contract:
    """The contract as a document (OpenAPI) and as a page."""

    document: bytes
    page: bytes


class Streams(Protocol):
    """Where answers that do not end are opened: the edge."""

    def open_stream(self, environ: dict[str, Any], ears: Any, content_type: str | None) -> Any: ...


@dataclass
class Services:
    config: Config
    runtime: Runtime
    engine: Engine
    looks: Looks
    writer: Writer
    auth: Authenticator
    delivery: Delivery
    hints: Hints | None
    rates: Rates
    limits: InputLimits
    metrics: Metrics
    directory: Directory
    books: Books
    contract: Contract
    fan_outs: Backlog
    carry: Callable[[str], None]
    settle: Callable[[str], None]
    awaited: AwaitedAnswers
    poster: Poster
    seal: Seal | None
    office: Office | None
    signs: Signs
    streams: Streams | None = None
    leaving: bool = False

    def read(self, look: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """One consistent look, in a native thread."""
        return self.looks.read(look, *args, **kwargs)

    def change(self, command: Command) -> Any:
        """Run a command in the next group commit and wait until it is on disk."""
        promise = self.runtime.promise()
        self.writer.submit(command, promise)
        return self._within(promise)

    def act(self, user_id: int, actions: Sequence[Action], verb: type[Act] = Act) -> tuple[Ack, ...]:
        """Carry out what a person does, and start bringing to others what it decided for them."""
        command = verb(user_id, actions)
        acks: tuple[Ack, ...] = self.change(command)
        self.metrics.actions.update(action.kind for action in actions)
        for question_id in command.decided:
            self.settle(question_id)
        return acks

    def change_all(self, commands: Iterable[Command]) -> list[Any]:
        """Run many commands side by side, so that they share group commits; the results in their order."""
        promises = []
        for command in commands:
            promises.append(self.runtime.promise())
            self.writer.submit(command, promises[-1])
        return [self._within(promise) for promise in promises]

    def errand(self, run: Callable[[Connection], T]) -> T:
        """A transaction of its own, in the writer's turn."""
        promise = self.runtime.promise()
        self.writer.errand(run, promise)
        result: T = self._within(promise)
        return result

    def tell_of(self, move: Callable[[Connection], Sequence[str]]) -> int:
        """A transaction of its own that may write dispatches; they start at once. How many those are."""
        written = self.errand(move)
        for dispatch_id in written:
            self.carry(dispatch_id)
        return len(written)

    def user_id(self, name: str, field: str = "to") -> int:
        """Whose inbox a name means."""
        known = self.directory.known(name)
        if known is None:
            known = self.read(self.directory.learn, [name]).get(name)
        if known is None:
            raise NotFound(f"There is no user {name!r}.", code=Code.UNKNOWN_USER, field=field)
        return known

    def book_of(self, producer: KnownProducer) -> Book:
        """The types that the producer's notifications may be of."""
        known = self.books.known(producer.id, producer.types)
        return known if known is not None else self.read(self.books.learn, producer.id)

    def _within(self, promise: Any) -> Any:
        try:
            return promise.wait(_COMMIT_WITHIN)
        except TimeoutError:
            raise Unavailable(
                "The database does not answer in time; it is not known whether this was stored.", retry_after=2
            ) from None
