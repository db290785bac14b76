"""The accounts and the keyring: it is asked for at most once, nobody waits for it who need not, and it can be offered again."""

import pytest

from handbell_desktop.condition import Condition
from tests.desktop.conftest import Makes
from tests.support.desks import MadeDesk, bell


def locked(make: Makes, *, says_no: bool) -> MadeDesk:
    """The keyring is locked when the bell starts; `says_no` is what the person does when it asks them."""
    made = make({"ana": [bell("a")], "ben": [bell("b")]}, started=False)
    made.secrets.locked, made.secrets.says_no = True, says_no
    made.desk.start()
    made.settle()
    return made


def test_a_keyring_that_fails_is_said_and_looked_into_again(make: Makes, caplog: pytest.LogCaptureFixture) -> None:
    made = make(started=False)
    get = made.secrets.get

    def broken(account_id: str, *, ask: bool = False) -> str | None:
        raise OSError("the keyring is broken")

    made.secrets.get = broken  # type: ignore[method-assign]
    made.desk.start()
    made.settle()
    assert made.desk.condition is Condition.OFFLINE
    assert "the keyring is broken" in made.desk.trouble
    made.secrets.get = get  # type: ignore[method-assign]
    made.turns.advance(30)
    made.settle()
    assert made.desk.condition is Condition.CONNECTING
    assert made.desk.trouble == ""
    caplog.clear()


def test_a_person_who_unlocks_it_is_asked_once_for_all_accounts(make: Makes) -> None:
    made = locked(make, says_no=False)

    assert made.secrets.asked == 1
    assert sorted(made.links) == ["ana", "ben"]
    assert made.desk.condition is Condition.CONNECTING


def test_a_person_who_declines_is_asked_once_in_this_run(make: Makes) -> None:
    made = locked(make, says_no=True)
    for _ in range(60):
        made.desk.wake()
        made.settle()
        made.turns.advance(60)

    assert made.secrets.asked == 1
    assert made.desk.condition is Condition.OFFLINE
    assert "Your keyring is locked" in made.desk.trouble
    assert made.titles() == ["b", "a"]


def test_a_keyring_unlocked_for_something_else_is_found_by_itself(make: Makes) -> None:
    made = locked(make, says_no=True)
    made.secrets.locked = False

    made.turns.advance(61)
    made.settle()

    assert made.secrets.asked == 1
    assert sorted(made.links) == ["ana", "ben"]


def test_the_person_can_let_it_ask_again(make: Makes) -> None:
    made = locked(make, says_no=True)
    assert made.desk.tokens.locked
    made.secrets.says_no = False
    over: list[bool] = []

    made.desk.tokens.unlock(lambda: over.append(True))
    made.settle()

    assert (made.secrets.asked, over) == (2, [True])
    assert not made.desk.tokens.locked
    assert made.desk.condition is Condition.CONNECTING


def test_an_account_whose_key_can_be_had_does_not_wait_for_a_keyring_that_asks(make: Makes) -> None:
    made = make({"ana": [bell("a")], "ben": [bell("b")]}, started=False)
    get, order = made.secrets.get, list[str]()

    def ana_is_locked(account_id: str, *, ask: bool = False) -> str | None:
        made.secrets.locked = account_id == "ana" and not ask
        order.append(f"{account_id} {'asked' if ask else 'looked'}")
        return get(account_id, ask=ask)

    made.secrets.get = ana_is_locked  # type: ignore[method-assign]
    made.desk.start()
    made.settle()

    assert order == ["ana looked", "ben looked", "ana asked"]
