"""What a program says arrives, once, and what it may ask afterwards."""

from __future__ import annotations

import dataclasses
import inspect
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

import handbell
from handbell import AsyncHandbell, Conflict, Handbell, Invalid, NotFound, Notification, Unauthenticated, results, verbs
from handbell.messages import Options
from handbell.results import Failed, Told
from handbell_server.actions.expectations import ExpectationShown
from handbell_server.http.bodies import NewNotification
from handbell_server.reads import listing
from handbell_server.reads.answering import GivenAnswer
from handbell_server.watching import AlarmShown
from handbell_shared.traces import Line
from tests.client.conftest import Bell
from tests.server.http.stage import Person, Stage
from tests.support.waiting import until


def test_what_is_sent_arrives_with_everything_that_was_said(bell: Handbell, ana: Person) -> None:
    sent = bell.send(
        ana.name,
        "Build failed",
        body="main is red – ✓",
        link="https://ci.example/7",
        priority="high",
        type="error",
        key="build-7",
        data={"build": 7},
        ttl=timedelta(hours=1),
        silent=True,
    )
    [arrived] = ana.inbox()

    assert arrived["id"] == sent.id
    assert (sent.user, sent.accepted, sent.replayed, sent.updated) == (ana.name, 1, False, False)
    assert sent.created_at is not None
    assert datetime.now(UTC) - sent.created_at < timedelta(minutes=1)
    wanted = {"body": "main is red – ✓", "link": "https://ci.example/7", "priority": "high", "data": {"build": 7}}
    assert {name: arrived[name] for name in wanted} == wanted
    assert arrived["expires_at"] - arrived["created_at"] == pytest.approx(3_600_000, abs=1_000)


def test_recipients_may_be_several_a_topic_or_everybody_and_moments_know_their_zone(
    bell: Handbell, stage: Stage, ana: Person
) -> None:
    ben = stage.person("ben")
    both = bell.send([ana.name, ben.name], "for two")
    assert (both.accepted, {one.user for one in both.recipients}) == (2, {ana.name, ben.name})
    with pytest.raises(ValueError, match="no one id"):
        both.receipt()

    ana.rest.put("/v1/topics/deploys/subscription")
    assert bell.send(handbell.topic("deploys"), "v2 is live").id is not None
    assert bell.send(handbell.EVERYONE, "hello, all", expires_at=datetime.now(UTC) + timedelta(days=1)).accepted >= 2
    until(lambda: {"v2 is live", "hello, all"} <= set(ana.titles()), 10, "what goes to many")

    later = bell.send(ana.name, "later", deliver_at=datetime.now(UTC) + timedelta(days=7))
    assert later.deliver_at is not None
    with pytest.raises(ValueError, match="a moment needs a zone"):
        bell.send(ana.name, "when?", deliver_at=datetime.now())  # noqa: DTZ005
    with pytest.raises(TypeError, match="a notification has no prio"):
        bell.send(ana.name, "hello", prio="high")  # type: ignore[call-arg]


def test_a_refusal_says_which_field_and_which_request(make: Bell, bell: Handbell, stage: Stage, ana: Person) -> None:
    with pytest.raises(NotFound) as unknown:
        bell.send("nobody-here", "hello")
    assert (unknown.value.status, unknown.value.code, unknown.value.field) == (404, "unknown_user", "to")
    assert unknown.value.request_id
    assert not unknown.value.may_have_arrived

    with pytest.raises(Invalid) as link:
        bell.send(ana.name, "hello", link="javascript:alert(1)")
    assert (link.value.code, link.value.field) == ("link_refused", "link")
    with pytest.raises(Unauthenticated):
        make(stage.url, "hbp_wrong_key").send(ana.name, "hello")
    assert ana.inbox() == []


def test_a_batch_of_any_length_has_a_result_for_each_item(bell: Handbell, ana: Person) -> None:
    heard: list[int] = []
    items: list[Notification | dict[str, object]] = [
        Notification(ana.name, f"number {number}", key=f"{number % 5}", silent=True) for number in range(1_201)
    ]
    items[3] = {"to": ana.name}
    items[1_200] = Notification("nobody-here", "lost")

    done = bell.send_batch(items, progress=heard.append)

    assert heard == [1_000, 1_201]
    assert len(done.results) == 1_201
    assert done.accepted == 1_199
    assert [(place, error.code) for place, error in done.failed] == [(3, "invalid"), (1_200, "unknown_user")]
    assert isinstance(done.results[3], Failed)
    assert isinstance(done.results[4], Told)
    assert done.results[4].user == ana.name


def test_the_same_idempotency_key_is_the_same_notification(bell: Handbell, ana: Person) -> None:
    first, again = (bell.send(ana.name, "once", idempotency_key="night-1") for _ in range(2))
    assert (first.id, first.replayed, again.replayed) == (again.id, False, True)
    assert ana.titles() == ["once"]


