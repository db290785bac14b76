"""Two servers and many alarms; the one that rings them is killed in the middle, and nobody is rung or told twice, or never."""

from __future__ import annotations

from typing import Any

import psycopg

from handbell_shared.clock import now_ms
from handbell_shared.ids import new_id
from tests.journey.conftest import Fleet
from tests.journey.seeding import PASSWORD
from tests.support.handbell import HandbellServer
from tests.support.rest import Rest
from tests.support.waiting import until

ALARMS = 300  # several portions, so that a kill comes between two of them


class Clock:
    """What is written down about alarms, and time that passes at once."""

    def __init__(self, fleet: Fleet) -> None:
        url = fleet.environment["HANDBELL_DATABASE_URL"].replace("+psycopg", "")
        self._connection = psycopg.connect(url, autocommit=True)
        fleet.stack.callback(self._connection.close)

    def number(self, query: str) -> int:
        row = self._connection.execute(query.encode()).fetchone()
        return int(row[0]) if row is not None else 0

    def passes(self, seconds: int, *, killing: HandbellServer | None = None) -> None:
        """So much later; and the server that does the rounds is killed as soon as it has begun."""
        ms = seconds * 1_000
        before = self.number("SELECT sum(rings) FROM alarms")
        self._connection.execute(
            f"UPDATE alarms SET next_at = next_at - {ms}, started_at = started_at - {ms} WHERE next_at IS NOT NULL".encode()
        )
        if killing is not None:
            until(lambda: self.number("SELECT sum(rings) FROM alarms") > before, 20, "the rounds to begin")
            killing.kill9()
            self._connection.execute("UPDATE leases SET until = 0")  # as if it had run out

    def rang(self, times: int) -> bool:
        return self.number(f"SELECT count(*) FROM alarms WHERE rings = {times}") == ALARMS


def versions(clock: Clock, user: str) -> set[tuple[int, int]]:
    """How many notifications of this person are at which version."""
    rows = clock._connection.execute(
        "SELECT cver, count(*) FROM notifications n JOIN users u ON u.id = n.user_id WHERE u.name = %s GROUP BY cver",
        (user,),
    )
    return {(version, count) for version, count in rows}


def read_some(rest: Rest, count: int) -> set[str]:
    found: list[dict[str, Any]] = rest.get(f"/v1/inbox?limit={count}").body["notifications"]
    targets = [[one["id"], one.get("gen", 0)] for one in found]
    action = {"id": new_id(), "kind": "read", "ids": targets, "at": now_ms()}
    assert rest.post("/v1/actions", {"actions": [action]}).body["acks"][0]["status"] == "ok"
    return {one["alarm"]["id"] for one in found}


def test_whoever_is_killed_nobody_is_rung_or_told_twice_or_never(fleet: Fleet) -> None:
    [a] = fleet.serve("a")
    fleet.people("ana", "bob", "cy")
    clock = Clock(fleet)
    how = {"repeat": 3_000, "expire": 6_000, "escalate_to": ["bob", "cy"]}
    items = [
        {"to": "ana", "title": "Down", "body": f"{number}", "priority": "urgent", "until_acknowledged": how}
        for number in range(ALARMS)
    ]
    assert fleet.producer(a).post("/v1/notifications/batch", {"notifications": items}).body["accepted"] == ALARMS
    [b] = fleet.serve("b")

    clock.passes(3_000, killing=a)
    until(lambda: clock.rang(2), 20, "the other to ring the rest")
    assert versions(clock, "ana") == {(2, ALARMS)}, "each was rung once"

    a.start()
    device = fleet.device("bob", a.url)
    clock.passes(3_000, killing=b)
    until(lambda: clock.rang(3), 20, "the other to tell the rest")
    assert (versions(clock, "ana"), versions(clock, "bob")) == ({(2, ALARMS)}, {(1, ALARMS)}), "and bob was told once"
    until(lambda: len(device.rang) == ALARMS, 10, "bob to hear of all of them")

    with Rest(a.url) as door, door.sign_in("bob", PASSWORD) as bob:
        acknowledged = read_some(bob, 120)
    b.start()
    clock.passes(6_000, killing=a)
    told_cy = ALARMS - len(acknowledged)
    until(lambda: versions(clock, "cy") == {(1, told_cy)}, 20, "cy to be told of the others")
    until(lambda: clock.number("SELECT count(*) FROM alarms WHERE state = 'ringing'") == told_cy, 10, "all to be moved")
    clock.passes(6_000)
    until(lambda: clock.number("SELECT count(*) FROM alarms WHERE next_at IS NOT NULL") == 0, 20, "all to be over")

    over = clock.number("SELECT count(*) FROM alarms WHERE state = 'expired' AND step = 2 AND rings = 4")
    held = clock.number("SELECT count(*) FROM alarms WHERE state = 'acknowledged' AND step = 1 AND rings = 3")
    assert (over, held) == (told_cy, len(acknowledged))
    assert (versions(clock, "ana"), versions(clock, "bob")) == ({(2, ALARMS)}, {(1, ALARMS)})
    assert versions(clock, "cy") == {(1, told_cy)}
    assert device.rang_twice() == []
    # What each of them sees is how it ended, and the books are in order.
    with Rest(b.url) as door, door.sign_in("ana", PASSWORD) as ana:
        seen = [one["alarm"] for one in ana.get("/v1/inbox?limit=500").body["notifications"]]
        assert {one["id"] for one in seen if (one["state"], one.get("who")) == ("acknowledged", "bob")} == acknowledged
        assert {one["state"] for one in seen if one["id"] not in acknowledged} == {"expired"}
