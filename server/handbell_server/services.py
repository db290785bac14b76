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
    sign_in: RateLimiter


class Directory:
    """User ids by name. A name never changes its owner, so only a removal can make this wrong, and then the id finds
    no inbox."""

    def __init__(self) -> None:
        self._ids: dict[str, int] = {}

    def known(self, name: str) -> int | None:
        return self._ids.get(name)

    def learn(self, connection: Connection, names: Iterable[str]) -> None:
        if len(self._ids) > _NAMES_AT_MOST:
            self._ids.clear()
        wanted = [name for name in names if "\x00" not in name]  # PostgreSQL cannot even be asked
        query = select(User.name, User.id).where(User.name.in_(wanted), User.disabled_at.is_(None))
        self._ids.update((row.name, row.id) for row in connection.execute(query))

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
    leaving: bool = False

    def read(self, look: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """One consistent look, in a native thread."""
        return self.looks.read(look, *args, **kwargs)

    def change(self, command: Command) -> Any:
        """Run a command in the next group commit and wait until it is on disk."""
        promise = self.runtime.promise()
        self.writer.submit(command, promise)
        return self._within(promise)

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
            self.read(self.directory.learn, [name])
            known = self.directory.known(name)
        if known is None:
            raise NotFound(f"There is no user {name!r}.", code=Code.UNKNOWN_USER, field=field)
        return known

    def _within(self, promise: Any) -> Any:
        try:
            return promise.wait(_COMMIT_WITHIN)
        except TimeoutError:
            raise Unavailable(
                "The database does not answer in time; it is not known whether this was stored."
            ) from None
