"""A device for the tests of the link: real, but with its store in memory and its patience short."""

from collections.abc import Callable
from typing import Any

from handbell_shared.backoff import Backoff
from handbell_shared.device_store import MemoryStore
from handbell_shared.link import Link
from handbell_shared.link_state import LinkState
from handbell_shared.replica import Applied, Replica
from tests.shared.link_server import TOKEN, InboxServer
from tests.support.waiting import until


class Device:
    """A link with a store in memory, and all that it has told."""

    def __init__(
        self, url: str, *, ca_file: str | None = None, on_elsewhere: Callable[[bool], None] = lambda elsewhere: None
    ) -> None:
        self.store = MemoryStore()
        self.replica = Replica(self.store)
        self.states: list[LinkState] = []
        self.applied: list[Applied] = []
        self._looked_at = 0
        self.link = Link(
            url,
            TOKEN,
            self.replica,
            on_state=self.states.append,
            on_applied=self.applied.append,
            on_elsewhere=on_elsewhere,
            ca_file=ca_file,
            backoff=Backoff(first=0.01, longest=0.05),
        )

    @property
    def state(self) -> LinkState | None:
        return self.states[-1] if self.states else None

    @property
    def news(self) -> list[str]:
        return [notification.title for applied in list(self.applied) for notification in applied.news]

    def titles(self) -> list[str]:
        with self.link.reading():
            return sorted(record.title for record in self.store.records.values())

    def wait(self, kind: type[LinkState], timeout: float = 20) -> Any:
        """The next state of this kind after the one that was waited for before; it may have passed already."""

        def find() -> int | None:
            return next(
                (i + 1 for i in range(self._looked_at, len(self.states)) if isinstance(self.states[i], kind)), None
            )

        found = until(find, timeout, f"{kind.__name__}")
        assert found is not None
        self._looked_at = found
        return self.states[found - 1]

    def agrees_with(self, server: InboxServer) -> None:
        def same() -> bool:
            with self.link.reading():
                here = (self.store.position.epoch, self.store.position.rev, dict(self.store.records))
            return here == (server.epoch, server.rev, server.records)

        until(same, 8, "the device to hold what the server holds")
