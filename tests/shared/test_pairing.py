"""Pairing codes as people type them, and links as they come from anywhere."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handbell_shared import pairing

CODE = "K7QM3XWD"


def test_a_code_has_eight_characters_that_nobody_mistakes() -> None:
    codes = {pairing.new_code() for _ in range(200)}

    assert len(codes) == 200
    assert not set("01OILU") & set("".join(codes))
    assert all(re.fullmatch(r"[2-9A-Z]{4}-[2-9A-Z]{4}", pairing.shown(code)) for code in codes)


@pytest.mark.parametrize(
    "typed", ["K7QM-3XWD", "k7qm3xwd", " K7qm – 3xwd\n", "K-7-Q-M 3 X W D", "K7QM\u20113XWD", "K7QM.3XWD", "k7qm_3xwd"]
)
def test_it_does_not_matter_how_a_code_is_typed(typed: str) -> None:
    assert pairing.normalise(typed) == CODE


@pytest.mark.parametrize(
    "typed", ["", "K7QM-3XW", "K7QM-3XWDD", "O7QM-3XWD", "K7QM-3XW1", "Ｋ7QM3XWD", CODE + " " * 40]
)
def test_what_is_no_code_is_none(typed: str) -> None:
    assert pairing.normalise(typed) is None


@given(st.text())
def test_nothing_that_can_be_typed_breaks_it(typed: str) -> None:
    code = pairing.normalise(typed)

    assert code is None or pairing.normalise(pairing.shown(code)) == code


@pytest.mark.parametrize(
    "server", ["http://127.0.0.1:8080", "https://bell.example", "https://bell.example/hand/bell", "http://[::1]:8080"]
)
def test_a_link_comes_back_as_it_was_made(server: str) -> None:
    link = pairing.make_link(server + "/", "k7qm 3xwd")

    assert link.startswith("handbell://pair?server=http")
    assert link.endswith("&code=K7QM-3XWD")
    assert pairing.parse_link(link) == pairing.PairingLink(server, CODE)


@pytest.mark.parametrize(
    "link",
    [
        "",
        "https://pair?server=http://a&code=K7QM3XWD",
        "handbell://other?server=http://a&code=K7QM3XWD",
        "handbell://pair/deeper?server=http://a&code=K7QM3XWD",
        "handbell://ana@pair?server=http://a&code=K7QM3XWD",
        "handbell:pair?server=http://a&code=K7QM3XWD",
        "handbell://pair",
        "handbell://pair?code=K7QM3XWD",
        "handbell://pair?server=http://a",
        "handbell://pair?server=http://a&code=K7QM",
        "handbell://pair?server=http://a&server=http://b&code=K7QM3XWD",
        "handbell://pair?server=ftp://a&code=K7QM3XWD",
        "handbell://pair?server=file:///etc/passwd&code=K7QM3XWD",
        "handbell://pair?server=javascript:alert(1)&code=K7QM3XWD",
        "handbell://pair?server=http://good@evil.example&code=K7QM3XWD",
        "handbell://pair?server=http://a:b%40evil.example&code=K7QM3XWD",
        "handbell://pair?server=http://a:99999&code=K7QM3XWD",
        "handbell://pair?server=http://&code=K7QM3XWD",
        "handbell://pair?server=http://a%3Fb&code=K7QM3XWD",
        "handbell://pair?server=http://a%0Ab&code=K7QM3XWD",
        "handbell://pair?server=http://a%E2%80%AEb&code=K7QM3XWD",
        "handbell://pair?server=http://a\\b&code=K7QM3XWD",
        "handbell://pair?server=http://a&code=K7QM3XWD\n",
        "handbell://[pair?server=http://a&code=K7QM3XWD",
        "handbell://pair?server=http://" + "a" * 3000 + "&code=K7QM3XWD",
    ],
)
def test_a_link_that_is_not_exactly_one_is_none(link: str) -> None:
    assert pairing.parse_link(link) is None


def test_a_link_of_tomorrow_may_say_more() -> None:
    assert pairing.parse_link("handbell://pair/?server=http://a&code=k7qm3xwd&name=Ana") == pairing.PairingLink(
        "http://a", CODE
    )


@given(st.text(max_size=60))
def test_no_link_breaks_it(text: str) -> None:
    for link in (text, f"handbell://pair?{text}", f"handbell://pair?server={text}&code=K7QM3XWD"):
        found = pairing.parse_link(link)
        assert found is None or pairing.is_server(found.server)


def test_no_link_is_made_to_what_is_no_server() -> None:
    for server, code in [("bell.example", CODE), ("http://ana:pw@bell.example", CODE), ("http://a", "nonsense")]:
        with pytest.raises(ValueError, match="no server's address, or no code"):
            pairing.make_link(server, code)


def test_a_code_does_not_show_in_a_log() -> None:
    assert CODE not in repr(pairing.PairingLink("http://a", CODE))
