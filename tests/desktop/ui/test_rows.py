"""Entries become rows, rows become the fewest changes, markdown becomes plain text: all of it without Qt."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handbell_desktop.kept.shown import Entry
from handbell_desktop.ui.list.changes import steps
from handbell_desktop.ui.list.plain import plain, readable
from handbell_desktop.ui.list.rows import Row, arrange
from handbell_shared.records import Actor, Notification


def entry(title: str, at: int, account: str = "ana", **members: Any) -> Entry:
    return Entry(account, at, Notification(id=f"{at:06}", title=title, created_at=at, **members))


def likes(*names: str, **members: Any) -> list[Entry]:
    """Newest first."""
    return [
        entry(f"{name} liked your post", 100 - n, type="like", group="post-1", actor=Actor(name), **members)
        for n, name in enumerate(names)
    ]


def titles(rows: list[Row]) -> list[str]:
    return [row.entry.record.title for row in rows]


def test_what_belongs_together_is_one_row_where_the_newest_is() -> None:
    rows = arrange([entry("Newest", 200), *likes("Ana", "Bo"), entry("Old", 1)])

    assert titles(rows) == ["Newest", "Ana liked your post", "Old"]
    assert [len(row.entries) for row in rows] == [1, 2, 1]


def test_an_open_group_shows_its_members_below_its_head() -> None:
    closed = arrange(likes("Ana", "Bo"))
    rows = arrange(likes("Ana", "Bo"), expanded={closed[0].key})

    assert titles(rows) == ["Ana liked your post", "Ana liked your post", "Bo liked your post"]
    assert [row.indented for row in rows] == [False, True, True]
    assert len({row.key for row in rows}) == 3


def test_a_group_keeps_its_key_while_members_come_and_go() -> None:
    assert arrange(likes("Cy", "Ana", "Bo"))[0].key == arrange(likes("Ana", "Bo"))[0].key


def test_a_group_is_unread_while_one_member_is() -> None:
    read = likes("Ana", "Bo", read=True)

    assert not arrange(read)[0].unread
    assert arrange([entry("Cy liked it", 300, group="post-1"), *read])[0].unread


def test_two_accounts_are_never_in_one_group() -> None:
    assert len(arrange([entry("a", 2, "ana", group="g"), entry("b", 1, "bo", group="g")])) == 2


@given(st.lists(st.integers(0, 30), unique=True), st.lists(st.integers(0, 30), unique=True))
def test_the_steps_lead_from_any_list_to_any_other(shown: list[int], wanted: list[int]) -> None:
    rows = list(shown)
    removals, insertions = steps(shown, wanted)
    for first, last in removals:
        del rows[first : last + 1]
    for first, last in insertions:
        rows[first:first] = wanted[first : last + 1]

    assert rows == wanted


def test_rows_that_stay_in_order_are_not_touched() -> None:
    removals, insertions = steps(["a", "b", "c", "d"], ["new", "a", "c", "d", "b"])

    assert removals == [(1, 1)]
    assert insertions == [(0, 0), (4, 4)]


@pytest.mark.parametrize(
    ("markdown", "line"),
    [
        ("# Heading\n\nand *more*", "Heading and more"),
        ("* one\n* [x] two\n1. three", "one two three"),
        ("**bold**, _soft_, ~~gone~~, `code` and ```more```", "bold, soft, gone, code and more"),
        ("see [the log](https://ci.example/1) ![shot](https://x.example/a.png)", "see the log shot"),
        ("> said\n```python\nprint(1)\n```", "said print(1)"),
        ("snake_case_name and 2 * 3 * 4 and a\\*b", "snake_case_name and 2 * 3 * 4 and a*b"),
        ("<b>tags</b> & signs stay", "<b>tags</b> & signs stay"),
    ],
)
def test_markdown_is_shown_as_the_words_in_it(markdown: str, line: str) -> None:
    assert plain(markdown) == line


def test_where_a_link_leads_is_written_out_for_reading() -> None:
    assert readable("- [Your bank](https://evil.example/)\n- two") == "• Your bank (https://evil.example/)\n• two"
