"""Similar notifications are one row that names who did it, and never says of anybody what they did not do."""

from __future__ import annotations

import hypothesis.strategies as st
import pytest
from hypothesis import given

from handbell_shared.grouping import actors, arrange, group_of, headline
from handbell_shared.ids import new_id
from handbell_shared.records import Actor, Notification

POST = "https://example.org/post/7"


def bell(
    title: str = "ding", name: str | None = None, *, at: int = 0, user: str | None = None, **more: object
) -> Notification:
    actor = None if name is None else Actor(name, user=user)
    return Notification(id=new_id(), title=title, actor=actor, created_at=at, **more)  # type: ignore[arg-type]


def liked(name: str, *, at: int = 0, user: str | None = None, verb: str = "liked your post") -> Notification:
    return bell(f"{name} {verb}", name, at=at, user=user, type="like", source="blog", link=POST)


def said(*records: Notification) -> str:
    (group,) = arrange(records)
    return headline(group, "{} and {}".format, "{} and {} others".format)


# Who belongs together.


def test_people_who_did_the_same_to_the_same_thing_belong_together() -> None:
    ana = group_of(liked("Ana"))

    assert ana is not None
    assert ana == group_of(liked("Bo"))
    assert ana != group_of(bell("Bo", "Bo", type="like", source="blog", link=f"{POST}1"))
    assert ana != group_of(bell("Bo", "Bo", type="like", source="shop", link=POST))
    assert ana != group_of(bell("Bo", "Bo", type="comment", source="blog", link=POST))


def test_what_the_producer_groups_belongs_together_whoever_did_it() -> None:
    build = bell("red", source="ci", group="build 7")

    assert group_of(build) == group_of(bell("green", "Ana", source="ci", group="build 7", link=POST))
    assert group_of(build) != group_of(bell("red", source="cd", group="build 7"))
    assert group_of(bell(source="a", group="b/c")) != group_of(bell(source="a/b", group="c"))


@pytest.mark.parametrize("name", [None, "", "  "])
def test_what_nobody_did_stands_alone(name: str | None) -> None:
    assert group_of(bell("Disk full", name, source="ci", link=POST)) is None
    assert len(arrange([bell("one", name), bell("two", name)])) == 2


def test_a_group_stands_where_its_newest_member_stands() -> None:
    new, alone, middle, other, old = liked("Ana", at=9), bell(at=8), liked("Bo", at=7), bell(at=6), liked("Cy", at=5)

    groups = arrange([new, alone, middle, other, old])

    assert [group.members for group in groups] == [(new, middle, old), (alone,), (other,)]


def test_a_group_keeps_its_key_when_a_member_comes() -> None:
    first, second = liked("Ana", at=1), liked("Bo", at=2)

    assert arrange([first])[0].key == arrange([second, first])[0].key


def test_an_update_makes_a_member_the_newest() -> None:
    old = bell("Ana", "Ana", at=1, updated_at=9)
    new = bell("Bo", "Bo", at=5)

    assert arrange([old, new])[0].members == (old, new)


def test_of_two_in_one_millisecond_the_feed_knows_which_was_told_later() -> None:
    old = bell("Ana", "Ana", at=1, updated_at=5, crev=1, nrev=3)
    new = bell("Bo", "Bo", at=5, crev=2)

    assert arrange([new, old])[0].members == (old, new)


def test_a_pin_is_not_lost_in_a_row_further_down() -> None:
    pinned = bell("Ana", "Ana", at=1, pinned=True)
    newer = bell("Bo", "Bo", at=9)

    assert [group.members for group in arrange([pinned, newer])] == [(pinned,), (newer,)]


def test_two_accounts_are_two_groups() -> None:
    here, there = liked("Ana", at=2), liked("Bo", at=1)
    account = {here.id: "work", there.id: "home"}

    assert len(arrange([here, there], lambda record: account[record.id])) == 2


