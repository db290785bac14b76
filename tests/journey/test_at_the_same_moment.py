"""The same thing asked of two servers at once, and each answer is the one that a single server would give."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier

import jwt

from handbell_shared.clock import now_ms
from tests.journey.conftest import Fleet
from tests.journey.seeding import PASSWORD
from tests.support.rest import Answer, Rest

ISSUER = "https://id.example.org"
KEY = "a-key-of-this-test-that-is-long-enough-for-hs256"
ROUNDS = 15


def at_once(*asks: Callable[[], Answer]) -> list[Answer]:
    barrier = Barrier(len(asks))

    def ask(one: Callable[[], Answer]) -> Answer:
        barrier.wait(60)
        return one()

    with ThreadPoolExecutor(len(asks)) as pool:
        return list(pool.map(ask, asks))


def test_one_subscription_put_many_times_at_once_is_one_subscription(fleet: Fleet) -> None:
    a, b = fleet.serve("a", "b")
    fleet.people("ana")
    with Rest(a.url) as door:
        token = door.sign_in("ana", PASSWORD).token
    doors = [server.rest(token) for server in (a, b) for _ in range(3)]
    for number in range(ROUNDS):
        path = f"/v1/topics/topic-{number:02}/subscription"
        answers = at_once(*(partial(door.put, path) for door in doors))
        assert [answer.status for answer in answers] == [204] * len(doors), answers
    assert len(doors[0].get("/v1/topics").body["topics"]) == ROUNDS


def test_the_first_two_requests_of_somebody_new_are_both_answered(fleet: Fleet) -> None:
    issuer = {"HANDBELL_JWT_ISSUER": ISSUER, "HANDBELL_JWT_ALGORITHM": "HS256", "HANDBELL_JWT_KEY": KEY}
    a, b = fleet.serve("a", "b", environment=issuer)
    for number in range(ROUNDS):
        doors = [server.rest(signed(f"new-{number}")) for server in (a, b)]
        answers = at_once(*(partial(door.get, "/v1/stats") for door in doors))
        assert [answer.status for answer in answers] == [200, 200], answers


def signed(subject: str) -> str:
    now = now_ms() // 1000
    about = {"iss": ISSUER, "aud": "handbell", "sub": subject, "iat": now, "exp": now + 600}
    return jwt.encode(about, KEY, algorithm="HS256")
