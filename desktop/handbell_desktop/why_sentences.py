"""The trace of a notification as sentences a person understands, in the order of what happened. Pure; no Qt.

What is decided by one rule for several channels is one sentence. A step, a reason or a channel that only a newer server
knows is said by its own name: better a strange word than a gap.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import reduce
from typing import Final, Protocol

from msgspec import Struct

from handbell_desktop.rule_changes import said_of
from handbell_desktop.sentences import Sentence, sentence
from handbell_shared.preferences import DEFAULT, FOR_EVER, Preferences
from handbell_shared.records import Scope

NAME_AT_MOST: Final = 128


class Naming(Protocol):
    """Words that need the person's language and zone."""

    def when(self, at: int) -> str:
        """As short as it is clear: "07:00", "12 Nov, 07:00"."""

    def type_name(self, a_type: str) -> str: ...
    def category_name(self, category: str) -> str: ...


class Known(Struct, frozen=True, kw_only=True):
    """A step as it came: what is missing or of another kind than expected is None."""

    step: str
    at: int | None = None
    device: str | None = None
    channel: str | None = None
    rule: Scope | None = None
    why: str | None = None
    by: str | None = None
    until: int | None = None
    count: int | None = None


class About(Struct, frozen=True, kw_only=True):
    """Whose notification it is, and what that person chose."""

    user: str
    source: str
    naming: Naming
    preferences: Preferences = DEFAULT


class Told(Struct, frozen=True, kw_only=True):
    """One sentence. `rule` is the one that muted it, where that still holds and so can be changed."""

    step: str
    says: Sentence
    at: int | None = None
    latest: bool = False  # it may have been before that
    rule: Scope | None = None


def tell(lines: Iterable[Known], about: About) -> list[Told]:
    lines = list(lines)
    told: list[Told] = []
    rules: list[Scope | None] = []
    for line in lines:
        if line.step == "muted" and line.channel is not None:
            if line.rule not in rules:
                rules.append(line.rule)
                told.append(_muted([one for one in lines if one.channel and one.rule == line.rule], about))
        else:
            says = _SAYINGS.get(line.step, _unknown)(line, about)
            told.append(Told(step=line.step, says=says, at=line.at, latest=line.step == "delivered"))
    return told


# ---- rules


def _muted(lines: list[Known], about: About) -> Told:
    rule = lines[0].rule
    closed = reduce(_and, [_closed(line.channel or "") for line in lines])
    if rule is None:
        says = sentence("Whys", "Muted by a rule of yours: {closed}").of(closed=closed)
        return Told(step="muted", says=says)
    holds = bool(said_of(about.preferences, rule))
    says = sentence("Whys", "{rule}: {closed}").of(rule=_by_rule(rule, about.naming), closed=closed)
    if not holds:
        says = sentence("Whys", "{what}. You have changed that since.").of(what=says)
    return Told(step="muted", says=says, rule=rule if holds else None)


def _and(one: Sentence, two: Sentence) -> Sentence:
    return sentence("Whys", "{first}, {second}").of(first=one, second=two)


def _closed(channel: str) -> Sentence:
    match channel:
        case "toast":
            return sentence("Whys", "no toast")
        case "sound":
            return sentence("Whys", "no sound")
        case "badge":
            return sentence("Whys", "not counted on the bell")
        case "push":
            return sentence("Whys", "no push")
        case "email":
            return sentence("Whys", "no e-mail")
        case _:
            return sentence("Whys", "no {channel}").of(channel=_name(channel))


