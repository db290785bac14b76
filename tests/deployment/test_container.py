"""The container file and compose.yaml, judged as a linter would, and held against the configuration they are for."""

from __future__ import annotations

import re
from dataclasses import fields
from typing import Any

import pytest
import yaml

from handbell_server.config import Config, from_environment
from tests.deployment.containerfile import instructions, stages
from tests.deployment.handed_out import CONTAINER, CONTAINERFILE, PARTS, ROOT, assigned

STAGES = stages(CONTAINERFILE)
COMPOSE: dict[str, Any] = yaml.safe_load((CONTAINER / "compose.yaml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = ("server-1", "server-2", "worker", "backup")
CHOSEN = assigned((CONTAINER / "example.env").read_text(encoding="utf-8"))


def test_only_known_words_and_one_shell_that_stops_at_the_first_failure() -> None:
    known = {
        "ARG",
        "FROM",
        "ENV",
        "WORKDIR",
        "COPY",
        "RUN",
        "USER",
        "VOLUME",
        "EXPOSE",
        "HEALTHCHECK",
        "ENTRYPOINT",
        "CMD",
    }
    steps = instructions(CONTAINERFILE)

    assert {one.word for one in steps} <= known
    for one in steps:
        if one.word == "RUN":
            assert ";" not in one.argument and "|" not in one.argument, (
                f"a failure inside would go unseen: {one.argument}"
            )


def test_whatever_comes_of_python_comes_by_hash() -> None:
    installs = re.findall(r"pip (?:--python \S+ )?install [^&]+", CONTAINERFILE.read_text().replace("\\\n", " "))

    assert len(installs) == 3
    assert all("--require-hashes" in one or "--no-index" in one for one in installs)
    assert "python:3.11-slim" in STAGES["build"].base
    assert not STAGES["build"].base.endswith((":latest", ":3", ":slim"))


def test_it_runs_as_nobody_in_particular_and_says_whether_it_is_well() -> None:
    runtime = STAGES["runtime"]

    assert runtime.last("USER").argument == "10001:10001"
    assert runtime.steps.index(runtime.last("USER")) > max(
        place for place, step in enumerate(runtime.steps) if step.word in ("RUN", "COPY")
    )
    assert "/healthz" in runtime.last("HEALTHCHECK").argument
    assert runtime.last("ENTRYPOINT").words == ["handbell"]
    assert STAGES["backup"].last("USER").argument == "10001:10001"
    assert list(STAGES)[-1] == "server", "what `docker build` makes when nobody names a target"
    from_environment({name: value for name, value in runtime.environment().items() if name.startswith("HANDBELL_")})


def test_what_it_copies_is_there_and_let_through() -> None:
    let_through = re.findall(r"^!(\S+)$", (ROOT / ".dockerignore").read_text(), re.MULTILINE)
    copied = [name for step in STAGES["build"].steps if step.word == "COPY" for name in step.rest.split()[:-1]]

    assert sorted(copied) == sorted(let_through)
    assert all((ROOT / name).exists() for name in copied)


def test_compose_has_two_servers_a_worker_and_all_they_need() -> None:
    assert set(SERVICES) == {*OURS, "proxy", "database", "redis"}
    for name in OURS:
        service = SERVICES[name]
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert (CONTAINER / service["build"]["context"]).resolve() == ROOT
        assert ROOT / service["build"]["dockerfile"] == CONTAINERFILE
        assert service["build"]["target"] in STAGES
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["proxy"]
    assert all("healthcheck" in SERVICES[name] for name in ("database", "redis"))


def test_the_settings_of_compose_make_a_configuration() -> None:
    chosen = CHOSEN | {"DATABASE_PASSWORD": "a" * 48, "SECRET_KEY": "b" * 64}
    settings = {name: _filled(value, chosen) for name, value in SERVICES["server-1"]["environment"].items()}

    config = from_environment(settings)

    assert not config.embedded
    assert config.trust_proxy
    assert config.database == f"postgresql+psycopg://handbell:{'a' * 48}@database/handbell"
    assert set(settings) <= {f"HANDBELL_{field.name.upper()}" for field in fields(Config)}


def test_everything_that_is_to_be_chosen_stands_in_the_example() -> None:
    asked = set(re.findall(r"\$\{(\w+)", (CONTAINER / "compose.yaml").read_text(encoding="utf-8")))

    assert asked == set(CHOSEN)
    assert CHOSEN["DATABASE_PASSWORD"] == CHOSEN["SECRET_KEY"] == "", "nobody's secret is everybody's"


def test_nginx_of_compose_finds_the_servers_where_compose_puts_them() -> None:
    told = re.findall(r"^server ([\d.]+:\d+) ", (CONTAINER / "servers.conf").read_text(), re.MULTILINE)
    port = STAGES["runtime"].environment()["HANDBELL_PORT"]

    placed = [SERVICES[name]["networks"]["inside"]["ipv4_address"] for name in ("server-1", "server-2")]

    assert told == [f"{address}:{port}" for address in placed]


@pytest.mark.parametrize("name", list(SERVICES))
def test_every_file_that_a_container_is_given_exists_or_is_chosen(name: str) -> None:
    for volume in SERVICES[name].get("volumes", []):
        source = _filled(volume, CHOSEN).split(":")[0]
        if source.startswith("."):
            assert (CONTAINER / source).is_file(), source
        elif not source.startswith("/"):
            assert source in COMPOSE["volumes"]


def test_nginx_finds_its_certificate_where_compose_puts_it() -> None:
    configuration = (PARTS / "nginx/handbell.conf").read_text(encoding="utf-8")
    mounted = [_filled(volume, CHOSEN).split(":")[1] for volume in SERVICES["proxy"]["volumes"]]

    for path in re.findall(r"(?:ssl_certificate|ssl_certificate_key|include)\s+(\S+);", configuration):
        assert path in mounted


def _filled(value: str, chosen: dict[str, str]) -> str:
    return re.sub(r"\$\{(\w+)(?::[?-][^}]*)?\}", lambda match: chosen[match[1]], value)
