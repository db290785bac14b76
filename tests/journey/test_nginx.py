"""Two servers behind nginx, with the configuration that we hand out: its own upstream and location blocks."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import time
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from statistics import median

import pytest
import requests
import socketio

from handbell_shared.backoff import Backoff
from handbell_shared.link_state import Offline
from tests.faults.producer import LATER_OF_A_PROXY
from tests.faults.storm import PASSWORD as STORMY
from tests.faults.storm import Storm
from tests.journey.conftest import Fleet
from tests.journey.seeding import PASSWORD
from tests.journey.test_workers import ENDS_WITHIN, SLACK
from tests.support.handbell import HandbellServer
from tests.support.ports import free_port
from tests.support.processes import Process
from tests.support.rest import Rest
from tests.support.waiting import until

ROOT = Path(__file__).parents[2]
CONFIGURATION = ROOT / "packaging/server/nginx/handbell.conf"
SERVERS = CONFIGURATION.with_name("servers.conf")
AROUND = """
pid {folder}/nginx.pid;
error_log stderr;
events {{ worker_connections 256; }}
http {{
    access_log off;
    {paths}
    {handbell}
}}
"""
LONGEST_PAUSE = 1.4
AWAY_AT_MOST = 2.0
PATHS = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


@pytest.fixture(scope="session")
def nginx() -> str:
    done = subprocess.run(
        ["sh", "scripts/system-deps.sh", "nginx"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return shutil.which("nginx") or "/usr/sbin/nginx"


def configured(port: int, servers: Sequence[HandbellServer], folder: Path) -> str:
    """What we hand out, with this machine's addresses and without its certificates."""
    text = re.sub(r"^\s*ssl_.*\n", "", CONFIGURATION.read_text(), flags=re.MULTILINE)
    text = text.replace("listen 443 ssl;", f"listen 127.0.0.1:{port};")
    behind = SERVERS.read_text()
    for number, server in enumerate(servers, 8081):
        assert f"127.0.0.1:{number} " in behind
        behind = behind.replace(f"127.0.0.1:{number} ", f"127.0.0.1:{server.port} ")
    (folder / SERVERS.name).write_text(behind)
    assert f"/etc/nginx/handbell/{SERVERS.name};" in text
    text = text.replace(f"/etc/nginx/handbell/{SERVERS.name};", f"{folder}/{SERVERS.name};")
    paths = "\n    ".join(f"{name}_temp_path {folder}/{name};" for name in PATHS)
    return AROUND.format(folder=folder, paths=paths, handbell=text)


@pytest.fixture
def door(fleet: Fleet, nginx: str, tmp_path: Path) -> Iterator[str]:
    """The address of an nginx in front of two servers that believe what it says of the client."""
    trusting = {"HANDBELL_TRUST_PROXY": "1"}
    servers = fleet.serve("a", "b", environment=trusting)
    folder, port = tmp_path / "nginx", free_port()
    folder.mkdir()
    file = folder / "nginx.conf"
    file.write_text(configured(port, servers, folder))
    command = [nginx, "-c", str(file), "-p", str(folder), "-g", "daemon off; master_process off;"]
    with Process(command, name="nginx", directory=folder) as process:
        process.wait_for_port(port)
        yield f"http://127.0.0.1:{port}"


def sign_in(door: str, user: str) -> str:
    with Rest(door) as rest, rest.sign_in(user, PASSWORD) as session:
        assert session.token is not None
        return session.token


def client_from(address: str) -> requests.Session:
    """A session that calls from another address of loopback, as another machine would."""
    session = requests.Session()
    adapter = requests.adapters.HTTPAdapter()
    adapter.init_poolmanager(4, 4, source_address=(address, 0))
    session.mount("http://", adapter)
    return session


def test_a_device_behind_the_proxy_hears_and_reads_by_websocket(fleet: Fleet, door: str) -> None:
    fleet.people("ana")
    device = fleet.device("ana", door)
    with Rest(door, fleet.key) as producer:
        assert producer.notify("ana", "news", body="through nginx").status == 201
        assert producer.get("/metrics").status == 403
    until(lambda: "through nginx" in device.heard, 5, "the device to hear")
    record = device.sees("through nginx")
    assert record is not None
    device.act("read", record)
    until(lambda: device.picture().badge == 0 and not device.outbox, 5, "the bell to go down")
    with Rest(fleet.servers[0].url) as a, Rest(fleet.servers[1].url) as b:
        sockets = sum(_metric(rest, "handbell_sockets") for rest in (a, b))
    assert sockets >= 1
    # Falling back to polling would have begun with a refusal.
    assert not any(isinstance(state, Offline) for state in device.states), device.states


def test_polling_sticks_to_one_server_and_clients_spread_over_both(fleet: Fleet, door: str) -> None:
    fleet.people("ana")
    token = sign_in(door, "ana")
    clients: list[socketio.Client] = []
    heard: list[str] = []
    try:

        def spread() -> list[int]:
            with Rest(fleet.servers[0].url) as a, Rest(fleet.servers[1].url) as b:
                return [_metric(rest, "handbell_sockets") for rest in (a, b)]

        for number in range(2, 42):
            client = socketio.Client(reconnection=False, http_session=client_from(f"127.0.0.{number}"))
            client.on("push", lambda push: heard.extend(change["title"] for change in push["changes"]))
            client.connect(door, auth={"token": token, "protocol": 1}, transports=["polling"])
            clients.append(client)
            if len(clients) >= 8 and min(spread()) >= 1:  # eight addresses may well belong to the same server
                break
        assert sum(spread()) == len(clients)
        assert min(spread()) >= 1, "the hash sends all clients to one server"
        with Rest(door, fleet.key) as producer:
            assert producer.notify("ana", "polled").status == 201
        until(lambda: heard.count("polled") == len(clients), 10, "all polling devices to hear")
    finally:
        for client in clients:
            client.disconnect()


