"""A whole desk without a server: real stores on disk, hands that write, and links that a test plays itself.

    made = make_desk(tmp_path, {"ana": [bell("Disk full", priority="urgent"), bell("Lunch")]})
    made.desk.page(Query(tab="unread"))                     # the stores are open, everything is there
    made.desk.read(made.desk.page(Query())[:1])             # shows at once
    made.settle()                                           # … and now it is on disk, and listeners were told
    made.turns.advance(10)                                  # the offer to undo ends
    made.link("ana").online()                               # the bell goes online; without this it is connecting
    made.link("ana").brings(bell("News"))                   # a notification arrives: toast, badge, change
    made.entries("Lunch"), made.titles("unread")            # by title
    made.toaster.shown, made.opened                         # what was shown, which links were opened
    made.close()

Accounts are called by their user's name: `records_by_account` fills the store of an account with that id and that user
on `https://bell.example`. With real Qt turns (`turns=QtTurns(...)`) use `qtbot.waitUntil` in place of `settle`, and
give `now=now_ms`. Nothing here needs a network, a keyring, or a desktop; the toaster is a list.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import tzinfo
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from msgspec.structs import replace

from handbell_desktop.account.linking import AnyLink
from handbell_desktop.deeds import Opened
from handbell_desktop.desk import Desk
from handbell_desktop.kept.settings import Account, Chosen, Settings
from handbell_desktop.kept.shown import Entry, Query, Tab
from handbell_desktop.kept.state import Remembered
from handbell_desktop.kept.store import SqliteStore
from handbell_desktop.machine.idle.base import IdleTime, Unknown
from handbell_desktop.machine.secrets.base import Declined, Locked
from handbell_desktop.machine.toasts.base import Capabilities, OnEvent, Toast, ToastEvent
from handbell_desktop.phrases import Phrases
from handbell_desktop.timers import Turns
from handbell_shared.clock import now_ms
from handbell_shared.digest import choice_fingerprint, fingerprint
from handbell_shared.ids import new_id
from handbell_shared.link_state import LinkState, Online
from handbell_shared.records import Action, Choice, Mark, Notification, Position
from handbell_shared.replica import Applied, Replica
from tests.support.turns import ManualTurns

SERVER = "https://bell.example"
_AN_HOUR_AGO = now_ms() - 3_600_000
_bells = itertools.count()
TABS: tuple[Tab, ...] = ("all", "archived")


def bell(title: str = "ding", **members: Any) -> Notification:
    """A record as a server would send it, each newer than the one before; every member may be given."""
    at = members.setdefault("created_at", _AN_HOUR_AGO + 10 * next(_bells))
    return Notification(**{"id": new_id(at), "ver": 1, "title": title, "source": "ci", **members})


class PlayedLink:
    """In the place of the real link: what the test says comes from the server, and `acted` is what would go there."""

    def __init__(
        self,
        replica: Replica,
        token: str,
        on_state: Callable[[LinkState], None],
        on_applied: Callable[[Applied], None],
        on_elsewhere: Callable[[bool], None] = lambda elsewhere: None,
    ) -> None:
        self.replica = replica
        self.token = token
        self.acted: list[Action] = []
        self.marked: list[Mark] = []
        self.used: list[bool] = []
        self.started = self.closed = False
        self.woken = 0
        self.says = on_state
        """A state, as a link would tell it: `link.says(Offline(5.0, "the server is away"))`."""
        self._on_applied = on_applied
        self.elsewhere = on_elsewhere
        """The person uses another device, or does not any more."""

    # ---- what a session asks of it

    def start(self) -> None:
        self.started = True

    def act(self, action: Action) -> None:
        self.replica.act(action)
        self.acted.append(action)

    @contextmanager
    def reading(self) -> Iterator[Replica]:
        yield self.replica

    def mark(self, mark: Mark) -> None:
        self.marked.append(mark)

    def use(self, used: bool) -> None:
        self.used.append(used)

    def wake(self) -> None:
        self.woken += 1

    def close(self) -> None:
        self.closed = True

    # ---- what a test does with it

    def online(self) -> None:
        self.says(Online())

    def brings(self, *records: Notification, news: bool = True) -> None:
        """The server tells these: they are on disk, and news unless said otherwise. Call it when the hands are at rest."""
        store = self.replica.store
        with store.step():
            digest = store.digest
            for record in records:
                old = store.record(record.id)
                digest ^= (fingerprint(old) if old else 0) ^ fingerprint(record)
                store.put(record)
            store.move(replace(store.position, rev=store.position.rev + 1), digest)
        fresh = tuple(record for record in records if news and record.live)
        self._on_applied(Applied(tuple(record.id for record in records), fresh))

    def chooses(self, name: str, value: Any, at: int | None = None) -> None:
        """The person chose this on another device."""
        store = self.replica.store
        rev = store.position.rev + 1
        choice = Choice(name, value, now_ms() if at is None else at, new_id(), rev)
        with store.step():
            before = store.choices().get(name)
            store.choose(choice)
            digest = store.digest ^ (choice_fingerprint(before) if before else 0) ^ choice_fingerprint(choice)
            store.move(replace(store.position, rev=rev), digest)
        self._on_applied(Applied(chosen=True))


class ListedToaster:
    """Shows nothing, and remembers: `shown` in order, `up` as it would be on the screen."""

    capabilities = Capabilities("a list", buttons=True, replies=True, stays=True, sound=True, withdraws=True)

    def __init__(self, on_event: OnEvent) -> None:
        self.shown: list[Toast] = []
        self.up: dict[str, Toast] = {}
        self.does: Callable[[ToastEvent], None] = on_event
        """What a person does to a toast: `toaster.does(Clicked(key))`."""

    def show(self, toast: Toast) -> None:
        self.shown.append(toast)
        self.up[toast.key] = toast

    def withdraw(self, key: str) -> None:
        self.up.pop(key, None)

    def close(self) -> None:
        pass


class ListedSecrets:
    """A keyring that answers at once, once it is unlocked; `says_no` is what the person does when it asks them."""

    warning: str | None = None

    def __init__(self, tokens: Mapping[str, str]) -> None:
        self.tokens = dict(tokens)
        self.locked = self.declined = self.says_no = False
        self.asked = 0

    def get(self, account_id: str, *, ask: bool = False) -> str | None:
        if self.locked and (self.declined or not ask):
            raise Locked("locked")
        if self.locked:
            self.asked += 1
            self.declined = self.locked = self.says_no
            if self.declined:
                raise Declined("declined")
        return self.tokens.get(account_id)

    def set(self, account_id: str, token: str) -> None:
        self.tokens[account_id] = token

    def forget(self, account_id: str) -> None:
        self.tokens.pop(account_id, None)

    def ask_again(self, account_ids: Iterable[str]) -> None:
        self.declined = False
        for account_id in account_ids:
            self.get(account_id, ask=True)


@dataclass
class MadeDesk:
    desk: Desk
    turns: ManualTurns
    toaster: ListedToaster
    secrets: ListedSecrets
    chosen: Chosen
    links: dict[str, list[PlayedLink]]
    opened: list[str]
    asked_to_show: list[tuple[Entry | None, Opened]] = field(default_factory=list)

    def link(self, account: str) -> PlayedLink:
        return self.links[account][-1]

    def entries(self, *titles: str) -> list[Entry]:
        """By title, in the order given, from the archive too."""
        found = {e.record.title: e for tab in TABS for e in self.desk.page(Query(tab=tab), limit=1_000_000)}
        return [found[title] for title in titles]

    def titles(self, tab: Tab = "all") -> list[str]:
        return [entry.record.title for entry in self.desk.page(Query(tab=tab))]

    def settle(self) -> None:
        """All hands are at rest and everything they told has been heard; time stands still."""
        for _ in range(2):  # what is heard may give the hands more to do
            for session in self.desk.sessions:
                self._wait_for(session._hands.do)
            self._wait_for(self.desk._keys.hands.do)
            self._wait_for(self.desk._files.do)
        self.turns.run()

    def close(self) -> None:
        self.desk.close()

    def _wait_for(self, do: Callable[[Callable[[], object]], None]) -> None:
        done: list[bool] = []
        do(lambda: self.turns.post(lambda: done.append(True)))
        self.turns.until(lambda: done, "the hands")


def account(user: str) -> Account:
    return Account(id=user, server=SERVER, user=user, device=new_id())


def fill(data: Path, user: str, records: Iterable[Notification]) -> None:
    """The store of an account as a link would have left it."""
    path = data / "accounts" / user / "inbox.db"
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        path.write_bytes(_empty_store())
    with closing(SqliteStore.open(path)) as store, store.step():
        store.stage_begin(Position("epoch", 1))
        store.stage(records)
        store.stage_swap()


@cache
def _empty_store() -> bytes:
    """Making the tables costs more than most tests do."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "inbox.db"
        SqliteStore.open(path).close()
        return path.read_bytes()


