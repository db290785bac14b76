"""`make run`: a whole Handbell on this machine, from nothing to the first ring, until Ctrl-C.

Everything a person would type is typed here: add a user and a producer, serve, sign the bell in, send. Where there is a
screen the bell is the tray application; elsewhere it prints what it hears. The data lives in a temporary folder and
goes with the demo; for one that stays, see the README.
"""

import argparse
import importlib.util
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType
from typing import IO

from handbell_shared import rest
from scripts import showcase

HANDBELL = (sys.executable, "-m", "handbell_server")
DESKTOP = (sys.executable, "-m", "handbell_desktop")
USER = "demo"
READY_WITHIN = 30
SIGNED_IN_WITHIN = 10
GONE_WITHIN = 10

WELCOME = """
Handbell is running, and {user}'s bell is {where}.

    address   {url}
    sign in   {user} / {password}
    key       {key}

Ring the bell from another terminal:

    curl -s {url}/v1/notifications \\
      -H 'Authorization: Bearer {key}' \\
      -H 'Content-Type: application/json' \\
      -d '{{"to": "{user}", "title": "It rang", "body": "from curl"}}'

{what_follows} (Ctrl-C ends everything)
"""


class DemoError(Exception):
    """Something did not come up; the message is for the person who typed `make run`."""


class Interrupted(Exception):
    """Ctrl-C, or somebody asked this process to end."""


def main() -> int:
    parser = argparse.ArgumentParser(description="Run a demo of Handbell until Ctrl-C.")
    parser.add_argument("--port", type=int, default=8080, help="the port to serve on, or a free one if it is taken")
    options = parser.parse_args()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupt)
    try:
        with ExitStack() as stack:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="handbell-demo-"))
            run(stack, Path(folder) / "data", port_or_free(options.port))
    except Interrupted:
        print("\nHandbell has ended; nothing of the demo is left.")
    except DemoError as error:
        print(f"make run: {error}", file=sys.stderr)
        return 1
    return 0


def interrupt(number: int, frame: FrameType | None) -> None:
    for again in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(again, signal.SIG_IGN)  # the tidying up is short, and must not be interrupted itself
    raise Interrupted


def run(stack: ExitStack, data: Path, port: int) -> None:
    password = secrets.token_urlsafe(12)
    handbell("user", "add", USER, "--password-stdin", "--data", str(data), stdin=password)
    key = handbell("producer", "add", "demo", "--data", str(data)).strip()

    serve = ("serve", "--host", "127.0.0.1", "--port", str(port), "--data", str(data))
    server = stack.enter_context(started(HANDBELL, serve, stdout=subprocess.PIPE))
    assert server.stdout is not None
    url = f"http://127.0.0.1:{port}"
    await_line(server, server.stdout, url, "the server to be ready", READY_WITHIN)

    screen = has_screen()
    bell = ("--data", str(data / "desktop"), "--server", url, "--user", USER, "--password-stdin")
    if screen:
        # In somebody's keyring its key would be left behind.
        listener = stack.enter_context(started(DESKTOP, ("--no-keyring", *bell), stdin=password))
        await_bell(url)
    else:
        listener = stack.enter_context(started(DESKTOP, ("--headless", *bell), stdin=password, stderr=subprocess.PIPE))
        assert listener.stderr is not None
        await_line(listener, listener.stderr, "Listening", "the bell to be signed in", SIGNED_IN_WITHIN)

    where, what_follows = (
        ("in the tray", "A few notifications to look at are on their way: click the bell.")
        if screen
        else ("here", f"What {USER} hears, one notification a line")
    )
    print(
        WELCOME.format(user=USER, url=url, password=password, key=key, where=where, what_follows=what_follows),
        flush=True,
    )
    rest.request(url, "POST", "/v1/notifications/batch", token=key, json={"notifications": showcase.for_user(USER)})
    watch(server, listener)


def has_screen() -> bool:
    """Whether there is a display, and Qt to draw on it."""
    display = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    return bool(display) and importlib.util.find_spec("PySide6") is not None


def handbell(*arguments: str, stdin: str = "", environment: dict[str, str] | None = None) -> str:
    """One `handbell` command, start to end; answers what it printed."""
    done = subprocess.run(
        [*HANDBELL, *arguments],
        input=f"{stdin}\n",
        capture_output=True,
        text=True,
        check=False,
        env=inherited() | (environment or {}),
    )
    if done.returncode != 0:
        raise DemoError(f"`handbell {arguments[0]}` failed:\n{done.stderr.strip() or done.stdout.strip()}")
    return done.stdout


@contextmanager
def started(
    program: Sequence[str],
    arguments: Sequence[str],
    *,
    stdin: str | None = None,
    stdout: int | None = None,
    stderr: int | None = None,
) -> Iterator[subprocess.Popen[str]]:
    """A program that stays, and is asked to end (then made to) when the demo does."""
    with subprocess.Popen(
        [*program, *arguments],
        stdin=subprocess.DEVNULL if stdin is None else subprocess.PIPE,
        stdout=stdout,
        stderr=stderr,
        text=True,
        env=inherited(),
        # Ctrl-C in the terminal is for the demo, which ends the others in its own order: listener, then server.
        start_new_session=True,
    ) as process:
        try:
            if process.stdin is not None:
                process.stdin.write(f"{stdin}\n")
                process.stdin.close()
            yield process
        finally:
            process.terminate()
            try:
                process.wait(GONE_WITHIN)
            except subprocess.TimeoutExpired:
                process.kill()


def await_line(process: subprocess.Popen[str], stream: IO[str], words: str, what: str, seconds: float) -> None:
    """Wait for a line with these words; from then on what comes is passed on, so that the pipe never fills."""
    heard = threading.Event()
    before: list[str] = []

    def follow() -> None:
        for line in stream:
            if heard.is_set():
                print(line, end="", file=sys.stderr, flush=True)
            elif words in line:
                heard.set()
            else:
                before.append(line)

    threading.Thread(target=follow, daemon=True).start()
    deadline = time.monotonic() + seconds
    while not heard.wait(0.05):
        if process.poll() is not None:
            raise DemoError(f"waited for {what}, but it ended with status {process.returncode}\n{''.join(before)}")
        if time.monotonic() > deadline:
            raise DemoError(f"waited {seconds} s for {what}\n{''.join(before)}")


def await_bell(url: str) -> None:
    """Until a device is online, so that what is sent then rings; a bell that asks its person something may take long."""
    deadline = time.monotonic() + SIGNED_IN_WITHIN
    while time.monotonic() < deadline:
        with urllib.request.urlopen(f"{url}/metrics", timeout=5) as answer:  # noqa: S310 — ours, on this machine
            if b"handbell_devices_online 1.0" in answer.read():
                return
        time.sleep(0.1)


def watch(server: subprocess.Popen[str], listener: subprocess.Popen[str]) -> None:
    while True:
        for name, process in (("server", server), ("listener", listener)):
            if process.poll() is not None:
                raise DemoError(f"the {name} has ended by itself, with status {process.returncode}")
        time.sleep(0.5)


def inherited() -> dict[str, str]:
    """Without HANDBELL_…: what is set for this person's own Handbell is not for the demo."""
    ours = {"HANDBELL_LOG_LEVEL": "warning"}  # what the person came to see is what demo hears
    return {key: value for key, value in os.environ.items() if not key.startswith("HANDBELL_")} | ours


def port_or_free(wanted: int) -> int:
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a port that only rests counts as free
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise DemoError("there is no free port on this machine")


if __name__ == "__main__":
    sys.exit(main())
