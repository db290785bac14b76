"""What systems that report have in common: a request of theirs comes down to any number of reports.

    a dialect's `reports` ─► Report ─► whom, urgency ─► saying.say_all ─► Heard

`reports` is a pure function of what was sent, so a table can test it. A report may say the same as an earlier one, because its
sender repeats itself on purpose (Alertmanager, for as long as an alert fires), because a pair of senders shares the work, or
because an answer was lost. `repeat` is what such reports have in common; the second one tells nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import TypeVar

import msgspec
from msgspec import Struct

from handbell_server.actions.produce import Produced
from handbell_server.addressing import Whom
from handbell_server.errors import Problem
from handbell_server.http.dialects import places
from handbell_server.http.dialects.reading import text_of
from handbell_server.http.dialects.saying import Said, clipped, say_all, urgency, whom
from handbell_server.http.endpoint import Answer, Call, Dialect
from handbell_server.http.produce import taking_turns
from handbell_server.limits import InputLimits
from handbell_server.parsing import decode
from handbell_shared.links import why_refused

_L = InputLimits()
_LONGEST_TOLD = _L.title_chars
T = TypeVar("T")


@dataclass(slots=True, kw_only=True)
class Report:
    """One thing to tell, and what only its sender knows of it."""

    said: Said
    repeat: str | None = None
    severity: str = ""  # the sender's own word, for the producer's own priorities
    about: tuple[str, ...] = ()  # words for what it is about, which the producer may have routes for
    to: tuple[str, ...] = ()  # words for whom to tell


class Heard(Struct, frozen=True, gc=False):
    """What became of a request."""

    told: int
    repeated: int = 0
    left_alone: int = 0


def dialect(name: str, statuses: Mapping[int, int] | None = None) -> Dialect:
    """A dialect whose senders let their owner choose the address, and read nothing of an answer but its status."""
    token = places.first_of(
        places.bearer_or_basic, places.in_path("key"), places.in_query("token"), places.in_query("access_token")
    )
    return Dialect(name, token, statuses=statuses or {})


def report(call: Call, reports: Iterable[Report]) -> Answer:
    """Tell them all, or say what is wrong.

    When one fails that may succeed later, the whole request fails so: what got through is told once all the same.
    """
    items: list[tuple[Said, Whom, str | None]] = []
    for one in taking_turns(call, reports):
        to = _whom(call, one)
        if one.severity:
            one.said.priority = urgency(call, call.speaks, one.severity, one.said.priority)
        items.append((one.said, to, _repeat_for(one.repeat, to)))
    results = say_all(call, items)
    failed = [result for result in results if isinstance(result, Problem)]
    if failed:
        raise max(failed, key=lambda problem: problem.status)
    told = [result for result in results if isinstance(result, Produced)]
    repeated = sum(result.replayed for result in told)
    alone = sum(not result.replayed and all(one.skipped for one in result.outcomes) for result in told)
    return Answer(200, Heard(len(told) - repeated - alone, repeated, alone))


def _whom(call: Call, one: Report) -> Whom:
    """Whom it names, or whom the producer's routes name for what it is about, which is never a topic's name; or the default."""
    return whom(call, *(one.to or (word for word in one.about if word in call.producer.dialects.routes)))


def _repeat_for(repeat: str | None, to: Whom) -> str | None:
    """Two receivers of one alert are two reports, though the alert is the same."""
    return None if repeat is None else f"{repeat}\n{msgspec.json.encode(to).decode()}"


# ---- words for titles and texts


def line(value: object, longest: int = _LONGEST_TOLD) -> str:
    """A value on one line, and not too long."""
    return clipped(" ".join(text_of(value)[: 8 * longest].split()), longest)


def paragraphs(*parts: object) -> str:
    """What there is of them, one under the other."""
    return "\n\n".join(part for part in (text_of(one).strip() for one in parts) if part)


def listed(items: Iterable[tuple[object, object]]) -> str:
    """Names and values, a line for each."""
    return "\n".join(f"{line(name)}: {line(value)}" for name, value in items)


def first_link(*candidates: object) -> str | None:
    """The first of these that may be kept; else the first there is, so that its sender hears that it was left out."""
    there = [link for one in candidates if (link := text_of(one).strip())]
    good = (link for link in there if len(link) <= _L.link_chars and why_refused(link) is None)
    return next(good, there[0] if there else None)


def links(*wanted: tuple[str, object]) -> list[tuple[str, str]]:
    """Those buttons that have somewhere to lead to."""
    return [(label, link) for label, address in wanted if (link := text_of(address).strip())]


def mark(*parts: object) -> str:
    """A short name for any parts, the same in every process, and never the same for others."""
    return blake2b(msgspec.json.encode([text_of(part) for part in parts]), digest_size=16).hexdigest()


def lookup(table: Mapping[str, T], said: object, otherwise: T) -> T:
    return table.get(text_of(said).strip().lower(), otherwise)


def parsed(raw: bytes, decoder: msgspec.json.Decoder[T]) -> T:
    """JSON of the dialect's shape; a Problem with the name of the member where it is not."""
    found: T = decode(raw, decoder)
    return found
