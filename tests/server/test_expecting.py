"""The rules of the dead-man switch: when a sign is late, when it is missing, what an absence of ours excuses, what is said."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from handbell_server.actions.drafts import Draft, spoken
from handbell_server.rules import expecting
from handbell_server.rules import expecting_words as words
from handbell_server.rules.expecting import HEARD_EVERY_MS, Standing, State

H = 3_600_000
DAY = 24 * H
PROMISED = expecting.awaiting(Standing(every=DAY, grace=H, what="ping", since=0, due_at=None), 0)


@pytest.mark.parametrize(
    ("moment", "never_heard", "heard_at_0"),
    [
        (0, "new", "up"),
        (DAY, "new", "up"),
        (DAY + 1, "late", "late"),
        (DAY + H, "late", "late"),
        (DAY + 9 * H, "late", "late"),  # nobody has been told yet: it is down when they are
    ],
)
def test_what_an_expectation_is_at_a_moment(moment: int, never_heard: State, heard_at_0: State) -> None:
    assert expecting.state_at(PROMISED, moment) == never_heard
    assert expecting.state_at(expecting.heard(PROMISED, 0), moment) == heard_at_0
    assert expecting.state_at(expecting.down(PROMISED, moment), moment) == "down"
    assert expecting.state_at(replace(PROMISED, paused=True), moment) == "paused"


@pytest.mark.parametrize(
    ("left", "back", "due_at", "why"),
    [
        (2 * H, 20 * H, DAY + H, "the sign was not yet expected, and can still come"),
        (2 * H, DAY - H - 1, DAY + H, "nor early"),
        (2 * H, DAY - H, DAY - H + DAY + H, "early by the grace it may have come in vain: the next one is waited for"),
        (DAY - 1, DAY + 2, DAY + 2 + DAY + H, "it may have come in vain"),
        (DAY + H, DAY + 3 * H, DAY + 3 * H + DAY + H, "also in the last moment of the grace"),
        (DAY + H + 1, DAY + 3 * H, DAY + H, "it was missing before we left"),
        (0, 9 * DAY, 9 * DAY + DAY + H, "a long absence excuses no more than a short one"),
    ],
)
def test_what_an_absence_of_handbell_excuses(left: int, back: int, due_at: int, why: str) -> None:
    after = expecting.after_absence(PROMISED, left, back)

    assert after.due_at == due_at, why
    assert (after.since, after.last_seen) == (PROMISED.since, PROMISED.last_seen)


def test_an_absence_changes_nothing_for_what_rests() -> None:
    for standing in (expecting.down(PROMISED, DAY + H), expecting.awaiting(replace(PROMISED, paused=True), 0)):
        assert expecting.after_absence(standing, 0, 9 * DAY) == standing


@pytest.mark.parametrize(
    ("every", "grace"), [(60, 60), (600, 60), (3_600, 360), (36_000, 3_600), (86_400, 3_600), (31 * 86_400, 3_600)]
)
def test_the_usual_grace(every: int, grace: int) -> None:
    assert expecting.usual_grace(every) == grace


steps = st.lists(
    st.tuples(st.sampled_from(["sign", "round", "pause", "resume", "absence"]), st.integers(1, 3 * DAY)), max_size=30
)


@settings(max_examples=150)
@given(steps, st.integers(60_000, 31 * DAY), st.integers(0, DAY), st.sampled_from(["ping", "anything"]))
def test_whatever_happens_nobody_is_told_too_early_twice_or_never(
    steps: list[tuple[str, int]], every: int, grace: int, what: expecting.What
) -> None:
    now = 1_000_000
    standing = expecting.awaiting(Standing(every, grace, what, since=now, due_at=None), now)
    for step, later in steps:
        before, now = now, now + later
        match step:
            case "sign":
                standing = expecting.heard(standing, now)
                assert standing.down_since is None
            case "round" if standing.due_at is not None and standing.due_at <= now:
                assert now - standing.since >= every + grace, "too early"
                standing = expecting.down(standing, now)
            case "pause" | "resume":
                standing = expecting.awaiting(replace(standing, paused=step == "pause"), now)
            case "absence":
                known = standing
                standing = expecting.after_absence(standing, before, now)
                if standing != known and standing.due_at is not None:
                    assert known.due_at is not None and standing.due_at >= max(known.due_at, now + every + grace)
        # Something is due unless it rests, and what rests is never due: so it is told once, and not forgotten.
        assert (standing.due_at is None) == (standing.paused or standing.down_since is not None)
        assert standing.due_at is None or standing.due_at <= now + every + grace + HEARD_EVERY_MS
        assert expecting.state_at(standing, now) in ("new", "up", "late", "down", "paused")


@pytest.mark.parametrize(
    ("ms", "en", "de"),
    [
        (0, "1 second", "1 Sekunde"),
        (119_999, "119 seconds", "119 Sekunden"),
        (120_000, "2 minutes", "2 Minuten"),
        (90 * 60_000, "90 minutes", "90 Minuten"),
        (DAY, "24 hours", "24 Stunden"),
        (2 * DAY, "2 days", "2 Tagen"),
        (400 * DAY, "400 days", "400 Tagen"),
    ],
)
def test_how_long_it_was(ms: int, en: str, de: str) -> None:
    assert (words.lasting(ms, "en"), words.lasting(ms, "de")) == (en, de)


def test_everybody_is_told_in_their_language() -> None:
    draft = Draft(title="", body="Look at the disk", priority="urgent", link="https://wiki.example/")
    said = [
        words.missing(draft, "backup", DAY),
        words.failing(draft, "backup", "exit 3"),
        words.back(draft, "backup", 3 * H),
    ]

    assert [spoken(one, None).title for one in said] == [
        "No sign of life from backup for 24 hours", "backup reports a failure", "backup is back, after 3 hours",
    ]  # fmt: skip
    assert [spoken(one, "de-AT").title for one in said] == [
        "Kein Lebenszeichen von backup seit 24 Stunden", "backup meldet einen Fehler",
        "backup ist wieder da, nach 3 Stunden",
    ]  # fmt: skip
    assert [spoken(one, "de").body for one in said] == ["Look at the disk", "exit 3", ""]
    assert [one.resolved for one in said] == [False, False, True]
    assert [one.priority for one in said] == ["urgent", "urgent", "normal"]
    assert {spoken(one, "de").link for one in said} == {"https://wiki.example/"}


def test_a_title_of_its_own_is_what_everybody_reads() -> None:
    own = Draft(title="Wo ist das Backup?")

    assert (
        spoken(words.missing(own, "backup", DAY), "de").title == spoken(words.missing(own, "backup", DAY), "fr").title
    )
    assert words.missing(own, "backup", DAY).title == own.title
