"""The judge, put to the test: it must find every kind of broken promise, and nothing in a kept one."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.ledger import Ledger, Seen, Verdict, View

ONE, TWO = Seen("n1", "first"), Seen("n2", "second")


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """Two accepted offers for Ana, one whose answer never came, and one for Bo."""
    with Ledger(tmp_path / "ledger") as ledger:
        for key, user, body in [
            ("k1", "ana", "first"),
            ("k2", "ana", "second"),
            ("k3", "ana", "unanswered"),
            ("k4", "bo", "his"),
        ]:
            ledger.offer(key, user, body)
        ledger.accept("k1", "n1")
        ledger.accept("k2", "n2")
        ledger.accept("k4", "n4")
        yield ledger


def judged(ledger: Ledger, *seen: Seen) -> Verdict:
    return ledger.check([View("desk", "ana", seen)])


@pytest.mark.parametrize("extra", [(), (Seen("n3", "unanswered"),)], ids=["not arrived", "arrived"])
def test_an_offer_without_an_answer_may_be_there_or_not(ledger: Ledger, extra: tuple[Seen, ...]) -> None:
    assert judged(ledger, ONE, TWO, *extra).clean


def test_what_was_accepted_and_is_not_there_is_lost(ledger: Ledger) -> None:
    verdict = judged(ledger, ONE)
    assert verdict.lost == ("desk: n2 ('second') was accepted for ana and is not there",)
    assert not verdict.clean
    assert str(verdict).startswith("1 lost, 0 doubled, 0 foreign\n")


def test_one_id_shown_twice_is_doubled(ledger: Ledger) -> None:
    assert judged(ledger, ONE, ONE, TWO).doubled == ("desk: n1 is there 2 times",)


def test_one_offer_under_two_ids_is_doubled_even_if_nobody_said_yes(ledger: Ledger) -> None:
    twice = [Seen("n3", "unanswered"), Seen("n5", "unanswered")]
    assert judged(ledger, ONE, TWO, *twice).doubled == ("desk: 'unanswered' is there under 2 ids",)


def test_a_retry_that_was_answered_with_another_id_cannot_be_innocent(ledger: Ledger) -> None:
    ledger.accept("k1", "n9")
    assert not judged(ledger, ONE, TWO).clean
    assert not judged(ledger, Seen("n9", "first"), TWO).clean
    assert not judged(ledger, ONE, TWO, Seen("n9", "first")).clean


def test_a_retry_that_was_answered_with_the_same_id_is_one_entry(ledger: Ledger) -> None:
    ledger.accept("k1", "n1")
    assert judged(ledger, ONE, TWO).clean


@pytest.mark.parametrize(
    "stranger",
    [Seen("n4", "his"), Seen("n7", "never offered"), Seen("n1", "second")],
    ids=["somebody else's", "nobody's", "other words"],
)
def test_what_was_not_offered_to_this_user_like_this_is_foreign(ledger: Ledger, stranger: Seen) -> None:
    verdict = judged(ledger, ONE, TWO, stranger)
    assert len(verdict.foreign) == 1
    assert stranger.id in verdict.foreign[0]


def test_half_a_line_of_a_killed_writer_is_no_promise(ledger: Ledger) -> None:
    with ledger.path.open("ab") as file:
        file.write(b'{"key": "k3", "id": "n')
    assert judged(ledger, ONE, TWO).clean


def test_two_writers_may_share_one_file(ledger: Ledger) -> None:
    with Ledger(ledger.path) as other:
        other.offer("k5", "ana", "third")
        ledger.offer("k6", "ana", "fourth")
        other.accept("k5", "n5")
    assert judged(ledger, ONE, TWO).lost == ("desk: n5 ('third') was accepted for ana and is not there",)
