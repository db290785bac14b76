"""What a session wants of a link, so that one can be played in tests; and the real one, loaded when it is wanted."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol

from handbell_desktop.kept.settings import Account
from handbell_shared.device_store import DeviceStore
from handbell_shared.link_state import LinkState
from handbell_shared.records import Action, Hello, Mark
from handbell_shared.replica import Applied, Replica


class AnyLink(Protocol):
    """What a session wants of `handbell_shared.link.Link`."""

    def start(self) -> None: ...
    def act(self, action: Action) -> None: ...
    def reading(self) -> AbstractContextManager[Replica]: ...
    def mark(self, mark: Mark) -> None: ...
    def use(self, used: bool) -> None: ...
    def wake(self) -> None: ...
    def close(self) -> None: ...


class TimedReplica(Replica):
    """Remembers how far the server's clock is from ours: a snooze ends by the server's."""

    def __init__(self, store: DeviceStore, now: Callable[[], int]) -> None:
        super().__init__(store)
        self.ahead = 0
        self._now = now

    def on_hello(self, hello: Hello) -> None:
        self.ahead = hello.now - self._now()
        super().on_hello(hello)


class LinkFactory(Protocol):
    """Called in the hands' thread; the link's callbacks may come from any."""

    def __call__(
        self,
        account: Account,
        token: str,
        replica: Replica,
        *,
        on_state: Callable[[LinkState], None],
        on_applied: Callable[[Applied], None],
        on_elsewhere: Callable[[bool], None],
    ) -> AnyLink: ...


def real_link(
    account: Account,
    token: str,
    replica: Replica,
    *,
    on_state: Callable[[LinkState], None],
    on_applied: Callable[[Applied], None],
    on_elsewhere: Callable[[bool], None],
) -> AnyLink:
    from handbell_shared.link import Link  # loads what connects: 100 ms that the first picture need not wait for

    return Link(
        account.server,
        token,
        replica,
        on_state=on_state,
        on_applied=on_applied,
        on_elsewhere=on_elsewhere,
        ca_file=account.ca_file,
    )
