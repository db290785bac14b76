"""A person comes back to a full inbox and marks all of it as read, from a desktop, over a real socket."""

from __future__ import annotations

from pathlib import Path

from handbell_shared.clock import now_ms
from handbell_shared.ids import new_id
from handbell_shared.link_state import Offline
from handbell_shared.protocol import TARGETS_PER_ACTION
from handbell_shared.records import Action, Target
from tests.faults.storm import ROOMY
from tests.journey.seeding import PASSWORD, settle
from tests.support.devices import Device
from tests.support.handbell import HandbellServer
from tests.support.rest import Rest
from tests.support.waiting import until

HOW_MANY = 3_000


def fill(producer: Rest) -> None:
    for first in range(0, HOW_MANY, 1_000):
        batch = [{"to": "ana", "title": f"Build {n} failed"} for n in range(first, first + 1_000)]
        answer = producer.post("/v1/notifications/batch", {"notifications": batch})
        assert answer.status in (200, 201, 207), answer


def test_marking_three_thousand_as_read_reaches_the_server_on_the_connection_that_stands(tmp_path: Path) -> None:
    with HandbellServer(tmp_path, environment=ROOMY | {"HANDBELL_PRODUCER_BURST": "10000"}) as server:
        key = settle(ROOMY, ["ana"], data=server.data)
        server.start()
        fill(server.rest(key, timeout=30))
        with server.rest().sign_in("ana", PASSWORD) as session:
            assert session.token is not None
            with Device(server.url, "ana", session.token) as device:
                until(lambda: len(device.picture().records) == HOW_MANY, 20, "the device to hold everything")
                connections = len(device.states)

                with device.link.reading() as replica:  # nothing leaves before all of it stands in the outbox
                    seen = [Target(record.id, record.gen) for record in replica.store.live()]
                    for first in range(0, HOW_MANY, TARGETS_PER_ACTION):
                        some = tuple(seen[first : first + TARGETS_PER_ACTION])
                        device.link.act(Action(id=new_id(), kind="read", ids=some, at=now_ms()))

                until(lambda: device.outbox == 0, 20, "every action to be acknowledged and to come back")
                assert not [state for state in device.states[connections:] if isinstance(state, Offline)]
                assert device.picture().badge == 0
            assert session.get("/v1/inbox?limit=1").body["unread"] == 0
