"""A 64-bit fingerprint of what a device should hold.

The digest of an inbox is the xor of the fingerprints of its live records and of its choices, so it can be kept up to date by two xors per
change, and two sides compare thousands of records by comparing one number. Content is covered through `cver` and
`updated_at`. The times are in it for the day when a backup was restored and its epoch left alone: the numbers are then
given a second time, to other contents, and without the times two histories could look the same. The canonical text is
part of the protocol (docs/protocol.md has a worked example).
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b

from handbell_shared.records import Choice, Notification

_UNTOUCHED = "|0|0|0|0|0|0|0|0|0||0|0||0|"


def fingerprint(r: Notification) -> int:
    """The record's share in the digest; 0 for a deleted record, which has none."""
    if r.deleted:
        return 0
    if r.cver == 1 and not (
        r.gen
        or r.read
        or r.seen
        or r.sgen
        or r.agen
        or r.archived
        or r.snooze_op
        or r.pin_op
        or r.answer
        or r.updated_at
    ):
        text = f"{r.id}|{r.ver}|1{_UNTOUCHED}"  # as most records are when they are made
        return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big")
    text = (
        f"{r.id}|{r.ver}|{r.cver}|{r.updated_at or 0}|{r.gen}|{r.read:d}|{r.read_at or 0}"
        f"|{r.sgen}|{r.seen:d}|{r.agen}|{r.archived:d}"
        f"|{r.snooze_at}|{r.snooze_op}|{r.snoozed_until}|{r.pin_at}|{r.pin_op}|{r.pinned:d}"
        f"|{r.answer.op if r.answer else ''}"
    )
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big")


def choice_fingerprint(choice: Choice) -> int:
    """A choice's share in the digest. What was chosen is covered by the action that chose it."""
    text = f"choice|{choice.name}|{choice.ver}|{choice.at}|{choice.op}"
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big")


def digest_of(records: Iterable[Notification], choices: Iterable[Choice] = ()) -> int:
    total = 0
    for record in records:
        total ^= fingerprint(record)
    for choice in choices:
        total ^= choice_fingerprint(choice)
    return total


def to_hex(digest: int) -> str:
    """As it travels: many languages cannot hold 64 bits in a JSON number."""
    return f"{digest:016x}"
