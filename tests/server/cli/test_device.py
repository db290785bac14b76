"""`handbell device …`, typed by an operator while the server runs."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from click.testing import CliRunner

from handbell_server.cli import main as handbell
from handbell_shared import pairing, rest, rest_pairing
from tests.server.http.stage import Person, Socket, Stage, new_database


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def stage(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with Stage(tmp_path_factory.mktemp("device"), new_database(request.param, request)) as stage:
        yield stage


@pytest.fixture
def ana(stage: Stage) -> Person:
    return stage.person("ana")


def test_a_code_from_the_command_line_signs_a_device_in(stage: Stage, ana: Person) -> None:
    said = stage.server.cli("device", "pair", ana.name, "--server", stage.url)
    code, link = (line.partition(": ")[2] for line in said.splitlines())
    parsed = pairing.parse_link(link)

    session = rest_pairing.redeem(stage.url, code, "laptop", "linux")

    assert session.user == ana.name
    assert parsed is not None
    assert (parsed.server, pairing.shown(parsed.code)) == (stage.url, code)


def test_a_device_that_shows_a_code_is_approved_on_the_command_line(stage: Stage, ana: Person) -> None:
    asking = rest_pairing.ask(stage.url, "Ana's \x1b[2J laptop", "linux")

    said = stage.server.cli("device", "approve", ana.name, asking.code.lower())

    assert said == f'"Ana\'s \N{REPLACEMENT CHARACTER}[2J laptop" (linux) is let in as {ana.name}.\n'
    assert isinstance(rest_pairing.claim(stage.url, asking.secret), rest.SignedIn)


def test_a_device_is_listed_and_signed_out(stage: Stage, ana: Person) -> None:
    phone = stage.device_of(ana.name, "phone")
    socket = Socket(stage.url, {"token": phone.token, "protocol": 1})
    socket.hears("hello")

    listed = stage.server.cli("device", "list", ana.name).splitlines()
    as_json = [json.loads(line) for line in stage.server.cli("device", "list", ana.name, "--json").splitlines()]
    stage.server.cli("device", "revoke", ana.name, phone.device)

    assert [line.split("\t")[:3] for line in listed] == [
        [ana.device, "laptop", "test"],
        [phone.device, "phone", "test"],
    ]
    assert [(one["id"], one["name"]) for one in as_json] == [(ana.device, "laptop"), (phone.device, "phone")]
    assert socket.hears("bye")["reason"] == "revoked"
    socket.ends()
    assert stage.server.cli("device", "list", ana.name).splitlines()[0].split("\t")[0] == ana.device


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("pair", "nobody"), "There is no user 'nobody'"),
        (("pair", "disabled"), "is disabled"),
        (("pair", "{ana}", "--server", "bell.example"), "starts with http:// or https://"),
        (("approve", "{ana}", "2222-2222"), "This code is not valid"),
        (("approve", "{ana}", "nonsense"), "This code is not valid"),
        (("revoke", "{ana}", "nothing"), "There is no such device"),
        (("revoke", "{ben}", "{device}"), "There is no such device"),
        (("list", "nobody"), "There is no user"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_what_cannot_be_done_is_said_in_a_sentence(
    stage: Stage, ana: Person, words: tuple[str, ...], sentence: str
) -> None:
    if "disabled" in words:
        disabled = stage.person("gone")
        stage.disable(disabled)
        words = ("pair", disabled.name)
    ben = stage.person("ben").name if "{ben}" in words else ""
    filled = [word.format(ana=ana.name, ben=ben, device=ana.device) for word in words]

    done = CliRunner().invoke(
        handbell,
        ["device", *filled, "--data", str(stage.server.data)],
        env={"HANDBELL_DATABASE_URL": database_of(stage)},
    )

    assert done.exit_code in (1, 2)
    assert sentence in done.output


def database_of(stage: Stage) -> str:
    return stage.engine.url.render_as_string(hide_password=False)


def test_the_help_says_what_the_address_is_for() -> None:
    said = CliRunner().invoke(handbell, ["device", "pair", "--help"]).output

    assert "http://127.0.0.1:8080" in said
    assert "becomes part of the link" in " ".join(said.split())
