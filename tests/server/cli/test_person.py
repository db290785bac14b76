"""A person's notifications from a shell: signing in, looking, answering, and what scripts can rely on."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from handbell_server.cli import asking, main, person, sessions
from handbell_shared import rest_pairing
from tests.server.http.stage import PASSWORD, Person, Stage, created
from tests.support.handbell import COMMAND
from tests.support.ports import free_port
from tests.support.processes import Process
from tests.support.rest import Rest
from tests.support.waiting import until

Shell = Callable[..., Result]


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with Stage(tmp_path_factory.mktemp("person")) as stage:
        yield stage


@pytest.fixture
def ana(stage: Stage) -> Person:
    return stage.person("ana")


@pytest.fixture
def ci(stage: Stage) -> Rest:
    return stage.producer()


@pytest.fixture
def environment(tmp_path: Path, stage: Stage) -> dict[str, str]:
    return {"XDG_CONFIG_HOME": str(tmp_path), "HANDBELL_SERVER": stage.url}


@pytest.fixture
def unsigned(environment: dict[str, str]) -> Shell:
    """A shell in which nobody is signed in."""

    def run(*words: str, stdin: str = "", color: bool = False, **more: str) -> Result:
        others: dict[str, str | None] = {name: None for name in os.environ if name.startswith("HANDBELL_")}
        return CliRunner(env=others | environment | more).invoke(main, words, input=stdin, color=color)

    return run


@pytest.fixture
def shell(unsigned: Shell, ana: Person) -> Shell:
    """A shell in which ana is signed in."""
    done = unsigned("login", "--user", ana.name, "--password-stdin", stdin=f"{PASSWORD}\n")
    assert (done.exit_code, done.stdout) == (0, f"Signed in as {ana.name}.\n"), done.output
    return unsigned


def lines(done: Result) -> list[dict[str, Any]]:
    assert done.exit_code == 0, done.output
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_signing_in_lasts_in_a_file_of_ones_own_until_signing_out(shell: Shell, ana: Person, tmp_path: Path) -> None:
    file = tmp_path / "handbell/sign-in.json"
    token = json.loads(file.read_text())["token"]
    again = shell("login", "--user", ana.name)

    assert file.stat().st_mode & 0o777 == 0o600
    assert (again.exit_code, "handbell logout" in again.stderr) == (1, True)
    assert shell("inbox").exit_code == 0
    file.chmod(0o644)
    assert (shell("inbox").exit_code, "chmod 600" in shell("inbox").stderr) == (4, True)
    file.chmod(0o600)
    assert shell("logout").exit_code == 0
    assert shell("inbox", HANDBELL_TOKEN=token).exit_code == 4
    assert not file.exists()
    assert (shell("inbox").exit_code, "handbell login" in shell("inbox").stderr) == (4, True)
    assert shell("logout").exit_code == 0


def test_a_code_signs_in_whether_it_was_offered_or_is_approved(
    unsigned: Shell, ana: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    offered = created(ana.rest.post("/v1/pairings/offer", {}))["code"]
    assert unsigned("login", "--code", "-", stdin=f"{offered}\n").stdout == f"Signed in as {ana.name}.\n"
    assert unsigned("logout").exit_code == 0
    assert unsigned("login", "--code", offered).exit_code == 1

    asked: list[str] = []
    ask = rest_pairing.ask

    def overheard(*about: Any, **more: Any) -> rest_pairing.Asked:
        found = ask(*about, **more)
        asked.append(found.code)
        return found

    def approved_meanwhile(seconds: float) -> None:
        assert ana.rest.post("/v1/pairings/approve", {"code": asked[0]}).status == 200

    monkeypatch.setattr(rest_pairing, "ask", overheard)
    monkeypatch.setattr(sessions, "sleep", approved_meanwhile)
    waited = unsigned("login")
    assert (waited.exit_code, waited.stdout) == (0, f"Signed in as {ana.name}.\n")
    assert asked[0] in waited.stderr
    assert unsigned("inbox").exit_code == 0


def test_a_token_of_the_environment_is_enough_and_one_that_ended_says_what_to_do(unsigned: Shell, ana: Person) -> None:
    assert unsigned("inbox", HANDBELL_TOKEN=ana.token).exit_code == 0
    ended = unsigned("inbox", HANDBELL_TOKEN="hbd_ended")
    assert (ended.exit_code, ended.stdout, ended.stderr.count("\n")) == (4, "", 1)
    assert "handbell login" in ended.stderr
    away = f"http://127.0.0.1:{free_port()}"
    nobody = unsigned("inbox", "--timeout", "0", HANDBELL_TOKEN=ana.token, HANDBELL_SERVER=away)
    assert (nobody.exit_code, nobody.stderr.count("\n")) == (3, 1)


def test_the_inbox_can_be_filtered_paged_and_piped(shell: Shell, ana: Person, ci: Rest) -> None:
    for which in ("docs", "site", "bell"):  # no numbers: the names of senders have some, and are found too
        created(ci.notify(ana.name, f"build {which}", type="error", link="https://ci.example/", priority="high"))
    created(ci.notify(ana.name, "news", body="\x1b[31m", type="info"))

    assert [one["title"] for one in lines(shell("inbox", "--json", "--type", "error"))] == [
        "build bell",
        "build site",
        "build docs",
    ]
    assert [one["title"] for one in lines(shell("inbox", "--json", "--limit", "2"))] == ["news", "build bell"]
    assert [one["title"] for one in lines(shell("inbox", "--json", "--search", "build site"))] == ["build site"]
    [whole, *_] = shell("inbox", "--source", ana.inbox()[0]["source"]).stdout.splitlines()
    assert whole.split("\t") == [ana.inbox()[0]["id"], "unread", ana.inbox()[0]["source"], "news", ""]
    groups = lines(shell("inbox", "--grouped", "--json"))
    assert sum(one["count"] for one in groups) == 4

    some = shell("inbox", "--priority", "high").stdout
    assert shell("archive", "-", stdin=some).stdout == "3 archived\n"
    assert ana.titles() == ["news"]
    assert shell("read", "--all").stdout == "1 read\n"
    assert shell("inbox", "--unread").stdout == ""


def test_a_beginning_of_an_id_is_enough_where_it_names_one(shell: Shell, ana: Person, ci: Rest) -> None:
    first, second = (created(ci.notify(ana.name, title))["id"] for title in ("one", "two"))
    unique = next(first[:size] for size in range(4, 36) if first[:size] != second[:size])

    assert lines(shell("read", unique, "--json")) == [{"id": first, "status": "ok"}]
    assert lines(shell("read", second.replace("-", "").upper(), "--json")) == [{"id": second, "status": "ok"}]
    assert shell("read", "--undo", first, second).stdout == "2 unread\n"
    several = shell("read", first[:4])
    assert (several.exit_code, "the beginning of several" in several.stderr) == (1, True)
    partly = shell("archive", first, "0193f0c8-5a11")
    assert (partly.exit_code, partly.stdout) == (5, "1 archived\n")
    assert "there is no notification 0193f0c8-5a11" in partly.stderr
    assert shell("archive", "hello").exit_code == 1
    assert shell("archive").exit_code == 2
    assert shell("archive", "--undo", first).stdout == "1 back in the inbox\n"


def test_a_question_is_asked_in_one_shell_and_answered_in_another(shell: Shell, ana: Person, ci: Rest) -> None:
    assert ci.token is not None
    ask = ("send", ana.name, "Deploy?", "--action", "yes=Do it", "--action", "no=Wait")
    with ThreadPoolExecutor(1) as pool:
        # A process of its own: two commands cannot share the streams of this one.
        inherited = os.environ | {"HANDBELL_SERVER": ana.rest.url, "HANDBELL_KEY": ci.token}
        asking = pool.submit(
            subprocess.run, [*COMMAND, *ask, "--wait", "30", "--json"], env=inherited, capture_output=True, check=False
        )
        [question] = until(lambda: ana.inbox(), 20, "the question")
        assert shell("answer", question["id"]).stdout == "yes\tDo it\nno\tWait\n"
        assert shell("answer", question["id"], "perhaps").exit_code == 2
        assert shell("answer", question["id"], "yes").stdout == "1 answered\n"
        done = asking.result(60)

    said = json.loads(done.stdout)
    assert (done.returncode, said["id"], said["answer"]["action"]) == (0, question["id"], "yes")
    assert said["answer"]["user"] == ana.name
    late = shell("answer", question["id"], "no")
    assert (late.exit_code, "somebody has answered it" in late.stderr) == (1, True)
    unanswered = shell(*ask, "--wait", "0", HANDBELL_KEY=ci.token)
    assert (unanswered.exit_code, unanswered.stdout) == (6, "")


def test_why_it_did_not_ring_and_what_was_chosen(shell: Shell, ana: Person, ci: Rest) -> None:
    assert "rule" in shell("preferences", "mute", "--type", "noise").stdout
    an_id = created(ci.notify(ana.name, "psst", type="noise"))["id"]
    why = shell("why", an_id)
    assert why.exit_code == 0
    assert any("muted" in line and "toast" in line and "rule: noise" in line for line in why.stdout.splitlines())
    [trace] = lines(shell("why", an_id, "--json"))
    assert trace["id"] == an_id

    assert shell("preferences", "unmute", "--type", "noise").exit_code == 0
    assert shell("preferences", "set", "zone", "Europe/Berlin").exit_code == 0
    quiet = '{"quiet_hours": {"enabled": true, "start": "22:00", "end": "07:00", "days": [0]}, "devices": "in_use"}'
    assert shell("preferences", "set", "-", stdin=quiet).exit_code == 0
    assert shell("preferences", "pause", "8h").exit_code == 0
    [now] = lines(shell("preferences", "--json"))
    assert (now["zone"], now["rules"], now["devices"], now["quiet_hours"]["start"]) == (
        "Europe/Berlin",
        [],
        "in_use",
        "22:00",
    )
    assert now["paused_until"] > 1_764_150_000_000
    [now] = lines(shell("preferences", "resume", "--json"))
    assert now["paused_until"] is None
    for wrong in (("pause", "soon"), ("mute",), ("set", "zone"), ("set", "-")):
        assert shell("preferences", *wrong).exit_code == 2, wrong
    refused = shell("preferences", "set", "zone", "Europe/Atlantis")
    assert (refused.exit_code, "zone" in refused.stderr) == (1, True)


def test_a_batch_tells_each_line_and_nothing_is_sent_of_one_with_a_mistake(shell: Shell, ana: Person, ci: Rest) -> None:
    assert ci.token is not None
    good = [json.dumps({"to": ana.name, "title": f"line {number}", "silent": True}) for number in range(1_100)]
    wrong = shell("send", "--batch", "-", stdin="\n".join([*good, "{"]), HANDBELL_KEY=ci.token)
    assert (wrong.exit_code, "line 1101 is no JSON" in wrong.stderr) == (2, True)
    assert ana.inbox() == []

    bad = json.dumps({"to": "nobody-here", "title": "lost"})
    partly = shell("send", "--batch", "-", stdin="\n".join(["", *good, bad]), HANDBELL_KEY=ci.token)
    assert (partly.exit_code, partly.stdout) == (5, "1100 accepted, 1 refused\n")
    assert partly.stderr == "handbell send: line 1102: There is no user 'nobody-here'. (unknown_user, field to)\n"
    once = ("send", "--batch", "-", "--json", "--idempotency-key", "b1")
    first, again = (lines(shell(*once, stdin=good[0], HANDBELL_KEY=ci.token)) for _ in range(2))
    assert first == again
    assert shell("send", "ana", "--batch", "-", stdin=good[0], HANDBELL_KEY=ci.token).exit_code == 2


def test_listening_as_who_is_signed_in_leaves_that_signed_in(
    shell: Shell, ana: Person, ci: Rest, environment: dict[str, str], tmp_path: Path
) -> None:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("HANDBELL_")}
    with Process(
        [*COMMAND, "listen"], name="listen", directory=tmp_path, environment=inherited | environment
    ) as listener:
        until(lambda: f"Listening: {ana.name}" in listener.err.read_text(), 15, "the listener to say that it listens")
        ci.notify(ana.name, "heard")
        listener.wait_for_line("heard")
        assert listener.stop() == 0
    assert shell("inbox").exit_code == 0


def test_colours_and_short_ids_are_for_terminals_and_no_color_is_heeded(
    shell: Shell, ana: Person, ci: Rest, monkeypatch: pytest.MonkeyPatch
) -> None:
    an_id = created(ci.notify(ana.name, "look here", priority="urgent"))["id"]
    piped = shell("inbox").stdout
    for module in (asking, person):
        monkeypatch.setattr(module, "on_terminal", lambda: True)
    coloured, plain = shell("inbox", color=True).stdout, shell("inbox", color=True, NO_COLOR="1").stdout

    assert piped.startswith(f"{an_id}\tunread\t")
    assert "\x1b[" in coloured
    assert "\x1b" not in plain + piped
    assert plain.startswith(an_id[:8] + "  ●")
    assert an_id not in plain
    assert "look here" in plain


def test_bash_completes_commands_options_and_ids(
    shell: Shell, ana: Person, ci: Rest, environment: dict[str, str], tmp_path: Path
) -> None:
    an_id = created(ci.notify(ana.name, "complete me"))["id"]
    (tmp_path / "bin").mkdir()
    wrapper = tmp_path / "bin/handbell"
    wrapper.write_text(f'#!/bin/sh\nexec {sys.executable} -m handbell_server "$@"\n')
    wrapper.chmod(0o755)
    script = """
source <(handbell completion bash)
complete -p handbell
try() { COMPREPLY=(); COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _handbell_completion handbell; echo "${COMPREPLY[@]}"; }
try handbell inb
try handbell read 0
"""
    done = subprocess.run(
        ["bash", "-c", script],
        env={**os.environ, **environment, "PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    registered, *found = done.stdout.splitlines()
    assert "_handbell_completion" in registered
    assert found == ["inbox", an_id]
    for other in ("zsh", "fish"):
        assert "_HANDBELL_COMPLETE" in shell("completion", other).stdout
