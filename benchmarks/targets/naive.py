"""The naive Flask-SocketIO server (baselines/naive_flask)."""

from __future__ import annotations

import sys
from pathlib import Path

from benchmarks.targets.base import Baseline, Launch

SERVER = Path(__file__).parents[1] / "baselines" / "naive_flask" / "server.py"


class NaiveFlask(Baseline):
    """A monkey-patched server as tutorials build it, in this Python's environment."""

    def prepare(self, folder: Path, url: str | None, users: list[str], port: int) -> tuple[Launch, list[str]]:
        address = url.replace("postgresql:", "postgresql+psycopg:") if url else f"sqlite:///{folder / 'naive.db'}"
        launch = Launch([sys.executable, "-W", "ignore", str(SERVER), str(port)], {"DATABASE_URL": address})
        return launch, self.connect_packets(users)
