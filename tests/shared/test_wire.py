"""What travels: defaults stay at home, what a newer server adds is overlooked, what a stranger adds is refused."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from handbell_shared.records import (
    Ack,
    Action,
    Actor,
    Alarm,
    Answer,
    AnswerGiven,
    Button,
    Choice,
    DeltaPage,
    Hello,
    Notification,
    Position,
    Push,
    Question,
    Scope,
    SnapshotPage,
    Target,
    Tip,
)

FULL = Notification(
    id="n",
    ver=4,
    crev=1,
    cver=3,
    nrev=2,
    source="ci",
    type="build",
    title="Build failed",
    body="Twice",
    link="https://example.org/7",
    priority="high",
    data={"build": 7, "tags": ["a", None], "deep": {"ok": True}},
    actor=Actor("Ana", "ana", "https://example.org/ana.png"),
    image="https://example.org/i.png",
    group="builds",
    key="main",
    count=3,
    resolved=True,
    actions=(Button("yes", "Yes"), Button("more", "More", "link", "https://example.org/more")),
    question=Question("q", 9, shared=True),
    alarm=Alarm("r", 60, "acknowledged", "ben"),
    silent=True,
    category="deploys",
    icon="sun",
    colour="#17693f",
    created_at=1,
    updated_at=2,
    expires_at=3,
    critical=True,
    muted={"toast": Scope("ci", None, "deploys")},
    gen=1,
    read=True,
    read_at=4,
    agen=1,
    archived=True,
    sgen=1,
    seen=True,
    snooze_at=5,
    snooze_op="op",
    snoozed_until=6,
    pin_at=7,
    pin_op="op",
    pinned=True,
    answer=Answer("yes", "op", 8, "Zoë", "Ben", deadline=True),
)
CHOICE = Choice("quiet_hours", {"enabled": True}, 1, "op", 3)
FROM_THE_SERVER: list[msgspec.Struct] = [
    FULL,
    Notification(id="n"),
    Notification(id="n", ver=9, deleted="recalled"),
    Ack("op", 3, "late"),
    Position("e", 3, "n"),
    Hello("e", 3, 1_000, 2, "device", 25, ("act",)),
    Push("e", 2, 3, "0" * 16, 1, (FULL,)),
    Push("e", 2, 3, "0" * 16, 1, (), (CHOICE,)),
    Tip("e", 3),
    DeltaPage("e", (FULL,), (3, "n"), True),
    DeltaPage("e", (), (3, None), False, "0" * 16, 0),
    DeltaPage("e", snapshot="too_old"),
    SnapshotPage("e", 3, (FULL,), False),
    SnapshotPage("e", 3, (), False, (CHOICE,)),
    DeltaPage("e", (), (3, None), False, "0" * 16, 0, choices=(CHOICE,)),
]


def name_of(thing: msgspec.Struct) -> str:
    return type(thing).__name__


@pytest.mark.parametrize("thing", FROM_THE_SERVER, ids=name_of)
def test_what_the_server_says_arrives_as_it_was(thing: msgspec.Struct) -> None:
    assert msgspec.json.decode(msgspec.json.encode(thing), type=type(thing)) == thing


@pytest.mark.parametrize("thing", FROM_THE_SERVER, ids=name_of)
def test_a_device_overlooks_what_a_newer_server_adds(thing: msgspec.Struct) -> None:
    wire: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(thing))
    for record in (wire, *wire.get("changes", []), *wire.get("choices", [])):
        for part in (
            record,
            *record.get("actions", []),
            *(record.get(name, {}) for name in ("actor", "question", "answer")),
        ):
            part["invented_later"] = {"what": ["ever"]}

    assert msgspec.json.decode(msgspec.json.encode(wire), type=type(thing)) == thing


def test_every_member_of_a_notification_was_tried() -> None:
    plain = Notification(id="")
    untried = {name for name in plain.__struct_fields__ if getattr(plain, name) == getattr(FULL, name)}

    assert untried == {"deleted"}


def test_members_at_their_default_stay_at_home() -> None:
    assert msgspec.json.encode(Notification(id="n", title="Hi")) == b'{"id":"n","title":"Hi"}'
    assert msgspec.json.encode(Action(id="a", kind="read", ids=(Target("n", 2),), at=1)) == (
        b'{"id":"a","kind":"read","ids":[["n",2]],"at":1}'
    )


@pytest.mark.parametrize(
    "thing",
    [
        Action(id="a", kind="answer", ids=(Target("n"),), at=1, answer=AnswerGiven("yes", "text")),
        AnswerGiven("yes"),
    ],
    ids=name_of,
)
def test_what_a_stranger_misspells_is_refused(thing: msgspec.Struct) -> None:
    wire: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(thing))
    assert msgspec.convert(wire, type=type(thing)) == thing

    with pytest.raises(msgspec.ValidationError, match="unknown field"):
        msgspec.convert(wire | {"utnil": 1}, type=type(thing))


def test_a_device_that_is_older_than_its_server_ignores_what_it_does_not_know() -> None:
    wire = msgspec.json.encode({"id": "n", "ver": 3, "title": "Hello", "hologram": {"depth": 3}})

    assert msgspec.json.decode(wire, type=Notification) == Notification(id="n", ver=3, title="Hello")
