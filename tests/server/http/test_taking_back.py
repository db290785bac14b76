"""What became of a notification, and taking it back."""

from typing import Any
from urllib.parse import quote

import pytest
from sqlalchemy import func, select, update

from handbell_server.actions import people, topics
from handbell_server.models import Device, Dispatch, NotificationRow
from handbell_server.reads import reading
from handbell_shared.clock import now_ms
from handbell_shared.ids import new_id
from tests.server.http.stage import Person, Socket, Stage, created
from tests.support.rest import Answer, Rest
from tests.support.waiting import until


def receipt(producer: Rest, an_id: str) -> dict[str, object]:
    answer = producer.get(f"/v1/notifications/{an_id}")
    assert answer.status == 200, answer
    body: dict[str, object] = answer.body
    return body


def devices_of(producer: Rest, an_id: str) -> list[dict[str, Any]]:
    found = receipt(producer, an_id)["devices"]
    assert isinstance(found, list)
    return found


def test_a_receipt_follows_the_notification(ci: Rest, ana: Person) -> None:
    sent = created(ci.notify(ana.name, "Sign here"))
    first = receipt(ci, sent["id"])
    (bell,) = ana.inbox()
    ana.does("seen", bell, register="sgen")
    second = receipt(ci, sent["id"])
    ana.does("read", bell)
    third = receipt(ci, sent["id"])
    ana.does("delete", bell)

    assert (first["user"], first["state"], first["revision"]) == (ana.name, "stored", 1)
    assert [second["state"], third["state"], receipt(ci, sent["id"])["state"]] == ["seen", "read", "user"]
    assert isinstance(third["read_at"], int)


def test_a_receipt_says_which_device_holds_it(stage: Stage, ci: Rest, ana: Person) -> None:
    sent = created(ci.notify(ana.name, "Sign here"))
    assert [one["delivered"] for one in devices_of(ci, sent["id"])] == [False]
    phone = stage.device_of(ana.name, "phone")
    socket = Socket(stage.url, {"token": phone.token, "protocol": 1})
    hello = socket.hears("hello")

    socket.tell("position", {"epoch": hello["epoch"], "rev": sent["revision"]})

    def delivered() -> list[bool]:
        found = [one["delivered"] for one in devices_of(ci, sent["id"])]
        return found if any(found) else []

    assert until(delivered, 8, "the receipt of the phone") == [False, True]
    socket.close()


def test_a_producer_tells_devices_apart_and_does_not_learn_which_they_are(stage: Stage, ana: Person) -> None:
    stage.device_of(ana.name, "phone")
    seen = []
    for producer in (stage.producer(), stage.producer()):
        sent = created(producer.notify(ana.name, "Sign here"))
        names = [one["device"] for one in devices_of(producer, sent["id"])]
        assert len(set(names)) == 2
        assert ana.device not in names
        assert not {"laptop", "phone"} & set(names)
        seen += names
    assert len(set(seen)) == 4, "another producer knows them by other names"


def test_an_older_text_or_another_history_is_not_delivered(stage: Stage, ci: Rest, ana: Person) -> None:
    def says(epoch: str, revision: int) -> bool:
        """What the receipt says when ana's one device has received this."""
        with stage.engine.execution_options(immediate=True).begin() as connection:
            connection.execute(
                update(Device)
                .where(Device.id == ana.device)
                .values(received_epoch=epoch, received_rev=revision, received_at=now_ms())
            )
        devices = receipt(ci, sent["id"])["devices"]
        assert isinstance(devices, list)
        return bool(devices[0]["delivered"])

    with stage.engine.connect() as connection:
        epoch = reading.epoch(connection)
    sent = created(ci.notify(ana.name, "Disk 80 % full", key="disk"))
    assert says(epoch, sent["revision"])
    assert not says("the history before the restore", sent["revision"])
    again = created(ci.notify(ana.name, "Disk 90 % full", key="disk"))

    assert again["id"] == sent["id"]
    assert not says(epoch, sent["revision"])
    assert says(epoch, again["revision"])


def test_a_dispatch_has_a_receipt_too(ci: Rest, ana: Person) -> None:
    ana.rest.put("/v1/topics/receipts/subscription")
    sent = created(ci.notify({"topic": "receipts"}, "v2 is live"))

    until(lambda: receipt(ci, sent["id"])["state"] == "done", 5, "the dispatch to arrive")
    assert receipt(ci, sent["id"])["reached"] == 1


def test_a_recalled_notification_is_gone_from_the_inbox(ci: Rest, ana: Person) -> None:
    sent = created(ci.notify(ana.name, "Oops"))
    created(ci.notify(ana.name, "Stays"))

    answer = ci.delete(f"/v1/notifications/{sent['id']}")

    assert (answer.status, answer.body) == (200, {"recalled": 1})
    assert ana.titles() == ["Stays"]
    assert ana.page()["unread"] == 1
    assert receipt(ci, sent["id"])["state"] == "recalled"
    assert ci.delete(f"/v1/notifications/{sent['id']}").status == 404


