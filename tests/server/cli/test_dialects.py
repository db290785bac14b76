"""`handbell producer set` and `token`: what an operator types to point other systems' senders at us."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask

from handbell_server import database
from handbell_server.actions import producers
from handbell_server.actions.producers import KnownProducer
from handbell_server.cli import main
from handbell_server.config import Config
from handbell_server.identity.tokens import ProducerKey, parse_token
from handbell_server.sealing import seal_of, seal_row

Cli = Callable[..., str]
OLD = "AbCdEf.hi-jk_l9"  # from the Gotify that is to be retired


@pytest.fixture
def cli(tmp_path: Path) -> Cli:
    def run(*words: str, stdin: str = "") -> str:
        done = CliRunner().invoke(main, [*words, "--data", str(tmp_path)], input=stdin)
        assert done.exit_code == 0, done.output
        return done.output

    run("user", "add", "ana", "--password-stdin", stdin="correct horse battery\n")
    run("producer", "add", "nas", "--to", "ana")
    return run


def known_by(data: Path, token: str) -> KnownProducer | None:
    key = parse_token(token)
    assert isinstance(key, ProducerKey)
    engine = database.attach(Flask("test"), Config(data_dir=data))
    with engine.connect() as connection:
        found = producers.by_key(connection, key.key_id)
    engine.dispose()
    return found[0] if found is not None and key.matches(bytes.fromhex(found[1])) else None


def test_a_token_has_the_shape_that_senders_check_and_opens_its_dialect_only(cli: Cli, tmp_path: Path) -> None:
    new = cli("producer", "token", "nas", "--dialect", "gotify").strip()
    longer = cli("producer", "token", "nas", "--dialect", "gotify", "--gotify-3").strip()
    taken_over = cli("producer", "token", "nas", "--dialect", "gotify", "--existing-stdin", stdin=OLD + "\n").strip()

    assert len(new) == 15
    assert new[0] == "A"
    assert longer.startswith("gtfya.")
    assert len(longer) == 49
    assert taken_over == OLD
    for token in (new, longer, OLD):
        known = known_by(tmp_path, token)
        assert known is not None
        assert (known.name, known.only, known.dialects.to) == ("nas", "gotify", "ana")


def test_tokens_of_dialects_outlive_a_rotation_and_end_by_themselves(cli: Cli, tmp_path: Path) -> None:
    token = cli("producer", "token", "nas", "--dialect", "gotify").strip()
    key = cli("producer", "rotate", "nas", "--grace", "0").strip()
    assert known_by(tmp_path, token) is not None

    cli("producer", "revoke", "nas", "--dialect", "gotify")
    assert known_by(tmp_path, token) is None
    assert known_by(tmp_path, key) is not None

    cli("producer", "revoke", "nas")
    assert known_by(tmp_path, key) is None


def test_settings_add_up_until_they_are_cleared(cli: Cli, tmp_path: Path) -> None:
    first = json.loads(
        cli(
            *("producer", "set", "nas", "--to", "ana,ana", "--route", "ops=topic:ops", "--priority", "gotify:8=urgent"),
            *("--default", "ttl=3600", "--person", "octocat=ana", "--map", "title=alert.name", "--dialect", "gotify"),
        )
    )
    second = json.loads(cli("producer", "set", "nas", "--route", "all=everyone", "--priority", "gotify:9=urgent"))
    third = json.loads(cli("producer", "set", "nas", "--clear", "routes", "--clear", "priorities"))

    assert first == {
        "to": ["ana", "ana"],
        "routes": {"ops": {"topic": "ops"}},
        "priorities": {"gotify": {"8": "urgent"}},
        "defaults": {"ttl": 3600},
        "mapping": {"title": "alert.name"},
        "people": {"octocat": "ana"},
        "speaks": ["gotify"],
    }
    assert second["routes"] == {"ops": {"topic": "ops"}, "all": {"everyone": True}}
    assert second["priorities"] == {"gotify": {"8": "urgent", "9": "urgent"}}
    assert {"routes", "priorities"} & set(third) == set()
    assert json.loads(cli("producer", "set", "nas")) == third


def test_a_secret_is_sealed_and_not_shown(cli: Cli, tmp_path: Path) -> None:
    said = cli("producer", "set", "nas", "--secret-stdin", stdin="s3cret of theirs\n")
    known = known_by(tmp_path, cli("producer", "token", "nas", "--dialect", "gotify").strip())
    seal = seal_of(Config(data_dir=tmp_path))

    assert json.loads(said)["secret"] is True
    assert known is not None
    assert known.dialects.secret is not None
    assert "s3cret" not in known.dialects.secret + said
    assert seal is not None
    assert seal.open(known.dialects.secret, seal_row(known.id)) == "s3cret of theirs"


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["set", "nas", "--to", "nobody"], "There is no user 'nobody'"),
        (["set", "nas", "--priority", "8=urgent"], "not of the form"),
        (["set", "nas", "--priority", "gotify:8=highest"], "Invalid enum value"),
        (["set", "nas", "--route", "ops"], "not of the form"),
        (["set", "nas", "--dialect", "klingon"], "is not a dialect"),
        (["set", "nas", "--secret-stdin"], "1 to 256"),
        (["set", "nobody"], "There is no producer"),
        (["token", "nas", "--dialect", "klingon"], "is not a dialect"),
        (["token", "nas", "--dialect", "gotify", "--existing-stdin"], "does not have the shape"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_typing_mistake_is_found_at_once(cli: Cli, words: list[str], complaint: str) -> None:
    with pytest.raises(AssertionError, match=complaint):
        cli("producer", *words)
