"""Expected signs of life over the wire and from a shell; and what docs/expectations.md tells people to do, done."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import update

from handbell_server.actions import expectations
from handbell_server.cli import main as handbell
from handbell_server.models import Expectation
from handbell_server.rules import expecting
from handbell_shared.clock import now_ms
from tests.server.http.stage import Person, Stage
from tests.support.ports import free_port
from tests.support.rest import Rest
from tests.support.waiting import until

PAGE = (Path(__file__).parents[3] / "docs/expectations.md").read_text(encoding="utf-8")
DAILY = {"every": 86_400}
OVERDUE = 26 * 3_600_000


def promise(producer: Rest, to: object, name: str = "backup", **more: Any) -> dict[str, Any]:
    answer = producer.put(f"/v1/expectations/{name}", DAILY | {"to": to} | more)
    assert answer.status == 200, answer
    body: dict[str, Any] = answer.body
    return body


def shown(producer: Rest, name: str = "backup") -> dict[str, Any]:
    answer = producer.get(f"/v1/expectations/{name}")
    assert answer.status == 200, answer
    body: dict[str, Any] = answer.body
    return body


def nothing_comes(stage: Stage, producer: Rest, name: str = "backup") -> None:
    """As if it had been promised more than a day ago; then the rounds find it."""
    created_at = shown(producer, name)["created_at"]
    with stage.engine.execution_options(immediate=True).begin() as connection:
        mine = update(Expectation).where(Expectation.name == name, Expectation.created_at == created_at)
        long_ago = {"since": Expectation.since - OVERDUE, "last_seen": Expectation.last_seen - OVERDUE}
        connection.execute(mine.values(due_at=now_ms() - 1, **long_ago))
    until(lambda: shown(producer, name)["state"] == "down", 10, "the rounds to miss it")


def rows(person: Person, name: str = "backup") -> list[dict[str, Any]]:
    return [one for one in person.inbox(state="all") if one.get("key") == f"expectation:{name}"]


def test_from_the_promise_to_the_return(stage: Stage, ci: Rest, ana: Person) -> None:
    first = promise(ci, ana.name, link="https://wiki.example/backup")
    assert (first["state"], first["grace"], first["last_seen"], first["priority"]) == ("new", 3_600, None, "high")
    assert first["due_at"] == first["created_at"] + 90_000_000
    assert promise(ci, ana.name, link="https://wiki.example/backup") == first
    assert ci.post("/v1/expectations/backup/ping", None).status == 204
    assert shown(ci)["state"] == "up"

    nothing_comes(stage, ci)
    [missing] = until(lambda: rows(ana), 10, "ana to be told")
    assert missing["title"] == "No sign of life from backup for 26 hours"
    assert (missing["link"], missing["priority"]) == ("https://wiki.example/backup", "high")

    assert ci.post("/v1/expectations/backup/ping", None).status == 204
    [back] = until(lambda: [one for one in rows(ana) if one.get("resolved")], 10, "ana to hear that it is back")
    assert (back["id"], back["title"][:17]) == (missing["id"], "backup is back, a")
    assert [one["name"] for one in ci.get("/v1/expectations").body["expectations"]] == ["backup"]
    assert 'handbell_jobs_done_total{job="expectation"}' in stage.rest().get("/metrics").body.decode()
    assert ci.delete("/v1/expectations/backup").status == 204
    assert ci.get("/v1/expectations/backup").status == 404


def test_whatever_is_sent_is_a_sign_where_that_was_promised(sqlite_stage: Stage) -> None:
    stage, sensor, ana = sqlite_stage, sqlite_stage.producer(), sqlite_stage.person()
    promise(sensor, ana.name, "sensor", what="anything", type="success")
    assert sensor.call("PATCH", "/v1/producers/me/dialects", {"to": ana.name}).status == 200
    assert sensor.post("/message", {"message": "21 degrees"}).status == 200  # as Gotify's senders do
    until(lambda: shown(sensor, "sensor")["last_seen"], 10, "the notification to count")

    nothing_comes(stage, sensor, "sensor")
    until(lambda: rows(ana, "sensor"), 10, "ana to be told")

    def batch() -> bool:  # until the two seconds are over in which it is not written down again
        sent = sensor.post("/v1/notifications/batch", {"notifications": [{"to": ana.name, "title": "22 degrees"}]})
        assert sent.status == 200
        return bool(shown(sensor, "sensor")["state"] == "up")

    until(batch, 10, "a batch to count")
    until(lambda: rows(ana, "sensor")[0].get("resolved"), 10, "ana to hear that it is back")


def test_a_failure_is_told_with_the_end_of_what_it_reports(ci: Rest, ana: Person) -> None:
    promise(ci, ana.name, title="Where is the backup?", priority="urgent")
    plain = {"Content-Type": "text/plain"}

    assert (
        ci.call(
            "POST", "/v1/expectations/backup/fail", b"\xff\x00" + b"x" * 5_000 + b"\nexit 3\n", headers=plain
        ).status
        == 204
    )

    [row] = until(lambda: rows(ana), 10, "ana to be told")
    assert (row["title"], row["priority"], len(row["body"])) == ("backup reports a failure", "urgent", 4_096)
    assert row["body"].startswith("…\nx") and row["body"].endswith("x\nexit 3")
    assert ci.call("POST", "/v1/expectations/backup/fail").status == 204


@pytest.mark.parametrize(
    ("wrong", "field", "status"),
    [
        ({"every": 59}, "every", 422),
        ({"every": 31 * 86_400 + 1}, "every", 422),
        ({"every": "24h"}, "every", 422),
        ({"grace": -1}, "grace", 422),
        ({"to": "nobody-at-all"}, "to", 404),
        ({"to": []}, "to", 422),
        ({"to": {"topic": "no/slash"}}, "to.topic", 422),
        ({"to": {"topic": "a", "everyone": True}}, "to", 422),
        ({"what": "nothing"}, "what", 422),
        ({"title": " "}, "title", 422),
        ({"body": "\x00"}, "body", 422),
        ({"link": "javascript:alert(1)"}, "link", 422),
        ({"type": "a\nb"}, "type", 422),
        ({"ever": 1}, "ever", 422),
    ],
    ids=lambda value: json.dumps(value) if isinstance(value, dict) else "",
)
def test_a_refusal_names_the_field(
    sqlite_stage: Stage, wrong: dict[str, Any], field: str, status: int, anybody: tuple[Rest, Person]
) -> None:
    producer, person = anybody
    answer = producer.put("/v1/expectations/backup", DAILY | {"to": person.name} | wrong)
    assert (answer.status, answer.body["field"]) == (status, field)
    assert producer.get("/v1/expectations").body == {"expectations": []}


@pytest.fixture(scope="module")
def anybody(sqlite_stage: Stage) -> tuple[Rest, Person]:
    return sqlite_stage.producer(), sqlite_stage.person()


def test_nobody_expects_for_people_they_may_not_tell_or_under_a_name_that_is_none(stage: Stage, ana: Person) -> None:
    bound = stage.producer(["send:user:somebody-else", "send:topic:ops"])
    for to, status in ((ana.name, 403), ([ana.name], 403), ({"everyone": True}, 403), ({"topic": "dev"}, 403)):
        assert bound.put("/v1/expectations/backup", DAILY | {"to": to}).status == status
    promise(bound, {"topic": "ops"})
    for name in ("-", "a%00b", "a%20b", "x" * 65):
        assert bound.put(f"/v1/expectations/{name}", DAILY | {"to": {"topic": "ops"}}).body["field"] == "name"
        assert bound.post(f"/v1/expectations/{name}/ping", None).status == 404


def test_a_promise_is_its_producers_alone(stage: Stage, ci: Rest, ana: Person) -> None:
    promise(ci, ana.name)
    other = stage.producer()
    for method, path in (("GET", ""), ("DELETE", ""), ("POST", "/ping"), ("POST", "/fail")):
        assert other.call(method, f"/v1/expectations/backup{path}").status == 404
    promise(other, ana.name, every=60)
    assert shown(ci)["every"] == 86_400


def test_from_a_shell(stage: Stage, ana: Person) -> None:
    producer = stage.producer()

    def run(*words: str, stdin: str = "", url: str = stage.url) -> Result:
        given = {"HANDBELL_KEY": str(producer.token), "HANDBELL_SERVER": url}
        return CliRunner().invoke(handbell, words, input=stdin, env=given)

    said = run("expect", "backup", "--every", "1d", "--grace", "90m", "--to", ana.name, "--json")
    assert said.exit_code == 0, said.output
    assert {name: json.loads(said.stdout)[name] for name in ("every", "grace", "to", "what")} == {
        "every": 86_400, "grace": 5_400, "to": ana.name, "what": "ping",
    }  # fmt: skip
    ping = run("ping", "backup")
    assert (ping.exit_code, ping.output) == (0, ""), "cron would send it by mail"
    assert run("expect").stdout.startswith("backup\tup\tlast seen ")
    assert run("ping", "backup", "--fail", "--report", "-", stdin="the disk is full\n").exit_code == 0
    [row] = until(lambda: rows(ana), 10, "ana to be told")
    assert row["body"] == "the disk is full"
    assert run("expect", "backup").stdout.startswith("backup\tdown\t")
    everyone = run(
        "expect", "all", "--every", "90s", "--everyone", "--anything", "--paused", "--title", "Gone", "--json"
    )
    assert json.loads(everyone.stdout)["to"] == {"everyone": True}
    assert run("expect", "all", "--remove").exit_code == 0
    assert run("expect", "all").exit_code == 1
    assert run("ping", "all").exit_code == 1
    for wrong in (("--every", "soon", "--to", "x"), ("--to", "x"), ("--every", "1h"), ("--remove", "--every", "1h")):
        assert run("expect", "backup", *wrong).exit_code == 2
    assert run("ping", "backup", "--report", "x").exit_code == 2
    assert run("ping", "backup", "--timeout", "0.1", url=f"http://127.0.0.1:{free_port()}").exit_code == 3


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, flags=re.DOTALL)


def test_the_recipes_of_the_page_do_what_they_say(sqlite_stage: Stage, tmp_path: Path) -> None:
    producer, ana = sqlite_stage.producer(), sqlite_stage.person()
    (tmp_path / "handbell").write_text(f'#!/bin/sh\nexec {sys.executable} -m handbell_server "$@"\n')
    (tmp_path / "backup").write_text("#!/bin/sh\necho the disk is full\nexit 3\n")
    for program in ("handbell", "backup"):
        (tmp_path / program).chmod(0o755)
    given = {"HANDBELL_KEY": str(producer.token), "HANDBELL_SERVER": sqlite_stage.url, "PERSON": ana.name}
    environment = {**os.environ, **given, "PATH": f"{tmp_path}:{os.environ['PATH']}"}

    shell = blocks("sh")
    assert len(shell) == 4
    said = subprocess.run(
        ["sh", "-euc", "\n".join(shell)], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )

    assert said.returncode == 0, said.stdout + said.stderr
    [row] = until(lambda: rows(ana), 10, "ana to be told")
    assert (row["title"], row["body"]) == ("backup reports a failure", "the disk is full")
    assert shown(producer)["last_seen"] is not None


def test_the_page_has_the_right_numbers() -> None:
    assert "`every` | how often a sign is promised: 60 seconds to 31 days" in PAGE
    assert (expecting.EVERY_AT_LEAST, expecting.EVERY_AT_MOST) == (60, 31 * 86_400)
    assert (expecting.HEARD_EVERY_MS, expecting.ATTENDS_EVERY_S, expecting.AWAY_MS) == (2_000, 10, 30_000)
    assert f"expects up to {expectations.OF_A_PRODUCER}, " in PAGE
    assert f"key `{expectations.KEY}backup`" in PAGE
    # What is scheduled by others is at least what this command understands.
    for line in re.findall(r"handbell (ping [^`\n#]*|expect [^`\n#]*)", "".join(blocks("cron") + blocks("ini"))):
        words = [word.replace("/etc/handbell/key", __file__) for word in line.split()]
        assert CliRunner().invoke(handbell, [*words, "--help"]).exit_code == 0, line
