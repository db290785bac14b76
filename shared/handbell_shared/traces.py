"""Why a notification rang or did not, as a list of steps: what the server answers, and what its record says by itself.

A step that is decided with the notification, or is a mark in its record, is read from the record, here, by server and
device alike: so a device can tell that part without a network. What devices and e-mail did is known to the server alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from msgspec import Struct

from handbell_shared.grouping import group_of
from handbell_shared.preferences import TellSenders
from handbell_shared.records import Notification, Scope

Step = Literal[
    "stored", "told_again", "muted", "critical", "silent", "grouped", "delivered", "shown", "held", "clicked", "dismissed",
    "seen", "read", "answered", "archived", "snoozed", "gone", "rung_again", "alarm", "mailed", "not_mailed",
]  # fmt: skip


class Line(Struct, frozen=True, omit_defaults=True, kw_only=True, gc=False):
    """One thing that happened or was decided, and when, as far as that is known."""

    step: Step
    at: int | None = None
    device: str | None = None
    channel: str | None = None
    rule: Scope | None = None
    why: str | None = None
    by: str | None = None
    until: int | None = None
    count: int | None = None


class Trace(Struct, frozen=True, gc=False):
    """In the order in which it happened. What was decided with it comes first, a deed that has no time of its own last."""

    id: str
    steps: tuple[Line, ...]


EVERYTHING = TellSenders()


def decided(record: Notification) -> Iterator[Line]:
    """What was decided about it, and told of it."""
    yield Line(step="stored", at=record.created_at)
    if record.updated_at is not None and record.alarm is not None and record.count == 1 and not record.resolved:
        yield Line(step="rung_again", at=record.updated_at)
    elif record.updated_at is not None:
        yield Line(
            step="told_again", at=record.updated_at, count=record.count, why="resolved" if record.resolved else None
        )
    if record.alarm is not None:
        yield Line(step="alarm", why=record.alarm.state, by=record.alarm.who or None)
    if record.critical:
        yield Line(step="critical", why="category")
    for channel, rule in (record.muted or {}).items():
        yield Line(step="muted", channel=channel, rule=rule)
    if record.silent:
        yield Line(step="silent")
    if record.group or group_of(record) is not None:
        yield Line(step="grouped", why="group" if record.group else "actor")


def done(record: Notification, user: str, tell: TellSenders = EVERYTHING) -> Iterator[Line]:
    """What the person did with it, as far as they let it be told."""
    if record.seen and tell.seen:
        yield Line(step="seen", at=record.read_at if record.read and tell.read else None)
    if record.read and tell.read:
        yield Line(step="read", at=record.read_at)
    answer = record.answer
    if answer is not None:
        yield Line(
            step="answered",
            at=answer.at,
            by=None if answer.deadline else answer.by or user,
            why="deadline" if answer.deadline else None,
        )
    if record.archived:
        yield Line(step="archived")
    if record.snoozed_until:
        yield Line(step="snoozed", at=record.snooze_at, until=record.snoozed_until)
    if record.deleted:
        yield Line(step="gone", why=record.deleted)
