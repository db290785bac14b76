"""The recipes of docs/recipes.md, cooked: each block as it stands there, with our server for the one of the page."""

from __future__ import annotations

import configparser
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import jinja2
import pytest
import yaml

from tests.server.http.stage import Person, Stage
from tests.support.rest import Rest
from tests.support.waiting import until

PAGE = (Path(__file__).parents[3] / "docs/recipes.md").read_text(encoding="utf-8")


class Kitchen:
    """A place to run the recipes in: their server, person and file are ours, and the tools they call are stand-ins."""

    def __init__(self, home: Path, stage: Stage, sender: Rest, person: Person) -> None:
        self.home, self.person, self.sender = home, person, sender
        self.tools = home / "bin"
        self.tools.mkdir()
        auth = home / "auth"
        auth.write_text(f"Authorization: Bearer {sender.token}\n")
        self._ours = {"https://bell.example": stage.url, "/etc/handbell-auth": str(auth)}
        self.tool("backup")

    def blocks(self, heading: str, language: str) -> list[str]:
        """The blocks of a section, with what is ours in the place of what is the page's."""
        section = re.split(r"^## ", PAGE, flags=re.MULTILINE)
        [text] = [one for one in section if one.startswith(heading)]
        found = re.findall(rf"^```{language}\n(.*?)^```", text, flags=re.DOTALL | re.MULTILINE)
        assert found, f"{heading} shows no {language}"
        return [self.ours(block) for block in found]

    def ours(self, text: str) -> str:
        for theirs, mine in self._ours.items():
            text = text.replace(theirs, mine)
        text = re.sub(r"/usr/local/bin/(?=backup|watch-it)", f"{self.tools}/", text)
        return re.sub(r"(?<=~)ana\b|(?<=\"to\": \")ana\b|(?<=to: )ana\b", self.person.name, text)

    def tool(self, name: str, script: str = "exit 0") -> None:
        path = self.tools / name
        path.write_text(script if script.startswith("#!") else f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    def run(self, script: str, shell: str = "sh", **environment: str) -> int:
        given = os.environ | {"PATH": f"{self.tools}:{os.environ['PATH']}"} | environment
        done = subprocess.run(
            [shell, "-c", script], cwd=self.home, env=given, capture_output=True, text=True, timeout=60
        )
        assert "curl:" not in done.stderr, f"{script}\n{done.stderr}"
        return done.returncode

    def promise(self) -> None:
        [command] = self.blocks("Cron", "sh")
        assert self.run(command) == 0

    def state(self) -> str:
        state: str = self.sender.get("/v1/expectations/backup").body["state"]
        return state


@pytest.fixture
def kitchen(tmp_path: Path, sqlite_stage: Stage) -> Kitchen:
    return Kitchen(tmp_path, sqlite_stage, sqlite_stage.producer(), sqlite_stage.person("ana"))


def test_the_first_ring(kitchen: Kitchen) -> None:
    _key, command = kitchen.blocks("Before the first one", "sh")  # who cooks here has a key already

    assert kitchen.run(command) == 0

    [one] = kitchen.person.inbox()
    assert (one["title"], one["body"]) == ("Hello", "It works.")


def test_what_is_tried_again_cannot_ring_twice() -> None:
    commands = [
        line
        for line in re.sub(r"\\\n|\n {6}(?=-)", " ", PAGE).splitlines()
        if "--retry" in line and "https://bell" in line
    ]

    ringing = [line for line in commands if "/v1/expectations/" not in line]
    assert len(ringing) >= 4
    assert [line for line in ringing if "Idempotency-Key" not in line] == []


def test_a_long_command_says_how_it_ended(kitchen: Kitchen) -> None:
    functions = kitchen.blocks("Shell", "sh")[0]

    assert kitchen.run(functions + "ring true 'a b'") == 0
    assert kitchen.run(functions + "ring sh -c 'exit 3'") == 3

    assert kitchen.person.titles() == ["sh: failed (3)", "true: done"]
    assert re.fullmatch(r"true a b took \d+ seconds", kitchen.person.inbox()[-1]["body"])


def test_a_script_says_where_it_failed(kitchen: Kitchen) -> None:
    [script] = kitchen.blocks("Shell", "bash")
    kitchen.tool("nightly", script)

    assert kitchen.run("nightly") == 1

    [one] = kitchen.person.inbox()
    assert (one["title"], one["priority"]) == ("nightly failed", "high")
    assert one["body"] == "Line 6: cp /var/lib/shop/orders.db /mnt/backup/"


def test_what_is_broken_is_one_row_until_it_works_again(kitchen: Kitchen) -> None:
    kitchen.tool("watch-it", kitchen.blocks("Shell", "sh")[1])
    [cron, _] = kitchen.blocks("Cron", "cron")
    [watching, backup] = [line.split("root", 1)[1] for line in cron.splitlines()]
    watching = watching.replace("curl -fsS --max-time 20 https://shop.example/", "test -e up")

    for wished in ("touch up", "rm up", "", "touch up", "", "rm up", "touch up"):
        assert kitchen.run(f"{wished}\n{watching}") == 0

    assert sorted(kitchen.person.titles()) == ["shop works again"] * 2
    assert sorted(one.get("count", 1) for one in kitchen.person.inbox()) == [1, 2]

    kitchen.tool("backup", "exit 1")
    assert kitchen.run(backup) == 0
    assert kitchen.person.inbox()[0]["title"] == "The backup failed"


def test_a_job_of_cron_is_missed_when_it_does_not_run(kitchen: Kitchen) -> None:
    kitchen.promise()
    assert kitchen.state() == "new"

    assert kitchen.run(kitchen.blocks("Cron", "cron")[1].split("root", 1)[1]) == 0

    assert kitchen.state() == "up"


@pytest.mark.parametrize("which", [0, 1])
def test_a_backup_pings_or_shows_the_end_of_its_log(kitchen: Kitchen, which: int) -> None:
    script, tool = kitchen.blocks("Backups", "sh")[which], ("restic", "borg")[which]
    kitchen.promise()

    kitchen.tool(tool, "exit 1" if tool == "borg" else "exit 0")
    kitchen.run(script)
    assert kitchen.state() == "up"

    kitchen.tool(tool, "echo 'the repository is locked'; exit 2")
    kitchen.run(script)
    assert kitchen.state() == "down"
    [told] = until(kitchen.person.inbox, 15, "people to be told")
    assert told["body"] == "the repository is locked"


def test_a_unit_that_fails_rings_and_one_that_runs_gives_its_sign(kitchen: Kitchen) -> None:
    ring, service, timer = (unit(block) for block in kitchen.blocks("systemd", "ini"))
    kitchen.tool("systemctl", "echo 'backup.service: failed with result exit-code'; exit 3")
    kitchen.promise()

    for _ in range(2):  # as if the first answer had been lost
        told = ring["Service"]["ExecStart"].replace("%i", "backup.service")
        assert kitchen.run(told, INVOCATION_ID="7c1f0f2f9d3a4f0c8a4e") == 0
    assert kitchen.run(f"{service['Service']['ExecStart']} && {service['Service']['ExecStartPost'].lstrip('-')}") == 0

    [one] = kitchen.person.inbox()
    assert (one["title"], one["body"].split(":")[0]) == ("backup.service failed", "backup.service")
    assert kitchen.state() == "up"
    assert service["Unit"]["OnFailure"] == "handbell@%n.service"
    assert timer["Install"]["WantedBy"] == "timers.target"


def unit(text: str) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None)
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read_string(text)
    return parser


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd here")
def test_systemd_has_nothing_to_say_against_the_units(kitchen: Kitchen) -> None:
    names = ["handbell@.service", "backup.service", "backup.timer"]
    for name, block in zip(names, kitchen.blocks("systemd", "ini"), strict=True):
        (kitchen.home / name).write_text(block)

    given = ["handbell@x.service", "backup.service", "backup.timer"]
    said = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *(str(kitchen.home / name) for name in given)],
        env=os.environ | {"SYSTEMD_UNIT_PATH": f"{kitchen.home}:"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert not [line for line in said.stderr.splitlines() if any(name in line for name in (*names, *given))]


def test_a_python_program_that_fails_rings(kitchen: Kitchen) -> None:
    [program] = kitchen.blocks("Python", "python")
    program = program.replace('to="ana"', f'to="{kitchen.person.name}"')
    kitchen.tool("orders", f"#!{sys.executable}\n{program}")

    path = os.pathsep.join(sys.path)
    given = {"HANDBELL_SERVER": kitchen.sender.url, "HANDBELL_KEY": str(kitchen.sender.token), "PYTHONPATH": path}
    assert kitchen.run("orders", **given) == 1

    [one] = kitchen.person.inbox()
    assert "import of the orders" in one["title"]
    assert "the disk is full" in one["body"]


def test_the_step_of_github_actions(kitchen: Kitchen) -> None:
    [[step]] = [yaml.safe_load(block) for block in kitchen.blocks("GitHub Actions", "yaml")]
    context = {"secrets.HANDBELL_KEY": str(kitchen.sender.token), "github.repository": "shop/web"}
    context |= {"github.ref_name": "main", "github.server_url": "https://github.com", "github.run_id": "7"}
    given = {
        name: re.sub(r"\$\{\{ (.*?) \}\}", lambda found: context[found[1]], text) for name, text in step["env"].items()
    }
    assert "${{" not in step["run"]

    given |= {"GITHUB_WORKFLOW": "CI", "GITHUB_RUN_ID": "7", "GITHUB_RUN_ATTEMPT": "1", "GITHUB_JOB": "test"}
    assert kitchen.run(step["run"], "bash", **given) == 0

    [one] = kitchen.person.inbox()
    assert (one["title"], one["body"]) == ("shop/web on main failed", "The workflow CI failed.")
    assert one["link"] == "https://github.com/shop/web/actions/runs/7"


def test_the_job_of_gitlab(kitchen: Kitchen) -> None:
    [jobs] = [yaml.safe_load(block) for block in kitchen.blocks("GitLab CI", "yaml")]
    [script] = jobs["ring"]["script"]

    given = {"HANDBELL_KEY": str(kitchen.sender.token), "CI_PROJECT_PATH": "shop/web", "CI_COMMIT_REF_NAME": "main"}
    given |= {"CI_PIPELINE_URL": "https://gitlab.example/1", "CI_COMMIT_TITLE": "Fix the login", "CI_JOB_ID": "9"}
    assert kitchen.run(script, **given) == 0

    [one] = kitchen.person.inbox()
    assert (one["title"], one["body"], one["link"]) == (
        "shop/web failed on main", "Fix the login", "https://gitlab.example/1",
    )  # fmt: skip


def test_home_assistant_tells_and_asks_and_hears_the_answer(kitchen: Kitchen) -> None:
    blocks = [block.replace("!secret ", "secret ") for block in kitchen.blocks("Home Assistant", "yaml")]
    telling, asking = map(yaml.safe_load, blocks)
    [notify] = telling["notify"]
    words = {notify["title_param_name"]: "The door", notify["message_param_name"]: "is open"}
    told = kitchen.sender.call("POST", "/v1/notifications", words | notify["data"])
    assert (told.status, notify["method"]) == (201, "POST_JSON")

    ask, hear = asking["rest_command"]["handbell_ask"], asking["rest_command"]["handbell_answer"]
    first, waiting, then = asking["script"]["garage_is_open"]["sequence"]
    asked = kitchen.sender.call(ask["method"].upper(), "/v1/notifications", rendered(ask["payload"], **first["data"]))
    assert asked.status == 201
    [question] = [one for one in kitchen.person.inbox() if one["title"] == first["data"]["title"]]
    kitchen.person.does("answer", question, answer={"action": "yes"})
    path = rendered(hear["url"], id=rendered(waiting["repeat"]["sequence"][0]["data"]["id"], asked=content(asked)))
    answer = kitchen.sender.call(hear["method"].upper(), path.removeprefix(kitchen.sender.url))

    assert rendered(waiting["repeat"]["until"], answer=content(answer)) == "True"
    assert rendered(then["if"], answer=content(answer)) == "True"
    assert {ask["headers"]["Authorization"], hear["headers"]["Authorization"]} == {"secret handbell_auth"}


def content(answer: Any) -> dict[str, Any]:
    return {"status": answer.status, "content": answer.body}


def rendered(template: str, **names: Any) -> str:
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined, autoescape=False)  # noqa: S701 — no HTML
    environment.filters["to_json"] = json.dumps
    return environment.from_string(template).render(**names)


def test_prometheus_is_told_where_to_look(kitchen: Kitchen) -> None:
    [block] = kitchen.blocks("Prometheus", "yaml")
    [job] = yaml.safe_load(block)["scrape_configs"]

    assert set(job) == {"job_name", "scheme", "authorization", "static_configs"}
    assert kitchen.sender.get("/metrics").status == kitchen.sender.get("/readyz").status == 200
