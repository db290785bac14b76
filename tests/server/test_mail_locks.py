"""Whoever touches a mailbox and what waits for it holds the mailbox first; two processes would wait for each other else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Connection

from handbell_server.actions import mailboxes, mails
from handbell_server.actions.mails import Result
from tests.support.engine_room import EngineRoom

ADDRESS = "ana@home.example"
Move = Callable[[Connection, int, str], Any]


def refused(connection: Connection, _user: int, mail_id: str) -> None:
    mails.turn(connection, "postman", [Result(mail_id, "failed", nobody_there=True)], more=False)


MOVES: dict[str, Move] = {
    "given up": lambda c, user, _: mailboxes.give_up(c, user, "ana"),
    "set anew": lambda c, _user, _mail: mailboxes.set_confirmed(c, "ana", "ana@work.example"),
    "refused": refused,
}


@pytest.mark.parametrize("move", MOVES)
def test_the_mailbox_is_held_before_its_e_mails(room: EngineRoom, move: str) -> None:
    held: list[str] = []
    room.errand(lambda c: mailboxes.set_confirmed(c, "ana", ADDRESS))
    mail_id = room.errand(lambda c: mails.put(c, room.ana, "at_once", ADDRESS))

    def listens(_c: Any, _cursor: Any, said: str, *_: Any) -> None:
        locks = "FOR UPDATE" in said or room.engine.dialect.name == "sqlite"  # which knows no such words
        for table in ("mailboxes", "mail_items", "mails"):
            if said.startswith((f"UPDATE {table} ", f"DELETE FROM {table} ")) or (locks and f"FROM {table} " in said):
                held.append(table)
                return

    event.listen(room.engine, "before_cursor_execute", listens)
    room.errand(lambda c: MOVES[move](c, room.ana, mail_id))

    assert held[0] == "mailboxes" and len(held) > 1
