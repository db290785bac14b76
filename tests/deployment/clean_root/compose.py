"""Carries compose.yaml out on real processes, where there is no Docker: its commands, settings, mounts, addresses and order.

Our own services run from the images of the container file. What stands in for the three others are Debian's PostgreSQL, Redis
and nginx in a root of their own, started as their images start them: with a database and a user made from the environment,
without Redis' protected mode, with the image's nginx.conf. Their versions are Debian's, not those that compose.yaml names. Ports are not
published: a test asks the proxy on its own address.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from tests.deployment.clean_root.containers import Container, Network, Setting, volume
from tests.deployment.clean_root.images import Builder, Image
from tests.deployment.clean_root.roots import CleanRoot
from tests.deployment.handed_out import CONTAINER
from tests.support.waiting import until

_POSTGRES = """\
set -eu
data=/var/lib/postgresql/data
bin=$(ls -d /usr/lib/postgresql/*/bin)
if [ ! -s "$data/PG_VERSION" ]; then
  printf %s "$POSTGRES_PASSWORD" >/tmp/password
  "$bin/initdb" -D "$data" -U "$POSTGRES_USER" --pwfile=/tmp/password --auth-host=scram-sha-256 --auth-local=trust >/dev/null
  echo 'host all all all scram-sha-256' >>"$data/pg_hba.conf"
  "$bin/pg_ctl" -D "$data" -o '-c listen_addresses=' -w start >/dev/null
  "$bin/createdb" -U "$POSTGRES_USER" "$POSTGRES_DB"
  "$bin/pg_ctl" -D "$data" -m fast -w stop >/dev/null
fi
exec "$bin/postgres" -D "$data" -c 'listen_addresses=*'
"""
_NGINX = """\
user www-data;
pid /run/nginx.pid;
error_log /var/log/nginx/error.log;
events { worker_connections 1024; }
http {
    client_body_temp_path /var/cache/nginx/client; proxy_temp_path /var/cache/nginx/proxy;
    fastcgi_temp_path /var/cache/nginx/fastcgi; uwsgi_temp_path /var/cache/nginx/uwsgi; scgi_temp_path /var/cache/nginx/scgi;
    include /etc/nginx/conf.d/*.conf;
}
"""


def stand_ins(root: CleanRoot) -> dict[str, Image]:
    """By the name that compose.yaml knows them by, without the version."""
    root.install("postgresql", "redis-server", "nginx-light")
    folder = root.folder
    (folder / "usr/local/bin/postgres-image").write_text(_POSTGRES)
    (folder / "etc/nginx/nginx.conf").write_text(_NGINX)
    postgres, redis = (root.run("id", "--user", name).stdout.strip() for name in ("postgres", "redis"))
    data = folder / "var/lib/postgresql/data"
    data.mkdir()
    root.run("chown", "postgres:postgres", "/var/lib/postgresql/data")
    data.chmod(0o700)
    unprotected = ("sh", "-c", 'exec "$@" --protected-mode no', "redis-image")
    return {
        "postgres": Image(root, user=f"{postgres}:{postgres}", command=("sh", "/usr/local/bin/postgres-image")),
        "redis": Image(root, user=f"{redis}:{redis}", entrypoint=unprotected),
        "nginx": Image(root, command=("nginx", "-g", "daemon off;")),
    }


class Compose:
    def __init__(
        self, file: Path, chosen: Mapping[str, str], builder: Builder, others: Mapping[str, Image], folder: Path
    ) -> None:
        told = yaml.safe_load(_filled(file.read_text(encoding="utf-8"), chosen))
        self.services: dict[str, dict[str, Any]] = told["services"]
        self._builder = builder
        self._others = others
        self._folder = folder
        [subnet] = [one["subnet"] for one in told["networks"]["inside"]["ipam"]["config"]]
        self.network = Network(subnet)
        self._free = iter(range(100, 200))
        self.containers: dict[str, Container] = {}

    def up(self) -> None:
        """All without a profile, in the order of what depends on what; answers when all are healthy."""
        names = [name for name, service in self.services.items() if "profiles" not in service]
        for name in names:  # addresses first: names are known before anybody starts
            self.containers[name] = self._container(name, self.services[name].get("command"))
        for name in names:
            self._start(name)
        for name in names:
            self._until_healthy(name)

    def run(self, name: str, *command: str) -> int:
        """`docker compose run --rm NAME COMMAND`: its exit status."""
        container = self._container(name, list(command) or self.services[name].get("command"))
        container.start()
        self.said = container.process
        until(lambda: not container.process.alive, 120, f"{name} to end\n{container.process.tail()}")
        return container.process.wait()

    def stop(self, name: str) -> int:
        grace = str(self.services[name].get("stop_grace_period", "10s"))
        seconds = float(grace[:-1]) * {"s": 1, "m": 60}[grace[-1]]
        return self.containers[name].stop(seconds)

    def start(self, name: str) -> None:
        """`docker compose up --detach --no-deps --wait NAME`."""
        self.containers[name].start()
        self._until_healthy(name)

    def close(self) -> None:
        for container in self.containers.values():
            container.kill()
        self.network.close()

    def _start(self, name: str) -> None:
        container = self.containers[name]
        if container.started:
            return
        wanted = self.services[name].get("depends_on", {})
        for other in wanted:
            self._start(other)
            if isinstance(wanted, dict) and wanted[other]["condition"] == "service_healthy":
                self._until_healthy(other)
        container.start()

    def _until_healthy(self, name: str) -> None:
        told = self.services[name].get("healthcheck", {})
        check = told.get("test", ["CMD", *self.containers[name].image.healthcheck])[1:]
        if told.get("disable"):
            self.containers[name].process.wait_for_line("is ready", 60)
        elif check:
            self.containers[name].until_healthy(check)

    def _container(self, name: str, command: str | list[str] | None) -> Container:
        service = self.services[name]
        image = self._image(service)
        placed = service.get("networks", {})
        inside = placed.get("inside", {}) if isinstance(placed, dict) else {}
        address = inside.get("ipv4_address") or f"{self.network.prefix}.{next(self._free)}"
        words = shlex.split(command) if isinstance(command, str) else [str(word) for word in command or ()]
        setting = Setting(
            environment={key: str(value) for key, value in service.get("environment", {}).items()},
            command=words,
            mounts=dict(self._mount(one, image) for one in [*image.volumes, *service.get("volumes", [])]),
            tmpfs=service.get("tmpfs", []),
            read_only=service.get("read_only", False),
            no_capabilities=service.get("cap_drop") == ["ALL"],
            open_files=service.get("ulimits", {}).get("nofile", 1024),
        )
        folder = self._folder / f"{name}-{address.rpartition('.')[2]}"
        folder.mkdir()
        return Container(name, image, setting, self.network, address, folder)

    def _image(self, service: dict[str, Any]) -> Image:
        if "build" in service:
            return self._builder.image(service["build"]["target"])
        return self._others[service["image"].partition(":")[0]]

    def _mount(self, told: str, image: Image) -> tuple[str, tuple[Path, bool]]:
        """A file beside compose.yaml, one of this machine, a named volume, or one without a name: the image's own."""
        source, _, rest = told.partition(":") if ":" in told else ("", "", told)
        inside, _, mode = rest.partition(":")
        if source.startswith("."):
            place = (CONTAINER / source).resolve()
        elif source.startswith("/"):
            place = Path(source)
        else:
            place = volume(self._folder / f"volume-{source or len(list(self._folder.iterdir()))}", image, inside)
        return inside, (place, mode != "ro")


def _filled(text: str, chosen: Mapping[str, str]) -> str:
    return re.sub(r"\$\{(\w+)(?::[?-][^}]*)?\}", lambda match: chosen[match[1]], text)
