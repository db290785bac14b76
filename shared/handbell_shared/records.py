"""What travels between the server and a device, typed once.

A `Notification` is its content (what the producer said; it changes only together with `cver`) and its registers (what
the person did; see `actions.py`). All of it is state: whoever holds the newer `ver` holds the truth, and applying the
same record twice changes nothing. Members at their default are left out on the wire.

The structs opt out of cyclic garbage collection: they come from JSON or from rows, so they cannot hold a cycle, and a
server that keeps thousands of them alive should not pay for walking them.
"""

from __future__ import annotations

from typing import Any, Literal

from msgspec import Struct

Priority = Literal["low", "normal", "high", "urgent"]
ActionKind = Literal[
    "seen", "unseen", "read", "unread", "archive", "unarchive", "snooze", "pin", "unpin", "delete", "answer", "choose"
]
HeldFor = Literal["quiet", "summary", "elsewhere", "off"]
"""Why a device did not ring: it was quiet, one summary told of several, another device is in use, toasts are off there."""
Channel = Literal["toast", "sound", "badge", "push", "email"]
AckStatus = Literal["ok", "gone", "late", "bad"]
SnapshotReason = Literal["epoch", "too_old", "ahead"]


class Actor(Struct, frozen=True, omit_defaults=True, gc=False):
    """Who did it: a name to show, perhaps the user it is, perhaps a picture."""

    name: str = ""
    user: str | None = None
    image: str | None = None


class Button(Struct, frozen=True, omit_defaults=True, gc=False):
    """One way to answer a notification."""

    id: str
    label: str
    kind: Literal["button", "reply", "link"] = "button"
    link: str | None = None


class Question(Struct, frozen=True, omit_defaults=True, gc=False):
    """What is known of the buttons beyond their labels: until when they count, and whether for everybody at once."""

    id: str
    until: int | None = None
    shared: bool = False


class Answer(Struct, frozen=True, omit_defaults=True, gc=False):
    """The answer that won, for everybody to see.

    `by` names who gave it where that was somebody else. At a `deadline` nobody gave it: it is the producer's default,
    or without one the empty action, and the question is closed.
    """

    action: str
    op: str
    at: int
    text: str | None = None
    by: str = ""
    deadline: bool = False

    @property
    def elsewhere(self) -> bool:
        """Whether it was not this person who answered."""
        return self.deadline or bool(self.by)


class Scope(Struct, frozen=True, array_like=True, gc=False):
    """What a rule is about: everything from a source, of a type, in a category, and any of these together."""

    source: str | None = None
    type: str | None = None
    category: str | None = None


class Alarm(Struct, frozen=True, omit_defaults=True, gc=False):
    """It rings again every so many seconds until somebody who was told has it.

    `passed`: it rings for the next person now, and `who` that is. `acknowledged`: somebody has it, `who` names them where
    that is somebody else. `expired`: nobody had it in time. `over`: there is nothing to have any more.
    """

    id: str
    every: int
    state: Literal["ringing", "passed", "acknowledged", "expired", "over"] = "ringing"
    who: str = ""

    @property
    def on(self) -> bool:
        """Whether this person can still acknowledge it."""
        return self.state in ("ringing", "passed")

    @property
    def elsewhere(self) -> bool:
        """Whether somebody else has it."""
        return self.state == "acknowledged" and bool(self.who)


