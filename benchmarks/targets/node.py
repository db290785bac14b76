"""The Express and Socket.IO server (baselines/node)."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from benchmarks.processes import BenchmarkError
from benchmarks.targets.base import Baseline, Launch

SOURCE = Path(__file__).parents[1] / "baselines" / "node"
FILES = ("package.json", "package-lock.json", "server.js")


class Node(Baseline):
    """Installed from its lock file into the build folder, run from there."""

    folder: Path

    def install(self, build: Path) -> None:
        npm = shutil.which("npm")
        if not npm or not shutil.which("node"):
            raise BenchmarkError("the Node baseline needs Node 20 or newer with npm: apt-get install nodejs npm")
        self.folder = build / "node"
        self.folder.mkdir(exist_ok=True)
        lock = self.folder / "package-lock.json"
        complete = self.folder / "node_modules" / ".package-lock.json"
        stale = not complete.exists() or lock.read_bytes() != (SOURCE / lock.name).read_bytes()
        for name in FILES:
            shutil.copyfile(SOURCE / name, self.folder / name)
        if stale:
            command = [npm, "ci", "--no-audit", "--no-fund", "--ignore-scripts"]
            subprocess.run(command, cwd=self.folder, check=True, timeout=300)

    def prepare(self, folder: Path, url: str | None, users: list[str], port: int) -> tuple[Launch, list[str]]:
        assert url is not None, "this baseline stores in PostgreSQL"
        env = {"DATABASE_URL": url, "NODE_ENV": "production"}
        launch = Launch(["node", str(self.folder / "server.js"), str(port)], env)
        return launch, self.connect_packets(users)
