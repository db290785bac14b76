"""What a person wants to be disturbed by, over REST and on their devices."""

from __future__ import annotations

from typing import Any

import pytest

from handbell_shared.clock import now_ms
from handbell_shared.ids import new_id
from tests.server.http.stage import Person, Socket, Stage
from tests.support.rest import Rest

QUIET = {"enabled": True, "days": [0, 1, 2, 3, 4], "start": "21:30", "end": "06:30"}


@pytest.fixture
def ci(stage: Stage) -> Rest:
    return stage.producer()


def source_of(person: Person) -> str:
    return str(person.inbox()[0]["source"])


def choose(person: Person, **changes: Any) -> Any:
    answer = person.rest.call("PATCH", "/v1/preferences", changes)
    assert answer.status == 200, answer.body
    return answer.body


def test_nobody_has_chosen_anything_at_first(ana: Person) -> None:
    known = ana.rest.get("/v1/preferences").body

    assert known["rules"] == [] and known["paused_until"] is None and known["devices"] == "all"
    assert known["quiet_hours"]["enabled"] is False and known["digest"]["every"] == "never"
    assert known["tell_senders"] == {"seen": True, "read": True}


def test_what_is_chosen_stays_and_null_is_the_default_again(ana: Person) -> None:
    chosen = choose(ana, zone="Europe/Berlin", quiet_hours=QUIET, rules=[{"source": "ci", "toast": False}])
    more = choose(ana, paused_until="forever", rules=[{"type": "like", "badge": False}])
    less = choose(ana, zone=None, paused_until=None, rules=[{"source": "ci"}])

    assert chosen["quiet_hours"] == QUIET and chosen["zone"] == "Europe/Berlin"
    assert more["paused_until"] == "forever"
    assert more["rules"] == [{"badge": False, "type": "like"}, {"toast": False, "source": "ci"}]
    assert less["rules"] == [{"badge": False, "type": "like"}] and less["zone"] is None and less["paused_until"] is None
    assert less["quiet_hours"] == QUIET
    assert ana.rest.get("/v1/preferences").body == less


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"zone": "Mars/Olympus"}, "zone"),
        ({"paused_until": 1_000}, "paused_until"),
        ({"paused_until": "tomorrow"}, "paused_until"),
        ({"quiet_hours": {"start": "25:00"}}, "quiet_hours.start"),
        ({"quiet_hours": {"from": "20:00"}}, "quiet_hours.from"),
        ({"quiet_hours": {"days": [0] * 8}}, "quiet_hours.days"),
        ({"zone": "localtime"}, "zone"),
        ({"rules": [{"source": "ci", "toast": False}, {"source": "", "toast": False}]}, "rules[1].source"),
        ({"rules": [{"smell": True}]}, "rules[0].smell"),
        ({"volume": 11}, "volume"),
    ],
)
def test_what_cannot_be_chosen_is_named_and_changes_nothing(ana: Person, changes: dict[str, Any], field: str) -> None:
    before = ana.rest.get("/v1/preferences").body

    answer = ana.rest.call("PATCH", "/v1/preferences", changes)

    assert (answer.status, answer.body["field"]) == (422, field)
    assert ana.rest.get("/v1/preferences").body == before


def test_what_is_muted_is_in_the_inbox_and_says_why(ana: Person, ci: Rest) -> None:
    ci.post("/v1/notifications", {"to": ana.name, "title": "First"})
    source = source_of(ana)
    choose(ana, rules=[{"source": source, "toast": False, "badge": False}])

    ci.post("/v1/notifications", {"to": ana.name, "title": "Psst"})
    ci.post("/v1/notifications", {"to": ana.name, "title": "Disk full", "type": "error", "key": "disk"})

    inbox = ana.rest.get("/v1/inbox").body
    rule = [source, None, None]
    assert inbox["unread"] == 0
    assert [one["muted"] for one in inbox["notifications"]] == 3 * [{"toast": rule, "badge": rule}]


def test_a_rule_counts_for_what_waits_already(ana: Person, ci: Rest) -> None:
    for title in ("one", "two"):
        ci.post("/v1/notifications", {"to": ana.name, "title": title})
    assert ana.rest.get("/v1/inbox").body["unread"] == 2

    choose(ana, rules=[{"source": source_of(ana), "badge": False}])
    quiet = ana.rest.get("/v1/inbox").body["unread"]
    choose(ana, rules=[{"source": source_of(ana)}])

    assert quiet == 0
    assert ana.rest.get("/v1/inbox").body["unread"] == 2


