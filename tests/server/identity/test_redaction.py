"""The net under every log line: nothing that opens a door gets through, whatever stands around it."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handbell_server.identity.redaction import redact
from handbell_server.identity.tokens import new_claim, new_device_token, new_producer_key

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhZGEifQ.c2lnbmF0dXJlLW9mLWE"
AROUND = st.text(max_size=20)


@given(AROUND, AROUND)
def test_no_token_and_no_key_survives_in_any_text(before: str, after: str) -> None:
    token, key, claim = new_device_token()[0], new_producer_key()[1], new_claim()[0]

    line = redact(f"{before}{token}{after} {before}{key}{after} {before}{claim}{after}")

    assert token[4:] not in line
    assert claim[4:] not in line
    assert key[-43:] not in line


@given(st.text(alphabet=" \n\"'=:{}(),;/?ä%", max_size=10), st.text(alphabet=" \n\"'=:{}(),;/?ä%", max_size=10))
def test_no_jwt_survives_between_other_characters(before: str, after: str) -> None:
    line = redact(f"{before}{JWT}{after}")

    assert "eyJzdWIiOiJhZGEifQ" not in line
    assert "c2lnbmF0dXJlLW9mLWE" not in line


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Authorization: Bearer s3cr3t-of-somebody", "Authorization: Bearer [redacted]"),
        ("authorization: Basic YWRhOmh1bnRlcjI=", "authorization: Basic [redacted]"),
        ("{'Authorization': 'Bearer canary-1'}", "{'Authorization': 'Bearer [redacted]'}"),
        ("token=%20eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhZGEifQ.c2ln", "token=%[redacted]"),
        ("cut off: eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhZG", "cut off: [redacted]"),
        ("cut off: hbd_abcdefgh", "cut off: hbd_[redacted]"),
        ("cut off: hbc_abcdefgh", "cut off: hbc_[redacted]"),
        ("to /notify/hbt_abcdefgh-12345 now", "to /notify/hbt_[redacted] now"),
        ("POST /message?token=AbCdEf.hi-jk_l9&x=1", "POST /message?token=[redacted]&x=1"),
        ("POST /v1/hooks/github?access_token=AbCdEf.hi-jk_l9", "POST /v1/hooks/github?access_token=[redacted]"),
        ("{'X-Gotify-Key': 'AbCdEf.hi-jk_l9'}", "{'X-Gotify-Key': '[redacted]'}"),
        ("gtfya.abcdefgh and tk_abcdefgh", "gtfya.[redacted] and tk_[redacted]"),
        ("signed with whsec_MfKQ9r8GKYqrTwjU/D8I+A==, twice", "signed with whsec_[redacted], twice"),
        ('{"user": "ada", "password": "hunter\\"2 canary"}', '{"user": "ada", "password": [redacted]}'),
        ("password=canary&user=ada", "password=[redacted]&user=ada"),
        ("DB_PASSWORD='a b c' PORT=5", "DB_PASSWORD=[redacted] PORT=5"),
        ("client_secret: canary, id: 7", "client_secret: [redacted], id: 7"),
        ("postgresql://bell:canary@db:5432/x", "postgresql://bell:[redacted]@db:5432/x"),
        ("redis://:canary@cache/0", "redis://:[redacted]@cache/0"),
    ],
)
def test_a_secret_is_taken_out_and_the_rest_of_the_line_stays(line: str, expected: str) -> None:
    assert redact(line) == expected


@pytest.mark.parametrize(
    "line",
    [
        "GET /v1/inbox?limit=50 200 1.2 ms request=018f3c1e-7a6b-7c3d-9e2f-1a2b3c4d5e6f",
        "handbell_server.identity.tokens loaded from notification_writer.group_commit.thread",
        "https://example.org:8443/path",
        "Ada bears no ill will; the bearer",
    ],
)
def test_an_innocent_line_is_left_as_it_is(line: str) -> None:
    assert redact(line) == line


@given(AROUND)
def test_redacting_twice_changes_nothing_more(text: str) -> None:
    once = redact(f"{text} Bearer abc {JWT} password=x {text}")

    assert redact(once) == once


@pytest.mark.parametrize(
    "unit",
    [
        "eyJ",
        "hbd_",
        "hbp_",
        "a.",
        "eyJabcdefgh.",
        "bearer ",
        "Authorization:",
        "://",
        "://a:",
        'password="',
        " ",
        "a",
        '\\"',
    ],
)
def test_a_hostile_line_costs_no_more_than_its_length(unit: str) -> None:
    line = (unit * 200_000)[:200_000]

    start = time.thread_time()
    redact(line)

    assert time.thread_time() - start < 0.5
