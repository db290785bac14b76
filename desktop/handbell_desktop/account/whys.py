"""Why a notification rang or did not, for the person it is for: what this device knows of it at once, and the server's trace.

    here(entry)      from the record and from how it stands on this device; needs nobody
    ask(entry, …)    the server, by a worker, with the account's token; answers the same and more

Without an answer the story is that of this device, and says why it is no more. What is asked is never kept: it is another
after the next device has done something.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any, Final, Protocol

import msgspec
from msgspec import Struct
from msgspec.structs import asdict, replace

from handbell_desktop.account import devices, trouble
from handbell_desktop.account.session import Session
from handbell_desktop.account.trouble import Trouble
from handbell_desktop.kept.settings import Account, Settings
from handbell_desktop.kept.shown import Entry
from handbell_desktop.machine.secrets.base import Secrets
from handbell_desktop.sentences import Sentence, sentence
from handbell_desktop.timers import Turns
from handbell_desktop.why_sentences import About, Here, Known, Naming, Told, now_here, tell
from handbell_shared import rest, traces
from handbell_shared.actions import waits
from handbell_shared.codes import Code
from handbell_shared.preferences import Preferences, breaks_through
from handbell_shared.rest import Refused, Unreachable

STEPS_AT_MOST: Final = 300  # of somebody with a hundred devices; nobody reads more


class Person(Protocol):
    """What is asked of the desk."""

    @property
    def settings(self) -> Settings: ...
    @property
    def sessions(self) -> tuple[Session, ...]: ...
    def entries(self, account: str, ids: Collection[str]) -> list[Entry]: ...
    def preferences(self, account: str) -> Preferences: ...
    def quiet_of(self, account: str) -> int | None: ...
    def elsewhere(self, account: str) -> bool: ...


class Story(Struct, frozen=True, kw_only=True):
    """`note` says what is missing in it; `again` whether asking once more may help."""

    told: tuple[Told, ...]
    note: Sentence | None = None
    again: bool = False


class Whys:
    def __init__(self, person: Person, secrets: Secrets, turns: Turns) -> None:
        self._person = person
        self._secrets = secrets
        self._turns = turns

    def here(self, entry: Entry, naming: Naming) -> Story:
        """As far as this device knows."""
        record, user = entry.record, self._user(entry.account)
        lines = [Known(**asdict(line)) for line in (*traces.decided(record), *traces.done(record, user))]
        return self._story(entry, lines, naming)

    def ask(self, entry: Entry, naming: Naming, done: Callable[[Story], None]) -> None:
        """`done` is called in the owner's thread, with a story in any case."""
        session = self._session(entry.account)
        account = None if session is None else session.account

        def fetch() -> object:
            secret = None if account is None else self._secrets.get(account.id)
            if account is None or secret is None:
                raise devices.no_token()
            return trace_of(account, secret, entry.record.id)

        def heard(result: object) -> None:
            now = next(iter(self._person.entries(entry.account, [entry.record.id])), entry)
            if isinstance(result, list):
                done(self._whole(now, result, naming))
            else:
                done(self._partly(now, result, naming))

        self._turns.work(fetch, heard)

    # ---- within

    def _whole(self, entry: Entry, lines: list[Known], naming: Naming) -> Story:
        story = self._story(entry, lines, naming)
        if self._person.settings.receipts:
            return story
        why = sentence(
            "Whys",
            "What this computer showed or held back is missing here: you have chosen that senders are told nothing of it.",
        )
        return replace(story, note=why)

    def _partly(self, entry: Entry, failure: object, naming: Naming) -> Story:
        if isinstance(failure, Trouble):
            why, again = failure.sentence, failure.code != Code.NOT_FOUND
        else:
            why, again = sentence("Whys", "For a reason nobody foresaw the server's answer is of no use."), True
        note = sentence("Whys", "{why} This is what this computer knows; the rest is known to the server.").of(why=why)
        return replace(self.here(entry, naming), note=note, again=again)

    def _story(self, entry: Entry, lines: list[Known], naming: Naming) -> Story:
        about = About(
            user=self._user(entry.account),
            source=entry.record.source,
            naming=naming,
            preferences=self._person.preferences(entry.account),
        )
        at = self._now(entry.account)
        return Story(told=(*tell(lines, about), *now_here(self._stands(entry, at), naming, at)))

    def _stands(self, entry: Entry, now: int) -> Here:
        record, person = entry.record, self._person
        preferences = person.preferences(entry.account)
        may_ring = waits(record, now) and record.may("toast") and not record.silent
        return Here(
            waits=may_ring,
            own=record.actor is not None and record.actor.user == self._user(entry.account),
            expires_at=record.expires_at,
            quiet_until=None if breaks_through(preferences, record) else person.quiet_of(entry.account),
            elsewhere=person.elsewhere(entry.account) and record.priority != "urgent",
            off=not person.settings.toasts,
        )

    def _session(self, account: str) -> Session | None:
        return next((one for one in self._person.sessions if one.account.id == account), None)

    def _user(self, account: str) -> str:
        session = self._session(account)
        return "" if session is None else session.account.user

    def _now(self, account: str) -> int:
        session = self._session(account)
        return 0 if session is None else session.now()


def trace_of(account: Account, token: str, an_id: str) -> list[Known]:
    """Asks the network, belongs into a worker, raises `Trouble`."""
    path = f"/v1/inbox/{an_id}/trace"
    try:
        answer = rest.request(account.server, "GET", path, token=token, ca_file=account.ca_file)
    except Refused as error:
        if error.code in (Code.NOT_FOUND, Code.METHOD_NOT_ALLOWED):
            why = sentence("Whys", "The server has nothing to add: it is an older one, or has let this one go.")
            raise Trouble(why, code=Code.NOT_FOUND) from error
        raise trouble.explain(error, account.server) from error
    except Unreachable as error:
        raise trouble.explain(error, account.server) from error
    steps = answer.get("steps") if isinstance(answer, dict) else None
    if not isinstance(steps, list):
        raise trouble.no_handbell(account.server)
    return [line for step in steps[:STEPS_AT_MOST] if (line := _line(step)) is not None]


def _line(step: Any) -> Known | None:
    """What of it can be understood: a newer server may say more, and other things."""
    if not isinstance(step, dict) or not isinstance(step.get("step"), str):
        return None
    try:
        return msgspec.convert(step, Known)
    except msgspec.ValidationError:
        return Known(step=step["step"])
