"""From what a producer says to a command: content, moment, recipients, each checked, each problem with its field."""

from __future__ import annotations

from collections.abc import Collection

from msgspec.structs import replace

from handbell_server.actions import dispatches
from handbell_server.actions.drafts import Draft, Sender, category_in
from handbell_server.actions.produce import Later, Once, Produce, Recipient
from handbell_server.actions.topics import check_topic
from handbell_server.addressing import To
from handbell_server.errors import Invalid
from handbell_server.http.alarms import Alarms, refuse_for_many
from handbell_server.http.bodies import NewNotification, delivery_time
from handbell_server.http.endpoint import Call
from handbell_server.http.filling import draft_for
from handbell_shared.clock import now_ms


class Telling:
    """One request of a producer: what all the notifications in it have in common, looked up once."""

    __slots__ = ("_alarms", "_anybody", "_book", "_call", "_critical", "_now", "_sender")

    def __init__(self, call: Call) -> None:
        producer = call.producer
        self._call = call
        self._now = now_ms()
        self._sender = Sender(producer.id, producer.name)
        self._book = call.services.book_of(producer)
        self._alarms = Alarms(call)
        self._critical = call.services.config.critical_categories
        self._anybody = "send:user" in producer.scopes

    def command(self, sent: NewNotification, once: Once | None) -> Produce:
        draft = judged(draft_for(sent, self._now, self._book), self._critical)
        to, terms = sent.to, sent.until_acknowledged
        if isinstance(to, str) and terms is None and sent.deliver_at is None:  # as nearly everything that is told
            recipient = (self._recipient(to, "to"),)
            return Produce(self._sender, draft, recipient, once=once, notify_actor=sent.notify_actor)
        due = delivery_time(sent, self._now)
        if isinstance(to, To):
            refuse_for_many(sent)
            target = _target(self._call, to)
            if due is None:
                self._call.services.fan_outs.admit(self._sender.id)
            reaches = self._call.services.read(dispatches.reach_of, target)
            later = [(None, Later(target, due or self._now, reaches))]
            return Produce(self._sender, draft, (), later=later, once=once, notify_actor=sent.notify_actor)
        recipients = self._recipients(to)
        if terms is not None:
            draft = replace(draft, alarm=self._alarms.terms(sent, draft, recipients))
        if due is not None:
            many = [(recipient, Later(f"user:{recipient.user_id}", due, 1)) for recipient in recipients]
            return Produce(self._sender, draft, (), later=many, once=once, notify_actor=sent.notify_actor)
        return Produce(self._sender, draft, recipients, once=once, notify_actor=sent.notify_actor)

    def check_recipients(self, to: str | list[str] | To) -> None:
        """Whether there are such, and the producer may tell them."""
        if isinstance(to, To):
            _target(self._call, to)
        else:
            self._recipients(to)

    def _recipients(self, to: str | list[str]) -> tuple[Recipient, ...]:
        if isinstance(to, str):
            return (self._recipient(to, "to"),)
        return tuple(self._recipient(name, f"to[{place}]") for place, name in enumerate(dict.fromkeys(to)))

    def _recipient(self, name: str, field: str) -> Recipient:
        if not self._anybody:
            self._call.producer.must("send:user", name)
        return Recipient(self._call.services.user_id(name, field), name)


def judged(draft: Draft, critical: Collection[str]) -> Draft:
    """The draft as one that nobody can mute, where its category is such."""
    return replace(draft, critical=True) if critical and category_in(draft) in critical else draft


def _target(call: Call, to: To) -> str:
    if to.everyone == (to.topic is not None):
        raise Invalid('Say either {"topic": …} or {"everyone": true}.', field="to")
    if to.topic is None:
        call.producer.must("send:all")
        return "everyone"
    check_topic(to.topic, "to.topic")
    call.producer.must("send:topic", to.topic)
    return f"topic:{to.topic}"
