"""Why a notification rang or did not: what the server says, and what this device knows without it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from msgspec.structs import replace

from handbell_desktop.account.whys import STEPS_AT_MOST, Story, trace_of
from handbell_shared.records import Actor, Answer, Notification, Scope
from tests.desktop.conftest import Makes
from tests.desktop.test_why_sentences import Plain
from tests.shared.test_link_rest import Peer, serving
from tests.support.desks import MadeDesk, bell
from tests.support.ports import free_port
from tests.support.turns import ManualTurns

HOUR = 3_600_000


@pytest.fixture
def peer() -> Iterator[Peer]:
    with serving() as one:
        yield one


def at(made: MadeDesk, server: str) -> MadeDesk:
    """The account is at this server."""
    session = made.desk.sessions[0]
    session.account = replace(session.account, server=server)
    return made


def asked(made: MadeDesk, title: str) -> Story:
    heard: list[Story] = []
    made.desk.whys.ask(made.entries(title)[0], Plain(), heard.append)
    made.turns.until(lambda: heard, "the story")
    return heard[0]


def said(story: Story) -> list[str]:
    return [str(one.says) for one in story.told]


def ringing(record: Notification, make: Makes) -> MadeDesk:
    return make({"ana": [record]})


def test_the_server_is_asked_with_the_account_s_token_and_its_steps_are_told_in_order(make: Makes, peer: Peer) -> None:
    made = at(ringing(bell("Lunch"), make), peer.url)
    an_id = made.entries("Lunch")[0].record.id
    steps = [
        {"step": "stored", "at": 1},
        {"step": "held", "at": 2, "device": "laptop", "why": "quiet"},
        {"step": "beamed", "at": 3, "rule": 17, "of tomorrow": True},
        {"at": 4},
        "nonsense",
        {"step": "read", "at": 5},
    ]
    peer.will_answer(200, {"id": an_id, "steps": steps})

    story = asked(made, "Lunch")

    assert said(story) == [
        "Came from ci",
        "Held back on laptop: it was quiet",
        "Something that only a newer Handbell has words for: beamed",
        "Read by you",
    ]
    assert (story.note, story.again) == (None, False)
    ((method, path, headers, _),) = peer.asked
    assert (method, path) == ("GET", f"/v1/inbox/{an_id}/trace")
    assert headers["Authorization"] == "Bearer token"


def test_an_answer_without_end_is_cut(make: Makes, peer: Peer) -> None:
    made = at(make(), peer.url)
    peer.will_answer(200, {"id": "x", "steps": [{"step": "shown", "device": f"{n}"} for n in range(5_000)]})

    assert len(trace_of(made.desk.sessions[0].account, "token", "x")) == STEPS_AT_MOST


@pytest.mark.parametrize(
    ("status", "body", "why", "again"),
    [
        (404, {"code": "not_found", "detail": "?"}, "nothing to add: it is an older one", False),
        (405, {"code": "method_not_allowed", "detail": "?"}, "nothing to add: it is an older one", False),
        (503, {"code": "overloaded", "detail": "?"}, "has trouble of its own", True),
        (401, {"code": "unauthenticated", "detail": "?"}, "Please sign in again", True),
        (200, {"steps": "none"}, "no Handbell server", True),
        (200, [], "no Handbell server", True),
        (200, b"<html>", "no Handbell server", True),
    ],
)
def test_whatever_the_server_answers_this_device_tells_what_it_knows(
    make: Makes, peer: Peer, status: int, body: object, why: str, again: bool
) -> None:
    made = at(ringing(bell("Lunch", silent=True), make), peer.url)
    peer.will_answer(status, body)

    story = asked(made, "Lunch")

    assert said(story) == ["Came from ci", "Its sender wanted it to come without ringing"]
    assert why in str(story.note) and "the rest is known to the server" in str(story.note)
    assert story.again == again


def test_without_a_network_and_without_a_key_it_says_so(make: Makes) -> None:
    made = at(ringing(bell("Lunch"), make), f"http://127.0.0.1:{free_port()}")
    assert "Nothing answers at" in str(asked(made, "Lunch").note)

    made.secrets.tokens.clear()
    assert "Please sign in again" in str(asked(made, "Lunch").note)


def test_the_record_tells_what_was_decided_and_done(make: Makes) -> None:
    record = bell(
        "Deploy?",
        muted={"sound": Scope(None, "info"), "email": Scope(None, "info")},
        group="g",
        updated_at=5,
        count=2,
        read=True,
        read_at=6,
        answer=Answer("yes", "op", 7, by="Ben"),
        archived=True,
    )
    made = ringing(record, make)

    story = made.desk.whys.here(made.entries("Deploy?")[0], Plain())

    assert said(story) == [
        "Came from ci",
        "Told again, 2 times in all",
        "Muted by your rule for “Info”: no sound, no e-mail. You have changed that since.",
        "Shown together with others of its group",
        "Read by you",
        "Answered by Ben",
        "Archived by you",
    ]
    assert [one.at for one in story.told] == [record.created_at, 5, None, None, 6, 7, None]


def test_what_a_rule_muted_names_the_rule_while_it_holds(make: Makes) -> None:
    made = ringing(bell("Lunch"), make)
    made.desk.mute(made.entries("Lunch"))
    made.settle()

    muted = made.desk.whys.here(made.entries("Lunch")[0], Plain()).told[1]

    assert str(muted.says) == "Muted by your rule for everything from ci: no toast, no sound, no push"
    assert muted.rule == Scope("ci")


def test_what_is_quiet_now_is_said_of_what_would_ring(make: Makes) -> None:
    records = [
        bell("Lunch"),
        bell("Fire", priority="urgent"),
        bell("Old", read=True),
        bell("Mine", actor=Actor("Ana", user="ana")),
    ]
    made = make({"ana": records})
    until = made.turns.now() + HOUR
    made.desk.pause(until)
    made.settle()

    def last(title: str) -> str:
        return said(made.desk.whys.here(made.entries(title)[0], Plain()))[-1]

    assert last("Lunch") == f"Now: it is quiet until <{until}>"
    assert last("Fire") == "Came from ci"
    assert last("Old") == "Read by you"
    assert "You did this yourself: that never rings" in said(made.desk.whys.here(made.entries("Mine")[0], Plain()))


def test_who_tells_senders_nothing_is_told_what_is_missing(make: Makes, peer: Peer) -> None:
    made = at(ringing(bell("Lunch"), make), peer.url)
    made.desk.choose(replace(made.desk.settings, receipts=False))
    peer.will_answer(200, {"steps": []})

    assert str(asked(made, "Lunch").note).startswith("What this computer showed or held back is missing here")


def test_an_account_that_has_left_meanwhile_breaks_nothing(make: Makes) -> None:
    turns = ManualTurns(hold_work=True)
    made = make({"ana": [bell("Lunch")]}, turns=turns)
    entry = made.entries("Lunch")[0]
    made.desk.remove_account("ana", sign_out=False)
    heard: list[Story] = []

    made.desk.whys.ask(entry, Plain(), heard.append)
    turns.work_off()

    assert said(heard[0]) == ["Came from ci"]
