"""Tokens and keys: made, kept as digests, recognised; whatever is not one is nobody."""

import hashlib
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from handbell_server.identity.tokens import (
    DeviceToken,
    Jwt,
    ProducerKey,
    digest_of,
    new_device_token,
    new_producer_key,
    parse_bearer,
    parse_token,
)

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhZGEifQ.c2lnbmF0dXJl"
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


def test_a_device_token_finds_the_digest_that_was_stored() -> None:
    token, digest = new_device_token()

    assert len(token) == len("hbd_") + 43
    assert digest == hashlib.sha256(token.encode()).digest() == digest_of(token)
    assert parse_bearer(f"Bearer {token}") == DeviceToken(digest)


def test_a_producer_key_names_its_row_and_proves_itself() -> None:
    key_id, key, digest = new_producer_key()

    found = parse_bearer(f"Bearer {key}")

    assert isinstance(found, ProducerKey)
    assert found.key_id == key_id
    assert found.matches(digest)
    assert not found.matches(new_producer_key()[2])


def test_no_two_tokens_are_alike() -> None:
    assert len({new_device_token()[0] for _ in range(500)}) == 500
    assert len({new_producer_key()[0] for _ in range(500)}) == 500


def test_a_secret_that_holds_the_separator_is_read_whole() -> None:
    secret = "_" * 43

    found = parse_token(f"hbp_0123456789abcdef_{secret}")

    assert isinstance(found, ProducerKey)
    assert found.key_id == "0123456789abcdef"


def test_what_has_the_shape_of_a_jwt_is_passed_on_for_judgement() -> None:
    assert parse_bearer(f"Bearer {JWT}") == Jwt(JWT)


@pytest.mark.parametrize("scheme", ["Bearer ", "bearer ", "BEARER   "])
def test_the_name_of_the_scheme_is_read_as_http_says(scheme: str) -> None:
    token, digest = new_device_token()

    assert parse_bearer(scheme + token) == DeviceToken(digest)


GOOD = "hbd_" + "a" * 43


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        GOOD,
        f"Basic {GOOD}",
        f"Bearer{GOOD}",
        f" Bearer {GOOD}",
        f"Bearer {GOOD} ",
        f"Bearer {GOOD}\n",
        f"Bearer\t{GOOD}",
        f"Bearer {GOOD}, Bearer {GOOD}",
        f"Bearer {GOOD}a",
        f"Bearer {GOOD[:-1]}",
        f"Bearer {GOOD[:-1]}ä",
        f"Bearer {GOOD[:-1]}\ud800",
        f"Bearer {GOOD.upper()}",
        "Bearer hbp_0123456789ABCDEF_" + "a" * 43,
        "Bearer hbp_" + "a" * 43,
        "Bearer a.b",
        "Bearer a.b.",
        "Bearer a..c",
        "Bearer a.b.c.d",
        "Bearer a.b.c=",
    ],
)
def test_whatever_is_not_well_formed_is_nobody(header: str | None) -> None:
    assert parse_bearer(header) is None


def test_a_credential_of_more_than_eight_kibibytes_is_not_even_read() -> None:
    just_fits = "a.b." + "c" * (8_192 - len("Bearer a.b."))

    assert parse_bearer(f"Bearer {just_fits}") == Jwt(just_fits)
    assert parse_bearer(f"Bearer {just_fits}c") is None
    assert parse_token("a.b." + "c" * 8_192) is None


@given(st.text() | st.from_regex(r"Bearer (hb[dp]_)?[\w.-]*"))
@example("Bearer \ud800.\ud800.\ud800")
def test_no_header_makes_the_parser_raise(header: str) -> None:
    found = parse_bearer(header)

    assert found is None or isinstance(found, DeviceToken | ProducerKey | Jwt)


@given(ANYTHING)
def test_nothing_in_a_connect_payload_makes_the_parser_raise(token: Any) -> None:
    found = parse_token(token)

    assert found is None or isinstance(token, str)


def test_what_was_parsed_shows_no_secret_in_a_log_or_a_traceback() -> None:
    token, _ = new_device_token()
    key_id, key, _ = new_producer_key()

    shown = repr([parse_token(token), parse_token(key), parse_token(JWT)])

    assert token[4:] not in shown
    assert key[-43:] not in shown
    assert JWT not in shown
    assert "digest" not in shown
    assert key_id in shown
