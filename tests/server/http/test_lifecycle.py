"""The life-cycle key: one incident is one notification, until it is over."""

from tests.server.http.stage import Person, Stage, created
from tests.support.rest import Rest
from tests.support.waiting import until


def test_the_next_one_with_the_key_updates_the_first_in_place(ci: Rest, ana: Person) -> None:
    first = created(ci.notify(ana.name, "Disk 80 %", key="disk", type="warning"))
    created(ci.notify(ana.name, "Something else"))

    second = created(ci.notify(ana.name, "Disk 90 %", key="disk", type="error"))

    assert second["id"] == first["id"] and second["updated"] and second["created_at"] == first["created_at"]
    bell = ana.inbox()[1]
    assert (bell["title"], bell["type"], bell["count"]) == ("Disk 90 %", "error", 2)
    assert bell["updated_at"] >= bell["created_at"]
    assert ana.page()["unread"] == 2


def test_an_update_is_new_again_for_who_had_read_it(ci: Rest, ana: Person) -> None:
    created(ci.notify(ana.name, "Disk 80 %", key="disk"))
    (bell,) = ana.inbox()
    assert ana.does("read", bell)["status"] == "ok"
    assert ana.does("archive", bell, register="agen")["status"] == "ok"
    assert ana.page()["unread"] == 0

    created(ci.notify(ana.name, "Disk 90 %", key="disk"))

    (again,) = ana.inbox()
    assert again["gen"] > bell.get("gen", 0) and not again.get("read", False)
    assert ana.page()["unread"] == 1


def test_a_late_read_of_the_first_does_not_read_the_update(ci: Rest, ana: Person) -> None:
    created(ci.notify(ana.name, "Disk 80 %", key="disk"))
    (seen,) = ana.inbox()
    created(ci.notify(ana.name, "Disk 90 %", key="disk"))

    assert ana.does("read", seen)["status"] == "ok"

    assert ana.page()["unread"] == 1


def test_a_resolution_is_shown_and_does_not_ring_for_who_had_read(ci: Rest, ana: Person) -> None:
    created(ci.notify(ana.name, "Disk full", key="disk"))
    ana.does("read", ana.inbox()[0])

    created(ci.notify(ana.name, "Disk fine", key="disk", resolved=True))

    (bell,) = ana.inbox()
    assert (bell["title"], bell["resolved"], bell["read"]) == ("Disk fine", True, True)
    assert "count" not in bell


def test_after_a_resolution_the_key_begins_a_new_incident(ci: Rest, ana: Person) -> None:
    first = created(ci.notify(ana.name, "Disk full", key="disk"))
    created(ci.notify(ana.name, "Disk fine", key="disk", resolved=True))

    second = created(ci.notify(ana.name, "Disk full again", key="disk"))

    assert second["id"] != first["id"] and "updated" not in second
    assert ana.titles() == ["Disk full again", "Disk fine"]
    third = created(ci.notify(ana.name, "Still full", key="disk"))
    assert third["id"] == second["id"]


def test_a_key_the_person_deleted_begins_anew(ci: Rest, ana: Person) -> None:
    first = created(ci.notify(ana.name, "Disk full", key="disk"))
    ana.does("delete", ana.inbox()[0])

    second = created(ci.notify(ana.name, "Disk full", key="disk"))

    assert second["id"] != first["id"]
    assert len(ana.inbox()) == 1


def test_keys_of_two_producers_and_of_two_people_are_apart(stage: Stage, ci: Rest, ana: Person, ben: Person) -> None:
    other = stage.producer()
    ids = {
        created(ci.notify(ana.name, "A", key="disk"))["id"],
        created(ci.notify(ben.name, "B", key="disk"))["id"],
        created(other.notify(ana.name, "C", key="disk"))["id"],
    }

    assert len(ids) == 3
    assert (ana.titles(), ben.titles()) == (["C", "A"], ["B"])


def test_an_end_without_a_beginning_tells_nobody_if_it_is_asked_to(ci: Rest, ana: Person, ben: Person) -> None:
    over = {"title": "Disk is fine", "key": "disk", "resolved": True, "if_open": True}
    nothing = ci.post("/v1/notifications", {"to": ana.name, **over})
    assert (nothing.status, nothing.body) == (200, {"user": ana.name, "skipped": "nothing_open"})

    created(ci.notify(ana.name, "Disk 80 %", key="disk"))
    both = ci.post("/v1/notifications", {"to": [ana.name, ben.name], **over})

    assert (both.status, both.body["accepted"]) == (201, 1)
    assert [(one["title"], one["resolved"]) for one in ana.inbox()] == [("Disk is fine", True)]
    assert ben.inbox() == []
    again = ci.post("/v1/notifications", {"to": ana.name, **over})
    assert again.body["skipped"] == "nothing_open"
    nameless = ci.post("/v1/notifications", {"to": ana.name, "title": "x", "if_open": True})
    assert (nameless.status, nameless.body["field"]) == (422, "if_open")


def test_an_end_reaches_those_of_a_topic_who_heard_of_the_beginning(ci: Rest, ana: Person, ben: Person) -> None:
    topic = f"disks-{ana.name}"
    for person in (ana, ben):
        assert person.rest.call("PUT", f"/v1/topics/{topic}/subscription").status == 204
    created(ci.notify(ana.name, "Disk 80 %", key="disk"))

    for title, more in (("Disk is fine", {"key": "disk", "resolved": True, "if_open": True}), ("Behind it", {})):
        created(ci.post("/v1/notifications", {"to": {"topic": topic}, "title": title, **more}))

    until(lambda: "Behind it" in ben.titles() and "Behind it" in ana.titles(), 15, "the second to arrive")
    until(lambda: ana.inbox()[-1]["title"] == "Disk is fine", 15, "the end to arrive")
    assert ben.titles() == ["Behind it"]
