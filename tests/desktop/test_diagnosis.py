"""What the diagnosis says about worlds in which something is wrong."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from handbell_desktop.health import checks, diagnosis
from handbell_desktop.health.checks import AccountFacts, Machine
from handbell_desktop.health.diagnosis import Check, Finding, Part, Run
from handbell_desktop.health.trial import WITHIN, Trial
from handbell_desktop.kept.settings import Account
from handbell_desktop.kept.store import SqliteStore
from handbell_desktop.machine.toasts.base import Capabilities
from handbell_desktop.sentences import Sentence, sentence
from handbell_shared.link_state import Connecting, Incompatible, LinkState, Offline, Online, SignedOut
from tests.shared.test_link_rest import Peer, serving
from tests.support.desks import MadeDesk, bell, make_desk
from tests.support.ports import free_port
from tests.support.turns import ManualTurns

HEALTH = {"status": "ok", "version": "9.1"}
DUNST = Capabilities("dunst", buttons=True)
TOKEN = "hbd_never-in-a-report"


@pytest.fixture
def peer() -> Iterator[Peer]:
    with serving() as one:
        yield one


def facts(
    url: str,
    *,
    state: LinkState | None = None,
    store: Path | None = None,
    waiting: int = 0,
    token: Callable[[], str | None] = lambda: TOKEN,
    clock_is_off: float = 0.0,
) -> AccountFacts:
    return AccountFacts(
        account=Account(id="a", server=url, user="ana", device="d"),
        state=Online() if state is None else state,
        store=store,
        waiting=waiting,
        token=token,
        now=lambda: time.time() + clock_is_off,
    )


def found(name: str, among: tuple[Check, ...]) -> tuple[str, str]:
    finding = next(check for check in among if check.name.text == name).run()
    return finding.verdict, str(finding.says)


def machine(
    *,
    toasts: Capabilities = DUNST,
    tray: bool = True,
    warning: str | None = None,
    autostart: bool | None = True,
) -> tuple[Check, ...]:
    return checks.checks_of_machine(
        Machine(version="1.0", toasts=toasts, tray=tray, secrets=lambda: warning, autostart=autostart)
    )


# ---- the server


def test_a_server_that_answers_says_its_version(peer: Peer) -> None:
    peer.will_answer(200, HEALTH)

    assert found("Server", checks.checks_of(facts(peer.url))) == (
        "good",
        f"Handbell 9.1 answers at {peer.url.removeprefix('http://')}.",
    )


def test_a_server_that_is_away_is_the_first_thing_found() -> None:
    verdict, says = found("Server", checks.checks_of(facts(f"http://127.0.0.1:{free_port()}")))

    assert verdict == "bad"
    assert "Nothing answers" in says


@pytest.mark.parametrize(
    ("off", "verdict", "says"),
    [
        (0, "good", "agree about the time"),
        (600, "bad", "10 minutes ahead"),
        (-500, "bad", "8 minutes behind"),
        (-10_800, "bad", "3 hours behind"),
    ],
)
def test_a_clock_that_is_wrong_is_measured_against_the_server_s(
    peer: Peer, off: float, verdict: str, says: str
) -> None:
    peer.will_answer(503, {})  # even a server in trouble knows the time

    told = found("Clock", checks.checks_of(facts(peer.url, clock_is_off=off)))

    assert told[0] == verdict
    assert says in told[1]


def test_a_token_that_is_not_taken_any_more_asks_to_sign_in_again(peer: Peer) -> None:
    peer.will_answer(401, {"code": "unauthenticated", "detail": "?"})

    verdict, says = found("Signed in", checks.checks_of(facts(peer.url)))

    assert verdict == "bad"
    assert "sign in again" in says


def test_no_token_and_a_keyring_that_breaks_are_both_said() -> None:
    def breaks() -> str | None:
        raise OSError("locked")

    assert found("Signed in", checks.checks_of(facts("http://x", token=lambda: None)))[0] == "bad"
    turns = ManualTurns()
    findings: dict[str, Finding] = {}
    among = checks.checks_of(facts("http://127.0.0.1:1", token=breaks))
    Run(among, turns, lambda index, finding: findings.__setitem__(among[index].name.text, finding))
    assert str(findings["Signed in"].says) == "This could not be checked (OSError)."


@pytest.mark.parametrize(
    ("state", "verdict", "says"),
    [
        (Online(), "good", "Online"),
        (Connecting(), "notice", "Connecting"),
        (Offline(3, "the server is away."), "bad", "trying again: the server is away."),
        (SignedOut("revoked"), "bad", "sign in again"),
        (Incompatible(), "bad", "update the older one"),
    ],
)
def test_the_connection_is_told_as_it_stands(state: LinkState, verdict: str, says: str) -> None:
    told = found("Connection", checks.checks_of(facts("http://x", state=state)))

    assert told[0] == verdict
    assert says in told[1]


# ---- this device


def test_a_whole_history_and_a_damaged_one_are_told_apart(tmp_path: Path) -> None:
    path = tmp_path / "inbox.db"
    SqliteStore.open(path).close()
    assert found("History", checks.checks_of(facts("http://x", store=path)))[0] == "good"

    path.write_bytes(b"this is no database" * 100)

    assert found("History", checks.checks_of(facts("http://x", store=path)))[0] == "bad"


def test_the_history_is_checked_beside_a_running_bell(tmp_path: Path) -> None:
    path = tmp_path / "inbox.db"
    store = SqliteStore.open(path)

    assert found("History", checks.checks_of(facts("http://x", store=path)))[0] == "good"
    store.close()


@pytest.mark.parametrize(("waiting", "verdict"), [(0, "good"), (3, "notice"), (500, "bad")])
def test_unsent_changes_are_counted(waiting: int, verdict: str) -> None:
    assert found("Unsent changes", checks.checks_of(facts("http://x", waiting=waiting)))[0] == verdict


def test_a_computer_with_everything_is_well() -> None:
    assert {check.run().verdict for check in machine()} == {"good"}


@pytest.mark.parametrize(
    ("name", "among"),
    [
        ("Notifications", machine(toasts=Capabilities("nothing", shows=False))),
        ("Bell", machine(tray=False)),
        ("Keyring", machine(warning="no keyring")),
        ("Start at login", machine(autostart=False)),
        ("Start at login", machine(autostart=None)),
    ],
)
def test_what_this_computer_lacks_is_said(name: str, among: tuple[Check, ...]) -> None:
    assert found(name, among)[0] != "good"


# ---- running and reporting


def test_a_check_that_hangs_is_given_up_and_its_late_answer_is_not_heard() -> None:
    turns, heard = ManualTurns(hold_work=True), []
    check = Check(sentence("Diagnosis", "Clock"), lambda: Finding("good", sentence("Diagnosis", "None")))

    run = Run([check], turns, lambda index, finding: heard.append(str(finding.says)))
    turns.advance(diagnosis.WITHIN)
    turns.work_off()

    assert run.over
    assert heard == ["This took too long to find out."]


def test_a_report_names_everything_and_holds_no_secret(peer: Peer) -> None:
    peer.will_answer(500, {"code": "internal", "detail": f"somebody sent {TOKEN}"})
    check = next(one for one in checks.checks_of(facts(peer.url)) if one.name.text == "Signed in")

    text = diagnosis.report("Handbell 1.0", [Part("ana", ((check, check.run()), (check, None)))])

    assert text.splitlines()[0] == "Handbell 1.0"
    assert "  BAD   Signed in: The server has trouble of its own." in text
    assert "not finished" in text
    assert TOKEN not in text


def test_a_sentence_within_a_sentence_is_translated_too() -> None:
    inner = sentence("T", "{number} hours").of(number=3)
    outer = sentence("T", "late by {time}").of(time=inner)

    def german(topic: str, text: str) -> str:
        return {"late by {time}": "{time} zu spät", "{number} hours": "{number} Stunden"}[text]

    assert outer.said(german) == "3 Stunden zu spät"
    assert str(outer) == "late by 3 hours"


# ---- the test notification


@pytest.fixture
def made(tmp_path: Path, peer: Peer) -> Iterator[MadeDesk]:
    made = make_desk(tmp_path, {"ana": []})
    yield made
    made.close()


def try_it(made: MadeDesk, url: str) -> list[tuple[bool, str]]:
    heard: list[tuple[bool, str]] = []
    account = Account(id="ana", server=url, user="ana", device="d")

    def ended(good: bool, what: Sentence) -> None:
        heard.append((good, str(what)))

    Trial(made.desk, made.turns, account, ended)
    return heard


def test_a_test_notification_that_comes_back_is_good(made: MadeDesk, peer: Peer) -> None:
    record = bell("This is a test notification")
    peer.will_answer(201, {"id": record.id})

    heard = try_it(made, peer.url)
    assert heard == []
    made.link("ana").brings(record)
    made.settle()
    made.turns.advance(WITHIN)

    assert len(heard) == 1
    assert heard[0][0]
    assert "came back" in heard[0][1]


def test_a_test_notification_that_does_not_come_back_is_said(made: MadeDesk, peer: Peer) -> None:
    peer.will_answer(201, {"id": bell().id})

    heard = try_it(made, peer.url)
    made.turns.advance(WITHIN)

    assert heard == [(False, "The server took the test notification, but it did not arrive here.")]


def test_a_server_that_refuses_the_test_says_why(made: MadeDesk, peer: Peer) -> None:
    peer.will_answer(429, {"code": "rate_limited", "detail": "?"}, Retry_After="7")

    assert try_it(made, peer.url) == [(False, "Too many attempts. Please wait 7 seconds.")]


def test_a_test_that_nobody_waits_for_any_more_says_nothing(made: MadeDesk, peer: Peer) -> None:
    record = bell()
    made.link("ana").brings(record)
    made.settle()
    peer.will_answer(201, {"id": record.id})
    turns = ManualTurns(hold_work=True)
    heard: list[bool] = []
    account = Account(id="ana", server=peer.url, user="ana", device="d")

    trial = Trial(made.desk, turns, account, lambda good, what: heard.append(good))
    trial.cancel()
    turns.work_off()
    turns.advance(WITHIN)

    assert heard == []
