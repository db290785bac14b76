"""Pairing in the database, where two processes meet."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest

from handbell_server.actions import pairings, people
from handbell_server.actions.pairings import AskingDevice, Granter
from handbell_server.config import Config
from handbell_server.errors import NotFound, Problem, RateLimited, Unauthenticated, Unavailable
from handbell_server.identity.tokens import new_claim, new_device_token
from handbell_server.jobs import due
from handbell_shared import pairing
from handbell_shared.ids import new_id
from tests.support.engine_room import EngineRoom, engine_room, engine_room_beside

PHONE = AskingDevice("phone", "android")


def redeem(room: EngineRoom, code: str) -> object:
    try:
        return room.errand(lambda c: pairings.redeem(c, code, PHONE, new_device_token()[1].hex()))
    except Problem as problem:
        return problem


def claim(room: EngineRoom, secret_hash: str) -> object:
    try:
        return room.errand(lambda c: pairings.claim(c, secret_hash, new_device_token()[1].hex()))
    except Problem as problem:
        return problem


def approve(room: EngineRoom, granter: Granter, code: str) -> AskingDevice:
    let_in = room.errand(lambda c: pairings.approve(c, granter, code))
    assert isinstance(let_in, AskingDevice)
    return let_in


def offer(room: EngineRoom, granter: Granter) -> str:
    opened = room.errand(lambda c: pairings.offer(c, granter))
    assert isinstance(opened, pairings.OpenCode)
    return opened.code


def asked(room: EngineRoom, address: str = "192.0.2.1") -> tuple[str, str]:
    digest = new_claim()[1].hex()
    return room.errand(lambda c: pairings.ask(c, PHONE, address=address, secret_hash=digest)).code, digest


def test_of_two_processes_that_redeem_at_the_same_moment_one_does(database_url: str) -> None:
    with ExitStack() as stack, ThreadPoolExecutor(2) as pool:
        one = stack.enter_context(engine_room(database_url))
        both = (one, stack.enter_context(engine_room_beside(one)))
        for _ in range(20):
            offered = offer(one, Granter(one.ana))
            code, secret_hash = asked(one)
            approve(one, Granter(one.ana), code)

            redeemed = list(pool.map(redeem, both, [offered] * 2))
            claimed = list(pool.map(claim, both, [secret_hash] * 2))

            for results in (redeemed, claimed):
                assert sorted(type(result).__name__ for result in results) == ["NotFound", "Paired"]
        assert one.number("SELECT count(*) FROM devices") == 40


def test_of_two_people_who_approve_one_code_the_first_gets_the_device(room: EngineRoom) -> None:
    code, secret_hash = asked(room)
    assert approve(room, Granter(room.ana), code) == PHONE

    with pytest.raises(NotFound):
        approve(room, Granter(room.bo), code)

    assert claim(room, secret_hash) == pairings.Paired(
        room.errand(lambda c: people.devices(c, room.ana, None))[0].id, "ana"
    )


def test_a_code_that_is_open_already_is_not_given_again(room: EngineRoom, monkeypatch: pytest.MonkeyPatch) -> None:
    codes = iter(["22222222", "22222222", "33333333"])
    monkeypatch.setattr(pairing, "new_code", lambda: next(codes))

    opened = [offer(room, Granter(room.ana)) for _ in range(2)]

    assert opened == ["2222-2222", "3333-3333"]


def test_how_many_wait_is_bounded_for_an_address_and_for_all(room: EngineRoom, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pairings, "ASKING_FROM_AN_ADDRESS", 2)
    monkeypatch.setattr(pairings, "ASKING_AT_ALL", 3)
    for address in ("192.0.2.1", "192.0.2.1", "192.0.2.2" + "x" * 500):
        asked(room, address)

    with pytest.raises(RateLimited):
        asked(room, "192.0.2.1")
    with pytest.raises(Unavailable):
        asked(room, "192.0.2.3\x00")

    assert offer(room, Granter(room.ana)), "a person is not held up by strangers"


def test_a_claim_that_comes_too_late_finds_nothing(room: EngineRoom) -> None:
    code, secret_hash = asked(room)
    approve(room, Granter(room.ana), code)

    room.errand(lambda c: c.exec_driver_sql("UPDATE pairings SET expires_at = 1"))

    assert isinstance(claim(room, secret_hash), NotFound)


def test_what_is_over_is_forgotten(room: EngineRoom) -> None:
    asked(room)
    offer(room, Granter(room.ana))
    assert room.number("SELECT count(*) FROM pairings") == 2

    room.errand(lambda c: c.exec_driver_sql("UPDATE pairings SET expires_at = 1"))
    room.errand(lambda c: due.forget(c, Config()))

    assert room.number("SELECT count(*) FROM pairings") == 0


def test_nobody_grants_who_is_not_there(room: EngineRoom) -> None:
    code, _ = asked(room)
    room.errand(lambda c: people.set_disabled(c, "bo", True))

    for granter in (Granter(room.bo), Granter(10**6), Granter(room.ana, new_id())):
        with pytest.raises(Unauthenticated):
            approve(room, granter, code)
        with pytest.raises(Unauthenticated):
            offer(room, granter)