records = st.builds(
    bell,
    st.sampled_from(["x", "Ana liked it", "Bo"]),
    st.sampled_from([None, "", "Ana", "Bo"]),
    at=st.integers(0, 5),
    group=st.sampled_from([None, "g"]),
    pinned=st.booleans(),
)


@given(st.lists(records, max_size=12))
def test_everything_is_in_exactly_one_group(given: list[Notification]) -> None:
    in_order = sorted(given, key=lambda record: (record.pinned, record.created_at, record.id), reverse=True)

    groups = arrange(in_order)

    assert sorted(m.id for group in groups for m in group.members) == sorted(record.id for record in given)
    assert len({group.key for group in groups}) == len(groups)
    heads = [group.members[0] for group in groups]
    assert heads == [record for record in in_order if record in heads]


# What the row says.


def test_one_two_and_many() -> None:
    ana, bo, cy = liked("Ana", at=3), liked("Bo", at=2), liked("Cy", at=1)

    assert said(ana) == "Ana liked your post"
    assert said(ana, bo) == "Ana and Bo liked your post"
    assert said(ana, bo, cy) == "Ana and 2 others liked your post"


def test_a_name_may_stand_anywhere_in_the_title() -> None:
    assert said(bell("A comment by Ana.", "Ana", at=2), bell("A comment by Bo.", "Bo")) == "A comment by Ana and Bo."


def test_somebody_who_did_it_twice_counts_once() -> None:
    again = liked("Ana", at=3), liked("Bo", at=2), liked("Ana", at=1)
    renamed = liked("Ana B.", at=2, user="ana"), liked("Ana", at=1, user="ana")

    assert said(*again) == "Ana and Bo liked your post"
    assert said(*renamed) == "Ana B. liked your post"
    assert actors(arrange(again)[0]) == ("Ana", "Bo")


def test_of_nobody_is_said_what_somebody_else_did() -> None:
    of_a_post = (
        bell("Ana liked your post", "Ana", at=3, group="post 7"),
        bell("Bo commented on your post", "Bo", at=2, group="post 7"),
        bell("Somebody liked your post", at=1, group="post 7"),
    )

    assert said(*of_a_post) == "Ana liked your post"
    assert actors(arrange(of_a_post)[0]) == ("Ana", "Bo")


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("New bananas for you", "ana"),
        ("Anagrams for you", "Ana"),
        ("Ana-Maria liked it", "Ana"),
        ("Ana's build failed", "Ana"),
        ("Ana’s build failed", "Ana"),
        ("ana@example.org wrote", "ana"),
        ("Anä liked it", "An"),
        ("Ana\u0308 liked it", "Ana"),
        ("Ana_2 liked it", "Ana"),
        ("Somebody liked it", "Ana"),
        ("", "Ana"),
    ],
)
def test_a_part_of_a_word_is_no_name(title: str, name: str) -> None:
    assert said(bell(title, name, at=2), bell("Bo liked it", "Bo"), bell(title, "Cy")) == title


def test_the_first_place_that_is_the_name_is_taken() -> None:
    first, second = bell("Anagram by Ana, for Ana", "Ana", at=2), bell("Anagram by Bo, for Ana", "Bo")

    assert said(first, second) == "Anagram by Ana and Bo, for Ana"


def test_a_name_in_a_script_without_spaces_is_found() -> None:
    assert said(bell("田中さんがいいねしました", "田中", at=2), bell("鈴木さんがいいねしました", "鈴木")) == (
        "田中 and 鈴木さんがいいねしました"
    )


def test_a_name_that_runs_the_other_way_does_not_turn_the_words_around_it() -> None:
    one, two = liked("דנה", at=2), liked("Bo", at=1)

    assert said(one, two) == "\u2068דנה\u2069 and \u2068Bo\u2069 liked your post"
    assert said(one) == "דנה liked your post"


@given(st.text(max_size=12), st.text(max_size=6))
def test_any_title_and_any_name_make_a_headline(title: str, name: str) -> None:
    assert (
        said(bell(title, name or "x", at=2, group="g"), bell(title, "Bo", group="g"), bell("z", "Cy", group="g"))
        or not title
    )
