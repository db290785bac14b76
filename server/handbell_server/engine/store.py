"""The feed's half of SQL: loading what a group of commands needs, writing what it left.

These statements run for every notification, so they are set-based and their texts are few and fixed (`dialects.py` has
what differs between databases). Everything else in the server, which runs once in a while, is written with SQLAlchemy's
expressions instead.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, NoReturn

from sqlalchemy import exc
from sqlalchemy.engine import Connection

from handbell_server.engine import rows
from handbell_server.engine.feed import Applied, Inquiry, Journey, Needs, Replay, Work, grouped, questions_of, vigils_of
from handbell_server.engine.inbox import NO_CHOICES, ChoiceBook, Happening, Inbox
from handbell_server.engine.sql import dialect_of
from handbell_server.models import AlarmRow, Dispatch, QuestionRow
from handbell_shared.mailing import next_digest, zone_for
from handbell_shared.preferences import preferences_of

UNDER_RULES_AT_MOST = 5_000
_SHELF_AT_MOST = 20_000
_OF_DIGESTS = frozenset({"digest", "zone"})
# A digest that is planned for the first time tells of what comes from now on.
PLAN_DIGEST = (
    "UPDATE mailboxes SET digested_to = CASE WHEN digest_at IS NULL THEN ? ELSE digested_to END, digest_at = ? "
    "WHERE user_id = ?"
)


class Shelf:
    """What people chose, as last read; for one thread. What stands here for another revision of theirs is of no use."""

    def __init__(self) -> None:
        self._books: dict[int, tuple[str, int, ChoiceBook]] = {}

    def get(self, user_id: int, epoch: str, rev: int) -> ChoiceBook | None:
        known = self._books.get(user_id)
        return known[2] if known is not None and known[:2] == (epoch, rev) else None

    def put(self, user_id: int, epoch: str, rev: int, book: ChoiceBook) -> None:
        if len(self._books) >= _SHELF_AT_MOST:
            self._books.clear()
        self._books[user_id] = (epoch, rev, book)


class SqlSession:
    """One open transaction of the writer.

    The transaction, the pool and the errors are SQLAlchemy's; the statements go to the driver's own cursor, which for
    these few fixed texts saves more than half of the time of a statement.
    """

    def __init__(self, connection: Connection, shelf: Shelf | None = None) -> None:
        self._shelf = shelf or Shelf()
        self._connection = connection
        self._cursor = connection.connection.cursor()
        self._dialect = connection.dialect
        self._say = dialect_of(connection.dialect.name)
        self.transaction: int | None = None
        self._webhooks = False

    def _run(self, text: str, parameters: Sequence[Any] = ()) -> Any:
        """Execute one statement; errors as SQLAlchemy would raise them."""
        try:
            self._cursor.execute(text, parameters)
        except self._dialect.loaded_dbapi.Error as error:
            self._raise(error, text)
        return self._cursor

    def _run_many(self, text: str, many: Sequence[Sequence[Any]]) -> None:
        try:
            self._cursor.executemany(text, many)
        except self._dialect.loaded_dbapi.Error as error:
            self._raise(error, text)

    def _raise(self, error: Exception, text: str) -> NoReturn:
        gone = self._dialect.is_disconnect(error, self._connection.connection, None)  # type: ignore[arg-type]
        kind = self._dialect.loaded_dbapi.Error
        raise exc.DBAPIError.instance(
            text, None, error, kind, connection_invalidated=gone, dialect=self._dialect
        ) from error

    # ---- loading

    def load(self, needs: Needs, now: int) -> Work:
        # Dispatches before inboxes, inboxes before questions, those before alarms, producers last, each in order: two
        # processes that want the same rows wait, and never in a circle.
        journeys = self._dispatches(needs.dispatches)
        work = self._open(sorted(needs.inboxes), now)
        work.journeys = journeys
        self._load_under_rules(work, needs.choosing)
        self._load_replays(work, needs.idempotency)
        self._load_applied(work, needs.applied)
        self._load_records(work, needs)
        self._load_keys(work, needs)
        self._load_languages(work, needs.languages)
        self._load_questions(work, questions_of(work, needs))
        self._load_vigils(work, vigils_of(work, needs))
        self._load_ringing(work, needs.ringing)
        return work

    def _dispatches(self, ids: Iterable[str]) -> dict[str, Journey]:
        text = "SELECT id, producer_id, state, cursor, reached FROM dispatches WHERE id {} ORDER BY id" + self._say.lock
        return {row[0]: Journey(*row) for row in self._select_in(text, sorted(ids))}

    def _open(self, users: Sequence[int], now: int) -> Work:
        try:
            opening, found = self._say.open(self._connection.connection.driver_connection, users)
        except self._dialect.loaded_dbapi.Error as error:
            self._raise(error, "the beginning of a group")
        epoch, self.transaction, self._webhooks = opening
        work, known = Work(epoch, now), list(found)
        books = self._books(epoch, {row[0]: row[5] for row in known if row[5]})
        for user_id, rev, floor, digest, unread, _ in known:
            book = books.get(user_id, NO_CHOICES)
            work.inboxes[user_id] = Inbox(user_id, rev, floor, digest & 0xFFFF_FFFF_FFFF_FFFF, unread, book)
        return work

    def _books(self, epoch: str, wanted: Mapping[int, int]) -> dict[int, ChoiceBook]:
        """What these people chose, as it is since that revision. Read once, for it seldom changes."""
        known = {user: book for user, rev in wanted.items() if (book := self._shelf.get(user, epoch, rev)) is not None}
        missing = [user for user in wanted if user not in known]
        if missing:
            text = "SELECT user_id, document FROM preferences WHERE user_id {}"
            for user_id, document in self._select_in(text, missing):
                choices = {choice.name: choice for choice in rows.choices_of(document)}
                book = ChoiceBook(choices, preferences_of(choices.values()))
                known[user_id] = book
                self._shelf.put(user_id, epoch, wanted[user_id], book)
        return known

    def _load_under_rules(self, work: Work, users: Iterable[int]) -> None:
        """What waits in these inboxes, for rules that become others count for it too: the newest, as many as is bearable."""
        text = (
            f"SELECT {rows.RECORD_COLUMNS} FROM notifications "
            "WHERE user_id = {0} AND read = 0 AND archived = 0 AND deleted = '' ORDER BY id DESC LIMIT {0}"
        ).format(self._say.mark)
        for user_id in users:
            if user_id in work.inboxes:
                records = map(rows.record_of, self._run(text, (user_id, UNDER_RULES_AT_MOST)).fetchall())
                work.inboxes[user_id].records.update((record.id, record) for record in records)

    def _load_replays(self, work: Work, wanted: set[tuple[int, str]]) -> None:
        text = "SELECT key, request_hash, response FROM idempotency_keys WHERE producer_id = {} AND key {}"
        for producer_id, keys in grouped(wanted).items():
            for key, request_hash, response in self._select_in(text, keys, producer_id):
                work.replays[producer_id, key] = Replay(request_hash, bytes(response))

    def _load_applied(self, work: Work, wanted: set[tuple[int, str]]) -> None:
        text = "SELECT id, rev, status FROM applied_actions WHERE user_id = {} AND id {}"
        for user_id, ids in grouped(wanted).items():
            for an_id, rev, status in self._select_in(text, ids, user_id):
                work.applied[user_id, an_id] = Applied(rev, status)

    def _load_records(self, work: Work, needs: Needs) -> None:
        text = f"SELECT user_id, {rows.RECORD_COLUMNS} FROM notifications WHERE id {{}}"
        for user_id, *row in self._select_in(text, [an_id for _, an_id in needs.records]):
            # The owner is part of what was asked for: somebody else's id finds nothing.
            if (user_id, row[0]) in needs.records and user_id in work.inboxes:
                work.inboxes[user_id].records[row[0]] = rows.record_of(row)

    def _load_keys(self, work: Work, needs: Needs) -> None:
        text = (
            f"SELECT user_id, producer_id, {rows.RECORD_COLUMNS} FROM notifications "
            "WHERE user_id = {} AND producer_id = {} AND key = {} AND key IS NOT NULL AND deleted = ''"
        ).replace("{}", self._say.mark)
        for wanted in needs.keys:
            row = self._run(text, wanted).fetchone()
            if row is not None and row[0] in work.inboxes:
                inbox = work.inboxes[row[0]]
                record = rows.record_of(row[2:])
                inbox.records[record.id] = record
                inbox.keys[row[1], wanted[2]] = record.id

    def _load_languages(self, work: Work, users: Iterable[int]) -> None:
        text = "SELECT id, language FROM users WHERE language IS NOT NULL AND id {}"
        work.languages.update(self._select_in(text, list(users)))

    def _load_questions(self, work: Work, ids: Sequence[str]) -> None:
        text = (
            "SELECT id, producer_id, shared, state, due_at, fallback, cursor, answer, user_id, "
            "(SELECT name FROM users WHERE users.id = questions.user_id) "
            "FROM questions WHERE id {} ORDER BY id" + self._say.lock
        )
        for an_id, producer_id, shared, state, due_at, fallback, cursor, answer, user_id, by in self._select_in(
            text, ids
        ):
            work.inquiries[an_id] = Inquiry(
                an_id,
                producer_id,
                bool(shared),
                state,
                due_at,
                fallback,
                cursor,
                None if answer is None else rows.answer_of(answer),
                user_id,
                by or "",
            )

    def _load_vigils(self, work: Work, ids: Sequence[str]) -> None:
        text = (
            f"SELECT {rows.VIGIL_COLUMNS}, (SELECT name FROM users WHERE users.id = alarms.user_id) "
            "FROM alarms WHERE id {} ORDER BY id" + self._say.lock
        )
        for row in self._select_in(text, ids):
            work.vigils[row[0]] = rows.vigil_of(row)

    def _load_ringing(self, work: Work, producers: Iterable[int]) -> None:
        """How many alarms of these ring. Whoever begins one holds the producer's lock, so two do not both begin the last."""
        lock = f"SELECT id FROM producers WHERE id = {self._say.mark} FOR NO KEY UPDATE"
        count = f"SELECT count(*) FROM alarms WHERE producer_id = {self._say.mark} AND next_at IS NOT NULL"
        for producer_id in sorted(producers):
            if self._say.lock:
                self._run(lock, (producer_id,)).fetchall()
            work.ringing[producer_id] = self._run(count, (producer_id,)).fetchone()[0]

    # ---- saving

    def save(self, work: Work) -> None:
        try:
            with self._say.together(self._connection.connection.driver_connection):
                self._save(work)
        except self._dialect.loaded_dbapi.Error as error:  # what was sent together fails together, at the end
            self._raise(error, "the statements of a group")

    def _save(self, work: Work) -> None:
        changed = [inbox for inbox in work.inboxes.values() if inbox.before or inbox.chosen]
        if changed:
            self._save_inboxes(changed)
            self._save_records(changed, work.now)
            self._save_choices([inbox for inbox in changed if inbox.chosen], work.now)
            mails = [(an_id, due_at, i.user_id) for i in changed for an_id, due_at in i.mails]
            if mails:
                self._run_many(_insert_mail_items(self._say.mark), mails)
        self._insert(
            "idempotency_keys",
            ("producer_id", "key", "request_hash", "response", "created_at"),
            [(p, k, r.request_hash, r.response, work.now) for (p, k), r in work.new_replays.items()],
        )
        if work.renewed_replays:
            text = "UPDATE idempotency_keys SET response = {0} WHERE producer_id = {0} AND key = {0}"
            self._run_many(
                text.format(self._say.mark), [(r.response, p, k) for (p, k), r in work.renewed_replays.items()]
            )
        self._insert(
            "applied_actions",
            ("user_id", "id", "rev", "status", "at"),
            [(user, an_id, a.rev, a.status, work.now) for (user, an_id), a in work.new_applied.items()],
        )
        if work.new_dispatches:
            self._connection.execute(Dispatch.__table__.insert(), work.new_dispatches)  # type: ignore[attr-defined]
        self._save_journeys(work)
        if work.new_questions:
            self._connection.execute(QuestionRow.__table__.insert(), work.new_questions)  # type: ignore[attr-defined]
        self._insert("asked", ("question_id", "user_id", "notification_id"), work.new_asked)
        self._save_inquiries(work)
        if work.vigils:
            self._save_vigils(work)
        if self._webhooks:
            self._save_happenings([one for inbox in changed for one in inbox.happenings], work.now)

    def _save_happenings(self, happenings: list[Happening], now: int) -> None:
        """Deliveries for those webhooks that want to hear: found by the statement itself, for nobody else knows them."""
        if happenings:
            told = rows.happenings_json(happenings, now)
            self._run(_insert_deliveries(self._say.happenings, self._say.mark), (told,))

    def _save_inboxes(self, inboxes: list[Inbox]) -> None:
        values = [(i.user_id, i.rev, i.floor, _signed(i.digest), i.unread) for i in inboxes]
        for text, parameters in self._say.update_inboxes(values):
            self._run(text, parameters)

    def _save_records(self, inboxes: list[Inbox], now: int) -> None:
        inserts: list[tuple[Any, ...]] = []
        revised: list[tuple[Any, ...]] = []
        updates: list[tuple[Any, ...]] = []
        for inbox in inboxes:
            for an_id, before in inbox.before.items():
                record = inbox.records[an_id]
                if before is None and an_id in inbox.revised:
                    revised.append(rows.revised_row(record, inbox.user_id, inbox.origins[an_id], now))
                elif before is None:
                    inserts.append(rows.insert_row(record, inbox.user_id, inbox.origins[an_id]))
                else:
                    updates.append((*rows.update_row(record, now), inbox.user_id, an_id))
        if updates:  # first: an update may give a life-cycle key free for an insert
            self._run_many(_update_records(self._say.mark), updates)
        self._insert("notifications", rows.INSERT_COLUMNS, inserts)
        self._insert("notifications", rows.REVISED_COLUMNS, revised)

    def _save_choices(self, inboxes: Iterable[Inbox], now: int) -> None:
        """Once in a while, unlike everything around it."""
        text = (
            f"INSERT INTO preferences (user_id, document) VALUES ({self._say.mark}, {self._say.mark}) "
            "ON CONFLICT (user_id) DO UPDATE SET document = excluded.document"
        )
        stamp = f"UPDATE inboxes SET chosen_rev = {self._say.mark} WHERE user_id = {self._say.mark}"
        for inbox in inboxes:
            self._run(text, (inbox.user_id, rows.choices_text(inbox.choices.values())))
            self._run(stamp, (inbox.rev, inbox.user_id))
            if not _OF_DIGESTS.isdisjoint(inbox.chosen):
                preferences = inbox.preferences
                due_at = next_digest(preferences.digest, now, zone_for(preferences))
                self._run(PLAN_DIGEST.replace("?", self._say.mark), (now, due_at, inbox.user_id))

    def _save_journeys(self, work: Work) -> None:
        text = "UPDATE dispatches SET state = {0}, cursor = {0}, reached = {0}, finished_at = {0} WHERE id = {0}"
        for j in work.moved_journeys.values():
            finished = None if j.state == "waiting" else work.now
            self._run(text.format(self._say.mark), (j.state, j.cursor, j.reached, finished, j.id))

    def _save_inquiries(self, work: Work) -> None:
        text = "UPDATE questions SET state = {0}, answer = {0}, user_id = {0}, cursor = {0}, finished_at = {0} WHERE id = {0}"
        for i in work.moved_inquiries.values():
            said = None if i.answer is None else rows.answer_text(i.answer)
            finished = work.now if i.state == "closed" else None
            self._run(text.format(self._say.mark), (i.state, said, i.user_id, i.cursor, finished, i.id))

    def _save_vigils(self, work: Work) -> None:
        if work.new_vigils:
            made = [rows.new_vigil_row(work.vigils[an_id], work.now) for an_id in sorted(work.new_vigils)]
            self._connection.execute(AlarmRow.__table__.insert(), made)  # type: ignore[attr-defined]
        text = "UPDATE alarms SET " + ", ".join(f"{name} = {{0}}" for name in rows.VIGIL_MOVES) + " WHERE id = {0}"
        for an_id in sorted(work.moved_vigils):
            moved = rows.vigil_row(work.vigils[an_id], work.now)
            self._run(text.format(self._say.mark), (*(moved[name] for name in rows.VIGIL_MOVES), an_id))

    # ---- the two shapes of statement

    def _select_in(self, text: str, values: Sequence[Any], *first: Any) -> Iterator[Any]:
        """The last hole of the text is for "one of these values", the others for single ones before it."""
        for among, parameters in self._say.among(values):
            holes = (*(self._say.mark for _ in first), among)
            yield from self._run(text.format(*holes), (*first, *parameters)).fetchall()

    def _insert(self, table: str, columns: Sequence[str], values: list[tuple[Any, ...]]) -> None:
        for text, parameters in self._say.insert(table, columns, values):
            self._run(text, parameters)