def test_a_server_that_goes_away_hands_its_clients_to_the_other(fleet: Fleet, door: str) -> None:
    fleet.people("ana")
    device = fleet.device("ana", door)
    with Rest(fleet.servers[0].url) as a:
        at_first = _metric(a, "handbell_devices_online") >= 1
    serving = fleet.servers[0 if at_first else 1]
    device.online.clear()
    serving.kill9()
    until(device.online.is_set, 15, "the device to be online by the other server")
    with Rest(door, fleet.key) as producer:
        assert producer.notify("ana", "still here", body="still here").status == 201
    until(lambda: "still here" in device.heard, 5, "the device to hear")


def test_a_rolling_restart_under_load_loses_nothing_and_everybody_is_back_with_the_first_knock(
    fleet: Fleet, door: str, tmp_path: Path
) -> None:
    # The pauses of a real device; as if it had been up for a while before each restart.
    pauses = partial(Backoff, healthy_after=0)
    with Storm(fleet.servers, tmp_path, doors=[door], backoff=pauses, later=LATER_OF_A_PROXY) as storm:
        storm.until_accepted(20)
        usual = _usual_time_to_come(fleet, door, storm)
        busy, other = _the_busy_one_first(fleet.servers)
        for server in (busy, other):
            until(lambda: all(device.online.is_set() for device in storm.devices), 10, "all devices to be online")
            until(lambda: _carries_requests(busy), 10, "nginx to use the first one again")
            start = time.monotonic()
            assert server.stop() == 0
            assert time.monotonic() - start < ENDS_WITHIN + SLACK
            storm.until_accepted(10)
            server.start()
        until(lambda: all(len(device.absences) >= 2 for device in storm.devices), 10, "everybody to be back, twice")
        storm.verdict()
    absences = [absence for device in storm.devices for absence in device.absences]
    # One knock each, after a pause that leaves six tenths of a second for everything else: two seconds on a machine that has time,
    # and on one that has not what it takes anybody there to come. Of a single one that says nothing: a machine may stand still.
    assert [absence.attempts for absence in absences] == [1] * len(absences), "somebody knocked in vain"
    assert max(absence.pause for absence in absences) <= LONGEST_PAUSE
    assert median(absence.connecting for absence in absences) < max(AWAY_AT_MOST - LONGEST_PAUSE, 3 * usual)


def _usual_time_to_come(fleet: Fleet, door: str, storm: Storm) -> float:
    """What a device needs here and now, under this load, when nobody restarts anything: the longest of a few."""
    [user, *_] = storm.users
    newcomers = [fleet.device(user, door, f"newcomer {number}", password=STORMY) for number in range(4)]
    times = [device.first_online for device in newcomers]
    for device in newcomers:
        device.close()
    return max(time for time in times if time is not None)


def _the_busy_one_first(servers: Sequence[HandbellServer]) -> list[HandbellServer]:
    """All devices come from one address here, so one server has them all."""

    def sockets(server: HandbellServer) -> int:
        with Rest(server.url) as rest:
            return _metric(rest, "handbell_sockets")

    return sorted(servers, key=sockets, reverse=True)


def _carries_requests(server: HandbellServer) -> bool:
    with Rest(server.url) as rest:
        return 'route="/v1/notifications"' in rest.get("/metrics").body.decode()


def test_who_forwards_is_believed_only_when_it_is_our_proxy(fleet: Fleet) -> None:
    """Wrong passwords are counted by address, so the count shows which address the server believes."""
    fleet.people("ana")
    strict = {"HANDBELL_SIGN_IN_RATE": "0.01", "HANDBELL_SIGN_IN_BURST": "3"}
    [plain] = fleet.serve("plain", environment=strict)
    [trusting] = fleet.serve("trusting", environment=strict | {"HANDBELL_TRUST_PROXY": "1"})
    assert _statuses_with_forged_addresses(plain.url)[-1] == 429
    assert 429 not in _statuses_with_forged_addresses(trusting.url)
    # nginx writes the address itself: what a stranger claims stays outside.
    text = CONFIGURATION.read_text()
    assert "proxy_set_header X-Forwarded-For $remote_addr;" in text


def _statuses_with_forged_addresses(url: str) -> list[int]:
    statuses = []
    with Rest(url) as rest:
        for number in range(6):
            body = {"user": "nobody", "password": "x" * 12, "device": {"name": "d", "platform": "t"}}
            forged = {"X-Forwarded-For": f"203.0.113.{number}"}
            statuses.append(rest.post("/v1/sessions", body, headers=forged).status)
    return statuses


def _metric(rest: Rest, name: str) -> int:
    text = rest.get("/metrics").body.decode()
    found = re.search(rf"^{name}(?:_total)? ([0-9.e+]+)$", text, re.MULTILINE)
    assert found is not None, json.dumps(text[:2000])
    return int(float(found[1]))
