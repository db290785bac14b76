"""What may be wrong with a bell that does not ring: checks that answer in sentences, each within a few seconds.

    facts (gathered in the owner's thread, cheap)  ─►  checks (each in a worker of its own)  ─►  findings, as they come

A check never raises and never waits for longer than its request's timeout; `Run` gives up on one that hangs all the
same (a keyring's prompt, a network drive) and says so. A finding holds no secret, so all of them together are a report
that a person may put into a public issue. What is checked is in `checks.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Final, Literal

from msgspec import Struct

from handbell_desktop.sentences import Sentence, sentence
from handbell_desktop.timers import Timer, Turns

Verdict = Literal["good", "notice", "bad"]

WITHIN: Final = 12.0  # the longest a check may take before it is given up
_MARKS: Final = {"good": "ok  ", "notice": "note", "bad": "BAD "}


class Finding(Struct, frozen=True):
    verdict: Verdict
    says: Sentence


class Check(Struct, frozen=True):
    """One line of the page. `run` is called in a worker."""

    name: Sentence
    run: Callable[[], Finding]


class Run:
    """All checks at once; `on_finding(index, finding)` is called in the owner's thread as each is done."""

    def __init__(self, checks: Sequence[Check], turns: Turns, on_finding: Callable[[int, Finding], None]) -> None:
        self._on_finding = on_finding
        self._open = set(range(len(checks)))
        self._timer: Timer = turns.later(WITHIN, self._give_up)
        for index, check in enumerate(checks):
            turns.work(check.run, partial(self._done, index))

    @property
    def over(self) -> bool:
        return not self._open

    def cancel(self) -> None:
        """What is still under way will not be reported."""
        self._open.clear()
        self._timer.cancel()

    def _done(self, index: int, result: object) -> None:
        if index not in self._open:
            return
        self._open.discard(index)
        if not self._open:
            self._timer.cancel()
        if not isinstance(result, Finding):
            result = Finding(
                "bad", sentence("Diagnosis", "This could not be checked ({why}).").of(why=type(result).__name__)
            )
        self._on_finding(index, result)

    def _give_up(self) -> None:
        for index in sorted(self._open):
            self._done(index, Finding("bad", sentence("Diagnosis", "This took too long to find out.")))


class Part(Struct, frozen=True):
    """A heading of the page, and what was found under it so far."""

    heading: str
    results: tuple[tuple[Check, Finding | None], ...]


def report(about: str, parts: Iterable[Part]) -> str:
    """The findings as plain text for an issue, in English, whatever language is shown."""
    lines = [about]
    for part in parts:
        lines += ["", part.heading]
        for check, finding in part.results:
            mark, says = ("?   ", "not finished") if finding is None else (_MARKS[finding.verdict], str(finding.says))
            lines.append(f"  {mark}  {check.name}: {says}")
    return "\n".join(lines) + "\n"
