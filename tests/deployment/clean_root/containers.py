"""Runs an image as a container is run: processes, mounts and network of its own, and a root that cannot be written.

The first process of a container is number one there, as with Docker, so a signal does to it what it does there. What is not
imitated: Docker's seccomp and AppArmor profiles, cgroups, and its DNS (names stand in /etc/hosts).
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from tests.deployment.clean_root.images import Image
from tests.support.processes import Process
from tests.support.waiting import until

_BRIDGE = "handbell-test"
_numbers = count(1)


class Network:
    """A bridge on this machine; each container has an address on it, and this machine has the first."""

    def __init__(self, subnet: str = "10.213.7.0/24") -> None:
        self.prefix = subnet.rpartition(".")[0]
        self.names: dict[str, str] = {}
        self._spaces: list[str] = []
        _ip("link", "add", _BRIDGE, "type", "bridge")
        _ip("address", "add", f"{self.prefix}.1/24", "dev", _BRIDGE)
        _ip("link", "set", _BRIDGE, "up")

    def join(self, name: str, address: str) -> str:
        """A network space for this container, with this address."""
        number = next(_numbers)
        space, outside = f"handbell-{number}", f"hb-test-{number}"
        _ip("netns", "add", space)
        self._spaces.append(space)
        _ip("link", "add", outside, "type", "veth", "peer", "name", "eth0", "netns", space)
        _ip("link", "set", outside, "master", _BRIDGE, "up")
        _ip("-n", space, "address", "add", f"{address}/24", "dev", "eth0")
        _ip("-n", space, "link", "set", "eth0", "up")
        _ip("-n", space, "link", "set", "lo", "up")
        self.names[name] = address
        return space

    def close(self) -> None:
        for space in self._spaces:
            with suppress(subprocess.CalledProcessError):
                _ip("netns", "delete", space)
        _ip("link", "delete", _BRIDGE)


@dataclass
class Setting:
    """How a container is run, beside what its image says."""

    environment: Mapping[str, str] = field(default_factory=dict)
    command: Sequence[str] = ()
    mounts: Mapping[str, tuple[Path, bool]] = field(default_factory=dict)
    """Inside → what stands there, and whether it may be written."""
    tmpfs: Sequence[str] = ()
    read_only: bool = True
    no_capabilities: bool = True
    open_files: int = 65536


class Container:
    def __init__(self, name: str, image: Image, setting: Setting, network: Network, address: str, folder: Path) -> None:
        self.name = name
        self.image = image
        self.address = address
        self.setting = setting
        self._space = network.join(name, address)
        self._folder = folder
        self._network = network
        self._process: Process | None = None

    @property
    def process(self) -> Process:
        assert self._process is not None
        return self._process

    @property
    def started(self) -> bool:
        return self._process is not None

    def start(self) -> None:
        hosts = self._folder / "hosts"
        names = self._network.names | {"localhost": "127.0.0.1"}
        hosts.write_text("".join(f"{address} {name}\n" for name, address in names.items()))
        words = [*self.image.entrypoint, *(self.setting.command or self.image.command)]
        spaces = ["--mount", "--pid", "--fork", "--kill-child", "--propagation", "private"]
        script = "\n".join([*self._mounts(hosts), self._files(), 'exec chroot "$0" "$@"'])
        command = ["ip", "netns", "exec", self._space, "unshare", *spaces, "sh", "-ec", script]
        self._process = Process(
            [*command, str(self.image.root.folder), *self._as_user(words)],
            name=self.name,
            directory=self._folder,
            environment=self._environment(),
        )

    def exec(self, *words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        """Another command in the running container."""
        enter = ["nsenter", f"--target={self.first_process()}", "--mount", "--pid", "--net", "--root", "--wdns=/"]
        command = [*enter, *self._as_user(words)]
        environment = self._environment()
        return subprocess.run(
            command, env=environment, input=stdin, capture_output=True, text=True, check=False, timeout=60
        )

    def is_healthy(self, check: Sequence[str] = ()) -> bool:
        return self.exec(*(check or self.image.healthcheck)).returncode == 0

    def until_healthy(self, check: Sequence[str] = (), timeout: float = 60) -> None:
        def healthy() -> bool:
            assert self.process.alive, self.process.tail()
            return self.is_healthy(check)

        until(healthy, timeout, f"{self.name} to be healthy\n{self.process.tail()}")

    def stop(self, grace: float) -> int:
        """SIGTERM to the first process, and its exit status; past the grace, Docker would kill it and this fails."""
        os.kill(self.first_process(), signal.SIGTERM)
        return self.process.wait(grace)

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill9()

    def first_process(self) -> int:
        """Seen from outside."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return int(until(lambda: children.read_text().split(), 10, f"{self.name} to begin")[0])

    def _files(self) -> str:
        """A sandbox may have fewer to give."""
        return f"ulimit -n {self.setting.open_files} 2>/dev/null || ulimit -n $(ulimit -Hn)"

    def _as_user(self, words: Sequence[str]) -> list[str]:
        user, _, group = self.image.user.partition(":")
        become = ["setpriv", f"--reuid={user}", f"--regid={group or user}", "--clear-groups", "--no-new-privs"]
        if self.setting.no_capabilities:
            become += ["--bounding-set=-all", "--inh-caps=-all"]
        return ["sh", "-c", 'cd "$0" && exec "$@"', self.image.directory, *become, *words]

    def _environment(self) -> dict[str, str]:
        return self.image.environment | dict(self.setting.environment)

    def _mounts(self, hosts: Path) -> list[str]:
        """Lines of shell, with the root in $0. Where something is mounted there must be something to mount it on."""
        root = self.image.root.folder
        lines = ['mount --bind "$0" "$0"', 'cd "$0"']
        mounts = {**self.setting.mounts, "/etc/hosts": (hosts, False)}
        tmpfs = [*self.setting.tmpfs, "/dev/shm"]  # noqa: S108
        for place in [*tmpfs, *mounts]:
            inside = root / place.lstrip("/")
            if place in mounts and mounts[place][0].is_file():
                inside.parent.mkdir(parents=True, exist_ok=True)
                inside.touch()
            else:
                inside.mkdir(parents=True, exist_ok=True)
        if self.setting.read_only:
            lines.append('mount -o remount,bind,ro "$0"')
        lines.append('mount -t proc proc "$0/proc"')
        lines += [f'mount -t tmpfs -o mode=1777 tmpfs "$0{place}"' for place in tmpfs]
        for place, (source, writable) in mounts.items():
            lines.append(f'mount --bind "{source}" "$0{place}"')
            if not writable:
                lines.append(f'mount -o remount,bind,ro "$0{place}"')
        return lines


def volume(folder: Path, image: Image, inside: str) -> Path:
    """A new volume has what stands in the image where it is mounted first, with its owner and rights."""
    if not folder.exists():
        shutil.copytree(image.root.folder / inside.lstrip("/"), folder, symlinks=True)
        told = (image.root.folder / inside.lstrip("/")).stat()
        os.chown(folder, told.st_uid, told.st_gid)
        folder.chmod(told.st_mode & 0o7777)
    return folder


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, capture_output=True)
