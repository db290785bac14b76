"""Reading the database from the loop: one moment, in a native thread, for a bounded time.

A database that is away, hangs or is asked by too many at once is the same to a caller: unavailable, try again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import Engine, exc
from sqlalchemy.engine import Connection

from handbell_server.errors import Unavailable
from handbell_server.reads import reading
from handbell_server.runtime import Runtime

P = ParamSpec("P")
T = TypeVar("T")

_WITHIN = 5.0


class Looks:
    """Call `read` from greenlets."""

    def __init__(self, runtime: Runtime, engine: Engine) -> None:
        self._runtime = runtime
        self._engine = engine

    def read(self, look: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """What `look` finds on a connection that sees one moment."""
        try:
            found: T = self._runtime.offload(self._look, look, args, kwargs, within=_WITHIN)
        except TimeoutError:
            raise Unavailable("The database does not answer in time.", retry_after=5) from None
        return found

    def _look(self, look: Callable[..., Any], args: Any, kwargs: Any) -> Any:
        try:
            with reading.view(self._engine) as connection:
                return look(connection, *args, **kwargs)
        except exc.TimeoutError as error:
            raise Unavailable("Too many requests read the database at once.", retry_after=1) from error
        except exc.DBAPIError as error:
            if isinstance(error, (exc.OperationalError, exc.InterfaceError)) or error.connection_invalidated:
                raise Unavailable("The database does not answer.", retry_after=2) from error
            raise
