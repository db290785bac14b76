"""`make run`: a whole Handbell on this machine, from nothing to the first ring, until Ctrl-C.

Everything a person would type is typed here, by the command line and nothing else: add a user and a producer, serve,
listen, send. The data lives in a temporary folder and goes with the demo; for one that stays, see the README.
"""

import argparse
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType
from typing import IO

HANDBELL = (sys.executable, "-m", "handbell_server")
USER = "demo"
READY_WITHIN = 30
SIGNED_IN_WITHIN = 10
GONE_WITHIN = 10

WELCOME = """
Handbell is running, and {user} is listening.

    address   {url}
    sign in   {user} / {password}
    key       {key}

Ring the bell from another terminal:

    curl -s {url}/v1/notifications \\
      -H 'Authorization: Bearer {key}' \\
      -H 'Content-Type: application/json' \\
      -d '{{"to": "{user}", "title": "It rang", "body": "from curl"}}'

What {user} hears, one notification a line (Ctrl-C ends everything):
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
    server = stack.enter_context(started(serve, stdout=subprocess.PIPE))
    assert server.stdout is not None
    url = f"http://127.0.0.1:{port}"
    await_line(server, server.stdout, url, "the server to be ready", READY_WITHIN)

    listen = ("listen", "--server", url, "--user", USER, "--password-stdin")
    listener = stack.enter_context(started(listen, stdin=password, stderr=subprocess.PIPE))
    assert listener.stderr is not None
    await_line(listener, listener.stderr, "", "the bell to be signed in", SIGNED_IN_WITHIN)

    print(WELCOME.format(user=USER, url=url, password=password, key=key), flush=True)
    words = ("Welcome to Handbell", "--body", "This one came by `handbell send`.")
    handbell("send", USER, *words, "--server", url, environment={"HANDBELL_KEY": key})
    watch(server, listener)


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
    arguments: Sequence[str], *, stdin: str | None = None, stdout: int | None = None, stderr: int | None = None
) -> Iterator[subprocess.Popen[str]]:
    """A `handbell` command that stays, and is asked to end (then made to) when the demo does."""
    with subprocess.Popen(
        [*HANDBELL, *arguments],
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
