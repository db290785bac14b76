"""A small application on the real runtime and the real edge, for the tests to attack from outside.

Started as `python bell_server.py '{"http": {…}, "edge": {…}}'`; prints its port when it listens.
"""

import gc
import json
import os
import signal
import sys
from collections import Counter
from typing import Any

from flask import Flask, request
from flask_socketio import SocketIO, emit

from handbell_server.runtime import Runtime, tune_gc
from handbell_server.socket.edge import (
    EdgeHooks,
    EdgeLimits,
    HttpLimits,
    Outlet,
    Stream,
    StreamRefused,
    harden,
    listen,
    prepare,
    serve,
)


def main(options: dict[str, Any]) -> None:
    for name in ("origins", "hosts"):
        if name in options.get("edge", {}):
            options["edge"][name] = frozenset(options["edge"][name])
    runtime = Runtime()
    app = Flask(__name__)
    socketio = SocketIO(app, async_mode="eventlet", manage_session=False)
    outlets: dict[str, Outlet] = {}
    said: dict[str, Any] = {"shed": 0, "drained": 0, "ended": [], "handled": 0}

    def on_shed(_sid: str) -> None:
        said["shed"] += 1

    def on_drained(sid: str) -> None:
        said["drained"] += 1
        outlets[sid].offer('2["tip",{"rev":7}]')

    def farewell(reason: str) -> str:
        return f'2["bye",{{"reason":"{reason}"}}]'

    edge = harden(socketio, runtime, EdgeLimits(**options.get("edge", {})), EdgeHooks(on_shed, on_drained, farewell))

    @socketio.on("connect")  # type: ignore[untyped-decorator]
    def connect(auth: Any) -> bool | None:
        if not auth or auth.get("token") != "good":
            return False
        outlets[request.sid] = edge.outlet(request.sid)  # type: ignore[attr-defined]
        outlets[request.sid].offer('2["push",{"early":true}]')  # type: ignore[attr-defined]
        emit("hello", {"user": auth.get("user", "ana")})
        return None

    @socketio.on("disconnect")  # type: ignore[untyped-decorator]
    def disconnect(reason: str) -> None:
        outlets.pop(request.sid, None)  # type: ignore[attr-defined]
        said["ended"].append(reason)

    @socketio.on("delta")  # type: ignore[untyped-decorator]
    def delta(query: Any) -> Any:
        said["handled"] += 1
        runtime.sleep(query.get("work", 0))
        return {"you": query, "handled": said["handled"]}

    @socketio.on("answer")  # type: ignore[untyped-decorator]
    def answer(size: int) -> str:
        return "x" * size

    @app.get("/healthz")
    def healthz() -> str:
        return "ok"

    @app.post("/echo")
    def echo() -> bytes:
        return request.get_data()

    @app.post("/slow")
    def slow() -> str:
        runtime.sleep(0.4)
        return "done"

    @app.post("/held")
    def held() -> str:
        """Until the one who asked has said a word to its standard input."""
        runtime.offload(sys.stdin.readline)
        return "done"

    @app.post("/boom")
    def boom() -> str:
        raise ZeroDivisionError("secret-in-a-traceback")

    @app.post("/push/<int:count>/<int:size>")
    def push(count: int, size: int) -> dict[str, int]:
        text = prepare(f'2["push",{{"body":"{"x" * size}"}}]')
        taken = sum(outlet.offer(text) for _ in range(count) for outlet in list(outlets.values()))
        return {"taken": taken}

    class Ears:
        """Somebody who says whatever they are told to say to all streams."""

        def keep_alive(self) -> bytes:
            return b"alive\n"

        def ended(self) -> None:
            said["streams_ended"] = said.get("streams_ended", 0) + 1

    streams: list[Stream] = []

    @app.get("/lines")
    def lines() -> tuple[str, int]:
        try:
            streams.append(edge.open_stream(request.environ, Ears(), "text/plain"))
        except StreamRefused as refused:
            return "", refused.status
        return "", 200

    @app.post("/say/<int:count>/<int:size>")
    def say(count: int, size: int) -> dict[str, int]:
        return {"taken": sum(stream.offer([b"x" * size + b"\n"]) for _ in range(count) for stream in streams)}

    @app.get("/said")
    def tell() -> dict[str, Any]:
        with open(f"/proc/{os.getpid()}/statm") as statm:
            rss = int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
        living = Counter(type(one).__name__ for one in gc.get_objects())
        kept = {name: living[name] for name in ("Request", "KeptEnviron")}
        counts = {"sockets": edge.sockets, "streams": len(edge.streams), "outlets": len(outlets)}
        return {**said, **counts, "rss": rss, "kept": kept}

    listener = listen("127.0.0.1", 0)
    listening = serve(runtime, listener, app, limits=HttpLimits(**options.get("http", {})))
    signal.signal(signal.SIGTERM, lambda *_: runtime.stop())
    tune_gc()
    print(listener.getsockname()[1], flush=True)
    runtime.run_until_stopped()
    edge.close_all("restart")
    listening.stop_accepting()
    print("drained" if listening.drain(60) else "not drained", flush=True)
    runtime.close()


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
