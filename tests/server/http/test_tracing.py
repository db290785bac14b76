"""Why a notification rang or did not."""

from __future__ import annotations

from typing import Any

from handbell_shared.clock import now_ms
from handbell_shared.ids import new_id
from tests.server.http.stage import Person, Stage, created
from tests.support.rest import Rest


def why(person: Person, an_id: str) -> list[dict[str, Any]]:
    return list(person.rest.get(f"/v1/inbox/{an_id}/trace").body["steps"])


def told(producer: Rest, an_id: str) -> list[dict[str, Any]]:
    return list(producer.get(f"/v1/notifications/{an_id}/trace").body["steps"])


def names(steps: list[dict[str, Any]]) -> list[str]:
    return [one["step"] for one in steps]


def test_the_person_sees_what_was_decided_and_by_which_rule(ana: Person, ci: Rest) -> None:
    source = created(ci.notify(ana.name, "First")) and ana.inbox()[0]["source"]
    ana.rest.call("PATCH", "/v1/preferences", {"rules": [{"source": source, "sound": False}]})
    sent = created(ci.post("/v1/notifications", {"to": ana.name, "title": "Psst", "group": "g", "silent": True}))

    steps = why(ana, sent["id"])

    assert names(steps) == ["stored", "muted", "silent", "grouped"]
    assert steps[0]["at"] == sent["created_at"]
    assert (steps[1]["channel"], steps[1]["rule"]) == ("sound", [source, None, None])


def test_what_devices_did_stands_in_its_order(ana: Person, ci: Rest) -> None:
    sent = created(ci.notify(ana.name, "Sign here"))
    at = now_ms() - 10_000
    marks = {"id": sent["id"], "held": at, "held_for": "quiet", "shown": at + 2_000, "clicked": at + 3_000}
    assert ana.rest.post("/v1/receipts", {"receipts": [marks]}).status == 204
    ana.does("read", ana.inbox()[0])

    mine, theirs = why(ana, sent["id"]), told(ci, sent["id"])

    assert names(mine) == ["stored", "held", "shown", "clicked", "read"] == names(theirs)
    assert (mine[1]["device"], mine[1]["why"]) == ("laptop", "quiet")
    assert theirs[1]["device"] != "laptop" and theirs[1]["why"] == "quiet"


def test_a_deed_that_has_no_time_comes_after_all_that_has_one(ana: Person, ci: Rest) -> None:
    sent = created(ci.notify(ana.name, "Sign here"))
    ana.does("archive", ana.inbox()[0], register="agen")
    told = ana.rest.post("/v1/receipts", {"receipts": [{"id": sent["id"], "shown": now_ms()}]})
    assert told.status == 204

    assert names(why(ana, sent["id"])) == ["stored", "shown", "archived"]


def test_a_producer_does_not_see_what_a_person_did_for_themself(ana: Person, ci: Rest) -> None:
    sent = created(ci.notify(ana.name, "Later"))
    shown = ana.inbox()[0]
    ana.does("snooze", shown, until=now_ms() + 3_600_000)
    ana.does("archive", shown, register="agen")
    ana.does("read", shown)
    ana.rest.call("PATCH", "/v1/preferences", {"tell_senders": {"seen": True, "read": False}})

    assert {"archived", "snoozed", "read"} <= set(names(why(ana, sent["id"])))
    assert names(told(ci, sent["id"])) == ["stored"]


def test_nobody_asks_about_what_is_not_theirs(stage: Stage, ana: Person, ben: Person, ci: Rest) -> None:
    sent = created(ci.notify(ana.name, "For Ana"))

    assert ben.rest.get(f"/v1/inbox/{sent['id']}/trace").status == 404
    assert stage.producer().get(f"/v1/notifications/{sent['id']}/trace").status == 404
    assert ana.rest.get(f"/v1/inbox/{new_id()}/trace").status == 404
    assert ana.rest.get("/v1/inbox/nonsense/trace").status == 404


def test_a_reason_that_is_none_is_refused(ana: Person, ci: Rest) -> None:
    sent = created(ci.notify(ana.name, "Sign here"))

    answer = ana.rest.post("/v1/receipts", {"receipts": [{"id": sent["id"], "held": 1, "held_for": "spite"}]})

    assert (answer.status, answer.body["field"]) == (422, "receipts[0].held_for")
