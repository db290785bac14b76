"""The one brain: several accounts as one inbox, how the bell stands, and the moments it waits for."""

from __future__ import annotations

import threading
from contextlib import closing
from pathlib import Path

import pytest
from msgspec.structs import replace

from handbell_desktop.changes import Change
from handbell_desktop.condition import Condition
from handbell_desktop.desk import OtherPerson
from handbell_desktop.kept.settings import Chosen
from handbell_desktop.kept.shown import Key, Query
from handbell_desktop.kept.store import SqliteStore
from handbell_shared.ids import new_id
from handbell_shared.link_state import Connecting, Incompatible, LinkState, Offline, Online, SignedOut
from handbell_shared.records import Action
from tests.desktop.conftest import Makes
from tests.support.desks import MadeDesk, account, bell

MINUTE = 60
HOUR = 60 * MINUTE


def listening(made: MadeDesk) -> list[Change]:
    heard: list[Change] = []
    made.desk.listen(heard.append)
    return heard


# Several accounts.


def test_several_accounts_are_one_inbox_in_the_order_of_time(make: Makes) -> None:
    records = [
        bell(str(number), pinned=number == 2, type="info" if number % 2 else "order_update") for number in range(9)
    ]
    made = make({"ana": records[0::2], "ben": records[1::2]})

    assert made.titles() == ["2", "8", "7", "6", "5", "4", "3", "1", "0"]
    assert made.desk.badge == 9
    assert made.desk.count(Query(type="info")) == 4
    assert made.desk.types() == ["info", "order_update"]
    assert made.desk.sources() == ["ci"]


@pytest.mark.parametrize("limit", [1, 2, 3, 100])
def test_pages_follow_each_other_without_a_gap(make: Makes, limit: int) -> None:
    records = [bell(str(number), pinned=number in (3, 4)) for number in range(10)]
    made = make({"ana": records[:4], "ben": records[4:9], "eve": records[9:]})
    made.desk.delete(made.entries("8", "3"))

    found: list[str] = []
    after: Key | None = None
    while page := made.desk.page(Query(), after=after, limit=limit):
        assert len(page) <= limit
        found += [entry.record.title for entry in page]
        after = page[-1].key

    assert found == ["4", "9", "7", "6", "5", "2", "1", "0"]


@pytest.mark.parametrize(
    ("states", "condition"),
    [
        ([], Condition.NO_ACCOUNT),
        ([None], Condition.CONNECTING),
        ([Online()], Condition.ONLINE),
        ([Online(), Online()], Condition.ONLINE),
        ([Online(), Connecting()], Condition.CONNECTING),
        ([Connecting(), Offline(1, "x")], Condition.OFFLINE),
        ([Offline(1, "x"), Incompatible()], Condition.INCOMPATIBLE),
        ([Incompatible(), SignedOut("expired"), Online()], Condition.SIGNED_OUT),
    ],
)
def test_the_bell_shows_the_account_that_needs_the_person_most(
    make: Makes, states: list[LinkState | None], condition: Condition
) -> None:
    made = make({f"user{number}": [] for number in range(len(states))})
    for number, state in enumerate(states):
        if state is not None:
            made.link(f"user{number}").says(state)
    made.settle()

    assert made.desk.condition is condition


def test_why_the_bell_is_offline_is_said_with_whose_it_is(make: Makes) -> None:
    made = make({"ana": [], "ben": []})
    made.link("ana").says(Online())
    made.link("ben").says(Offline(3.0, "the server cannot be reached"))
    made.settle()

    assert made.desk.trouble == "ben@bell.example: the server cannot be reached"


def test_an_account_is_added_and_removed_while_everything_runs(make: Makes, tmp_path: Path) -> None:
    made = make({"ana": [bell("a")]})
    made.desk.add_account(account("ben"), "a new token")
    made.settle()
    made.link("ben").online()
    made.link("ben").brings(bell("b"))
    made.settle()

    assert made.titles() == ["b", "a"]
    assert made.secrets.tokens["ben"] == "a new token"
    made.desk.remove_account("ben", sign_out=False)
    made.settle()
    assert made.titles() == ["a"]
    assert made.toaster.up == {}
    assert "ben" not in made.secrets.tokens
    assert not (tmp_path / "accounts" / "ben").exists()
    assert [one.id for one in Chosen(tmp_path / "settings.json").settings.accounts] == ["ana"]


def test_the_same_person_at_the_same_server_is_one_account(make: Makes) -> None:
    made = make()
    twin = replace(account("ana"), id=new_id())

    assert made.desk.add_account(twin, "fresh") == "ana"
    made.settle()

    assert len(made.desk.sessions) == 1
    assert made.link("ana").token == "fresh"
    assert made.desk.settings.accounts[0].device == twin.device