def make_desk(
    tmp_path: Path,
    records_by_account: Mapping[str, Iterable[Notification]],
    *,
    settings: Settings | None = None,
    turns: Turns | None = None,
    now: Callable[[], int] | None = None,
    phrases: Phrases | None = None,
    tokens: Mapping[str, str] | None = None,
    zone: tzinfo | None = None,
    zone_name: str | None = None,
    make_idle: Callable[[], IdleTime] = Unknown,
    started: bool = True,
) -> MadeDesk:
    """A started desk on stores that hold these records. See the top of this file."""
    for user, records in records_by_account.items():
        fill(tmp_path, user, records)
    chosen = Chosen(tmp_path / "settings.json")
    accounts = tuple(account(user) for user in records_by_account)
    chosen.settings = replace(settings or Settings(), accounts=accounts)
    return reopen_desk(
        tmp_path,
        chosen,
        turns=turns,
        now=now,
        phrases=phrases,
        tokens=tokens,
        zone=zone,
        zone_name=zone_name,
        make_idle=make_idle,
        started=started,
    )


def reopen_desk(
    tmp_path: Path,
    chosen: Chosen,
    *,
    turns: Turns | None = None,
    now: Callable[[], int] | None = None,
    phrases: Phrases | None = None,
    tokens: Mapping[str, str] | None = None,
    zone: tzinfo | None = None,
    zone_name: str | None = None,
    make_idle: Callable[[], IdleTime] = Unknown,
    started: bool = True,
) -> MadeDesk:
    """The desk of a folder that is there already: what a restart of the program finds."""
    manual = turns if isinstance(turns, ManualTurns) else ManualTurns()
    links: dict[str, list[PlayedLink]] = {}
    toasters: list[ListedToaster] = []
    opened: list[str] = []

    def make_link(
        account: Account, token: str, replica: Replica, *, on_state: Any, on_applied: Any, on_elsewhere: Any
    ) -> AnyLink:
        link = PlayedLink(replica, token, on_state, on_applied, on_elsewhere)
        links.setdefault(account.id, []).append(link)
        return link

    def make_toaster(on_event: OnEvent) -> ListedToaster:
        toasters.append(ListedToaster(on_event))
        return toasters[0]

    secrets = ListedSecrets({one.id: "token" for one in chosen.settings.accounts} if tokens is None else tokens)
    desk = Desk(
        chosen=chosen,
        remembered=Remembered(tmp_path / "state.json"),
        secrets=secrets,
        make_toaster=make_toaster,
        turns=turns or manual,
        phrases=phrases or Phrases(),
        data=tmp_path,
        opener=lambda link, token: opened.append(link),
        link_factory=make_link,
        now=now or manual.now,
        zone=zone,
        zone_name=lambda: zone_name,
        make_idle=make_idle,
    )
    made = MadeDesk(desk, manual, toasters[0], secrets, chosen, links, opened)
    desk.on_show = lambda entry, how: made.asked_to_show.append((entry, how))
    if started:
        desk.start()
        if turns is None or turns is manual:
            made.settle()
            manual.advance(0.1)  # what was told while it started is behind us
    return made
