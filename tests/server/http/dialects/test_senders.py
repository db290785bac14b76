"""The real senders: Apprise as a library, and every curl line of the documents, typed as it stands there."""

from __future__ import annotations

import re
import shlex
import subprocess
import warnings
from pathlib import Path

import apprise
import pytest

from tests.server.http.dialects.speaking import Speaker
from tests.server.http.stage import Person

DOCS = Path(__file__).parents[4] / "docs/dialects"
PAGES = {"README": "gotify", "gotify": "gotify", "ntfy": "ntfy", "slack": "slack", "apprise": "apprise", "json": "json"}


@pytest.fixture(scope="module", autouse=True)
def _loaded() -> None:
    """All of Apprise's plugins, some of which import what Python is about to forget."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        apprise.Apprise.instantiate("json://localhost")


@pytest.mark.parametrize(
    ("dialect", "url"),
    [
        ("gotify", "gotify://{host}/{token}"),
        ("gotify", "gotify://{host}/gotify/{token}?priority=high"),
        ("ntfy", "ntfy://{token}@{host}/backups"),
        ("ntfy", "ntfy://anybody:{token}@{host}/backups?priority=high&click=https://nas.example/"),
        ("apprise", "apprise://{host}/{token}"),
        ("apprise", "apprise://{host}/{token}?method=form"),
        ("apprise", "apprise://admin:password@{host}/apprise/{token}"),
        ("apprise", "apprise://{host}/{token}?version=1"),
        ("json", "json://anybody:{token}@{host}/v1/hooks/json"),
        ("json", "json://{host}/v1/hooks/json/{token}"),
        ("json", "json://anybody:{token}@{host}/v1/hooks/json?method=put"),
        ("json", "form://anybody:{token}@{host}/v1/hooks/json"),
        ("slack", "mmost://{host}/{token}"),
    ],
)
@pytest.mark.parametrize("kind", [apprise.NotifyType.INFO, apprise.NotifyType.FAILURE])
def test_apprise_is_content(sender: Speaker, ana: Person, dialect: str, url: str, kind: apprise.NotifyType) -> None:
    plugin = apprise.Apprise.instantiate(
        url.format(host=sender.stage.url.removeprefix("http://"), token=sender.token(dialect))
    )
    assert plugin is not None
    plugin.request_rate_per_sec = 0  # it would wait out of politeness

    assert plugin.notify(title="Backup", body="It is as it is – <1 MB & more", notify_type=kind)

    [one] = ana.inbox()
    assert "Backup" in one["title"]
    assert "It is as it is – <1 MB & more" in one["title"] + one["body"]
    if dialect in ("apprise", "json"):  # the other systems know no such thing
        assert one["type"] == ("error" if kind == apprise.NotifyType.FAILURE else "info")


def test_apprise_hears_that_it_may_not(sender: Speaker, ana: Person) -> None:
    host = sender.stage.url.removeprefix("http://")
    for url in (
        f"gotify://{host}/Awrong.token-xyz",
        f"ntfy://tk_{'x' * 29}@{host}/t",
        f"apprise://{host}/hbt_{'x' * 28}",
    ):
        plugin = apprise.Apprise.instantiate(url)
        assert plugin is not None
        assert not plugin.notify(body="Hello")
    assert ana.titles() == []


def commands_of(page: str) -> list[str]:
    """The curl commands of a page's fenced blocks, with what continues on the next line."""
    blocks = re.findall(r"^```sh\n(.*?)^```", (DOCS / f"{page}.md").read_text(), flags=re.DOTALL | re.MULTILINE)
    lines = "\n".join(blocks).replace("\\\n", " ").splitlines()
    return [line.strip() for line in lines if line.startswith("curl ")]


@pytest.mark.parametrize(("page", "dialect"), PAGES.items())
def test_every_curl_of_the_documents_works_as_it_stands(sender: Speaker, ana: Person, page: str, dialect: str) -> None:
    commands = commands_of(page)
    typed = {
        "https://bell.example": sender.stage.url,
        "AybAHnpKTIqUVTL": sender.token(dialect),  # as a page shows one
        "$TOKEN": sender.token(dialect),
        "$KEY": sender.key,
    }

    for command in commands:
        for shown, real in typed.items():
            command = command.replace(shown, real)
        done = subprocess.run(
            [*shlex.split(command), "--silent", "--show-error", "--fail-with-body"],
            capture_output=True,
            text=True,
            check=False,
            timeout=30,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    told = [command for command in commands if "/v1/types/" not in command]
    assert len(ana.titles()) == len(told) > 0
