"""What sockets heard since the last round is written down, and one part of it does not hold up the other."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast

from handbell_server.auth import SignedIn
from handbell_server.errors import Unavailable
from handbell_server.metrics import Metrics
from handbell_server.services import Services
from handbell_server.socket.edge import Edge
from handbell_server.socket.events import Sockets
from handbell_shared.ids import new_id


def test_who_is_there_is_written_down_though_marks_cannot_be() -> None:
    written: list[Callable[..., Any]] = []

    def errand(run: Callable[..., Any]) -> None:
        written.append(run)
        if len(written) == 1:
            raise Unavailable("The database does not answer.", retry_after=1)

    services = SimpleNamespace(errand=errand, metrics=Metrics())
    sockets = Sockets(cast(Services, services), cast(Edge, None))
    ana = SignedIn(1, "ana", False, new_id())
    sockets.receipts(ana, "socket", {"receipts": [{"id": new_id(), "shown": 1}]})
    sockets.active(ana, "socket", {"active": True})

    sockets.write_down()
    sockets.write_down()

    assert len(written) == 2, "the marks, which are gone, and who is there, once"