def test_signed_out_forgets_the_token_and_keeps_what_was_done(make: Makes) -> None:
    made = make()
    made.link("ana").says(SignedOut("revoked"))
    made.settle()
    made.desk.read(made.entries("a"))
    made.settle()
    assert made.desk.condition is Condition.SIGNED_OUT
    assert made.secrets.tokens == {}

    made.desk.sign_in_again("ana", "fresh", user="ana", device="d2")
    made.settle()

    assert made.secrets.tokens == {"ana": "fresh"}
    assert made.link("ana").token == "fresh"
    assert [action.kind for action in made.link("ana").replica.store.unsaid(10)] == ["read"]
    assert made.desk.condition is Condition.CONNECTING


def test_somebody_else_does_not_get_what_is_kept_here(make: Makes) -> None:
    made = make()

    with pytest.raises(OtherPerson, match="belongs to ana"):
        made.desk.sign_in_again("ana", "ben's token", user="ben")

    assert made.secrets.tokens == {"ana": "token"}


def test_an_account_without_a_token_asks_to_sign_in_and_shows_what_it_knows(make: Makes) -> None:
    made = make(tokens={})

    assert made.desk.condition is Condition.SIGNED_OUT
    assert made.desk.trouble
    assert made.titles() == ["a"]


# A store that breaks while it is used.


def test_a_store_that_breaks_takes_nothing_else_along(
    tmp_path: Path, make: Makes, caplog: pytest.LogCaptureFixture
) -> None:
    made = make({"ana": [bell("a")], "ben": [bell("b")]})
    made.link("ana").online()
    made.link("ben").online()
    made.turns.advance(1)
    made.desk.delete(made.entries("b"))
    reader = made.desk.sessions[0].reader
    assert reader is not None
    reader._connection.close()  # whatever is asked from here on fails, as it does with a damaged file
    told: list[Change] = []
    made.desk.listen(told.append)

    made.desk.wake()
    made.turns.advance(2)
    assert made.desk.badge == 1
    assert 0 < len(told) <= 3
    made.close()

    with closing(SqliteStore.open(tmp_path / "accounts" / "ben" / "inbox.db")) as ben:
        assert [action.kind for action in ben.unsaid(10)] == ["delete"]
    caplog.clear()


def test_what_is_done_just_before_the_end_is_kept_by_a_slow_disk_too(make: Makes, tmp_path: Path) -> None:
    made = make()
    link = made.link("ana")
    act = link.act

    def slowly(action: Action) -> None:
        threading.Event().wait(1.2)
        act(action)

    link.act = slowly  # type: ignore[method-assign]
    made.desk.read(made.entries("a"))

    made.close()

    with closing(SqliteStore.open(tmp_path / "accounts" / "ana" / "inbox.db")) as store:
        assert [action.kind for action in store.unsaid(10)] == ["read"]


# Listeners.


def test_a_burst_is_told_twenty_times_a_second_at_most(make: Makes) -> None:
    made = make()
    made.link("ana").online()
    made.settle()
    made.turns.advance(1)
    heard = listening(made)

    for _ in range(100):
        made.link("ana").brings(bell())
        made.turns.advance(0.01)
    made.turns.advance(0.1)

    assert 2 <= len(heard) <= 21
    assert sum(len(change.entries or ()) for change in heard) == 100
    assert all(change.badge for change in heard)
    assert made.desk.badge == 101


def test_listeners_hear_what_to_look_at_and_a_broken_one_harms_nobody(
    make: Makes, caplog: pytest.LogCaptureFixture
) -> None:
    made = make()
    made.desk.listen(lambda change: [][0])
    heard = listening(made)
    (entry,) = made.entries("a")

    made.desk.pin([entry])
    made.settle()
    made.turns.advance(1)
    assert heard[:1] == [Change(badge=True, undo=True, entries=frozenset({("ana", entry.record.id)}))]
    heard.clear()
    made.desk.choose(replace(made.desk.settings, theme="dark"))
    made.turns.advance(1)
    assert heard == [Change(settings=True)]
    heard.clear()
    made.link("ana").says(Offline(1.0, "away"))
    made.turns.advance(1)
    assert heard == [Change(condition=True)]
    assert "A listener failed" in caplog.text


def test_who_stopped_listening_hears_nothing(make: Makes) -> None:
    made = make()
    heard: list[Change] = []
    stop = made.desk.listen(heard.append)
    stop()
    stop()

    made.desk.read(made.entries("a"))
    made.turns.advance(1)

    assert heard == []