def _signed(digest: int) -> int:
    return digest - (1 << 64) if digest >> 63 else digest


@lru_cache(2)
def _insert_deliveries(happenings: str, mark: str) -> str:
    anything = "%%" if mark == "%s" else "%"  # the driver's own mark is a per cent sign as well
    return (
        "INSERT INTO webhook_deliveries "
        "(webhook_id, id, event, notification_id, user_name, facts, created_at, due_at) "
        "SELECT w.id, v.id, v.event, v.notification, u.name, v.facts, v.at, v.at "
        f"FROM {happenings} "
        "JOIN notifications n ON n.id = v.notification AND n.user_id = v.user_id "
        "JOIN users u ON u.id = v.user_id "
        "JOIN webhooks w ON w.producer_id = n.producer_id "
        f"WHERE w.enabled AND w.events LIKE '{anything}\"' || v.event || '\"{anything}'"
    )


@lru_cache(2)
def _insert_mail_items(mark: str) -> str:
    """Only for those who have an address. What comes back as news goes out again."""
    return (
        f"INSERT INTO mail_items (user_id, notification_id, due_at) SELECT m.user_id, {mark}, {mark} "
        f"FROM mailboxes m WHERE m.user_id = {mark} AND m.confirmed_at IS NOT NULL "
        "ON CONFLICT (user_id, notification_id) DO UPDATE SET due_at = excluded.due_at, mail_id = NULL "
        "WHERE mail_items.mail_id IS NOT NULL"
    )


@lru_cache(2)
def _update_records(mark: str) -> str:
    assignments = ", ".join(f"{column} = {mark}" for column in rows.UPDATE_COLUMNS)
    return f"UPDATE notifications SET {assignments} WHERE user_id = {mark} AND id = {mark}"