def test_an_answer_is_waited_for(bell: Handbell, stage: Stage, ana: Person) -> None:
    question = bell.send(ana.name, "Deploy?", actions=[{"id": "yes", "label": "Yes"}, {"id": "no", "label": "No"}])
    assert question.wait_for_answer(timeout=0) is None
    with ThreadPoolExecutor(1) as pool:
        answering = pool.submit(lambda: ana.does("answer", *ana.inbox(), answer={"action": "yes"}))
        answer = question.wait_for_answer(timeout=60)
        answering.result(20)

    assert answer is not None
    assert (answer.action, answer.user) == ("yes", ana.name)
    with pytest.raises(Conflict, match="no actions"):
        bell.send(ana.name, "news").wait_for_answer(timeout=5)


def test_receipts_and_traces_say_what_became_of_it_and_it_can_be_taken_back(bell: Handbell, ana: Person) -> None:
    ringing = bell.send(ana.name, "Fire", priority="urgent", until_acknowledged={"repeat": 60, "expire": 600}, key="f")
    alarm = ringing.receipt().alarm
    assert alarm is not None
    assert (alarm.state, [one.user for one in alarm.told]) == ("ringing", [ana.name])
    ringing.recall()

    sent = bell.send(ana.name, "look", key="look")
    ana.rest.post("/v1/receipts", {"receipts": [{"id": sent.id, "shown": 1_764_150_000_000}]})
    receipt, trace = sent.receipt(), sent.trace()

    assert (receipt.user, receipt.state) == (ana.name, "stored")
    [device] = receipt.devices
    assert device.shown_at == datetime.fromtimestamp(1_764_150_000, UTC)
    assert {"stored", "shown"} <= {step.step for step in trace.steps}

    assert sent.recall() == 1
    bell.send(ana.name, "again", key="mine")
    assert bell.recall(key="mine") == 1
    assert ana.inbox() == []
    with pytest.raises(TypeError, match="either the id or the life-cycle key"):
        bell.recall()


def test_types_and_signs_of_life(bell: Handbell, ana: Person) -> None:
    live = bell.define_type("app.live", title="{{ data.app }} is live", priority="low")
    assert (live.name, live.origin, live.definition["priority"]) == ("app.live", "own", "low")
    bell.send(ana.name, type="app.live", data={"app": "shop"})
    assert ana.titles() == ["shop is live"]
    bell.remove_type("app.live")
    assert "app.live" not in {one.name for one in bell.types()}

    promised = bell.expect("backup", every=timedelta(days=1), to=ana.name)
    assert (promised.every, promised.last_seen) == (86_400, None)
    bell.ping("backup")
    until(lambda: bell.expectation("backup").last_seen, 10, "the sign of life to be noted")
    bell.fail("backup", "The disk is full.")
    until(lambda: any("The disk is full." in one.get("body", "") for one in ana.inbox()), 10, "the failure to be told")
    assert [one.name for one in bell.expectations()] == ["backup"]
    bell.remove_expectation("backup")
    with pytest.raises(NotFound):
        bell.ping("backup")
    assert bell.call("GET", "/v1/expectations") == {"expectations": []}


def test_where_and_as_whom_come_from_the_environment(
    make: Bell, stage: Stage, key: str, ana: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HANDBELL_KEY", raising=False)
    with pytest.raises(ValueError, match="HANDBELL_KEY"):
        make(stage.url)
    monkeypatch.setenv("HANDBELL_KEY", key)
    monkeypatch.setenv("HANDBELL_SERVER", stage.url)
    bell = make()
    bell.send(ana.name, "from the environment")

    assert ana.titles() == ["from the environment"]
    assert key not in repr(Handbell())
    with pytest.raises(ValueError, match="starts with http"):
        make("localhost:8080", key)


def test_both_clients_have_the_same_verbs() -> None:
    def verbs(client: type) -> dict[str, list[str]]:
        public = {name: found for name, found in vars(client).items() if not name.startswith("_")}
        return {
            name: [str(one) for one in inspect.signature(found).parameters.values()] for name, found in public.items()
        }

    assert verbs(Handbell) == verbs(AsyncHandbell)


def test_the_words_of_the_library_are_those_of_the_server() -> None:
    fields = msgspec.structs.fields
    assert {"to", "title", *Options.__annotations__} == {one.name for one in fields(NewNotification)}
    for ours, theirs in (
        (results.Receipt, listing.Receipt),
        (results.DeviceReceipt, listing.DeviceReceipt),
        (results.Answer, GivenAnswer),
        (results.Alarm, AlarmShown),
        (results.Step, Line),
        (results.Expectation, ExpectationShown),
    ):
        assert {one.name for one in dataclasses.fields(ours)} == {one.name for one in fields(theirs)}, ours


def test_importing_it_loads_nothing_that_is_slow_or_not_its_own() -> None:
    program = """
import sys
import handbell
assert "handbell.client" not in sys.modules
handbell.Handbell, handbell.watch
heavy = {"asyncio", "ssl", "http.client", "logging", "urllib.request", "msgspec", "click"} & set(sys.modules)
ours = {name for name in sys.modules if name.startswith("handbell_")}
assert not heavy | ours, heavy | ours
from handbell import *
assert AsyncHandbell
"""
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)


def test_a_request_of_a_batch_names_no_more_people_than_the_server_takes() -> None:
    many = [f"somebody {number}" for number in range(100)]

    parts = list(verbs._parts([Notification(many, "Hello") for _ in range(250)]))

    assert [len(part) for part in parts] == [100, 100, 50]
