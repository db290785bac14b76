"""What the outer layers are given: the collaborators of one running server, and the three ways to use the database.

`read` looks at one moment, `change` goes through the feed and is told to devices, `errand` is for the rare rest. All
three are called from greenlets and come back with a result or a Problem; where they wait, the loop goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import Engine, select
from sqlalchemy.engine import Connection

from handbell_server.auth import Authenticator
from handbell_server.channels.posting import Poster
from handbell_server.config import Config
from handbell_server.delivery import Delivery
from handbell_server.errors import NotFound, Unavailable
from handbell_server.feed import Command
from handbell_server.hints import Hints
from handbell_server.limits import InputLimits, RateLimiter
from handbell_server.looking import Looks
from handbell_server.metrics import Metrics
from handbell_server.models import User
from handbell_server.runtime import Runtime
from handbell_server.writer import Writer
from handbell_shared.codes import Code

P = ParamSpec("P")
T = TypeVar("T")

_COMMIT_WITHIN = 10.0
_NAMES_AT_MOST = 200_000


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

    def known(self, name: str) -> int | None:
        return self._ids.get(name)

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


@dataclass(frozen=True)
class Contract:
    """The contract as a document (OpenAPI) and as a page."""

    document: bytes
    page: bytes


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
    contract: Contract
    carry: Callable[[str], None]
    poster: Poster
    leaving: bool = False

    def read(self, look: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """One consistent look, in a native thread."""
        return self.looks.read(look, *args, **kwargs)

    def change(self, command: Command) -> Any:
        """Run a command in the next group commit and wait until it is on disk."""
        promise = self.runtime.promise()
        self.writer.submit(command, promise)
        return self._within(promise)

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

    def user_id(self, name: str, field: str = "to") -> int:
        """Whose inbox a name means."""
        known = self.directory.known(name)
        if known is None:
            known = self.read(self.directory.learn, [name]).get(name)
        if known is None:
            raise NotFound(f"There is no user {name!r}.", code=Code.UNKNOWN_USER, field=field)
        return known

    def _within(self, promise: Any) -> Any:
        try:
            return promise.wait(_COMMIT_WITHIN)
        except TimeoutError:
            raise Unavailable(
                "The database does not answer in time; it is not known whether this was stored.", retry_after=2
            ) from None
