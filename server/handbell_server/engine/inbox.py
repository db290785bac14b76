"""One person's inbox while a group of commands runs on it: what it was, what it becomes, and the number of the change.

Nobody else can number a change of it meanwhile, for it is locked. Commands put and add records; at the end it is closed:
one new revision, every changed record stamped with it, digest and unread count carried along, and a push of it all.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct
from msgspec.structs import replace

from handbell_shared.actions import counts
from handbell_shared.digest import digest_of, fingerprint, to_hex
from handbell_shared.preferences import DEFAULT, Preferences, muted_by, preferences_of, to_forget
from handbell_shared.records import Choice, Notification, Push

_NEVER = 0  # for `counts`: a snoozed record stays out of the number until the server wakes it


class Origin(Struct, frozen=True, gc=False):
    """Who a new record came from; kept beside it, never sent to a device."""

    producer_id: int
    dispatch_id: str | None = None


class Happening(Struct, frozen=True, gc=False):
    """What became of a notification, as its producer may want to hear by webhook (docs/webhooks.md)."""

    event: str
    user_id: int
    record: Notification


class ChoiceBook(Struct, frozen=True, gc=False):
    """What a person chose, as registers and as what they say together."""

    choices: dict[str, Choice]
    preferences: Preferences


NO_CHOICES = ChoiceBook({}, DEFAULT)


class Inbox:
    """One user's inbox inside a group commit. It is locked; nobody else can number a change meanwhile."""

    __slots__ = (
        "_preferences", "alarmed", "before", "choices", "chosen", "chosen_before", "digest", "floor", "forgotten", "happenings",
        "keys", "mails", "origins", "records", "rev", "revised", "unread", "user_id",
    )  # fmt: skip

    def __init__(
        self, user_id: int, rev: int, floor: int, digest: int, unread: int, book: ChoiceBook = NO_CHOICES
    ) -> None:
        self.user_id = user_id
        self.rev = rev
        self.floor = floor
        self.digest = digest
        self.unread = unread
        self.records: dict[str, Notification] = {}
        self.keys: dict[tuple[int, str], str] = {}
        self.before: dict[str, Notification | None] = {}  # changed records as they were
        self.origins: dict[str, Origin] = {}
        self.revised: set[str] = set()  # changed more than once in this group; a new one then needs more columns
        self.happenings: list[Happening] = []
        self.choices = book.choices
        self._preferences: Preferences | None = book.preferences
        self.chosen: dict[str, Choice] = {}  # in this group
        self.forgotten: set[str] = set()
        self.mails: list[tuple[str, int]] = []  # what goes out by e-mail at once, and not before when
        self.chosen_before = book.choices
        self.alarmed: list[tuple[Notification, Notification]] = []  # steps of records that belong to an alarm

    @property
    def stamp(self) -> int:
        """The revision that covers everything done to this inbox so far."""
        return self.rev + 1 if self.before or self.chosen else self.rev

    @property
    def preferences(self) -> Preferences:
        """What the choices say together; asked for once, however many are made at once."""
        if self._preferences is None:
            self._preferences = preferences_of(self.choices.values())
        return self._preferences

    def judged(self, record: Notification) -> Notification:
        """The record with what the person's rules say of it."""
        muted = muted_by(self.preferences, record)
        return record if muted == record.muted else replace(record, muted=muted)

    def choose(self, choice: Choice) -> None:
        """What holds from here on; the caller has seen to it that it is the later one."""
        self.chosen[choice.name] = choice
        self.choices = {**self.choices, choice.name: choice}
        self._preferences = None

    def forget(self, mark: Choice) -> None:
        """Rules removed up to the mark are not remembered any more. Who has not heard of that has to start anew."""
        gone = {choice.name for choice in to_forget(self.choices.values(), mark)} - self.chosen.keys()
        self.forgotten |= gone
        self.choices = {name: choice for name, choice in self.choices.items() if name not in gone}
        self.floor = max(self.floor, mark.value)
        self.choose(mark)

    def add(self, record: Notification, origin: Origin) -> None:
        """A new record, whose `ver` and `crev` are the revision to come: `rev + 1`."""
        self.before[record.id] = None
        self.records[record.id] = record
        self.origins[record.id] = origin
        if record.key is not None:
            self.keys[(origin.producer_id, record.key)] = record.id

    def put(self, record: Notification) -> None:
        """A new state of a loaded record."""
        last = self.records[record.id]
        if record.id in self.before:
            self.revised.add(record.id)
        else:
            self.before[record.id] = last
        self.records[record.id] = record
        # Told from step to step: an answer that is overtaken inside one group has been given nevertheless.
        if record.read is not last.read or record.answer is not last.answer or record.deleted != last.deleted:
            tells = self.preferences.tell_senders.read
            self.happenings += [
                Happening(event, self.user_id, record)
                for event in events_between(last, record)
                if tells or event != "notification.read"
            ]
        if last.alarm is not None:
            self.alarmed.append((last, record))

    def with_key(self, producer_id: int, key: str) -> Notification | None:
        """The live record this producer calls by that life-cycle key."""
        record = self.records.get(self.keys.get((producer_id, key), ""))
        return record if record is not None and record.live else None

    def close(self, epoch: str) -> Push | None:
        """Number what changed; None when nothing did."""
        if not self.before and not self.chosen:
            return None
        previous, self.rev = self.rev, self.rev + 1
        told = []
        for an_id, old in self.before.items():
            record = self.records[an_id]
            if old is None:
                assert record.ver == self.rev  # a new record is made at the revision it will have
            else:
                nrev = record.nrev if record.cver == old.cver else self.rev
                record = self.records[an_id] = replace(record, ver=self.rev, nrev=nrev)
                self.digest ^= fingerprint(old)
                self.unread -= counts(old, _NEVER)
            self.digest ^= fingerprint(record)
            self.unread += counts(record, _NEVER)
            told.append(tombstone(record) if record.deleted else record)
        chosen = self._close_choices() if self.chosen else ()
        return Push(epoch, previous, self.rev, to_hex(self.digest), self.unread, tuple(told), chosen)

    def _close_choices(self) -> tuple[Choice, ...]:
        chosen = tuple(replace(choice, ver=self.rev) for choice in self.chosen.values())
        former = (self.chosen_before.get(name) for name in self.chosen.keys() | self.forgotten)
        self.digest ^= digest_of((), (*filter(None, former), *chosen))
        self.choices = {**self.choices, **{choice.name: choice for choice in chosen}}
        return chosen


def events_between(last: Notification, record: Notification) -> Iterator[str]:
    """The events that the step from one state to the next makes true."""
    # Not where somebody else's answer closed it too: that one was told with the notification it was given to.
    if record.answer is not None and record.answer is not last.answer and not record.answer.by:
        yield "notification.answered"
    if record.read and not last.read:
        yield "notification.read"
    if record.deleted == "expired" and not last.deleted:
        yield "notification.expired"


def tombstone(record: Notification) -> Notification:
    """What is left of a deleted record: that it is gone, and since when."""
    return Notification(id=record.id, ver=record.ver, deleted=record.deleted)
