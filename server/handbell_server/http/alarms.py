"""`until_acknowledged`: what a producer may ask for, and of whom. It must be allowed to reach everybody on the list."""

from __future__ import annotations

from collections.abc import Sequence

from handbell_server.actions.drafts import Draft
from handbell_server.actions.produce import Recipient
from handbell_server.errors import Invalid
from handbell_server.http.bodies import NewNotification, UntilAcknowledged
from handbell_server.http.endpoint import Call
from handbell_server.rules.alarming import Terms
from handbell_shared.ids import new_id

_FIELD = "until_acknowledged"


class Alarms:
    """The alarms of one request. Whether there is room for them is seen where they begin (`actions/alarms.py`)."""

    def __init__(self, call: Call) -> None:
        self._call = call

    def terms(self, sent: NewNotification, draft: Draft, recipients: Sequence[Recipient]) -> Terms | None:
        """How the notification is to ring; None for one that does not, or says that it is over."""
        wanted = sent.until_acknowledged
        if wanted is None:
            return None
        if draft.priority != "urgent":
            raise Invalid("Only what is urgent can ring until it is acknowledged.", field="priority")
        if sent.silent:
            raise Invalid("What is silent cannot ring until it is acknowledged.", field="silent")
        if wanted.expire < wanted.repeat:
            raise Invalid("It would expire before it rings again.", field=f"{_FIELD}.expire")
        people = self._people(wanted, recipients)
        if sent.resolved:
            return None
        return Terms(new_id(), wanted.repeat, wanted.expire, people)

    def _people(self, wanted: UntilAcknowledged, recipients: Sequence[Recipient]) -> tuple[tuple[int, str], ...]:
        named = {recipient.name for recipient in recipients}
        found = []
        for place, name in enumerate(wanted.escalate_to):
            field = f"{_FIELD}.escalate_to[{place}]"
            if name in named:
                raise Invalid("They are told before; each person can have one turn.", field=field)
            named.add(name)
            self._call.producer.must("send:user", name, field=field)
            found.append((self._call.services.user_id(name, field), name))
        return tuple(found)


def refuse_for_many(sent: NewNotification) -> None:
    """A topic or everybody: nobody would know whose turn it is."""
    if sent.until_acknowledged is not None:
        raise Invalid("Name the people; a topic or everybody cannot ring until it is acknowledged.", field=_FIELD)
