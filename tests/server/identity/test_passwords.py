"""Passwords: what may be chosen, what is right, and what the clock gives away."""

import time
from statistics import median

import pytest

from handbell_server.identity.passwords import (
    PasswordRefusedError,
    hash_password,
    needs_rehash,
    verify_password,
)


@pytest.fixture(scope="module")
def stored() -> str:
    return hash_password("correct horse")


def test_the_right_password_is_right_and_any_other_is_not(stored: str) -> None:
    assert verify_password(stored, "correct horse")
    assert not verify_password(stored, "correct horsE")
    assert not verify_password(stored, "")


def test_a_hash_is_argon2id_with_the_promised_cost_and_its_own_salt(stored: str) -> None:
    assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert stored != hash_password("correct horse")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "password_too_short"),
        ("seven77", "password_too_short"),
        ("x" * 1_025, "password_too_long"),
        ("half a \ud800 pair", "password_not_text"),
    ],
)
def test_a_password_that_cannot_be_one_is_refused_with_its_reason(text: str, code: str) -> None:
    with pytest.raises(PasswordRefusedError) as refused:
        hash_password(text)

    assert refused.value.code == code
    assert not text or text not in str(refused.value)


@pytest.mark.parametrize("text", ["eight888", "x" * 1_024, "пароль из букв", "\x00" * 8])
def test_everything_between_the_bounds_is_a_password(text: str) -> None:
    assert verify_password(hash_password(text), text)


def test_the_same_word_typed_on_two_systems_is_the_same_password() -> None:
    composed, decomposed = "caf\u00e9 noir", "cafe\u0301 noir"

    assert verify_password(hash_password(composed), decomposed)


@pytest.mark.parametrize("text", ["correct horse", "x" * 1_025, "\udfff", ""])
def test_nobody_signs_in_as_an_unknown_user(text: str) -> None:
    assert not verify_password(None, text)


def test_a_damaged_hash_lets_nobody_in(stored: str) -> None:
    for damaged in ("", "!", "plain text", stored[:-10], stored.replace("m=19456", "m=1")):
        assert not verify_password(damaged, "correct horse")


def test_the_clock_does_not_tell_an_unknown_user_from_a_wrong_password(stored: str) -> None:
    def cost(of: str | None) -> float:
        start = time.thread_time()
        verify_password(of, "wrong horse")
        return time.thread_time() - start

    known, unknown = zip(*((cost(stored), cost(None)) for _ in range(7)), strict=True)

    assert 0.5 < median(unknown) / median(known) < 2


def test_an_older_cheaper_hash_asks_to_be_renewed(stored: str) -> None:
    assert not needs_rehash(stored)
    assert needs_rehash(stored.replace("t=2", "t=1"))
    assert needs_rehash("not a hash")
