"""Ids sort by the time they were made, because pages go by them."""

from __future__ import annotations

import itertools
import uuid
from concurrent.futures import ThreadPoolExecutor

from handbell_shared.clock import now_ms
from handbell_shared.ids import is_id, made_at, new_id


def test_ids_rise_strictly_also_within_a_millisecond() -> None:
    ids = [new_id() for _ in range(20_000)]

    assert all(one < two for one, two in itertools.pairwise(ids))


def test_ids_of_several_threads_are_never_the_same() -> None:
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda _: [new_id() for _ in range(2_000)], range(4)))

    assert len({an_id for ids in made for an_id in ids}) == 8_000
    assert all(ids == sorted(ids) for ids in made)


def test_an_id_is_a_version_7_uuid_and_knows_its_time() -> None:
    before = now_ms()
    an_id = new_id()

    assert is_id(an_id)
    assert uuid.UUID(an_id).version == 7
    assert uuid.UUID(an_id).variant == uuid.RFC_4122
    assert before <= made_at(an_id) <= now_ms() + 60_000  # a burst borrows from the milliseconds to come


def test_an_id_for_another_time_sorts_there() -> None:
    later = now_ms() + 86_400_000

    assert new_id() < new_id(later) < new_id(later + 1)
    assert made_at(new_id(later)) == later


def test_what_is_no_id_of_ours() -> None:
    an_id = new_id()

    for text in (
        "",
        "x",
        an_id.upper(),
        an_id + "\n",
        an_id[:-1],
        an_id.replace("-", ""),
        str(uuid.uuid4()),
        f"{an_id} ",
    ):
        assert not is_id(text), text
