"""The digest is part of the protocol: other languages compute the same number from the same text."""

from __future__ import annotations

from hashlib import blake2b

from msgspec.structs import fields, replace

from handbell_shared.digest import digest_of, fingerprint, to_hex
from handbell_shared.records import Answer, Notification

# The worked example of docs/protocol.md.
EXAMPLE = Notification(
    id="01939f3c-8b7a-7c31-9d50-2f6e1a4b8c7d",
    ver=42,
    crev=40,
    cver=2,
    title="Build failed",
    created_at=1_733_500_000_000,
    updated_at=1_733_500_060_000,
    gen=1,
    read=True,
    read_at=1_733_500_090_000,
    pin_at=1_733_500_095_000,
    pin_op="01939f3d-0000-7000-8000-000000000001",
    pinned=True,
)
TEXT = (
    "01939f3c-8b7a-7c31-9d50-2f6e1a4b8c7d|42|2|1733500060000|1|1|1733500090000|0|0|0|0|0||0"
    "|1733500095000|01939f3d-0000-7000-8000-000000000001|1|"
)


def test_the_worked_example() -> None:
    assert blake2b(TEXT.encode(), digest_size=8).hexdigest() == to_hex(fingerprint(EXAMPLE)) == "bb6216e4bbcb0dc5"


def test_every_register_counts() -> None:
    changes = {
        "ver": 43,
        "cver": 3,
        "updated_at": 1,
        "gen": 2,
        "read": False,
        "read_at": 1,
        "sgen": 1,
        "seen": True,
        "agen": 1,
        "archived": True,
        "snooze_at": 1,
        "snooze_op": "op",
        "snoozed_until": 1,
        "pin_at": 1,
        "pin_op": "op",
        "pinned": False,
        "answer": Answer("yes", "op", 1),
    }
    names = [field.name for field in fields(Notification)]
    registers = {name for name in names[names.index("gen") :] if name != "deleted"}

    assert changes.keys() == registers | {"ver", "cver", "updated_at"}
    for name, value in changes.items():
        assert fingerprint(replace(EXAMPLE, **{name: value})) != fingerprint(EXAMPLE), name


def test_the_deleted_have_no_share() -> None:
    gone = replace(EXAMPLE, deleted="user")

    assert fingerprint(gone) == 0
    assert digest_of([EXAMPLE, gone]) == fingerprint(EXAMPLE)


def test_the_digest_does_not_depend_on_order_and_of_nothing_is_zero() -> None:
    other = replace(EXAMPLE, id="01939f3c-8b7a-7c31-9d50-2f6e1a4b8c7e")

    assert digest_of([EXAMPLE, other]) == digest_of([other, EXAMPLE]) == fingerprint(EXAMPLE) ^ fingerprint(other)
    assert to_hex(digest_of([])) == "0000000000000000"
