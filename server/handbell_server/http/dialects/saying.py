"""From "what this sender said" to a notification: the one road that every dialect takes.

    a dialect's module ─► Said ─► sent_of ─► NewNotification ─► produce.tell     (scopes, limits, types, idempotency, …)
                                     ▲
                        settings of the producer's key: recipients, words for urgency, what holds otherwise

An alarm that comes shortened is better than one that is refused, and its sender reads no explanations: what is too long is
cut, a link that may not be opened is left out. The answer's header `Handbell-Left-Out` names what was, for whoever sets
it up. What cannot be judged for the sender (nobody to tell, no right to) is refused, in its own language.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

import msgspec

from handbell_server.actions.produce import Once, Produced
from handbell_server.addressing import To, Whom
from handbell_server.errors import Invalid, Problem, Unavailable
from handbell_server.http.bodies import NewNotification, SentActor, SentButton
from handbell_server.http.endpoint import Call
from handbell_server.http.produce import idempotency_key, tell, tell_all
from handbell_server.limits import InputLimits, json_depth_within
from handbell_server.rules.builtin_types import BUILT_IN
from handbell_server.sealing import BrokenSealError, seal_row
from handbell_shared.links import why_refused
from handbell_shared.records import Priority

_L = InputLimits()
_LONGEST_TTL = 10 * 366 * 86_400
_encode = msgspec.json.Encoder().encode


@dataclass(slots=True, kw_only=True)
class Said:
    """What a sender said, in our words. Nothing has to be checked or cut before."""

    title: str = ""
    text: str = ""
    type: str | None = None
    priority: Priority | None = None
    link: str | None = None
    image: str | None = None
    links: list[tuple[str, str]] = field(default_factory=list)  # buttons that open something: label, link
    actor: str | None = None  # who did it, in the sender's words; `people` of the settings says which user that is
    group: str | None = None
    key: str | None = None  # the life-cycle key: the same incident, told again
    resolved: bool = False
    if_open: bool = False
    deliver_at: int | None = None
    ttl: int | None = None
    silent: bool = False
    data: dict[str, Any] | None = None
    left_out: list[str] = field(default_factory=list)


def say(call: Call, said: Said, whom: Whom, repeat: str | None = None) -> Produced:
    """Tell it. `repeat` is the same whenever the sender sends the same thing again; an Idempotency-Key goes before it."""
    sent = sent_of(call, said, whom)
    return tell(call, sent, once_of(call, sent, repeat))


def say_all(call: Call, items: Iterable[tuple[Said, Whom, str | None]]) -> list[Produced | Problem]:
    """Several things of one request, in one transaction; each is judged by itself. None is told when there are none."""
    sent = [(sent_of(call, said, whom), repeat) for said, whom, repeat in items]
    return tell_all(call, [(one, _repeated(call, repeat)) for one, repeat in sent]) if sent else []


def first_told(results: list[Produced | Problem]) -> Produced:
    """One that was told; when none was, the first reason why."""
    told = [result for result in results if isinstance(result, Produced)]
    if told:
        return told[0]
    for result in results:
        if isinstance(result, Problem):
            raise result
    raise Invalid("There is nothing to tell in this.")


# ---- what the producer's settings say


def whom(call: Call, *names: str) -> Whom:
    """Whom the sender means by its own words (a topic, a channel, a tag); without words, its default.

    A route for one of the names decides; then a name that says itself what it is, `~ana` for a person; then the default;
    and with neither, the name is a topic's.
    """
    settings = call.producer.dialects
    for name in names:
        if name in settings.routes:
            return settings.routes[name]
    for name in names:
        if name.startswith("~") and len(name) > 1:
            return name[1 : 1 + _L.user_name_chars]
    if settings.to is not None:
        return settings.to
    if names:
        return To(topic=names[0][: _L.key_chars])
    raise Invalid("Nobody is named, and this producer has no recipient: `handbell producer set … --to`.", field="to")


def urgency(call: Call, dialect: str, word: object, otherwise: Priority | None = None) -> Priority | None:
    """Our priority for the sender's word: the producer's own choice, or else the dialect's usual one."""
    chosen = call.producer.dialects.priorities.get(dialect)
    return otherwise if chosen is None else chosen.get(str(word), otherwise)


def secret_of(call: Call) -> str | None:
    """The secret that this producer's senders sign with; None when there is none."""
    sealed = call.producer.dialects.secret
    if sealed is None:
        return None
    try:
        if call.services.seal is not None:
            return call.services.seal.open(sealed, seal_row(call.producer.id))
    except BrokenSealError:
        pass
    raise Unavailable("The secret cannot be opened with this server's key; set it anew.", retry_after=3_600)


# ---- what a sender says becomes what we take