class Notification(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """One thing to tell one user."""

    id: str
    ver: int = 0
    crev: int = 0
    cver: int = 1
    nrev: int = 0
    # ---- content
    source: str = ""
    type: str = "info"
    title: str = ""
    body: str = ""
    link: str | None = None
    priority: Priority = "normal"
    data: dict[str, Any] | None = None
    actor: Actor | None = None
    image: str | None = None
    group: str | None = None
    key: str | None = None
    count: int = 1
    resolved: bool = False
    actions: tuple[Button, ...] = ()
    question: Question | None = None
    alarm: Alarm | None = None
    silent: bool = False
    category: str | None = None
    icon: str | None = None
    colour: str | None = None
    created_at: int = 0
    updated_at: int | None = None
    expires_at: int | None = None
    critical: bool = False
    # ---- what the person's rules say of it: the channels that are closed to it, and the rule that closed each
    muted: dict[str, Scope] | None = None
    # ---- registers
    gen: int = 0
    read: bool = False
    read_at: int | None = None
    agen: int = 0
    archived: bool = False
    sgen: int = 0
    seen: bool = False
    snooze_at: int = 0
    snooze_op: str = ""
    snoozed_until: int = 0
    pin_at: int = 0
    pin_op: str = ""
    pinned: bool = False
    answer: Answer | None = None
    deleted: str = ""

    @property
    def live(self) -> bool:
        return not self.deleted

    @property
    def news(self) -> int:
        """The revision by which the present content was told: the one that made it, or a later one."""
        return self.nrev or self.crev

    def may(self, channel: Channel) -> bool:
        """Whether the person's rules leave it this channel."""
        return self.muted is None or channel not in self.muted

    def open_to_answers(self, now: int) -> bool:
        """Whether its buttons still do something."""
        over = self.question is not None and self.question.until is not None and self.question.until <= now
        return bool(self.actions) and self.answer is None and not over


class Target(Struct, frozen=True, array_like=True, gc=False):
    """One notification as the person saw it: the generation makes a late action harmless."""

    id: str
    generation: int = 0


class AnswerGiven(Struct, frozen=True, omit_defaults=True, gc=False, forbid_unknown_fields=True):
    action: str
    text: str | None = None


class Chosen(Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """What a person chooses: a value for a name (`preferences.py` has them); null is the default again."""

    name: str
    value: Any = None


class Choice(Struct, frozen=True, omit_defaults=True, gc=False):
    """A choice as it holds: a register of the inbox, where the last writer wins by (at, op)."""

    name: str
    value: Any = None
    at: int = 0
    op: str = ""
    ver: int = 0


class Action(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False, forbid_unknown_fields=True):
    """Something a person did, on one device, to some notifications."""

    id: str
    kind: ActionKind
    ids: tuple[Target, ...]
    at: int
    until: int = 0
    answer: AnswerGiven | None = None
    choice: Chosen | None = None


class Mark(Struct, frozen=True, omit_defaults=True, gc=False, forbid_unknown_fields=True):
    """What one device did with a notification, and when it first did: told to whoever sent it, and to nobody else."""

    id: str
    shown: int | None = None
    clicked: int | None = None
    dismissed: int | None = None
    held: int | None = None
    held_for: str | None = None


class Ack(Struct, frozen=True, gc=False):
    """What became of an action; `rev` is the revision by which its effect is in the feed."""

    id: str
    rev: int
    status: AckStatus


class Position(Struct, frozen=True, gc=False):
    """How far a device has come. `after` is set while rows of revision `rev` are still to come."""

    epoch: str = ""
    rev: int = 0
    after: str | None = None


class Hello(Struct, frozen=True, omit_defaults=True, gc=False):
    epoch: str
    rev: int
    now: int
    unread: int
    device: str
    tip_s: int
    caps: tuple[str, ...] = ()
    in_use: str | None = None


class Presence(Struct, frozen=True, gc=False):
    """The device that the person uses just now, if any says so."""

    in_use: str | None = None


class Push(Struct, frozen=True, omit_defaults=True, gc=False):
    """Covers every change in (prev, rev]."""

    epoch: str
    prev: int
    rev: int
    digest: str
    unread: int
    changes: tuple[Notification, ...]
    choices: tuple[Choice, ...] = ()


class Tip(Struct, frozen=True, gc=False):
    epoch: str
    rev: int


class DeltaPage(Struct, frozen=True, omit_defaults=True, gc=False):
    """Rows after a position, or why only a snapshot can help."""

    epoch: str = ""
    changes: tuple[Notification, ...] = ()
    cursor: tuple[int, str | None] = (0, None)
    more: bool = False
    digest: str | None = None
    unread: int | None = None
    snapshot: SnapshotReason | None = None
    choices: tuple[Choice, ...] = ()


class SnapshotPage(Struct, frozen=True, omit_defaults=True, gc=False):
    """The first page also brings all choices."""

    epoch: str
    rev: int
    changes: tuple[Notification, ...]
    more: bool
    choices: tuple[Choice, ...] = ()
