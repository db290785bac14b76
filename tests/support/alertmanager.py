"""Prometheus' Alertmanager of the test's own: on loopback only, without a cluster, with nothing kept from before."""

import json
import shutil
import urllib.request
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.support.ports import free_port
from tests.support.processes import Process


class Alertmanager:
    """It sends what Prometheus would tell it to one webhook, as soon as it may, and again every second."""

    def __init__(self, directory: Path, url: str, key: str) -> None:
        program = shutil.which("prometheus-alertmanager")
        assert program is not None, "prometheus-alertmanager is missing: run `make test`, or install it"
        self.port = free_port()
        directory.mkdir()
        config = directory / "alertmanager.json"  # JSON is YAML too
        config.write_text(json.dumps(_config(url, key)))
        command: list[str | Path] = [
            program,
            f"--config.file={config}",
            f"--storage.path={directory / 'data'}",
            f"--web.listen-address=127.0.0.1:{self.port}",
            "--cluster.listen-address=",
            "--log.level=debug",
        ]
        self.process = Process(command, name="alertmanager", directory=directory)
        self.process.wait_for_port(self.port)

    def hears(self, labels: Mapping[str, str], annotations: Mapping[str, str], *, over: bool = False) -> None:
        """What Prometheus says: that it fires now, or that it has ended."""
        now = datetime.now(UTC)
        alert = {
            "labels": dict(labels),
            "annotations": dict(annotations),
            "startsAt": (now - timedelta(minutes=5)).replace(second=0, microsecond=0).isoformat(),
            "endsAt": (now - timedelta(seconds=1) if over else now + timedelta(hours=1)).isoformat(),
            "generatorURL": "https://prometheus.example/graph?g0.expr=up",
        }
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/api/v2/alerts",
            json.dumps([alert]).encode(),
            {"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            assert answer.status == 200

    def stop(self) -> None:
        self.process.kill9()


def _config(url: str, key: str) -> dict[str, object]:
    webhook = {"url": url, "http_config": {"authorization": {"credentials": key}}}
    return {
        "route": {
            "receiver": "handbell",
            "group_by": ["alertname"],
            "group_wait": "0s",
            "group_interval": "1s",
            "repeat_interval": "1s",
        },
        "receivers": [{"name": "handbell", "webhook_configs": [webhook]}],
    }