def sent_of(call: Call, said: Said, to: Whom) -> NewNotification:
    """The same as `POST /v1/notifications` takes it, within all its bounds."""
    settings, left = call.producer.dialects, said.left_out
    otherwise = settings.defaults
    kind = _word(said.type or otherwise.type) or "info"
    title: str | None
    title, text = _title_and_text(said.title, said.text, otherwise.title or call.producer.name)
    if not said.title.strip() and has_a_title(call, kind):
        title, text = None, clipped(_clean(said.text).strip(), _L.text_chars)
    sent = NewNotification(
        to=to,
        title=title,
        body=text,
        type=kind,
        link=_link(said.link, "link", left) or otherwise.link,
        priority=said.priority or otherwise.priority,
        data=_data(said.data, left),
        actor=_actor(said.actor, settings.people),
        image=_link(said.image, "image", left) or otherwise.image,
        group=_word(said.group or otherwise.group),
        key=_word(said.key),
        resolved=said.resolved,
        if_open=said.if_open,
        ttl=min(max(said.ttl, 1), _LONGEST_TTL) if said.ttl is not None else otherwise.ttl,
        deliver_at=said.deliver_at,
        actions=_buttons(said.links, left),
        silent=said.silent,
    )
    if left:
        call.headers_out["Handbell-Left-Out"] = ", ".join(dict.fromkeys(left))[:200]
    return sent


def has_a_title(call: Call, kind: str) -> bool:
    """Whether a type that somebody registered says the title by itself. Those that are built in are about people."""
    found = call.services.book_of(call.producer).get(kind)
    return found is not None and kind not in BUILT_IN and found.definition.title is not None


def clipped(text: str, longest: int) -> str:
    """At most so long; what is missing shows as `…`."""
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"


def _title_and_text(title: str, text: str, otherwise: str) -> tuple[str, str]:
    """A title is needed: without one it is the text's first line, and a first line too long for it stays in the text."""
    title, text = " ".join(_clean(title).split()), _clean(text).strip()
    if title:
        whole = text if len(title) <= _L.title_chars else f"{title}\n\n{text}".rstrip()
    else:
        first, _, rest = text.partition("\n")
        title = " ".join(first.split()) or otherwise
        whole = rest.strip() if len(title) <= _L.title_chars else text
    return clipped(title, _L.title_chars), clipped(whole, _L.text_chars)


def _clean(text: str) -> str:
    return text.replace("\x00", "").encode("utf-8", "replace").decode().replace("\r\n", "\n")


def _word(text: str | None) -> str | None:
    """A key, group or type: printable, and short; a long one keeps what tells it from others."""
    if not text:
        return None
    if len(text) <= _L.key_chars and text.isprintable():
        return text
    mark = blake2b(text.encode("utf-8", "replace"), digest_size=8).hexdigest()
    shown = "".join(c if c.isprintable() else " " for c in text[: _L.key_chars - 17])
    return f"{shown}#{mark}"


def _link(link: str | None, name: str, left: list[str]) -> str | None:
    if not link:
        return None
    if len(link) <= _L.link_chars and why_refused(link) is None:
        return link
    left.append(name)
    return None


def _buttons(links: list[tuple[str, str]], left: list[str]) -> tuple[SentButton, ...] | None:
    made: list[SentButton] = []
    for label, link in links:
        kept = _link(link, "actions", left)
        if kept is not None and len(made) < _L.buttons:
            shown = clipped(" ".join(_clean(label).split()) or "Open", _L.button_label_chars)
            made.append(SentButton(id=f"link-{len(made) + 1}", label=shown, kind="link", link=kept))
        elif kept is not None:
            left.append("actions")
    return tuple(made) or None


def _actor(name: str | None, people: dict[str, str]) -> SentActor | None:
    shown = " ".join(_clean(name or "").split())
    if not shown:
        return None
    return SentActor(name=clipped(shown, _L.actor_chars), user=people.get(name or ""))


def _data(data: dict[str, Any] | None, left: list[str]) -> dict[str, Any] | None:
    if not data:
        return None
    if json_depth_within(data, _L.data_depth) and len(_encode(data)) <= _L.data_bytes:
        return data
    left.append("data")
    return None


# ---- the same thing, sent again


def once_of(call: Call, sent: NewNotification, repeat: str | None) -> Once | None:
    key = idempotency_key(call)
    if key is None:
        return _repeated(call, repeat)
    same = msgspec.structs.replace(sent, deliver_at=None)  # "in ten minutes" is another moment when it is asked again
    return Once(key, blake2b(_encode(same), digest_size=16).hexdigest())


def _repeated(call: Call, repeat: str | None) -> Once | None:
    """A sender's own number for a delivery is believed: whatever comes with it is a repetition."""
    if repeat is None:
        return None
    dialect = call.speaks
    mark = blake2b(f"{dialect}\n{repeat}".encode("utf-8", "replace"), digest_size=16).hexdigest()
    return Once(f"{dialect}:{mark}", mark)