def test_a_key_recalls_from_everybody_who_was_told(ci: Rest, ana: Person, ben: Person) -> None:
    ci.notify([ana.name, ben.name], "Oops", key="re lease/7")

    answer = ci.delete(f"/v1/notifications?key={quote('re lease/7', safe='')}")

    assert (answer.status, answer.body) == (200, {"recalled": 2})
    assert ana.titles() == ben.titles() == []
    assert ci.delete("/v1/notifications?key=re+lease%2F7").status == 404


def test_a_dispatch_is_recalled_with_all_it_has_reached(ci: Rest, ana: Person, ben: Person) -> None:
    for person in (ana, ben):
        person.rest.put("/v1/topics/recalls/subscription")
    sent = created(ci.notify({"topic": "recalls"}, "Oops"))
    until(lambda: ana.titles() and ben.titles(), 5, "both to be told")

    answer = ci.delete(f"/v1/notifications/{sent['id']}")

    assert (answer.status, answer.body) == (200, {"recalled": 2})
    assert ana.titles() == ben.titles() == []


def test_a_broadcast_to_many_is_taken_back_in_a_few_commits(stage: Stage, ci: Rest) -> None:
    many = 200
    with stage.engine.execution_options(immediate=True).begin() as connection:
        for number in range(many):
            user_id = people.add_user(connection, f"many-{number}", password_hash=None)
            topics.subscribe(connection, user_id, "many")
    sent = created(ci.notify({"topic": "many"}, "Oops"))
    until(lambda: receipt(ci, sent["id"])["reached"] == many, 15, "all of them to be told")
    before = commits(stage)

    answer = ci.delete(f"/v1/notifications/{sent['id']}")

    assert (answer.status, answer.body) == (200, {"recalled": many})
    assert commits(stage) - before < many / 10
    with stage.engine.connect() as connection:
        left = select(func.count()).where(NotificationRow.dispatch_id == sent["id"], NotificationRow.deleted == "")
        assert connection.execute(left).scalar_one() == 0


def test_a_recall_that_was_cut_off_in_the_middle_is_finished_by_asking_again(
    stage: Stage, ci: Rest, ana: Person
) -> None:
    ana.rest.put("/v1/topics/cut-off/subscription")
    sent = created(ci.notify({"topic": "cut-off"}, "Oops"))
    until(lambda: ana.titles(), 5, "her to be told")
    with stage.engine.execution_options(immediate=True).begin() as connection:  # killed behind the first commit
        connection.execute(update(Dispatch).where(Dispatch.id == sent["id"]).values(state="recalled"))

    answer = ci.delete(f"/v1/notifications/{sent['id']}")

    assert (answer.status, answer.body) == (200, {"recalled": 1})
    assert ana.titles() == []
    assert ci.delete(f"/v1/notifications/{sent['id']}").status == 404


def commits(stage: Stage) -> int:
    lines = stage.rest().get("/metrics").body.decode().splitlines()
    (line,) = (line for line in lines if line.startswith("handbell_commits_total"))
    return int(float(line.split()[-1]))


@pytest.mark.parametrize("by", ["id", "key"])
def test_what_waits_is_recalled_before_it_is_delivered(ci: Rest, ana: Person, by: str) -> None:
    at = 32_000_000_000 + created(ci.notify(ana.name, "Now"))["created_at"] - 1_000_000_000
    sent = created(ci.notify(ana.name, "Later", deliver_at=at, key="later"))

    answer = ci.delete("/v1/notifications?key=later" if by == "key" else f"/v1/notifications/{sent['id']}")

    assert answer.status == 200
    assert receipt(ci, sent["id"])["state"] == "recalled"


def test_scopes_are_needed(stage: Stage, ana: Person) -> None:
    producer = stage.producer(["send:user"])
    sent = created(producer.notify(ana.name, "Oops"))

    answers = [
        producer.get(f"/v1/notifications/{sent['id']}"),
        producer.delete(f"/v1/notifications/{sent['id']}"),
        producer.delete("/v1/notifications?key=x"),
    ]

    assert [(answer.status, answer.code) for answer in answers] == [(403, "forbidden")] * 3
    assert ana.titles() == ["Oops"]


def test_what_another_producer_sent_does_not_exist(stage: Stage, ci: Rest, ana: Person) -> None:
    sent = created(ci.notify(ana.name, "Mine", key="mine"))
    waits = created(ci.notify({"topic": "foreign"}, "Mine", deliver_at=sent["created_at"] + 10**9))
    other = stage.producer()

    def said(answer: Answer) -> tuple[int, dict[str, object]]:
        return answer.status, {name: value for name, value in answer.body.items() if name != "request_id"}

    for method in ("GET", "DELETE"):
        missing = said(other.call(method, f"/v1/notifications/{new_id()}"))
        assert missing[0] == 404
        for foreign in (sent["id"], waits["id"], "not-an-id"):
            assert said(other.call(method, f"/v1/notifications/{foreign}")) == missing
    assert said(other.delete("/v1/notifications?key=mine")) == said(other.delete("/v1/notifications?key=no"))
    assert ana.titles() == ["Mine"]
    assert receipt(ci, waits["id"])["state"] == "waiting"
