"""The real commands on a database that is a handful of dictionaries, paged by the rules of docs/protocol.md."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from msgspec.structs import replace

from handbell_server.actions.drafts import Draft, Sender
from handbell_server.actions.inbox import Act, Wake
from handbell_server.actions.produce import Once, Produce, Produced, Recipient
from handbell_server.actions.recall import Remove
from handbell_server.engine.feed import (
    Applied,
    Command,
    Inquiry,
    Journey,
    Needs,
    Replay,
    Told,
    Work,
    questions_of,
    run_group,
    vigils_of,
)
from handbell_server.engine.inbox import ChoiceBook, Inbox, Origin, tombstone
from handbell_server.rules.alarming import Vigil
from handbell_shared.digest import digest_of, to_hex
from handbell_shared.preferences import preferences_of
from handbell_shared.records import Action, Button, Choice, DeltaPage, Notification, Position, Push, SnapshotPage

SENDER = Sender(7, "ci")
BUTTONS = (Button("yes", "Yes"), Button("no", "No"))


@dataclass
class Standing:
    rev: int = 0
    floor: int = 0
    digest: int = 0
    unread: int = 0
    records: dict[str, Notification] = field(default_factory=dict)
    choices: dict[str, Choice] = field(default_factory=dict)

    def copy(self) -> Standing:
        return Standing(self.rev, self.floor, self.digest, self.unread, dict(self.records), self.choices)

    def chosen_after(self, rev: int) -> tuple[Choice, ...]:
        return tuple(choice for choice in self.choices.values() if choice.ver > rev)


class MemoryServer:
    """A `feed.Session`, and what `reading` answers."""

    def __init__(self, users: Iterable[int]) -> None:
        self.epoch = "epoch 0"
        self.inboxes = {user: Standing() for user in users}
        self.origins: dict[str, Origin] = {}
        self.replays: dict[tuple[int, str], Replay] = {}
        self.applied: dict[tuple[int, str], Applied] = {}
        self.journeys: dict[str, Journey] = {}
        self.languages: dict[int, str] = {}
        self.inquiries: dict[str, Inquiry] = {}
        self.vigils: dict[str, Vigil] = {}

    # ---- one group commit

    def load(self, needs: Needs, now: int) -> Work:
        work = Work(self.epoch, now)
        for user in needs.inboxes & self.inboxes.keys():
            stand = self.inboxes[user]
            book = ChoiceBook(stand.choices, preferences_of(stand.choices.values()))
            work.inboxes[user] = Inbox(user, stand.rev, stand.floor, stand.digest, stand.unread, book)
        for user in needs.choosing & work.inboxes.keys():
            waiting = (r for r in self.inboxes[user].records.values() if r.live and not (r.read or r.archived))
            work.inboxes[user].records.update((record.id, record) for record in waiting)
        for user, an_id in needs.records:
            if user in work.inboxes and an_id in self.inboxes[user].records:
                work.inboxes[user].records[an_id] = self.inboxes[user].records[an_id]
        for user, producer, key in needs.keys:
            for record in self.inboxes[user].records.values() if user in work.inboxes else ():
                if record.key == key and record.live and self.origins[record.id].producer_id == producer:
                    work.inboxes[user].records[record.id] = record
                    work.inboxes[user].keys[producer, key] = record.id
        work.replays = {key: self.replays[key] for key in needs.idempotency & self.replays.keys()}
        work.applied = {key: self.applied[key] for key in needs.applied & self.applied.keys()}
        work.languages = {user: self.languages[user] for user in needs.languages & self.languages.keys()}
        work.journeys = {an_id: self.journeys[an_id] for an_id in needs.dispatches & self.journeys.keys()}
        for an_id in questions_of(work, needs):
            if an_id in self.inquiries:
                known = self.inquiries[an_id]
                by = f"user {known.user_id}" if known.user_id is not None else ""
                work.inquiries[an_id] = replace(known, by=by, fresh=False)
        for an_id in vigils_of(work, needs):
            if an_id in self.vigils:
                vigil = self.vigils[an_id]
                work.vigils[an_id] = replace(vigil, by="" if vigil.user_id is None else f"user {vigil.user_id}")
        for producer in needs.ringing:
            mine = (one for one in self.vigils.values() if one.producer_id == producer)
            work.ringing[producer] = sum(one.next_at is not None for one in mine)
        return work

    def save(self, work: Work) -> None:
        for user, inbox in work.inboxes.items():
            stand = self.inboxes[user]
            stand.rev, stand.floor, stand.digest, stand.unread = inbox.rev, inbox.floor, inbox.digest, inbox.unread
            stand.records.update((an_id, inbox.records[an_id]) for an_id in inbox.before)
            stand.choices = inbox.choices
            self.origins.update(inbox.origins)
        self.replays.update(work.new_replays)
        self.applied.update(work.new_applied)
        self.journeys.update(work.moved_journeys)
        for row in work.new_dispatches:
            self.journeys[row["id"]] = Journey(row["id"], row["producer_id"], row["state"], row["cursor"], 0)
        for row in work.new_questions:
            self.inquiries[row["id"]] = Inquiry(**{name: row[name] for name in row if name != "created_at"})
        self.inquiries.update(work.moved_inquiries)
        self.vigils.update((an_id, work.vigils[an_id]) for an_id in work.new_vigils | work.moved_vigils)

    def carry_out(self, commands: Sequence[Command], now: int) -> tuple[list[Any], list[Told]]:
        return run_group(self, commands, now)

    # ---- reading

    def standing(self, user: int) -> Push:
        stand = self.inboxes[user]
        return Push(self.epoch, stand.rev, stand.rev, to_hex(stand.digest), stand.unread, ())

    def records(self, user: int) -> Mapping[str, Notification]:
        return self.inboxes[user].records

    def choices(self, user: int) -> Mapping[str, Choice]:
        return self.inboxes[user].choices

    def digest_of(self, records: Iterable[Notification], choices: Iterable[Choice]) -> str:
        return to_hex(digest_of(records, choices))

    def delta(self, user: int, at: Position, limit: int) -> DeltaPage:
        stand = self.inboxes[user]
        if at.epoch != self.epoch:
            return DeltaPage(self.epoch, snapshot="epoch")
        if at.rev > stand.rev:
            return DeltaPage(self.epoch, snapshot="ahead")
        if at.rev < stand.floor:
            return DeltaPage(self.epoch, snapshot="too_old")
        found = [r for r in stand.records.values() if (r.ver, r.id) > (at.rev, at.after or "~")]
        found.sort(key=lambda r: (r.ver, r.id))
        page = tuple(r if r.live else tombstone(r) for r in found[:limit])
        chosen = stand.chosen_after(at.rev)
        if len(found) > limit:
            return DeltaPage(self.epoch, page, (page[-1].ver, page[-1].id), True, choices=chosen)
        digest = to_hex(stand.digest)
        return DeltaPage(self.epoch, page, (stand.rev, None), False, digest, stand.unread, choices=chosen)

    def snapshot(self, user: int, after: str, limit: int) -> SnapshotPage:
        stand = self.inboxes[user]
        found = sorted((r for r in stand.records.values() if r.live and r.id > after), key=lambda r: r.id)
        chosen = () if after else stand.chosen_after(0)
        return SnapshotPage(self.epoch, stand.rev, tuple(found[:limit]), len(found) > limit, chosen)

    def push_since(self, user: int, rev: int) -> Push | None:
        stand = self.inboxes[user]
        if stand.rev == rev:
            return None
        readable = stand.floor <= rev < stand.rev
        page = self.delta(user, Position(self.epoch, rev), limit=10_000) if readable else DeltaPage()
        return Push(self.epoch, rev, stand.rev, to_hex(stand.digest), stand.unread, page.changes, page.choices)

    # ---- time and disaster

    def trim(self, user: int) -> None:
        stand = self.inboxes[user]
        for record in [record for record in stand.records.values() if not record.live]:
            stand.floor = max(stand.floor, record.ver)
            del stand.records[record.id]

    def rot(self, user: int) -> None:
        self.inboxes[user].digest ^= 1

    def backup(self) -> Any:
        inboxes = {user: stand.copy() for user, stand in self.inboxes.items()}
        return (
            inboxes,
            dict(self.origins),
            dict(self.replays),
            dict(self.applied),
            dict(self.journeys),
            dict(self.inquiries),
            dict(self.vigils),
            self.epoch,
        )

    def restore(self, backup: Any, epoch: str | None) -> None:
        inboxes, origins, replays, applied, journeys, inquiries, vigils, old_epoch = backup
        self.inboxes = {user: stand.copy() for user, stand in inboxes.items()}
        self.origins, self.replays, self.applied = dict(origins), dict(replays), dict(applied)
        self.journeys, self.inquiries, self.vigils = dict(journeys), dict(inquiries), dict(vigils)
        self.epoch = epoch or old_epoch


class PlayedServer(MemoryServer):
    """The commands by the names the state machine knows."""

    def produce(self, user: int, once: str | None, key: str | None, resolved: bool) -> Command:
        draft = Draft(title="A bell", key=key, resolved=resolved, actions=BUTTONS)
        remembered = None if once is None else Once(f"{user} {once}", "the same request")
        return Produce(SENDER, draft, [Recipient(user, f"user {user}")], once=remembered)

    def act(self, user: int, actions: Sequence[Action]) -> Command:
        return Act(user, actions)

    def remove(self, user: int, ids: Sequence[str]) -> Command:
        return Remove(user, ids, "recalled")

    def wake(self, user: int, ids: Sequence[str]) -> Command:
        return Wake(user, ids)

    def run(self, commands: Sequence[Any], now: int) -> tuple[list[Any], list[Told]]:
        results, told = self.carry_out(commands, now)
        return [result.outcomes[0].id if isinstance(result, Produced) else result for result in results], told