@pytest.mark.parametrize(("away", "back"), [("read", "unread"), ("archive", "unarchive")])
def test_what_rested_while_rules_changed_is_counted_by_those_of_now(
    ana: Person, ci: Rest, away: str, back: str
) -> None:
    register = "agen" if away == "archive" else "gen"
    choose(ana, rules=[{"type": "like", "badge": False}])
    for kind in ("like", "error"):
        ci.post("/v1/notifications", {"to": ana.name, "title": kind, "type": kind})
    for one in ana.inbox():
        ana.does(away, one, register=register)
    choose(ana, rules=[{"type": "like"}, {"type": "error", "badge": False}])

    for one in ana.inbox(state="all"):
        ana.does(back, one, register=register)

    assert {one["title"]: one.get("muted") for one in ana.inbox()} == {
        "like": None,
        "error": {"badge": [None, "error", None]},
    }
    assert ana.page()["unread"] == 1


def test_a_device_hears_of_a_choice_and_finds_it_when_it_was_away(stage: Stage, ana: Person) -> None:
    socket = Socket(stage.url, {"token": ana.token, "protocol": 1})
    hello = socket.hears("hello")
    choose(ana, devices="in_use")
    push = socket.hears("push")
    socket.close()
    delta = ana.rest.get(f"/v1/sync/delta?epoch={hello['epoch']}&rev={hello['rev']}").body
    snapshot = ana.rest.get("/v1/sync/snapshot").body

    assert push["changes"] == [] and [(one["name"], one["value"]) for one in push["choices"]] == [("devices", "in_use")]
    assert delta["choices"] == push["choices"] == [one for one in snapshot["choices"] if one["name"] == "devices"]
    assert delta["cursor"] == [push["rev"], None]


def test_the_last_writer_wins_whoever_comes_first(ana: Person) -> None:
    now = now_ms()

    def say(value: str | None, at: int) -> str:
        action = {"id": new_id(), "kind": "choose", "ids": [], "at": at, "choice": {"name": "devices", "value": value}}
        return str(ana.rest.post("/v1/actions", {"actions": [action]}).body["acks"][0]["status"])

    assert say("in_use", now - 1_000) == "ok"
    assert say("all", now - 60_000) == "ok"  # said earlier, on a device that was away
    assert ana.rest.get("/v1/preferences").body["devices"] == "in_use"
    assert say("everywhere at once", now) == "bad"


def test_who_hides_reading_is_not_told_of(stage: Stage, ana: Person, ci: Rest) -> None:
    sent = ci.post("/v1/notifications", {"to": ana.name, "title": "Seen?"}).body["id"]
    ana.rest.post(
        "/v1/actions",
        {"actions": [{"id": new_id(), "kind": kind, "ids": [[sent, 0]], "at": now_ms()} for kind in ("seen", "read")]},
    )

    mark = {"id": sent, "shown": 1_000, "clicked": 2_000, "dismissed": 3_000, "held": 500, "held_for": "quiet"}
    assert ana.rest.post("/v1/receipts", {"receipts": [mark]}).status == 204

    def told() -> tuple[str, bool, bool]:
        receipt = ci.get(f"/v1/notifications/{sent}").body
        (device,) = receipt["devices"]
        traced = {line["step"] for line in ci.get(f"/v1/notifications/{sent}/trace").body["steps"]}
        seen, read = receipt.get("seen", False), "read_at" in receipt
        assert ("shown_at" in device, "clicked_at" in device, "dismissed_at" in device) == (seen, read, read)
        assert (traced >= {"shown", "held", "seen"}, traced >= {"read", "clicked", "dismissed"}) == (seen, read)
        return receipt["state"], seen, read

    open_hearted = told()
    choose(ana, tell_senders={"seen": True, "read": False})
    half = told()
    choose(ana, tell_senders={"seen": False, "read": False})

    assert open_hearted == ("read", True, True)
    assert half == ("seen", True, False)
    assert told() == ("stored", False, False)
