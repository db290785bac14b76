"""What devices say they did with notifications: kept for the producer that sent them, and for nobody else."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select

from handbell_server.actions import receipts
from handbell_server.actions.receipts import Rounds
from handbell_server.models import ReceiptRow
from handbell_shared.clock import now_ms
from handbell_shared.ids import new_id
from handbell_shared.records import Mark
from tests.server.http.stage import Person, Socket, Stage, created
from tests.support.rest import Rest
from tests.support.waiting import until


def told(person: Person, *marks: dict[str, Any]) -> int:
    return person.rest.post("/v1/receipts", {"receipts": list(marks)}).status


def device(producer: Rest, an_id: str) -> dict[str, Any]:
    (found,) = producer.get(f"/v1/notifications/{an_id}").body["devices"]
    return dict(found)


def test_a_device_tells_in_batches_and_the_first_time_counts(ci: Rest, ana: Person) -> None:
    one, two = (created(ci.notify(ana.name, title)) for title in ("one", "two"))
    assert told(ana, {"id": one["id"], "shown": 1000}, {"id": two["id"], "dismissed": 3000}) == 204
    assert told(ana, {"id": one["id"], "shown": 2000, "clicked": 2500}) == 204

    assert device(ci, one["id"]) | {"device": ""} == {
        "device": "",
        "delivered": False,
        "shown_at": 1000,
        "clicked_at": 2500,
    }
    assert device(ci, two["id"])["dismissed_at"] == 3000


def test_over_the_socket_it_is_written_down_in_rounds(stage: Stage, ci: Rest, ana: Person) -> None:
    sent = created(ci.notify(ana.name, "Sign here"))
    socket = Socket(stage.url, {"token": ana.token, "protocol": 1})
    assert "receipts" in socket.hears("hello")["caps"]
    socket.tell("receipts", {"receipts": [{"id": sent["id"], "shown": 1000}]})
    until(lambda: device(ci, sent["id"]).get("shown_at") == 1000, 10, "the receipt")
    socket.close()


def test_no_time_to_come_is_believed(ci: Rest, ana: Person) -> None:
    sent = created(ci.notify(ana.name, "Sign here"))
    told(ana, {"id": sent["id"], "shown": now_ms() + 10**9})
    assert device(ci, sent["id"])["shown_at"] <= now_ms()


def test_nobody_tells_of_what_is_not_theirs(stage: Stage, ci: Rest, ana: Person, ben: Person) -> None:
    sent = created(ci.notify(ana.name, "Sign here"))
    assert told(ben, {"id": sent["id"], "clicked": 1000}, {"id": new_id(), "clicked": 1000}) == 204
    assert "clicked_at" not in device(ci, sent["id"])
    with stage.engine.connect() as connection:
        mine = select(func.count()).select_from(ReceiptRow).where(ReceiptRow.device_id == ben.device)
        assert connection.execute(mine).scalar_one() == 0
    assert stage.producer().get(f"/v1/notifications/{sent['id']}").status == 404


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ([], "receipts"),
        ([{"id": "\x00"}], "receipts[0].id"),
        ([{"id": new_id(), "shown": -1}], "receipts[0].shown"),
        ([{"id": new_id(), "seen": 1}], "receipts[0].seen"),
        ([{"id": new_id()}] * 201, "receipts"),
    ],
)
def test_what_cannot_be_is_refused_by_its_field(ana: Person, sent: list[Any], field: str) -> None:
    answer = ana.rest.post("/v1/receipts", {"receipts": sent})
    assert (answer.status, answer.body["field"]) == (422, field)


def test_what_is_remembered_is_bounded_and_its_first_times_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receipts, "IN_MIND_AT_MOST", 2)
    marks = Rounds()
    marks.add(1, "d", [Mark("a", shown=5)])
    marks.add(1, "d", [Mark("a", shown=9, clicked=9), Mark("b"), Mark("c")])
    assert marks._marks == {(1, "d"): {"a": Mark("a", shown=5, clicked=9), "b": Mark("b")}}
