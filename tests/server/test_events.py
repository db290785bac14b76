"""Which steps of a notification are events that its producer may hear of."""

from __future__ import annotations

from msgspec.structs import replace

from handbell_server.engine.inbox import events_between
from handbell_shared.ids import new_id
from handbell_shared.records import Answer, Button, Notification


def test_the_answer_that_closed_it_for_others_is_told_once_and_a_deadline_is_told() -> None:
    asked = Notification(id=new_id(), actions=(Button("yes", "Yes"),))
    mine, bens = Answer("yes", new_id(), 1), Answer("yes", new_id(), 1, by="ben")
    nobodys = Answer("", new_id(), 1, deadline=True)

    told = {answer: list(events_between(asked, replace(asked, answer=answer))) for answer in (mine, bens, nobodys)}

    assert told == {mine: ["notification.answered"], bens: [], nobodys: ["notification.answered"]}
