"""`watch`: a script that fails says so to a person before it ends.

    with handbell.watch("backup", to="ana", ping="backup"):
        make_backup()

Whatever is raised goes on as it would without us, and so does the script when we cannot tell anybody: then one line
stands on the error stream. A script that is ended on purpose has not failed: Ctrl-C, a task that is cancelled, exit
status 0. A process that is killed says nothing; for that there is `ping`, whose silence is noticed.
"""

from __future__ import annotations

import inspect
import sys
import traceback
from collections.abc import Callable
from functools import wraps
from types import TracebackType
from typing import Any, Final, ParamSpec, Self, TypeVar, cast

from handbell.client import Handbell
from handbell.errors import HandbellError
from handbell.messages import Priority, To

P = ParamSpec("P")
T = TypeVar("T")

_TITLE: Final = 200
_BODY: Final = 4_000


class watch:  # noqa: N801 — it is used as a word of the language
    """Tell `to` when what is inside fails; as a context manager, plain or async, or as a decorator.

    `ping` is the name of an expectation: its sign of life is given when all goes well. Without `to`, a failure is told
    to that expectation's own people, at once. `lines` is how much of the traceback's end is told.
    """

    def __init__(
        self,
        name: str,
        *,
        to: To | None = None,
        ping: str | None = None,
        client: Handbell | None = None,
        link: str | None = None,
        priority: Priority = "high",
        lines: int = 20,
    ) -> None:
        if to is None and ping is None:
            raise TypeError("watch: say whom to tell (`to`), or which expectation this is (`ping`)")
        self._name = name
        self._to = to
        self._ping = ping
        self._client = client
        self._link = link
        self._priority = priority
        self._lines = lines

    def __call__(self, function: Callable[P, T]) -> Callable[P, T]:
        if inspect.iscoroutinefunction(function):

            @wraps(function)
            async def watched(*args: P.args, **kwargs: P.kwargs) -> Any:
                async with self:
                    return await function(*args, **kwargs)

            return cast("Callable[P, T]", watched)

        @wraps(function)
        def run(*args: P.args, **kwargs: P.kwargs) -> T:
            with self:
                return function(*args, **kwargs)

        return run

    def __enter__(self) -> Self:
        if self._client is None:
            Handbell()  # a key that is missing is found before the work, not after it
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._report(error)

    async def __aenter__(self) -> Self:
        return self.__enter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        import asyncio

        await asyncio.to_thread(self._report, error)

    def _report(self, error: BaseException | None) -> None:
        if _on_purpose(error):
            return
        client = self._client or Handbell()
        try:
            if error is None or (isinstance(error, SystemExit) and not error.code):
                if self._ping is not None:
                    client.ping(self._ping)
            elif self._to is not None:
                client.send(
                    self._to,
                    _cut(f"{self._name} failed: {_sentence(error)}"),
                    body=self._text(error),
                    key=f"watch:{self._name}"[:128],
                    type="error",
                    priority=self._priority,
                    link=self._link,
                )
            elif self._ping is not None:
                client.fail(self._ping, f"{_sentence(error)}\n\n{self._text(error)}")
        except HandbellError as trouble:
            if sys.stderr is not None:
                print(f"handbell: nobody could be told about {self._name}: {trouble}", file=sys.stderr)
        finally:
            if client is not self._client:
                client.close()

    def _text(self, error: BaseException) -> str:
        lines = "".join(traceback.format_exception(error)).rstrip().splitlines()
        end = "\n".join(lines[-self._lines :] if self._lines > 0 else [])
        return end[-_BODY:].replace("\x00", "\N{REPLACEMENT CHARACTER}")


def _on_purpose(error: BaseException | None) -> bool:
    if isinstance(error, KeyboardInterrupt | GeneratorExit):
        return True
    loaded = sys.modules.get("asyncio")  # who was cancelled has it; a script without it need not wait for its import
    return loaded is not None and isinstance(error, loaded.CancelledError)


def _sentence(error: BaseException) -> str:
    if isinstance(error, SystemExit):
        return f"it ended with status {error.code}" if isinstance(error.code, int) else str(error.code)
    said = str(error).strip().partition("\n")[0]
    return f"{type(error).__name__}: {said}" if said else type(error).__name__


def _cut(title: str) -> str:
    title = title.replace("\x00", "\N{REPLACEMENT CHARACTER}")
    return title if len(title) <= _TITLE else title[: _TITLE - 1] + "…"