def _by_rule(rule: Scope, naming: Naming) -> Sentence:
    source, a_type, category = _name(rule.source), naming.type_name(rule.type or ""), rule.category
    named = {"source": source, "type": a_type, "category": naming.category_name(category or "")}
    match rule.source is not None, rule.type is not None, category is not None:
        case True, False, False:
            return sentence("Whys", "Muted by your rule for everything from {source}").of(**named)
        case False, True, False:
            return sentence("Whys", "Muted by your rule for “{type}”").of(**named)
        case True, True, False:
            return sentence("Whys", "Muted by your rule for “{type}” from {source}").of(**named)
        case False, False, True:
            return sentence("Whys", "Muted by your rule for the category “{category}”").of(**named)
        case True, False, True:
            return sentence("Whys", "Muted by your rule for the category “{category}” from {source}").of(**named)
        case False, True, True:
            return sentence("Whys", "Muted by your rule for “{type}” of the category “{category}”").of(**named)
        case True, True, True:
            return sentence("Whys", "Muted by your rule for “{type}” of the category “{category}” from {source}").of(
                **named
            )
    return sentence("Whys", "Muted by your rule for everything")


# ---- all other steps


def _stored(line: Known, about: About) -> Sentence:
    source = _name(about.source)
    return sentence("Whys", "Came from {source}").of(source=source) if source else sentence("Whys", "Came in")


def _told_again(line: Known, about: About) -> Sentence:
    if line.why == "resolved":
        return sentence("Whys", "Its sender says that it is over")
    if line.count is not None and line.count > 1:
        return sentence("Whys", "Told again, {count} times in all").of(count=line.count)
    return sentence("Whys", "Told again")


def _alarm(line: Known, about: About) -> Sentence:
    who = _name(line.by)
    match line.why:
        case "ringing":
            return sentence("Whys", "Rings again and again until somebody acknowledges it")
        case "passed" if who:
            return sentence("Whys", "Nobody acknowledged it in time, so it was passed on to {name}").of(name=who)
        case "acknowledged" if who and who != about.user:
            return sentence("Whys", "Acknowledged by {name}").of(name=who)
        case "acknowledged":
            return sentence("Whys", "Acknowledged by you")
        case "expired":
            return sentence("Whys", "Nobody acknowledged it")
        case "over":
            return sentence("Whys", "There is nothing to acknowledge any more")
        case _:
            return _unknown(line, about)


def _grouped(line: Known, about: About) -> Sentence:
    if line.why == "group":
        return sentence("Whys", "Shown together with others of its group")
    return sentence("Whys", "Shown together with what others did to the same thing")


def _held(line: Known, about: About) -> Sentence:
    device = _device(line)
    match line.why:
        case "quiet":
            return sentence("Whys", "Held back on {device}: it was quiet").of(device=device)
        case "summary":
            return sentence("Whys", "Part of one summary on {device}").of(device=device)
        case "elsewhere":
            return sentence("Whys", "Not shown on {device}: you were using another device").of(device=device)
        case "off":
            return sentence("Whys", "Not shown on {device}: notifications are off there").of(device=device)
        case _:
            return sentence("Whys", "Held back on {device}").of(device=device)


def _on_device(text: Sentence) -> Callable[[Known, About], Sentence]:
    return lambda line, about: text.of(device=_device(line))


def _plainly(text: Sentence) -> Callable[[Known, About], Sentence]:
    return lambda line, about: text


def _answered(line: Known, about: About) -> Sentence:
    if line.why == "deadline":
        return sentence("Whys", "Nobody answered in time")
    who = _name(line.by)
    if not who or who == about.user:
        return sentence("Whys", "Answered by you")
    return sentence("Whys", "Answered by {name}").of(name=who)


def _snoozed(line: Known, about: About) -> Sentence:
    if line.until is None:
        return sentence("Whys", "Put to sleep by you")
    return sentence("Whys", "Put to sleep by you, until {time}").of(time=about.naming.when(line.until))


def _mailed(line: Known, about: About) -> Sentence:
    if line.why == "digest":
        return sentence("Whys", "Named in an e-mail that sums up")
    return sentence("Whys", "Sent to you by e-mail")


def _not_mailed(line: Known, about: About) -> Sentence:
    match line.why:
        case "dropped":
            return sentence("Whys", "No e-mail: you had seen it before")
        case "failed":
            return sentence("Whys", "The e-mail could not be delivered")
        case "unknown":
            return sentence("Whys", "An e-mail was under way; whether it arrived is not known")
        case "waiting":
            return sentence("Whys", "An e-mail waits to be sent")
        case _:
            return sentence("Whys", "No e-mail was sent")


