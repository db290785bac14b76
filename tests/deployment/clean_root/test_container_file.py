"""The container file's steps, carried out; and its images run as docker would run them: nobody's root, nothing to write to."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deployment.clean_root.containers import Container, Network, Setting, volume
from tests.deployment.clean_root.images import Builder
from tests.support.devices import Device
from tests.support.rest import Rest
from tests.support.waiting import until

PASSWORD = "correct-horse-battery"
DATA = "/var/lib/handbell"
STOPS_WITHIN = 10.0  # compose.yaml's grace, and docker's own


@pytest.fixture
def bell(builder: Builder, network: Network, tmp_path: Path) -> Iterator[Container]:
    """`docker run --read-only --tmpfs /tmp --volume handbell:/var/lib/handbell`, as the container file says."""
    image = builder.image("server")
    data = volume(tmp_path / "volume", image, DATA)
    setting = Setting(mounts={DATA: (data, True)}, tmpfs=["/tmp"])  # noqa: S108
    container = Container("bell", image, setting, network, f"{network.prefix}.21", tmp_path)
    yield container
    container.kill()


@pytest.mark.timeout(1800)
def test_the_image_serves_from_a_root_that_it_cannot_write_and_ends_when_it_is_told(bell: Container) -> None:
    bell.start()
    bell.until_healthy()
    status = Path(f"/proc/{bell.first_process()}/status").read_text()
    assert "Uid:\t10001\t10001\t10001\t10001" in status
    assert "CapBnd:\t0000000000000000" in status
    assert "NoNewPrivs:\t1" in status
    for place in ("/opt/handbell/x", "/etc/x", "/x"):
        assert "Read-only file system" in bell.exec("touch", place).stderr

    added = bell.exec("handbell", "user", "add", "ana", "--password-stdin", stdin=f"{PASSWORD}\n")
    assert added.returncode == 0, added.stderr
    key = bell.exec("handbell", "producer", "add", "ci").stdout.strip()
    url = f"http://{bell.address}:8080"
    with Rest(url) as rest, rest.sign_in("ana", PASSWORD, "laptop") as session:
        assert session.token is not None
        device = Device(url, "ana", session.token)
    with device, Rest(url, key) as producer:
        until(device.online.is_set, 10, "the device to be online")
        assert producer.notify("ana", "Hello", body="from a container").status == 201
        until(lambda: "from a container" in device.heard, 5, "the device to hear")
        doctor = bell.exec("handbell", "doctor").stdout
        assert "WRONG" not in doctor, doctor
        assert bell.stop(STOPS_WITHIN) == 0, bell.process.tail()

    bell.start()
    bell.until_healthy()
    with Rest(url) as rest, rest.sign_in("ana", PASSWORD, "laptop") as session:
        found = session.get("/v1/inbox").body["notifications"]
    assert [one["body"] for one in found] == ["from a container"], "the volume has it"
    assert bell.stop(STOPS_WITHIN) == 0


@pytest.mark.timeout(1800)
def test_the_image_for_backups_has_the_tools_of_postgres_and_the_same_user(builder: Builder) -> None:
    image = builder.image("backup")

    assert image.user == "10001:10001"
    assert image.root.run("pg_dump", "--version").stdout.startswith("pg_dump (PostgreSQL) 15")
    assert image.entrypoint == ("handbell",)
    assert not (builder.image("server").root.folder / "usr/bin/pg_dump").exists(), "only this one"


@pytest.mark.timeout(1800)
def test_what_was_needed_to_build_is_in_no_image(builder: Builder) -> None:
    root = builder.image("server").root

    assert not root.has("/build")
    assert not list((root.folder / "opt/handbell/lib").glob("python3.*/site-packages/handbell_desktop"))
    assert not list((root.folder / "opt/handbell/lib").glob("python3.*/site-packages/pip"))
