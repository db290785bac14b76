"""The life of one server process: bind, serve, and end without losing anything or anybody's patience.

Ending takes five seconds at most: stop accepting, tell every device to move to another process, let requests under way
finish, commit what is queued, let go of the duties. What is killed instead loses nothing either; it is only less polite.
So a database that is frozen, and holds threads that nobody can interrupt, is not waited for: then it ends by the clock.
"""

from __future__ import annotations

import logging
import os
import signal
import threading
from time import monotonic
from types import FrameType

from handbell_server import exclusive, logs, supervisor
from handbell_server.app import Server, create_server
from handbell_server.config import Config
from handbell_server.errors import Problem
from handbell_server.runtime import Runtime, tune_gc, tune_malloc
from handbell_server.socket.edge import Listening, listen, serve

log = logging.getLogger(__name__)

_DRAINED_BY = 3.5  # seconds after it was told to end; what comes after takes its time too
_DRAIN_LEAST = 0.5
_GIVES_UP_AFTER = 8.0  # before systemd or Docker lose their patience after ten, so that the log says why
_ROUND_SECONDS = 1.0


def run(config: Config) -> None:
    """Serve until SIGTERM or SIGINT."""
    tune_malloc()
    logs.start(config.log_level)
    lock = exclusive.hold(config)
    runtime = Runtime()
    listener = listen(config.host, config.port, reuse_port=config.reuse_port)
    server = create_server(config, runtime)
    assert server.sweep is not None
    listening = serve(runtime, listener, server.app)
    runtime.spawn(server.sweep.run)
    runtime.spawn(server.upkeep.run)
    runtime.spawn(server.courier.run)
    runtime.spawn(server.postman.run)
    runtime.spawn(server.counting.run)
    runtime.spawn(_write_rounds, server)
    _stop_on_signal(runtime)
    tune_gc()
    host, port = listener.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    print(f"Handbell is ready at http://{shown}:{port}", flush=True)
    supervisor.ready()
    runtime.run_until_stopped()
    _end(server, listening)
    if lock is not None:
        lock.close()


def run_worker(config: Config) -> None:
    """Do the background work and nothing else, until SIGTERM or SIGINT."""
    tune_malloc()
    logs.start(config.log_level)
    runtime = Runtime()
    server = create_server(config, runtime, with_sockets=False)
    runtime.spawn(server.upkeep.run)
    runtime.spawn(server.courier.run)
    runtime.spawn(server.postman.run)
    runtime.spawn(server.counting.run)
    _stop_on_signal(runtime)
    tune_gc()
    print("Handbell worker is ready", flush=True)
    supervisor.ready()
    runtime.run_until_stopped()
    _end(server, None)


def _end(server: Server, listening: Listening | None) -> None:
    told = monotonic()
    _give_up_in_time()
    services = server.services
    services.leaving = True
    supervisor.ending()
    log.info("ending")
    if listening is not None:
        listening.stop_accepting()
    services.awaited.release()
    if server.sockets is not None:
        _say_quietly(server.sockets.write_down)
        _say_quietly(server.sockets.all_offline)
    if server.sweep is not None:
        server.sweep.stop()
    server.upkeep.stop()
    server.courier.stop()
    server.postman.stop()
    server.counting.stop()
    if server.edge is not None:
        server.edge.close_all("restart")
    if listening is not None:
        listening.drain(max(_DRAIN_LEAST, told + _DRAINED_BY - monotonic()))
    services.writer.close()
    services.runtime.sleep(0)  # the last results reach those who wait for them
    if services.hints is not None:
        services.hints.close()
    if server.checkpointer is not None:
        server.checkpointer.close()
    services.engine.dispose()
    services.runtime.close()
    logs.stop()


def _give_up_in_time() -> None:
    def give_up() -> None:
        log.warning("ending without what the database has not answered yet: it was promised to nobody")
        logs.stop()
        os._exit(1)

    timer = threading.Timer(_GIVES_UP_AFTER, give_up)
    timer.daemon = True
    timer.start()


def _say_quietly(step: object) -> None:
    try:
        step()  # type: ignore[operator]
    except Problem as problem:
        log.info("not written down: %s", problem.detail)
    except Exception:
        log.exception("not written down")


def _write_rounds(server: Server) -> None:
    assert server.sockets is not None
    while not server.services.leaving:
        server.services.runtime.sleep(_ROUND_SECONDS)
        _say_quietly(server.sockets.write_down)


def _stop_on_signal(runtime: Runtime) -> None:
    def stop(_number: int, _frame: FrameType | None) -> None:
        runtime.stop()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