def _gone(line: Known, about: About) -> Sentence:
    match line.why:
        case "user":
            return sentence("Whys", "Deleted by you")
        case "recalled":
            return sentence("Whys", "Taken back by its sender")
        case "expired":
            return sentence("Whys", "Gone, because its time was over")
        case "retention":
            return sentence("Whys", "Gone, because it was old")
        case _:
            return sentence("Whys", "Gone")


def _unknown(line: Known, about: About) -> Sentence:
    """Of a newer server."""
    details = [_name(line.step), *(_name(one) for one in (line.why, line.by, line.channel, line.device) if one)]
    return sentence("Whys", "Something that only a newer Handbell has words for: {details}").of(
        details=" · ".join(details)
    )


_SAYINGS: Final[dict[str, Callable[[Known, About], Sentence]]] = {
    "stored": _stored,
    "told_again": _told_again,
    "rung_again": _plainly(sentence("Whys", "Rang again")),
    "alarm": _alarm,
    "critical": _plainly(sentence("Whys", "Critical: no rule can mute it")),
    "silent": _plainly(sentence("Whys", "Its sender wanted it to come without ringing")),
    "grouped": _grouped,
    "delivered": _on_device(sentence("Whys", "Reached {device}")),
    "shown": _on_device(sentence("Whys", "Shown on {device}")),
    "held": _held,
    "clicked": _on_device(sentence("Whys", "Clicked on {device}")),
    "dismissed": _on_device(sentence("Whys", "Waved away on {device}")),
    "seen": _plainly(sentence("Whys", "Seen by you")),
    "read": _plainly(sentence("Whys", "Read by you")),
    "answered": _answered,
    "archived": _plainly(sentence("Whys", "Archived by you")),
    "snoozed": _snoozed,
    "mailed": _mailed,
    "not_mailed": _not_mailed,
    "gone": _gone,
}


# ---- what this device knows


class Here(Struct, frozen=True, kw_only=True):
    """How it stands on this device now, for a notification that nobody has dealt with yet."""

    waits: bool = False
    own: bool = False  # the person did it themself
    expires_at: int | None = None
    quiet_until: int | None = None  # and it would be held back
    elsewhere: bool = False
    off: bool = False


def now_here(here: Here, naming: Naming, now: int) -> Iterator[Told]:
    if here.own:
        yield Told(step="own", says=sentence("Whys", "You did this yourself: that never rings"))
    if here.expires_at is not None and here.expires_at <= now:
        yield Told(step="expired", says=sentence("Whys", "Its time was over"), at=here.expires_at)
    elif here.expires_at is not None:
        says = sentence("Whys", "Counts until {time}, and is gone after that")
        yield Told(step="expires", says=says.of(time=naming.when(here.expires_at)))
    if not here.waits:
        return
    if here.off:
        yield Told(step="off_now", says=sentence("Whys", "Now: notifications are off on this computer"))
    elif here.quiet_until is not None and here.quiet_until >= FOR_EVER:
        yield Told(step="quiet_now", says=sentence("Whys", "Now: paused, until you end the pause"))
    elif here.quiet_until is not None:
        says = sentence("Whys", "Now: it is quiet until {time}").of(time=naming.when(here.quiet_until))
        yield Told(step="quiet_now", says=says)
    elif here.elsewhere:
        yield Told(step="elsewhere_now", says=sentence("Whys", "Now: you are using another device"))


def _device(line: Known) -> object:
    return _name(line.device) or sentence("Whys", "a device")


def _name(text: str | None) -> str:
    """What others gave a name to: one line, and not without end."""
    shown = " ".join((text or "").split())
    return shown if len(shown) <= NAME_AT_MOST else shown[: NAME_AT_MOST - 1] + "…"
